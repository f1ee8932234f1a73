"""Asking whether labels that nobody has heard of are meant to be new."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from chaffinch.cli.common import at_terminal, note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaffinch.experience.store import Experience
    from chaffinch.task import Task


def agree_on_new(task: Task, experience: Experience, labels: Iterable[str], *, new: bool) -> None:
    """Make sure that labels which nobody has heard of are meant to be new.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags are.
    labels : iterable of str
        What is about to be flagged.
    new : bool
        Whether it was said already that they are; then they are told, not asked about.

    Raises
    ------
    UsageError
        If they are not, or there is nobody to ask.
    """
    from chaffinch.loop.labels import described, refuse_unknown, unknown

    strange = unknown(task, experience, labels)
    if not strange:
        return
    if new:
        note(described(task, experience, strange))
    elif not (at_terminal() and _agreed(described(task, experience, strange))):
        refuse_unknown(task, experience, strange, said_by="--new")


def _agreed(asked: str) -> bool:
    print(f"chaffinch: {asked}. Is that meant? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
