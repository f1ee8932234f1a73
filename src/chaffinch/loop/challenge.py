"""Challenge: train models in other ways than the champion, on the same log, beside it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chaffinch.errors import ModelError, StorageError
from chaffinch.experience.store import Experience
from chaffinch.loop.recipe import Recipe
from chaffinch.loop.train import afresh_by, again_from, disturbed
from chaffinch.loop.trained import Trained, restored, taught
from chaffinch.performance.calibration import calibrate
from chaffinch.performance.promise import HAM_LOSS
from chaffinch.task import Rung, Task
from chaffinch.whole import written_whole

#: Flags without which nothing can be proven.
FEWEST = 200
# Flags on which challengers are proven, and before them as many on which one is chosen: this share
# of all, within bounds.
_SHARE, _LEAST, _MOST = 0.2, 50, 2_000
# The shares of the log that a challenger learns, and after which what it learned weighs half.
_WINDOWS, _HALF_LIVES = (2, 4, 8), (4, 8)
# A challenger learns no fewer flags before it is judged.
_FEWEST_LEARNED = 100
# Fewer flags than this are no half-life: all would be forgotten as soon as learned.
_SHORTEST = 50
# Seconds of work that a crash may cost.
_SAVES_EVERY = 120.0
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Places:
    """Where in the log challengers are chosen, and where they are proven.

    Parameters
    ----------
    choose, prove : int
        Flags later than the one are for choosing, later than the other for proving.
    upto : int
        The last place.
    """

    choose: int
    prove: int
    upto: int

    @classmethod
    def of(cls, seqs: Sequence[int], upto: int) -> Places:
        """Divide the flags that stand: the newest are for proving, as many before for choosing."""
        size = int(min(_MOST, max(_LEAST, _SHARE * len(seqs))))
        return cls(seqs[-2 * size - 1], seqs[-size - 1], upto)


def recipes(champion: Recipe, seqs: Sequence[int], places: Places, changed: int) -> list[Recipe]:
    """Return the ways in which challengers are to be trained: none is the champion's.

    All of the log as if nothing had been left out; its last half, quarter and eighth; what came
    after a change that was noticed; and all of it with what is older weighing less and less.

    Parameters
    ----------
    champion : Recipe
        How the model in force was trained.
    seqs : sequence of int
        The places of the flags that stand.
    places : Places
        Where challengers are chosen.
    changed : int
        The place after which something changed; 0 where nothing is known of it.
    """
    starts = [seqs[-(len(seqs) // part) - 1] for part in _WINDOWS] + ([changed] if changed else [])
    longest = [seq for seq in seqs if seq <= places.choose]
    last = longest[-_FEWEST_LEARNED - 1] if len(longest) > _FEWEST_LEARNED else 0
    windows = [Recipe(since=start) for start in starts if start <= last]
    lives = [Recipe(half_life=len(seqs) // part) for part in _HALF_LIVES]
    fading = [recipe for recipe in lives if recipe.half_life >= _SHORTEST]
    return [one for one in dict.fromkeys([Recipe(), *windows, *fading]) if one != champion]


def challenge(
    task: Task,
    experience: Experience,
    rung: Rung,
    wanted: Sequence[Recipe],
    upto: int,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
    saves_every: float = _SAVES_EVERY,
) -> list[Trained]:
    """Train a rung in each of several ways, judging each flag before it is learned.

    What was done is saved now and then beside the models; killed, the same call goes on from there.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags are kept.
    rung : Rung
        The rung.
    wanted : sequence of Recipe
        The ways.
    upto : int
        The place in the log to train up to.
    progress : callable
        Is told how many examples have been judged, and how many there are.
    saves_every : float
        Seconds between saves.
    """
    saved = _Saved(saved_in(experience, task), task, rung, wanted, upto)
    trained = saved.read(experience)
    if trained is None:
        ids = experience.log.item_ids(task.name)
        trained = [afresh_by(rung, recipe, ids) for recipe in wanted]
    reached = saved.reached
    rest = [place for place in experience.log.places(task.name, upto=upto) if place > reached]
    at = time.monotonic()
    for start in range(0, len(rest), _CHUNK):
        end = rest[start : start + _CHUNK][-1]
        examples = experience.examples(task.name, after=reached, upto=end)
        for judged, _ in enumerate(
            taught(task, trained, examples, end, again=again_from(task, experience)),
            start=start + 1,
        ):
            progress(judged, len(rest))
        reached = end
        if time.monotonic() - at >= saves_every:
            saved.write(trained, reached)
            at = time.monotonic()
    return trained


def saved_in(experience: Experience, task: Task) -> Path:
    """Return the folder where the work on challengers is saved."""
    return experience.home / "challenge" / task.name


def discard(experience: Experience, task: Task) -> None:
    """Remove what was saved of the work on challengers: it is done, or given up."""
    shutil.rmtree(saved_in(experience, task), ignore_errors=True)


def chosen(trained: Sequence[Trained], places: Places) -> Trained:
    """Return the challenger whose probabilities surprised least where one is chosen.

    By log loss, each calibrated on the same flags: a proper score needs fewer flags than costs to
    tell models apart, and the flags for proving are not looked at.

    Parameters
    ----------
    trained : sequence of Trained
        The challengers, one at least.
    places : Places
        Where one is chosen.
    """

    def surprise(one: Trained) -> float:
        record = one.record.later_than(places.choose).upto(places.prove)
        line = calibrate(record.so, record.score)
        score = line.slope * record.score + line.offset
        return float(np.mean(np.logaddexp(0.0, np.where(record.so, -score, score))))

    return min(trained, key=surprise)


class _Saved:
    """Work that is saved now and then: models in files of their own, then what they are of."""

    def __init__(
        self, folder: Path, task: Task, rung: Rung, wanted: Sequence[Recipe], upto: int
    ) -> None:
        self._folder, self._task, self._rung, self._wanted = folder, task, rung, wanted
        # What is saved for another plan is of no use for this one.
        self._plan: dict[str, Any] = {
            "upto": upto,
            "features": rung.features.signature,
            "recipes": [asdict(recipe) for recipe in wanted],
        }
        self.reached = 0

    def read(self, experience: Experience) -> list[Trained] | None:
        """Return the models as they were saved, if they are what is wanted."""
        try:
            plan = json.loads((self._folder / "plan.json").read_text(encoding="utf-8"))
            reached = plan.pop("reached")
        except (OSError, ValueError, KeyError):
            return None
        # As JSON has it: lists for tuples.
        if plan != json.loads(json.dumps(self._plan)) or any(
            disturbed(self._task, experience, recipe, reached) for recipe in self._wanted
        ):
            return None
        try:
            trained = [
                restored(self._path(number, reached), self._rung, recipe, reached)
                for number, recipe in enumerate(self._wanted)
            ]
        except ModelError:
            return None
        self.reached = reached
        return trained

    def write(self, trained: Sequence[Trained], reached: int) -> None:
        """Save the models; where there is no room for it the work goes on unsaved."""
        with suppress(StorageError, OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for number, one in enumerate(trained):
                name = f"challenger {number}"
                one.store(self._path(number, reached), name, self._task, HAM_LOSS)
            plan = json.dumps({**self._plan, "reached": reached})
            with written_whole(self._folder / "plan.json", private=True) as file:
                file.write(plan.encode())
            current = {self._path(number, reached).name for number in range(len(trained))}
            for path in self._folder.glob("*.safetensors"):
                if path.name not in current:
                    path.unlink(missing_ok=True)

    def _path(self, number: int, reached: int) -> Path:
        return self._folder / f"{number}-{reached}.safetensors"
