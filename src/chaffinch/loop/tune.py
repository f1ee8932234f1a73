"""Tune: train a whole net on the flags, as a challenger and wherever it has to be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaffinch.errors import MissingExtraError
from chaffinch.loop.fitting import known_by
from chaffinch.loop.recipe import Recipe
from chaffinch.loop.trained import Again, Trained, taught
from chaffinch.performance.record import Record
from chaffinch.task import Rung, Task

if TYPE_CHECKING:
    from chaffinch.loop.challenge import Places

#: How it is said that a net is not trained on; what follows names the remedy.
UNTUNED = "the net itself was not trained on the flags, but a layer on top of it"


def tunable(task: Task) -> Rung | None:
    """Return the rung whose whole net can be trained on, where the task has one."""
    return next((rung for rung in task.rungs if rung.learner.tunes), None)


def challenger(task: Task, rung: Rung, recipe: Recipe, places: Places, again: Again) -> Trained:
    """Return a net that was trained on the flags before the newest, which it has judged since.

    Parameters
    ----------
    task : Task
        The task.
    rung : Rung
        What `tunable` returned.
    recipe : Recipe
        Which flags it learns.
    places : Places
        Where challengers are chosen and proven: it is trained on what came before.
    again : callable
        Gives the examples of the log later than one place and up to another.

    Raises
    ------
    MissingExtraError
        If PyTorch or onnx is not installed.
    """
    learner, starter = rung.begin()
    one = Trained(
        rung, learner, Record.empty(), recipe, places.choose, since=places.choose, starter=starter
    )
    one.examples = tune(task, one, places.choose, again)
    for _ in taught(task, [one], again(places.choose, places.upto), places.upto):
        pass
    return one


def tune(task: Task, one: Trained, upto: int, again: Again) -> int:
    """Train the whole net of a model, from where it begins, on all flags that its recipe learns.

    Returns how many those are.

    Parameters
    ----------
    task : Task
        The task.
    one : Trained
        The model, on a rung that can be tuned; it is changed in place.
    upto : int
        The place in the log to train up to.
    again : callable
        Gives the examples of the log later than one place and up to another.

    Raises
    ------
    MissingExtraError
        If PyTorch or onnx is not installed; the model is left as it was.
    """
    (known,) = known_by(task, [one], upto, again)
    learner = one.rung.start()
    if known.rows:
        learner.tune(known.rows, known.targets)
    one.learner = learner
    return known.flags


def tuned_again(task: Task, one: Trained, upto: int, again: Again) -> None:
    """Train the whole net of a model that had to begin anew; say so where that cannot be."""
    try:
        tune(task, one, upto, again)
    except MissingExtraError as error:
        one.untuned = f"{UNTUNED}: {error}"
