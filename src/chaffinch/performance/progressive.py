"""Progressive runs: test, then train, in the order of arrival."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chaffinch.features.rows import Features, Row
from chaffinch.models.base import Learner
from chaffinch.scheme import Target
from chaffinch.task import Rung, Task
from chaffinch.types import Example, Item, Policy

# Fewer examples are learned one by one alone.
_FIRST_FIT = 16
# From here on they are fitted half as often.
_MANY = 8192


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
    keeps : bool
        Whether a model that is fitted to all examples at once is so by this run, which keeps them.
    """

    rung: Rung
    learner: Learner
    policy: Policy = field(default_factory=Policy)
    keeps: bool = True
    truth: list[Target] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    _rows: list[Row] = field(default_factory=list)
    _labels: list[Target] = field(default_factory=list)

    def learn(self, row: Row, target: Target) -> None:
        """Let the model learn a row, and fit it to all of them where it is time."""
        self.learner.learn(row, target)
        if self.keeps and self.learner.fits:
            self._rows.append(row)
            self._labels.append(target)
            if is_due(len(self._rows)):
                self.settle()

    def settle(self) -> None:
        """Fit a model that is fitted to all examples at once to those it has learned."""
        if self._rows:
            self.learner.fit(self._rows, self._labels)

    def forget_last(self) -> None:
        """Take the last verdict out of the record."""
        self.truth.pop()
        self.scores.pop()
        self.guesses.pop()

    def forget_record(self) -> None:
        """Begin the record anew; the model keeps what it has learned."""
        self.truth.clear()
        self.scores.clear()
        self.guesses.clear()
        self.cpu_seconds = 0.0


def is_due(examples: int) -> bool:
    """Return whether a model that is fitted to all examples at once is to be so again.

    Each time that their number has doubled; of many thousands, which teach less and take longer,
    when it has quadrupled: all fits together take little more than the last.

    Examples
    --------
    >>> [count for count in range(1, 70_000) if is_due(count)][-6:]
    [1024, 2048, 4096, 8192, 16384, 65536]
    """
    doubled = examples >= _FIRST_FIT and examples & (examples - 1) == 0
    return doubled and (examples <= _MANY or examples.bit_length() % 2 == 1)


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
    waiting: deque[tuple[Target, dict[Features, Row]]] = deque()
    for example in examples:
        target = task.target(example.label)
        rows = judge(task, runs, example.item, target)
        if delay is not None:
            waiting.append((target, rows))
            if len(waiting) > delay:
                learn(runs, *waiting.popleft())
        yield example


def judge(task: Task, runs: Sequence[Run], item: Item, target: Target) -> dict[Features, Row]:
    """Let each run judge an item, and return its row by what made it.

    Parameters
    ----------
    task : Task
        How to read it.
    runs : sequence of Run
        What judges.
    item : Item
        The item.
    target : bool or str
        Whether its true label is the positive one, or of many the label, for the record.
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
        said = task.scheme.said(run.learner, rows[features], run.policy)
        run.scores.append(said.score)
        run.guesses.append(said.label)
        run.truth.append(target)
        run.cpu_seconds += read + seconds[features] + time.process_time() - started
    return rows


def learn(runs: Sequence[Run], target: Target, rows: dict[Features, Row]) -> None:
    """Let each run learn an item that it has judged.

    Parameters
    ----------
    runs : sequence of Run
        What learns.
    target : bool or str
        Whether the item's true label is the positive one, or of many the label.
    rows : dict of Features to Row
        As `judge` returned them.
    """
    for run in runs:
        started = time.process_time()
        run.learn(rows[run.rung.features], target)
        run.cpu_seconds += time.process_time() - started
