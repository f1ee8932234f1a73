"""Make a starter: teach the top rung of a task on labelled data, and keep its greatest weights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from chaffinch.models.starter import save_starter
from chaffinch.performance.progressive import Run, progressive
from chaffinch.task import Task
from chaffinch.types import Example

_SEED = 9


def make_starter(task: Task, streams: Sequence[Sequence[Example]], path: Path, *, name: str) -> int:
    """Teach the top rung one stream after another, each shuffled, and write what it makes.

    Parameters
    ----------
    task : Task
        The task.
    streams : sequence of sequences of Example
        What is learned; the last is remembered best.
    path : Path
        Where the starter goes.
    name : str
        What it is called: the id of the models that begin from it.

    Returns
    -------
    int
        How many examples were learned.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    rung = task.ladder[-1]
    run = Run(rung, rung.start())
    seen: list[str] = []
    for stream in streams:
        shuffled = list(stream)
        random.Random(_SEED).shuffle(shuffled)  # noqa: S311 (nothing secret)
        seen += [example.item.id for example in progressive(task, [run], shuffled)]
    save_starter(path, name, task.name, rung.name, rung.features.signature, run.learner, seen)
    return len(seen)
