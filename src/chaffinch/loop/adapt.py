"""Adapt: notice that the world has changed, train, prove, launch, and say so; or say why not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from chaffinch.errors import ChaffinchError, MissingExtraError
from chaffinch.experience.retention import Bounds
from chaffinch.experience.rows import StoredModel
from chaffinch.experience.store import Experience
from chaffinch.loop.challenge import (
    FEWEST,
    Places,
    challenge,
    chosen,
    discard,
    recipes,
)
from chaffinch.loop.flag import keep_up
from chaffinch.loop.forget import forget
from chaffinch.loop.launch import Choice, Refused, choose, launch, new_id
from chaffinch.loop.lock import adapting_turn, training_turn
from chaffinch.loop.train import again_from, champions_recipe, disturbed, train
from chaffinch.loop.trained import Trained
from chaffinch.loop.trial import tried
from chaffinch.loop.triggers import DAYS, triggers
from chaffinch.loop.tune import UNTUNED, challenger, tunable, tune
from chaffinch.loop.watch import look
from chaffinch.settings import read_settings
from chaffinch.task import Task, get_task
from chaffinch.types import Adaptation, Launch, Trigger

Progress = Callable[[int, int], None]
Begins = Callable[[str], None]
_DAY = 86_400.0


class Challenge(NamedTuple):
    """What the ladder and its challengers came to, before anything is launched.

    Attributes
    ----------
    trained : list of Trained
        The ladder; where a challenger has proven itself it stands there in its rung's place.
    choice : Choice
        What is to be champion.
    refused : Refused or None
        The best challenger, where it was refused, and why.
    note : str
        What could not be tried, and the remedy.
    """

    trained: list[Trained]
    choice: Choice
    refused: Refused | None
    note: str = ""


def adapt(
    task: Task,
    experience: Experience,
    *,
    asked: bool = False,
    progress: Progress = lambda *_: None,
    begins: Begins = lambda _: None,
) -> Adaptation | None:
    """Look once whether a new model is called for; if so train, prove, and launch or refuse it.

    A round that was begun and not finished, since its process was killed, is gone on with. All
    work but the launch itself goes on beside flagging and judging; who calls holds the adapting
    turn.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags, models and the history are kept.
    asked : bool
        Whether somebody asks for a round, whatever was noticed.
    progress : callable
        Is told how many examples have been judged, and how many there are.
    begins : callable
        Is told which part of the work begins.

    Returns
    -------
    Adaptation or None
        The finished round; None where nothing called for one.
    """
    begins("looking")
    look(task, experience)
    keep_up(task, experience, progress=progress)
    champion = experience.champion(task.name)
    if champion is None:
        return None
    last = experience.adaptations.newest(task.name)
    begins("training")
    if last is not None and last.finished is None:
        round_ = last
        ladder = train(task, experience, upto=round_.upto, progress=progress)
    else:
        upto = experience.log.last_seq(task.name)
        ladder = train(task, experience, upto=upto, progress=progress)
        live = _on(ladder, champion.rung)
        days = read_settings(experience.home).get("adapt_days", DAYS)
        found = triggers(task, experience, live, last, days=days)
        if asked:
            found.insert(0, Trigger("asked", "asked for"))
        if not found:
            return None
        round_ = experience.adaptations.begin(task.name, upto, found)
    outcome, reason = _round(task, experience, champion, ladder, round_, progress, begins)
    experience.adaptations.finish(round_.seq, outcome, reason)
    discard(experience, task)
    return replace(round_, finished=time.time(), outcome=outcome, reason=reason)


def _round(
    task: Task,
    experience: Experience,
    champion: Launch,
    ladder: list[Trained],
    round_: Adaptation,
    progress: Progress,
    begins: Begins,
) -> tuple[str, str]:
    seqs = experience.log.places(task.name, upto=round_.upto)
    if len(seqs) < FEWEST:
        there = f"there is {len(seqs)}" if len(seqs) == 1 else f"there are {len(seqs)}"
        return "given up", f"{FEWEST} flags are needed to prove anything, and {there}"
    came = _challenged(task, experience, champion, ladder, round_, seqs, progress, begins)
    with training_turn(experience.home):
        now = experience.champion(task.name)
        recipe = champions_recipe(task, experience)
        if now is None or now.rung != champion.rung or (now.rollback and now.seq != champion.seq):
            return "given up", "another model was launched meanwhile"
        if any(
            disturbed(task, experience, one.recipe, round_.upto)
            for one in (came.choice.trained, _on(ladder, champion.rung))
        ):
            return "given up", "a flag that was learned was taken back or changed meanwhile"
        best = came.choice.trained
        if came.refused is not None:
            _refuse(task, experience, now, came.refused)
        also = _said_once(task, experience, came.note)
        if best is _on(ladder, now.rung) and best.recipe == recipe:
            refused = came.refused.reason if came.refused else "no challenger could be trained"
            return "refused", refused + also
        noticed = "; ".join(trigger.said for trigger in round_.triggers)
        reason = f"{came.choice.reason} (noticed: {noticed})"
        launch(task, experience, came.trained, replace(came.choice, reason=reason), {})
    return "launched", came.choice.reason + also


def _said_once(task: Task, experience: Experience, note: str) -> str:
    """Return a note as the end of a reason; empty where an earlier round has it."""
    if not note or any(note in one.reason for one in experience.adaptations.all(task.name)):
        return ""
    return f"; {note}"


def _challenged(
    task: Task,
    experience: Experience,
    champion: Launch,
    ladder: list[Trained],
    round_: Adaptation,
    seqs: Sequence[int],
    progress: Progress,
    begins: Begins,
) -> Challenge:
    """Let the ladder and its challengers prove themselves."""
    choice = choose(task, ladder, champion=champion.rung)
    live = choice.trained
    # Rules are changed by people: what challenges them is the highest rung that learns.
    rung = live.rung if live.rung.learner.learns else task.ladder[-1]
    places = Places.of(seqs, round_.upto)
    changed = max((trigger.since for trigger in round_.triggers), default=0)
    own = _on(ladder, rung.name)
    wanted = recipes(own.recipe, seqs, places, changed)
    begins("trying")
    trying = challenge(task, experience, rung, wanted, round_.upto, progress=progress)
    note, again = "", again_from(task, experience)
    if whole := tunable(task):
        begins("tuning")
        try:
            whole.require()
            trying.append(challenger(task, whole, own.recipe, places, again))
        except MissingExtraError as error:
            note = f"{UNTUNED}: {error}"
    if not trying:
        return Challenge(ladder, choice, None, note)
    one = chosen(trying, places)
    trial = replace(tried(task, one, live, since=places.prove), title="the live model")
    rules = tried(task, one, ladder[0], since=places.prove)
    if not (trial.proven and rules.no_worse):
        failed = [each for each in (trial, rules) if each is trial or not each.no_worse]
        return Challenge(ladder, choice, Refused(one, tuple(failed), one.recipe.said(seqs)), note)
    said = f"{one.rung.title}, {one.recipe.said(seqs)}: {trial}"
    if one.rung.learner.tunes:
        # Proven on the newest flags, it is taught these, too.
        tune(task, one, round_.upto, again)
    trained = [each for each in ladder if each.rung is not one.rung] + [one]
    beaten = Refused(live, (tried(task, live, one, since=places.prove),))
    others = [each for each in choice.refused if each.trained.rung is not one.rung]
    passed = [] if live.rung is one.rung else [beaten]
    return Challenge(trained, Choice(one, said, (*others, *passed)), None, note)


def _refuse(task: Task, experience: Experience, champion: Launch, refused: Refused) -> None:
    """Note a challenger that is not kept, and why."""
    one, made = refused.trained, time.time()
    model = StoredModel(
        new_id(task, one.rung, made),
        task.name,
        one.rung.name,
        made,
        one.trained_to,
        one.examples,
        {},
    )
    experience.launches.refuse(
        task.name,
        model,
        refused.reason,
        champion=champion.model,
        evidence={"trials": [trial.as_json() for trial in refused.trials]},
    )


def _on(ladder: Sequence[Trained], rung: str) -> Trained:
    return next(one for one in ladder if one.rung.name == rung)


def watch(
    tasks: Sequence[str],
    home: Path,
    *,
    wait: Callable[[], bool],
    failed: Callable[[ChaffinchError], None],
    begun: Callable[[], None] = lambda: None,
    progress: Progress = lambda *_: None,
) -> Iterator[Adaptation]:
    """Look again and again, for as long as one is told to, and yield what was done.

    A look adapts where flags came in, and forgets what is beyond the bounds that are set there, and
    once a day in any case.

    Parameters
    ----------
    tasks : sequence of str
        The tasks to look after.
    home : Path
        The folder of the installation.
    wait : callable
        Waits until it is time for the next look; returns False where there is to be none.
    failed : callable
        Is told of what went wrong; the next look tries again.
    begun : callable
        Is called once nobody else has the turn, before the first look.
    progress : callable
        As for `adapt`.

    Raises
    ------
    ExperienceError
        If another process adapts in this home folder.
    """
    with adapting_turn(home):
        begun()
        look = _Look(home, progress)
        while True:
            for name in tasks:
                for step in (look.adapt, look.forget):
                    try:
                        done = step(name)
                    except ChaffinchError as error:
                        # The disk is full, the database locked: what is live goes on judging.
                        failed(error)
                    else:
                        if done is not None:
                            yield done
            if not wait():
                return


class _Look:
    """What a look does, as far as there is anything to do since the last one."""

    def __init__(self, home: Path, progress: Progress) -> None:
        self._home, self._progress = home, progress
        self._adapted: dict[str, int] = {}
        self._forgot: dict[str, tuple[int, float]] = {}

    def adapt(self, name: str) -> Adaptation | None:
        """Adapt where the log has grown."""
        # The rules' files may have changed since the last look.
        task = get_task(name, home=self._home)
        with Experience.open(self._home) as experience:
            place = experience.log.last_seq(name)
            if self._adapted.get(name) == place:
                return None
            done = adapt(task, experience, progress=self._progress)
            self._adapted[name] = place
        return done

    def forget(self, name: str) -> None:
        """Forget where the log has grown, and once a day: what is kept grows old by itself."""
        with Experience.open(self._home) as experience:
            place, now = experience.log.last_seq(name), time.time()
            before, when = self._forgot.get(name, (-1, 0.0))
            if place != before or now - when >= _DAY:
                task = get_task(name, home=self._home)
                forget(task, experience, Bounds.of(read_settings(self._home)))
                self._forgot[name] = place, now
