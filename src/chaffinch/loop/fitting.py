"""Fit: give models that learn all their examples at once what their recipes learn."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chaffinch.features.rows import Features, Row
from chaffinch.models.base import Learner
from chaffinch.scheme import Target
from chaffinch.task import Task
from chaffinch.types import Example, Policy

if TYPE_CHECKING:
    from chaffinch.loop.trained import Again, Trained


def fitted(task: Task, trained: Sequence[Trained], upto: int, again: Again) -> None:
    """Fit models to all examples that their recipes learn, in place; others are left as they are.

    Parameters
    ----------
    task : Task
        The task.
    trained : sequence of Trained
        The models. Those that share features share the work of reading, too.
    upto : int
        The place in the log to fit them up to.
    again : callable
        Gives the examples of the log later than one place and up to another.
    """
    fitting = [one for one in trained if one.learner.fits]
    if not fitting:
        return
    started = time.process_time()
    known = known_by(task, fitting, upto, again)
    read = time.process_time() - started
    for one, (rows, targets, _) in zip(fitting, known, strict=True):
        started = time.process_time()
        if rows:
            one.learner.fit(rows, targets)
        else:
            # All that it had learned was taken back, or was known before.
            one.learner = one.rung.start()
        one.cpu_seconds += read + time.process_time() - started


class Known(NamedTuple):
    """What a model learns by its recipe, as it sees it.

    Attributes
    ----------
    rows : list of Row
        The examples, without those that what it begins from was trained on, and says right.
    targets : list of bool or str
        What they are.
    flags : int
        How many there are with these.
    """

    rows: list[Row]
    targets: list[Target]
    flags: int


def known_by(task: Task, trained: Sequence[Trained], upto: int, again: Again) -> list[Known]:
    """Return what each model learns by its recipe; the log is read once for all of them.

    Parameters
    ----------
    task, trained, upto, again
        As for `fitted`; one model at least.
    """
    rows: list[list[Row]] = [[] for _ in trained]
    targets: list[list[Target]] = [[] for _ in trained]
    flags = [0] * len(trained)
    blank = [one.rung.start() if one.rung.pretrained else None for one in trained]
    for example in again(min(one.recipe.since for one in trained), upto):
        content = task.reader(example.item.data)
        made: dict[Features, Row] = {}
        for number, one in enumerate(trained):
            if not one.recipe.learns(example.seq):
                continue
            flags[number] += 1
            features = one.rung.features
            if features not in made:
                made[features] = _small(features.row(content, example.item.owner))
            row, before = made[features], blank[number]
            if before and one.rung.has_seen(example.item) and _says(task, before, row, example):
                continue
            rows[number].append(row)
            targets[number].append(task.target(example.label))
    return [Known(*found) for found in zip(rows, targets, flags, strict=True)]


def _small(row: Row) -> Row:
    """Return a row in half as much memory: of many thousands this tells."""
    return row._replace(values=row.values.astype(np.float32))


def _says(task: Task, learner: Learner, row: Row, example: Example) -> bool:
    """Return whether a model says of an example what its flag does."""
    return task.scheme.said(learner, row, Policy()).label == example.label
