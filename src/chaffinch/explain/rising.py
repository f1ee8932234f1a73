"""What is rising: terms more frequent in a recent window of flagged items than before, or less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chaffinch.errors import UsageError
from chaffinch.explain.findings import Finding, findings
from chaffinch.explain.significance import Tested, unusual
from chaffinch.explain.spellings import Spelled, spelled
from chaffinch.explain.table import BoolArray, IntArray, TermTable

#: The share of false discoveries among all that is found.
LEVEL = 0.05
# Days of the week and hours rise in every window that is not made of whole weeks.
_NOT_TESTED = frozenset(("time",))


@dataclass(frozen=True, slots=True)
class Window:
    """The recent items that are set against all before them: the last so many, or those since.

    Parameters
    ----------
    last : int, optional
        So many items, of any label, from the newest back.
    since : float, optional
        Those that arrived then or later, in seconds since 1970-01-01 UTC. An item whose time is not
        known arrived with the one before it.

    Raises
    ------
    UsageError
        If neither or both are given, or ``last`` is not positive.
    """

    last: int | None = None
    since: float | None = None

    def __post_init__(self) -> None:
        if (self.last is None) == (self.since is None):
            raise UsageError("a window is either the last items or those since a time: give one")
        if self.last is not None and self.last < 1:
            raise UsageError(f"a window of the last {self.last} items is empty: give 1 or more")
        if self.since is not None and not np.isfinite(self.since):
            raise UsageError(f"'{self.since}' is no time: give seconds since 1970-01-01 UTC")

    def rows(self, table: TermTable) -> BoolArray:
        """Return which items of a table lie in the window, shape (n,).

        Raises
        ------
        UsageError
            If the window is given by time and no item's time is known.
        """
        if self.last is not None:
            return np.arange(len(table)) >= len(table) - self.last
        received = np.array([entry.received for entry in table.entries])
        known = ~np.isnan(received)
        if received.size and not known.any():
            raise UsageError(
                "when these items arrived is not known: give the window as the last items"
            )
        latest = np.maximum.accumulate(np.where(known, np.arange(received.size), -1))
        arrived = np.where(latest >= 0, received[latest], -np.inf)
        rows: BoolArray = arrived >= (self.since or 0.0)
        return rows


@dataclass(frozen=True, slots=True)
class Rising:
    """What rose and fell in a window of items, against all before it.

    Parameters
    ----------
    window : Window
        The window.
    labels : tuple of str
        The task's positive label, then its negative one.
    sizes : dict of str to tuple of int
        How many items of each label came before the window, and in it.
    tested : dict of str to int
        How many terms of each label were tested.
    findings : tuple of Finding
        What was found: of the positive label first, what rose before what fell, surest first.
    """

    window: Window
    labels: tuple[str, str]
    sizes: dict[str, tuple[int, int]]
    tested: dict[str, int]
    findings: tuple[Finding, ...]

    def of(self, label: str) -> tuple[Finding, ...]:
        """Return what was found among the items of one label."""
        return tuple(finding for finding in self.findings if finding.label == label)


def rising(table: TermTable, window: Window) -> Rising:
    """Return what is unusually frequent, or rare, in a window against the items before it.

    For each label, each term's share of the label's items in the window is set against its share of
    those before by Fisher's exact test, and the false discoveries among all that is found are 5% at
    most, half of that for each label (`chaffinch.explain.significance.unusual`). This holds for one
    look at a window that was chosen before; to look again and again as flags come in there is
    `chaffinch.explain.newest.newest`.

    A campaign is near-copies of one text, so copies count here, as they do not in
    `chaffinch.explain.learned`. So ordinary bursts are found, too: a thread, a newsletter that was
    flagged ten times. That is why ham and spam are told apart. Terms of the part ``time`` are not
    tested, since a window of some days has its own days of the week.

    Parameters
    ----------
    table : TermTable
        The experience, in order of arrival.
    window : Window
        Which items are recent. If it holds all or nothing of a label, nothing of it is found.

    Examples
    --------
    >>> from chaffinch.task import get_task
    >>> from chaffinch.types import Example, Item
    >>> texts = ["4u: pills"] * 40 + ["pills, for u"] * 20
    >>> table = TermTable.of(get_task("message"), [
    ...     Example(Item(text.encode(), "message"), "spam") for text in texts])
    >>> found = rising(table, Window(last=20)).findings
    >>> [(one.text, one.rose, one.counts, one.q < 0.001) for one in found]
    [('for u', True, (0, 20), True), ('4u', False, (40, 0), True)]
    """
    words = spelled(table)
    inside = window.rows(table)
    columns = tested_columns(words)
    sizes, tested, found = {}, {}, []
    labels = (table.task.positive, table.task.negative)
    for label in labels:
        own = table.truth == (label == table.task.positive)
        before, within = np.flatnonzero(own & ~inside), np.flatnonzero(own & inside)
        sizes[label], tested[label] = (before.size, within.size), 0
        if not before.size or not within.size:
            continue
        counts = words.counts(before), words.counts(within)
        totals = counts[0] + counts[1]
        # What all or none of them have can neither rise nor fall.
        kept = columns[(totals[columns] > 0) & (totals[columns] < before.size + within.size)]
        tested[label] = kept.size
        tests = unusual(counts[1][kept], totals[kept], within.size, before.size + within.size)
        for rose, test in zip((True, False), tests, strict=True):
            chosen = test.q <= LEVEL / 2
            found += findings(
                words,
                label,
                (before, within),
                kept[chosen],
                Tested(test.p[chosen], test.q[chosen]),
                rose=rose,
            )
    return Rising(window, labels, sizes, tested, tuple(found))


def tested_columns(words: Spelled) -> IntArray:
    """Return the columns that are tested: all but those of days and hours."""
    own = len(words.table.terms)
    kept = [column for column, term in enumerate(words.table.terms) if term.part not in _NOT_TESTED]
    return np.array([*kept, *range(own, own + len(words.spellings))], np.int64)
