"""What has just begun to rise, for who looks after every few flags."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from chaffinch.explain.findings import findings
from chaffinch.explain.rising import Rising, Window, tested_columns
from chaffinch.explain.significance import FloatArray, Tested, as_many, benjamini_hochberg
from chaffinch.explain.spellings import Spelled, spelled
from chaffinch.explain.table import BoolArray, IntArray, TermTable
from chaffinch.explain.terms import Term

#: A window begins with the so-manieth latest item that has the term; the share that it has of the
#: chance of a false alarm. Most is for finding a campaign early: later it is found anyhow.
LATEST = {4: 0.3, 5: 0.4, 6: 0.15, 8: 0.05, 12: 0.05, 30: 0.05}
#: How many flags in a row, with a look after each, share one chance of a false alarm.
LOOKS = 200
#: The chance of a false alarm in so many looks, and the positive label's share of it.
LEVEL, POSITIVE = 0.05, 0.8
# However rare a label is, a look at one of its items takes no more than this share of that chance.
_MOST_OF_IT = 20 / LOOKS


class Look(NamedTuple):
    """What is seen just after an item came in: which of its terms rise, and since when.

    Attributes
    ----------
    row : int
        The item.
    columns, starts : ndarray of int64, shape (k,)
        Terms, each in a window, and the first item of it.
    test : Tested
        How surely each rises, all windows and looks counted.
    """

    row: int
    columns: IntArray
    starts: IntArray
    test: Tested


def newest(table: TermTable, *, new: int = 1, known: Collection[Term] = ()) -> Rising:
    """Return what has begun to rise with the newest flags, for who looks after every few of them.

    Each of the newest items is looked at as if it had just come in. Only its own terms are tested:
    what rises now is in it. A window begins where the 4th, 5th, 6th, 8th, 12th or 30th latest item
    of the label that has the term came in, and holds no more than half of what came before. Given
    that the newest item has a term, the others that have it are, if nothing changes, as likely
    anywhere before: so the chance that so many of them lie in the window is hypergeometric. False
    discoveries are controlled by Benjamini and Hochberg's procedure (1995) over the item's terms
    that could be found at all (Tarone 1990), at a level that counts windows and looks (Bonferroni):
    in 200 flags, **looked at after every one**, the chance of any false alarm is 5% at most,
    however often and whenever this is called. Four fifths of that are the positive label's.
    Near-copies count, as in `chaffinch.explain.rising.rising`.

    What is found goes on being found while it lasts: who acts on an alarm remembers the terms of
    its findings, and gives them as known. What falls is not looked for, but a finding tells which
    of its spellings fell.

    Parameters
    ----------
    table : TermTable
        The experience, in order of arrival, with the newest flags last.
    new : int
        How many flags came in since the last look; each is looked at.
    known : collection of Term
        What is not to be found again, nor are words of which they are a spelling.

    Returns
    -------
    Rising
        The surest alarm, of the task's positive label where it has one, in its window; without
        findings and sizes where nothing rises. The p and q of its findings count all windows and
        looks, so that an alarm has a q of 5% or less.

    Examples
    --------
    >>> from chaffinch.task import get_task
    >>> from chaffinch.types import Example, Item
    >>> texts = ["old"] * 200 + ["pills, f0r u", "old"] * 6 + ["pills, f0r u"]
    >>> table = TermTable.of(get_task("message"), [
    ...     Example(Item(text.encode(), "message"), "spam") for text in texts])
    >>> [(one.text, one.counts, one.q < 0.05) for one in newest(table).findings]
    [('pills', (0, 7), True)]
    """
    words = spelled(table)
    alarms: list[tuple[bool, float, Look]] = []
    rows = range(max(0, len(table) - max(0, new)), len(table))
    for look in looks(words, rows, known):
        surest = float(look.test.q.min(initial=1.0))
        if surest <= LEVEL:
            alarms.append((not table.truth[look.row], surest, look))
    task = table.task
    labels = (task.positive, task.negative)
    if not alarms:
        return Rising(Window(last=max(1, new)), labels, {}, {}, ())
    negative, _, look = min(alarms, key=lambda alarm: alarm[:2])
    label = labels[negative]
    own = np.flatnonzero(table.truth != negative)
    start = _begun(words, look, own)
    parts = own[own < start], own[own >= start]
    found = findings(words, label, parts, *_once(look), rose=True)
    sizes = {label: (parts[0].size, parts[1].size)}
    window = Window(last=len(table) - start)
    return Rising(window, labels, sizes, {label: np.unique(look.columns).size}, tuple(found))


def _once(look: Look) -> tuple[IntArray, Tested]:
    """Return the terms that a look finds, each in the window where it is surest."""
    order = np.flatnonzero(look.test.q <= LEVEL)
    order = order[np.argsort(look.test.p[order], kind="stable")]
    columns, first = np.unique(look.columns[order], return_index=True)
    chosen = order[first]
    return columns, Tested(look.test.p[chosen], look.test.q[chosen])


def _begun(words: Spelled, look: Look, label: IntArray) -> int:
    """Return the item of the label with which the surest term of a look began to rise.

    Of all windows that begin with an item that has the term the surest is meant: it is told, while
    the look tested some of them.
    """
    column = int(look.columns[np.argmin(look.test.p)])
    size = int(np.searchsorted(label, look.row))
    others = np.flatnonzero(words.has(column, label[:size]))[::-1]
    number = np.arange(1, others.size + 1)
    p = as_many(number, np.full(others.size, others.size), size - others, size)
    p[2 * (size - others) > size] = 1.0
    return int(label[others[np.argmin(p)]])


def looks(words: Spelled, rows: range, known: Collection[Term] = ()) -> Iterator[Look]:
    """Yield what is seen just after each of some items came in, at all of its terms not known."""
    table, matrix = words.table, words.matrix
    tested = np.zeros(matrix.shape[1], np.bool_)
    tested[tested_columns(words)] = True
    for column in (table.columns[term] for term in known if term in table.columns):
        tested[[column, words.widest(column)]] = False
    # The place of each item among those of its label.
    place = np.where(table.truth, np.cumsum(table.truth), np.cumsum(~table.truth)) - 1
    of_label = {truth: np.flatnonzero(table.truth == truth) for truth in (False, True)}
    for row in rows:
        truth = bool(table.truth[row])
        own = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        columns = np.sort(own[tested[own]]).astype(np.int64)
        yield _look(words, row, columns, place, of_label[truth])


def _look(words: Spelled, row: int, columns: IntArray, place: IntArray, label: IntArray) -> Look:
    truth, size = words.table.truth, int(place[row])
    # Where each term's earlier items of the label lie among those of the label.
    having = words.by_term[columns]
    kept = (having.indices < row) & (truth[having.indices] == truth[row])
    places = place[having.indices[kept]]
    totals = np.diff(np.concatenate([[0], np.cumsum(kept)])[having.indptr])
    ends = np.cumsum(totals)
    level = _level(truth[:row], positive=bool(truth[row]))
    found: list[tuple[IntArray, IntArray, FloatArray, FloatArray]] = []
    for latest, weight in LATEST.items():
        others, own_level = latest - 1, weight * level
        can = np.flatnonzero(totals >= others)
        # Terms so common that they could not be called risen, however near their items lie, do
        # not count among the tests (Tarone 1990).
        can = can[as_many(others, totals[can], np.full(can.size, others), size) <= own_level]
        first = places[ends[can] - others]
        # A window that holds most of the past is none.
        recent = 2 * (size - first) <= size
        p = np.where(recent, as_many(others, totals[can], size - first, size), 1.0)
        # Bonferroni over windows and looks.
        p, q = (np.minimum(1.0, one * LEVEL / own_level) for one in (p, benjamini_hochberg(p)))
        found.append((columns[can], label[first], p, q))
    taken, starts, p, q = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Look(row, taken, starts, Tested(p, q))


def _level(earlier: BoolArray, *, positive: bool) -> float:
    """Return the chance of a false alarm that a look at an item of this label may take.

    Looks at the rarer label may take more, so that each label takes its share of the whole.
    """
    share = (1.0 + np.count_nonzero(earlier == positive)) / (2.0 + earlier.size)
    own = POSITIVE if positive else 1.0 - POSITIVE
    return LEVEL * min(_MOST_OF_IT, own / (LOOKS * float(share)))
