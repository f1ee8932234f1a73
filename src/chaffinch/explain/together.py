"""Unsuspected correlations: terms that say much together, and little apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chaffinch.explain.contrasts import exceeding
from chaffinch.explain.significance import FloatArray, benjamini_hochberg
from chaffinch.explain.table import BoolArray, IntArray, TermTable
from chaffinch.explain.terms import Term

# Bounds: items that are counted, terms whose pairs are counted.
_MOST_ITEMS = 20_000
_MOST_TERMS = 2_000
# Items that there must be with both terms, with either alone, and with neither.
_LEAST = 10
# Terms that overlap more are one term by two names; pairs that do are one pair.
_SAME = 0.8
_SAME_PAIR = 0.5
_FALSE_DISCOVERIES = 0.05
_NORMAL_95 = 1.959964
# Contrasts of the log-odds of items with both, the first alone, the second alone, neither.
_BOTH = np.array([1, 0, 0, -1])
_FIRST = np.array([0, 1, 0, -1])
_SECOND = np.array([0, 0, 1, -1])
_INTERACTION = _BOTH - _FIRST - _SECOND


@dataclass(frozen=True, slots=True)
class Pair:
    """Two terms that say more together than what either says alone would let one expect.

    Parameters
    ----------
    first, second : Term
        The terms.
    positive : bool
        Whether they speak for the positive label together.
    both, first_only, second_only, neither : tuple of int
        Items of the negative and of the positive label; near-copies count once.
    log_odds : tuple of float
        Log-odds of the label that they speak for where both are, less where neither is, and the
        95% interval: value, low, high.
    first_alone, second_alone : float
        The same where one is without the other.
    interaction : tuple of float
        By how much both together exceed the sum of what either says alone, and the 95% interval.
    q : float
        The share of false discoveries to expect among all pairs that are as sure as this one.
    """

    first: Term
    second: Term
    positive: bool
    both: tuple[int, int]
    first_only: tuple[int, int]
    second_only: tuple[int, int]
    neither: tuple[int, int]
    log_odds: tuple[float, float, float]
    first_alone: float
    second_alone: float
    interaction: tuple[float, float, float]
    q: float


@dataclass(frozen=True, slots=True)
class Together:
    """The pairs found, surest first.

    Parameters
    ----------
    tested, found : int
        How many pairs were tested, and how many of them were found.
    pairs : tuple of Pair
        The surest, each term in one of them.
    """

    tested: int
    found: int
    pairs: tuple[Pair, ...]


def together(table: TermTable, *, top: int = 20) -> Together:
    """Return pairs of terms that are strong together and weak apart.

    With the log-odds of the label where both terms are, where one is alone, and where neither is,
    a pair is found where both together say something, and exceed the sum of what either says alone:
    the three-factor interaction of Bartlett ("Contingency table interactions", JRSS Supplement 2,
    1935) and Goodman ("Simple methods for analyzing three-factor interaction", JASA 59, 1964). Each
    claim is tested exactly (`chaffinch.explain.contrasts`), in both directions; the pair's p is the
    larger of the two (the intersection-union test of Berger, Technometrics 24, 1982). It is 1 where
    either alone says half as much as both or more, for either label, by the counts, half an item
    added to each. Of all pairs, those are found among which 5% are expected to be false (Benjamini
    and Hochberg, JRSS B 57, 1995). Intervals have the variance of Woolf (Annals of Human Genetics
    19, 1955).

    Which pairs are tested does not depend on labels (Bourgon, Gentleman and Huber, PNAS 107,
    2010): those of the 2,000 commonest terms, one for each bundle of terms that nearly always occur
    together, of which 10 items have both, either alone, and neither. Of near-copies with one
    label one counts, of items the newest 20,000. Two words that mostly are one phrase are left out.

    Parameters
    ----------
    table : TermTable
        The experience.
    top : int
        How many pairs to return at most.
    """
    rows = np.flatnonzero(table.first_copies)[-_MOST_ITEMS:]
    truth = table.truth[rows]
    chosen, columns = _candidates(table.matrix[rows])
    if not chosen.size or truth.all() or not truth.any():
        return Together(0, 0, ())
    both = [_products(columns[truth == label]) for label in (False, True)]
    first, second = _testable(both[0] + both[1], rows.size)
    sizes = int((~truth).sum()), int(truth.sum())
    cells = np.stack(  # label, cell, pair
        [_cells(one, size, (first, second)) for one, size in zip(both, sizes, strict=True)]
    )
    value, variance = _log_odds(cells)
    sign, p = _test(cells, value)
    q = benjamini_hochberg(p)
    found = np.flatnonzero(q <= _FALSE_DISCOVERIES)
    found = found[np.argsort(p[found], kind="stable")]
    phrases = [
        _is_phrase(table, int(chosen[first[at]]), int(chosen[second[at]]), cells[:, 0, at].sum())
        for at in found
    ]
    found = found[~np.array(phrases, np.bool_)]
    pairs = [
        _pair(
            table,
            (int(chosen[first[at]]), int(chosen[second[at]])),
            cells[:, :, at],
            (sign[at] * value[:, at], variance[:, at]),
            bool(sign[at] > 0),
            float(q[at]),
        )
        for at in _told_once(found, (first, second), columns, top)
    ]
    return Together(int(p.size), int(found.size), tuple(pairs))


def _candidates(matrix: csr_array) -> tuple[IntArray, csr_array]:
    """Return the terms whose pairs are counted, without what nearly always is with another."""
    items = matrix.shape[0]
    support = np.asarray(matrix.sum(axis=0), np.int64).ravel()
    tells = np.minimum(support, items - support)
    chosen = np.flatnonzero(tells >= 2 * _LEAST)
    # Of terms that are the same, some will go.
    chosen = chosen[np.argsort(-tells[chosen], kind="stable")][: 3 * _MOST_TERMS // 2]
    columns = matrix[:, chosen].astype(np.float32)
    both = _products(columns)
    times = both.diagonal()
    gone = np.zeros(chosen.size, np.bool_)
    kept = []
    for at in range(chosen.size):
        if gone[at]:
            continue
        kept.append(at)
        gone |= both[at] > _SAME * (times[at] + times - both[at])
    kept = kept[:_MOST_TERMS]
    return chosen[kept], columns[:, kept]


def _products(columns: csr_array) -> NDArray[np.float32]:
    """Return in how many items each two terms occur, shape (m, m)."""
    both: NDArray[np.float32] = (columns.T @ columns).toarray()
    return both


def _testable(both: NDArray[np.float32], items: int) -> tuple[IntArray, IntArray]:
    """Return the first and the second term of each pair that enough items tell of."""
    times = both.diagonal()
    neither = items - times[:, None] - times[None, :] + both
    enough = (both >= _LEAST) & (neither >= _LEAST)
    enough &= (times[:, None] - both >= _LEAST) & (times[None, :] - both >= _LEAST)
    first, second = np.nonzero(np.triu(enough, 1))
    return first, second


def _cells(both: NDArray[np.float32], items: int, pairs: tuple[IntArray, IntArray]) -> IntArray:
    """Return how many items have both terms, only one, only the other, neither: (4, pairs)."""
    first, second = pairs
    times = both.diagonal()
    of_both = both[first, second]
    one, other = times[first] - of_both, times[second] - of_both
    return np.stack([of_both, one, other, items - of_both - one - other]).astype(np.int64)


def _log_odds(cells: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return log-odds of the positive label in each cell of each pair, and their variance."""
    negative, positive = cells + 0.5
    return np.log(positive / negative), 1.0 / positive + 1.0 / negative


def _test(cells: IntArray, value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return for which label each pair speaks, 1 or -1, and its two-sided p."""
    sign = np.where(_BOTH @ value < 0, -1.0, 1.0)
    alone = np.maximum(np.abs(_FIRST @ value), np.abs(_SECOND @ value))
    p = np.ones(sign.size)
    # A p that is raised to 1, whatever for, makes no pair look surer than it is.
    weak = np.flatnonzero(2.0 * alone < np.abs(_BOTH @ value))
    negative, positive = cells[:, :, weak]
    own, totals = np.where(sign[weak] > 0, positive, negative), negative + positive
    p[weak] = np.max([exceeding(own, totals, claim) for claim in (_BOTH, _INTERACTION)], axis=0)
    return sign, np.minimum(1.0, 2.0 * p)


def _is_phrase(table: TermTable, first: int, second: int, both: int) -> bool:
    """Return whether two words are together because they mostly are one phrase, a term itself."""
    one, other = table.terms[first], table.terms[second]
    if one.part != other.part:
        return False
    phrases = (f"{one.text} {other.text}", f"{other.text} {one.text}")
    times = sum(table.having(Term(one.part, phrase)).size for phrase in phrases)
    return 2 * times >= both


def _told_once(
    found: IntArray, terms: tuple[IntArray, IntArray], columns: csr_array, top: int
) -> Iterator[int]:
    """Yield the first pairs that are not others in other words."""
    by_term = columns.T.tocsr().astype(np.bool_)
    used: set[int] = set()
    seen: list[BoolArray] = []
    for at in found:
        if len(seen) == top:
            return
        first, second = int(terms[0][at]), int(terms[1][at])
        if used & {first, second}:
            continue
        both = by_term[[first]].toarray()[0] & by_term[[second]].toarray()[0]
        if any((both & one).sum() > _SAME_PAIR * (both | one).sum() for one in seen):
            continue
        used |= {first, second}
        seen.append(both)
        yield int(at)


def _pair(
    table: TermTable,
    terms: tuple[int, int],
    cells: IntArray,
    odds: tuple[FloatArray, FloatArray],
    positive: bool,
    q: float,
) -> Pair:
    value, variance = odds

    def interval(contrast: IntArray) -> tuple[float, float, float]:
        middle = float(contrast @ value)
        half = _NORMAL_95 * float(np.sqrt(contrast**2 @ variance))
        return middle, middle - half, middle + half

    both, first_only, second_only, neither = ((int(no), int(yes)) for no, yes in cells.T)
    return Pair(
        table.terms[terms[0]],
        table.terms[terms[1]],
        positive,
        both,
        first_only,
        second_only,
        neither,
        interval(_BOTH),
        float(_FIRST @ value),
        float(_SECOND @ value),
        interval(_INTERACTION),
        q,
    )
