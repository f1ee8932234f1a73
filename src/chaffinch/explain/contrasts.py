"""Whether labels in several groups of items differ as a contrast says, exactly."""

from __future__ import annotations

import numpy as np

from chaffinch.explain.significance import FloatArray, IntArray, log_factorials

# Weights smaller than their sum by this factor, its logarithm, add nothing to it.
_NEGLIGIBLE = np.log(1e-15)


def exceeding(own: IntArray, totals: IntArray, contrast: IntArray) -> FloatArray:
    """Return how likely chance alone lets log-odds of a label exceed what a contrast allows.

    With the log-odds of the label in each group of items, the claim is that their sum, weighted by
    the contrast, is above 0. Were it 0, then of all counts that lie along the contrast from those
    found, each would have a chance that no unknown comes into: a product of binomial coefficients.
    The upper tail is the test. For two groups and the contrast (1, -1) it is Fisher's exact test,
    one-sided; for (1, -1, -1, 1) that of Zelen, "The analysis of several 2 x 2 contingency tables",
    Biometrika 58, 1971, whether two odds ratios are equal.

    A contrast over its standard error is no substitute: where all items of a group have the label,
    the error grows with the contrast, so that no number of them proves much (Hauck and Donner,
    "Wald's test as applied to hypotheses in logit analysis", JASA 72, 1977).

    Parameters
    ----------
    own, totals : ndarray of int64, shape (groups, m)
        How many items of each group have the label, and how many there are.
    contrast : ndarray of int64, shape (groups,)
        The weights, which sum to 0.

    Returns
    -------
    ndarray of float64, shape (m,)
        The chance of as much or more; 1 where one more would be no less likely.

    Examples
    --------
    Of 5 items all have the label and of 5 others none, or one and four:

    >>> counts = np.array([[5, 1], [0, 4]])
    >>> exceeding(counts, np.array([[5, 5], [5, 5]]), np.array([1, -1])).round(6)
    array([0.003968, 1.      ])
    """
    factorial = log_factorials(int(totals.max(initial=0)))
    step = contrast[:, None]

    def weight(at: IntArray, moved: int) -> FloatArray:
        count, size = own[:, at] + moved * step, totals[:, at]
        possible = ((count >= 0) & (count <= size)).all(axis=0)
        count = np.clip(count, 0, size)
        log = -(factorial[count] + factorial[size - count]).sum(axis=0)
        return np.where(possible, log, -np.inf)

    def tail(at: IntArray, first: int, way: int) -> FloatArray:
        """Return the logarithm of the sum of all weights from a place on."""
        total = weight(at, first)
        left, last, moved = np.arange(at.size), total.copy(), first
        while left.size:
            moved += way
            now = weight(at[left], moved)
            total[left] = np.logaddexp(total[left], now)
            more = (now > last) | (now > total[left] + _NEGLIGIBLE)
            left, last = left[more], now[more]
        return total

    every = np.arange(own.shape[1])
    above = every[weight(every, 1) < weight(every, 0)]
    upper, lower = tail(above, 0, 1), tail(above, -1, -1)
    chance = np.ones(every.size)
    chance[above] = np.exp(upper - np.logaddexp(upper, lower))
    return chance
