"""Progressive runs: test, then train, in the order of arrival."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chaffinch.features.rows import Features, Row
from chaffinch.models.base import Learner
from chaffinch.task import Rung, Task
from chaffinch.types import Example, Item, Policy


@dataclass
class Run:
    """One rung of the ladder on its way through a stream, and its record.

    Parameters
    ----------
    rung : Rung
        Which rung.
    learner : Learner
        Its model, which the run teaches.
    policy : Policy
        What makes its scores log-odds that can be taken at their word; by default they are.
    """

    rung: Rung
    learner: Learner
    policy: Policy = field(default_factory=Policy)
    truth: list[bool] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0

    def forget_last(self) -> None:
        """Take the last verdict out of the record."""
        self.truth.pop()
        self.scores.pop()

    def forget_record(self) -> None:
        """Begin the record anew; the model keeps what it has learned."""
        self.truth.clear()
        self.scores.clear()
        self.cpu_seconds = 0.0


def progressive(
    task: Task,
    runs: Sequence[Run],
    examples: Iterable[Example],
    *,
    delay: int | None = 0,
) -> Iterator[Example]:
    """Let each run judge each example and, later, learn its label; yield each one judged.

    The protocol of the TREC Spam Track (Cormack and Lynam, "TREC 2005 Spam Track overview"): no
    example is learned before it was judged.

    Parameters
    ----------
    task : Task
        How to read an item, and which label is positive.
    runs : sequence of Run
        What judges and learns; each gets its scores, and the processor time that it would have
        taken alone.
    examples : iterable of Example
        In the order of arrival.
    delay : int or None
        An example is learned when this many later ones have been judged: 0 at once, None never.

    Yields
    ------
    Example
        Each example, after it was judged.
    """
    waiting: deque[tuple[bool, dict[Features, Row]]] = deque()
    for example in examples:
        positive = task.is_positive(example.label)
        rows = judge(task, runs, example.item, positive)
        if delay is not None:
            waiting.append((positive, rows))
            if len(waiting) > delay:
                learn(runs, *waiting.popleft())
        yield example


def judge(task: Task, runs: Sequence[Run], item: Item, positive: bool) -> dict[Features, Row]:
    """Let each run judge an item, and return its row by what made it.

    Parameters
    ----------
    task : Task
        How to read it.
    runs : sequence of Run
        What judges.
    item : Item
        The item.
    positive : bool
        Whether its true label is the positive one, for the record.
    """
    started = time.process_time()
    content = task.reader(item.data)
    read = time.process_time() - started
    rows: dict[Features, Row] = {}
    seconds: dict[Features, float] = {}
    for run in runs:
        features = run.rung.features
        if features not in rows:
            started = time.process_time()
            rows[features] = features.row(content, item.owner)
            seconds[features] = time.process_time() - started
        started = time.process_time()
        run.scores.append(run.policy.calibrated(run.learner.score(rows[features])))
        run.truth.append(positive)
        run.cpu_seconds += read + seconds[features] + time.process_time() - started
    return rows


def learn(runs: Sequence[Run], positive: bool, rows: dict[Features, Row]) -> None:
    """Let each run learn an item that it has judged.

    Parameters
    ----------
    runs : sequence of Run
        What learns.
    positive : bool
        Whether the item's true label is the positive one.
    rows : dict of Features to Row
        As `judge` returned them.
    """
    for run in runs:
        started = time.process_time()
        run.learner.learn(rows[run.rung.features], positive)
        run.cpu_seconds += time.process_time() - started
