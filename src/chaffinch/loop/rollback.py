"""Roll back: bring back the champion before, as it would be had no flag been taken back since."""

from __future__ import annotations

from chaffinch.errors import ModelError
from chaffinch.experience.store import Experience
from chaffinch.explain.readable import counted
from chaffinch.loop.launch import KEPT, stored_as
from chaffinch.loop.lock import training_turn
from chaffinch.loop.past import way_back
from chaffinch.loop.train import made_again
from chaffinch.loop.trained import Trained
from chaffinch.performance.record import Record
from chaffinch.task import Task
from chaffinch.types import Launch


def way_to_starter(task: Task, live: Launch) -> str:
    """Return how to come to the rung that begins from what was live before the first launch.

    Parameters
    ----------
    task : Task
        The task.
    live : Launch
        The launch in force.

    Returns
    -------
    str
        What to do, in words; empty where the task has no starter, or what is live is of its rung.
    """
    first = task.first
    if live.rung == first.name or not first.begins_from:
        return ""
    return (
        f"before the first launch the starter was live, and `chaffinch launch {task.name} --rung "
        f"{first.name}` launches the rung that begins from it"
    )


def roll_back(task: Task, experience: Experience) -> Launch:
    """Bring back the champion before the present one; before the first, that is the starter.

    It comes back as it was launched, and learns the flags that come after the roll back; those
    given in between stay in the experience, for the next training. Where flags that it has learned
    were taken back or changed since, it is made again without them. Champions that were only made
    again, for flags taken back, held or changed, are stepped over.

    Raises
    ------
    ModelError
        If there is nothing to go back to, or it cannot be made again without such flags.
    """
    before = way_back(experience.launches.all(task.name))
    if not before or (len(before) == 1 and not task.first.begins_from):
        raise ModelError(
            f"{task.name} has no earlier model to go back to: `chaffinch launch {task.name} "
            "--list` shows what was live"
        )
    if len(before) == 1:
        learner, starter = task.first.begin()
        one = Trained(task.first, learner, Record.empty(), starter=starter)
        return _made_live(task, experience, one, f"the starter {starter}")
    back = before[-2]
    if back.model not in experience.models.kept():
        raise ModelError(
            f"the file of {back.model}, live before, is no longer kept (the last {KEPT} "
            f"launches are): train it anew with `chaffinch launch {task.name} --rung {back.rung}`"
        )
    again = made_again(task, experience, back)
    if again is None:
        return _live(task, experience, back.model)
    one, gone = again
    less = f"{back.model} without {counted(gone, 'flag')} taken back or changed since"
    return _made_live(task, experience, one, less)


def _made_live(task: Task, experience: Experience, one: Trained, called: str) -> Launch:
    """Launch a model that has to be stored first."""
    with training_turn(experience.home):
        stored = stored_as(task, experience, one, {})
        return _live(task, experience, stored.id, f" to {called}")


def _live(task: Task, experience: Experience, model: str, to: str = "") -> Launch:
    live = experience.champion(task.name)
    return experience.launches.add(
        task.name,
        model,
        f"rolled back from {live.model if live else 'nothing'}{to}",
        flags_from=experience.log.last_seq(task.name),
        rollback=True,
    )
