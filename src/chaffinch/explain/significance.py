"""Which of many counts are higher or lower than chance would make them, false ones controlled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Cells of the table of probabilities that are worked on at a time.
_CELLS = 500_000
# Of a sum whose terms shrink, as many as matter.
_TERMS = 64


class Tested(NamedTuple):
    """What was tested: for each count, how likely chance alone makes as much of it.

    Attributes
    ----------
    p : ndarray of float64, shape (m,)
        The chance of a count as extreme as this one or more.
    q : ndarray of float64, shape (m,)
        The share of false discoveries to expect if this one and all with a smaller p are called
        discoveries; 1 at most.
    """

    p: FloatArray
    q: FloatArray


def unusual(drawn: IntArray, totals: IntArray, draws: int, size: int) -> tuple[Tested, Tested]:
    """Test many counts at once for being too high, and too low, for a sample without replacement.

    Of ``size`` items some have a term (``totals``); were the ``draws`` items of the window chosen
    from them at random, the count of those that have it would be hypergeometric: Fisher's exact
    test, one-sided. Both sides are one family.

    False discoveries are controlled by the step-up procedure of Benjamini and Hochberg,
    "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57, 1995,
    with what each test can say taken into account. Where theirs expects as many false discoveries
    below p as tests times p, this counts for each test the chance that its own p is as small: less
    where few items have the term, and none for terms too rare to get there at all. That is the idea
    of Tarone, "A modified Bonferroni method for discrete data", Biometrics 46, 1990, carried over
    to false discovery rates by Heyse, "A false discovery rate procedure for categorical data",
    2011.

    Parameters
    ----------
    drawn : ndarray of int64, shape (m,)
        In how many of the window's items each term occurs.
    totals : ndarray of int64, shape (m,)
        In how many of all items it occurs.
    draws, size : int
        How many items the window has, and how many there are in all, those of the window included.

    Returns
    -------
    rising, falling : Tested
        Of counts that are too high, and too low.

    Examples
    --------
    >>> rising, falling = unusual(np.array([9, 1, 0]), np.array([9, 10, 90]), 10, 100)
    >>> rising.p.round(4), falling.p.round(4)
    (array([0.    , 0.6695, 1.    ]), array([1.    , 0.7385, 0.    ]))
    >>> (rising.q < 0.05).tolist(), (falling.q < 0.05).tolist()
    ([True, False, False], [False, False, True])
    """
    kinds, kind, number = np.unique(totals, return_inverse=True, return_counts=True)
    up, down = np.ones(drawn.size), np.ones(drawn.size)
    order = np.argsort(kind, kind="stable")
    starts = np.concatenate([[0], np.cumsum(number)])
    tails: list[tuple[int, FloatArray]] = []
    for first, upper, lower in _tails(kinds, draws, size):
        for row in range(upper.shape[0]):
            own = order[starts[first + row] : starts[first + row + 1]]
            up[own] = upper[row, drawn[own]]
            most = min(int(kinds[first + row]), draws)
            tails.append((int(number[first + row]), upper[row, : most + 1]))
            down[own] = lower[row, drawn[own]]
            tails.append((int(number[first + row]), lower[row, : most + 1]))
    q = _q_values(np.concatenate([up, down]), tails)
    return Tested(up, q[: drawn.size]), Tested(down, q[drawn.size :])


def as_many(drawn: int | IntArray, totals: IntArray, draws: IntArray, size: int) -> FloatArray:
    """Return the chance that samples without replacement have so many items of a kind, or more.

    Parameters
    ----------
    drawn : int or ndarray of int64, shape (m,)
        How many of each sample are of the kind; no more than ``totals`` or ``draws``.
    totals : ndarray of int64, shape (m,)
        How many of all items are of the kind.
    draws : ndarray of int64, shape (m,)
        How many items each sample has.
    size : int
        How many items there are.

    Returns
    -------
    ndarray of float64, shape (m,)
        The upper tail of the hypergeometric distribution; 1 where fewer than the mean are drawn.

    Examples
    --------
    >>> as_many(2, np.array([2, 2, 9]), np.array([2, 5, 5]), 10).round(4)
    array([0.0222, 0.2222, 1.    ])
    """
    drawn = np.broadcast_to(drawn, totals.shape)
    factorial = log_factorials(size)
    tail = drawn * size > totals * draws
    drawn, kind, sample = drawn[tail], totals[tail], draws[tail]
    rest = size - kind - sample
    log = (
        factorial[kind]
        - factorial[drawn]
        - factorial[kind - drawn]
        + factorial[size - kind]
        - factorial[sample - drawn]
        - factorial[np.maximum(0, rest + drawn)]
        - (factorial[size] - factorial[sample] - factorial[size - sample])
    )
    # Above the mean each next chance is smaller by a factor that shrinks.
    more = drawn + np.arange(_TERMS)[:, None]
    factors = np.maximum(0.0, (kind - more) * (sample - more)) / (
        (more + 1) * np.maximum(1, rest + more + 1)
    )
    chance = np.ones(totals.size)
    chance[tail] = np.where(
        rest + drawn >= 0,
        np.minimum(1.0, np.exp(log) * (1.0 + np.cumprod(factors, axis=0).sum(axis=0))),
        1.0,
    )
    return chance


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Return q for each p of a family of tests (Benjamini and Hochberg 1995).

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.5, 0.02])).round(3)
    array([0.03, 0.5 , 0.03])
    """
    order = np.argsort(p, kind="stable")
    q = np.ones(p.size)
    share = p[order] * p.size / np.arange(1, p.size + 1)
    q[order] = np.minimum.accumulate(share[::-1])[::-1]
    return q


def log_factorials(most: int) -> FloatArray:
    """Return the logarithms of 0!, 1!, … and ``most``!.

    Examples
    --------
    >>> np.exp(log_factorials(4)).round(6)
    array([ 1.,  1.,  2.,  6., 24.])
    """
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1)))])


def _tails(kinds: IntArray, draws: int, size: int) -> Iterator[tuple[int, FloatArray, FloatArray]]:
    """Yield the chances of as many or more, and as many or fewer: a row a total, some at a time.

    Each is preceded by the place of its first total. ``kinds`` are the totals, in order.
    """
    factorial = log_factorials(size)
    at = 0
    while at < kinds.size:
        # Small totals first: their rows are short, so that many fit.
        rows = kinds[at : at + _CELLS]
        widths = np.minimum(rows, draws) + 1
        fit = max(1, int(np.count_nonzero(widths * np.arange(1, rows.size + 1) <= _CELLS)))
        rows = rows[:fit, None]
        count = np.arange(int(widths[fit - 1]))[None, :]
        least, most = np.maximum(0, rows - (size - draws)), np.minimum(rows, draws)
        possible = (count >= least) & (count <= most)
        count = np.clip(count, least, most)
        log = (
            factorial[rows]
            - factorial[count]
            - factorial[rows - count]
            + factorial[size - rows]
            - factorial[draws - count]
            - factorial[size - rows - draws + count]
            - (factorial[size] - factorial[draws] - factorial[size - draws])
        )
        chance = np.where(possible, np.exp(log), 0.0)
        upper = np.minimum(1.0, np.cumsum(chance[:, ::-1], axis=1)[:, ::-1])
        yield at, upper, np.minimum(1.0, np.cumsum(chance, axis=1))
        at += fit


def _q_values(p: FloatArray, tails: list[tuple[int, FloatArray]]) -> FloatArray:
    """Return for each p the least share of false discoveries at which it would be one.

    ``tails`` says of how many tests which values p can have.
    """
    found, place, number = np.unique(p, return_inverse=True, return_counts=True)
    expected = np.zeros(found.size)
    for tests, tail in tails:
        can = np.sort(tail)
        reached = np.searchsorted(can, found, side="right")
        expected += tests * np.where(reached > 0, can[reached - 1], 0.0)
    share = expected / np.cumsum(number)
    # Step-up: what is called a discovery at a larger p is one at a smaller.
    q: FloatArray = np.minimum.accumulate(share[::-1])[::-1]
    return np.minimum(1.0, q)[place]
