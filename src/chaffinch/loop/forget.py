"""Forget: bound the experience of a task, without taking from its models what they know."""

from __future__ import annotations

from pathlib import Path

from chaffinch.experience import forget as mechanism
from chaffinch.experience.retention import Bounds, Forgotten
from chaffinch.experience.store import Experience
from chaffinch.loop.train import learned_to
from chaffinch.task import Task


def forget(
    task: Task, experience: Experience, bounds: Bounds, *, dry_run: bool = False
) -> Forgotten:
    """Forget what of the experience is beyond the bounds.

    Models keep what they have learned, and their records. What no stored model has learned yet
    stays until they have. A training from nothing goes over what is left, so that a flag taken
    back afterwards is as if it had never been given, with respect to what is left.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags and models are kept.
    bounds : Bounds
        What to keep.
    dry_run : bool
        Whether only to say what would go.

    Returns
    -------
    Forgotten

    Raises
    ------
    ExperienceError, StorageError
        If the database cannot be read or written; what was forgotten by then is.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from chaffinch.task import get_task
    >>> from chaffinch.types import Item
    >>> with TemporaryDirectory() as home, Experience(Path(home)) as experience:
    ...     for number in range(4):
    ...         flag = experience.flag("mail", Item(b"%d" % number), "spam")
    ...     bounds = Bounds(flagged=1, reservoir=1)
    ...     told = forget(get_task("mail"), experience, bounds)
    >>> told.newest, told.reservoir, told.gone
    ({'spam': 1}, {'spam': 1}, {'spam': 2})
    """
    if not Path(experience.name).exists():
        return Forgotten()
    return mechanism.forget(
        experience.name,
        task.name,
        bounds,
        learned=learned_to(task, experience),
        dry_run=dry_run,
        frozen=experience.frozen,
    )
