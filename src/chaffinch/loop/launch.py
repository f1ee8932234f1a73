"""Launch: choose the rung that has proved itself, and make it champion."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chaffinch.experience.champion import ham_loss
from chaffinch.experience.rows import StoredModel
from chaffinch.experience.store import Experience
from chaffinch.explain.readable import counted, listed
from chaffinch.loop.past import way_back
from chaffinch.loop.trained import Trained
from chaffinch.loop.trial import Trial, climbed, deeper, tried
from chaffinch.models.files import model_path
from chaffinch.performance.report import to_json
from chaffinch.task import Rung, Task
from chaffinch.types import Launch, Report

#: Champions whose files are kept, to roll back to.
KEPT = 4
# Models of each rung whose files are kept, to go on from where a flag of the newest is taken back.
_CHECKPOINTS = 2
# The newest verdicts that P is measured on at each launch, a third of a second's work.
_MEASURED = 10_000


@dataclass(frozen=True, slots=True)
class Refused:
    """A rung that is not to be champion, and the comparisons that say why.

    Parameters
    ----------
    trained : Trained
        The rung.
    trials : tuple of Trial
        Against whom it did not prove itself.
    way : str
        How it was trained, where that is not as the ladder is.
    """

    trained: Trained
    trials: tuple[Trial, ...]
    way: str = ""

    @property
    def reason(self) -> str:
        """Why, in words."""
        said = "; ".join(str(trial) for trial in self.trials)
        way = f", {self.way}" if self.way else ""
        return f"{self.trained.rung.title}{way}: {said}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rung is to be champion, and why.

    Parameters
    ----------
    trained : Trained
        The rung chosen.
    reason : str
        Why, in words.
    refused : tuple of Refused
        The rungs that were not, and why.
    """

    trained: Trained
    reason: str
    refused: tuple[Refused, ...] = ()


def choose(
    task: Task, trained: Sequence[Trained], *, champion: str | None = None, occasion: str = ""
) -> Choice:
    """Return the rung that has proved itself, or the champion's where none has.

    A rung that never says what was flagged, as rules do that speak of few labels, begins as no
    champion, and stays none, where another says more of it: it has to beat that one.

    Rungs are compared by what their verdicts on the same flags would have cost at the task's
    policy, each verdict given before its flag was learned, over the later half of them. One beats
    another where the 95% interval of the difference (paired bootstrap) lies below zero. A rung
    above the champion must beat every simpler one, a rung below it must beat the champion. The
    reason says what the deeper of them would buy.

    Parameters
    ----------
    task : Task
        Whose costs and policy count.
    trained : sequence of Trained
        The ladder, simplest first.
    champion : str, optional
        The rung of the present champion; without one, the task's first is to be beaten.
    occasion : str
        What gave rise to it, for the reason.
    """
    names = [one.rung.name for one in trained]
    first = task.first.name
    before = names.index(champion if champion in names else first)
    unsaid = [one.learner.never_says(_flagged(trained)) for one in trained]
    # Of those that say most what is there already, or else the simplest.
    start = min(range(len(names)), key=lambda one: (len(unsaid[one]), one != before))
    best, trials = climbed(task, trained, start)
    chosen = trained[best]
    if best != start:
        said = [str(trial) for trial in trials[best]]
    else:
        said = ["no other rung has beaten it beyond doubt"]
        if champion is None:
            said = [_begun(chosen), f"{said[0]} yet"]
        said += _bought(task, trained, best, trials)
    if start != before and best != before:
        said.append(f"{trained[before].rung.title} never says {listed(unsaid[before], most=3)}")
    said += filter(None, [never_said(trained, chosen)])
    said += filter(None, [deeper(trained, best, trials)])
    unproven = {
        number: [trial for trial in of if not trial.proven] for number, of in trials.items()
    }
    refused = tuple(
        # What was champion and has been beaten, or was passed over on the way, lost to the chosen.
        Refused(one, tuple(unproven.get(number) or [tried(task, one, chosen)]))
        for number, one in enumerate(trained)
        if number != best
    )
    how = f"{chosen.rung.title}, trained on {counted(chosen.examples, 'flag')}"
    said = [occasion, *said] if occasion else said
    return Choice(chosen, f"{how}: {'; '.join(said)}", refused)


def never_said(trained: Sequence[Trained], chosen: Trained) -> str:
    """Return what a rung never says of what was flagged, in words; empty where it may say all."""
    unsaid = chosen.learner.never_says(_flagged(trained))
    return f"it never says {listed(unsaid, most=3)}, flagged as they are" if unsaid else ""


def _flagged(trained: Sequence[Trained]) -> list[str]:
    """Return the labels of the flags that any of these has judged."""
    return sorted({str(label) for one in trained for label in np.unique(one.record.truth)})


def _bought(
    task: Task, ladder: Sequence[Trained], best: int, trials: Mapping[int, list[Trial]]
) -> Iterator[str]:
    """Yield how a rung that stays does against the best of the simpler ones."""
    simpler = {number: trial for number in range(best) for trial in trials[number] if trial.items}
    if any(trial.gain is not None for trial in simpler.values()):
        # The best may be one that differs too little to be told apart.
        nearest = max(simpler, key=lambda number: simpler[number].less)
        yield str(tried(task, ladder[best], ladder[nearest]))


def _begun(one: Trained) -> str:
    if one.starter:
        return f"begun from {one.starter}"
    ships = one.rung.read_starter() is not None
    return "begun from nothing" + (", as its starter was made of some of these" if ships else "")


def launch(
    task: Task,
    experience: Experience,
    trained: Sequence[Trained],
    choice: Choice,
    reports: dict[str, Report],
) -> Launch:
    """Store the ladder's models and make the chosen one champion; needs the training turn.

    The files come first, then one transaction: killed at any moment, either the champion before or
    the new one is in force, and whole.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where models and launches are kept.
    trained : sequence of Trained
        The ladder.
    choice : Choice
        Which of them is to be champion, and why.
    reports : dict of str to Report
        Performance P by rung; that of the chosen one is measured here where it is missing.

    Raises
    ------
    StorageError
        If a file cannot be written; the champion before stays in force.
    """
    name = choice.trained.rung.name
    if name not in reports and choice.trained.record.seq.size:
        newest = choice.trained.record.newest(_MEASURED)
        reports = reports | {name: choice.trained.report(task, newest)}
    stored = {one.rung.name: stored_as(task, experience, one, reports) for one in trained}
    chosen = stored[name]
    launched = experience.launches.add(
        task.name, chosen.id, choice.reason, flags_from=choice.trained.trained_to
    )
    for one in choice.refused:
        experience.launches.refuse(
            task.name,
            stored[one.trained.rung.name].id,
            one.reason,
            champion=chosen.id,
            evidence={"trials": [trial.as_json() for trial in one.trials]},
        )
    _tidy(task, experience)
    return launched


def stored_as(
    task: Task, experience: Experience, one: Trained, reports: Mapping[str, Report]
) -> StoredModel:
    """Store a model, its file first, and return as what; needs the training turn.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where models are kept.
    one : Trained
        The model.
    reports : mapping of str to Report
        Performance P by rung, where it was measured.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    made = time.time()
    id_ = new_id(task, one.rung, made)
    rate = ham_loss(task, experience.home)
    one.store(model_path(experience.home, id_), id_, task, rate)
    report = reports.get(one.rung.name)
    model = StoredModel(
        id_,
        task.name,
        one.rung.name,
        made,
        one.trained_to,
        one.examples,
        to_json(report) if report else {},
    )
    experience.models.add(model)
    return model


def new_id(task: Task, rung: Rung, made: float) -> str:
    """Return an id for a model that was made at this time.

    Time comes first, so that files list in order of age; the rest tells two of one second apart.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(made))
    return f"{task.name}-{rung.name}-{stamp}-{secrets.token_hex(2)}"


def _tidy(task: Task, experience: Experience) -> None:
    """Remove the files that neither a roll back nor the next training needs."""
    history = experience.launches.all(task.name)
    # However often a model was made again, there are others to go back to.
    needed = {one.model for one in (*history[:KEPT], *way_back(history)[-KEPT:])}
    for rung in task.rungs:
        newest = experience.models.all(task.name, rung=rung.name)[:_CHECKPOINTS]
        needed.update(model.id for model in newest)
    for model in experience.models.all(task.name):
        if model.id not in needed:
            # The note first: a file too many is harmless, a missing one is not.
            experience.models.forget(model.id)
    # Also what a killed training has left: only one trains at a time, so nobody is writing.
    kept = {model_path(experience.home, id_).name for id_ in experience.models.kept()}
    for path in (experience.home / "models").iterdir():
        if path.name not in kept:
            path.unlink(missing_ok=True)
