"""Is one model better than another? Both judge the same items, so they are compared in pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaffinch.performance.bootstrap import percentile_interval, samples
from chaffinch.performance.metrics import Metric, value

if TYPE_CHECKING:
    from chaffinch.performance.judged import BoolArray, Judgements
    from chaffinch.types import Interval


def paired_difference(first: Judgements, second: Judgements, metric: Metric) -> Interval:
    """Return how much higher a metric is for the first model than for the second.

    Both are measured on the same resampled items, so what makes an item hard for both cancels out
    and the interval is narrower than those of the two models suggest. Where only a handful of
    verdicts differ the bootstrap is too sure of itself: ask `mcnemar` as well.

    Parameters
    ----------
    first, second : Judgements
        What the two models said of the same items, in the same order.
    metric : Metric
        One of chaffinch.performance.metrics.

    Returns
    -------
    Interval
        ``first - second`` in the metric's unit with its 95% interval: where that lies below 0,
        the first model's metric is the lower one. NaN where the metric is undefined.

    Raises
    ------
    ValueError
        If the two do not speak of the same items: their truths differ.

    Examples
    --------
    >>> from chaffinch.performance.judged import Judgements
    >>> from chaffinch.performance.metrics import accuracy
    >>> truth, score = [1, 1, 0, 0] * 25, [1.0, 2.0, -1.0, -2.0] * 25
    >>> right = Judgements(truth, score, truth)
    >>> half = Judgements(truth, score, [1, 0, 1, 0] * 25)
    >>> difference = paired_difference(right, half, accuracy)
    >>> difference.value, round(difference.low, 2), round(difference.high, 2)
    (0.5, 0.4, 0.6)
    """
    if not np.array_equal(first.truth, second.truth):
        raise ValueError("the two models judged different items: their true labels differ")
    sizes = first.positives.score.size, first.negatives.score.size
    draws = [metric(first, sample) - metric(second, sample) for sample in samples(*sizes)]
    return percentile_interval(value(metric, first) - value(metric, second), np.concatenate(draws))


def mcnemar(first_wrong: BoolArray, second_wrong: BoolArray) -> float:
    """Return how probable so uneven a split of the differing verdicts is between equal models.

    McNemar's exact test: of the items that just one of the two models got wrong, each is as
    likely the one's as the other's if both are equally good.

    Parameters
    ----------
    first_wrong, second_wrong : ndarray of bool, shape (n,)
        Whether each model's verdict was wrong, of the same items in the same order.

    Returns
    -------
    float
        Two-sided p-value in (0, 1]; 1 where no verdict differs.

    Raises
    ------
    ValueError
        If the two arrays differ in length.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12, 1947.

    Examples
    --------
    >>> mcnemar(np.array([True] * 6 + [False]), np.array([False] * 7))
    0.03125
    """
    if first_wrong.shape != second_wrong.shape:
        raise ValueError(
            f"the two models judged {first_wrong.size} and {second_wrong.size} items: "
            "give the same items to both"
        )
    from scipy.special import bdtr

    only_first = int((first_wrong & ~second_wrong).sum())
    only_second = int((second_wrong & ~first_wrong).sum())
    fewer = min(only_first, only_second)
    return min(1.0, 2 * float(bdtr(fewer, only_first + only_second, 0.5)))
