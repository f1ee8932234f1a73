"""Is one model better than another? Both judge the same items, so they are compared in pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chaffinch.performance.answers import mean_interval
from chaffinch.performance.bootstrap import percentile_interval, samples
from chaffinch.performance.metrics import Metric, value
from chaffinch.types import Interval

if TYPE_CHECKING:
    from chaffinch.performance.answers import Answers
    from chaffinch.performance.judged import BoolArray, Judgements
    from chaffinch.scheme import Scheme

# Worst mistakes of models that judged different items are told of so many.
_OF = 10_000


class Met(NamedTuple):
    """How two models did on the same items.

    Attributes
    ----------
    differing : int
        On how many they would have acted differently.
    fewest : int
        How many items there are of the rarest label that matters.
    more : Interval
        What the first costs more per 1,000 items.
    p : float
        How probable so uneven a split is of what cost just one of them more: McNemar's exact test.
    lost : tuple of int
        The worst mistakes of the first and of the second.
    of : int
        Of how many items that they could have happened to.
    """

    differing: int
    fewest: int
    more: Interval
    p: float
    lost: tuple[int, int]
    of: int


def met(first: Judgements, second: Judgements, *, cost: Metric) -> Met:
    """Set two binary models side by side, by what they would have put into junk.

    Parameters
    ----------
    first, second : Judgements
        What the two models said of the same items, in the same order.
    cost : Metric
        What mistakes cost.
    """
    return Met(
        int((first.predicted != second.predicted).sum()),
        min(len(first.positives.score), len(first.negatives.score)),
        paired_difference(first, second, cost),
        mcnemar(first.wrong, second.wrong),
        (int(first.negatives.predicted.sum()), int(second.negatives.predicted.sum())),
        len(first.negatives.score),
    )


def answers_met(first: Answers, second: Answers, *, cost_error: float, cost_unsure: float) -> Met:
    """Set two models of many labels side by side, by what they would have had accepted.

    Parameters
    ----------
    first, second : Answers
        What the two models said of the same items, in the same order.
    cost_error, cost_unsure : float
        What a wrong label costs that is accepted, and what it costs to accept none.
    """
    acted = [np.where(one.accepted, one.guess, "") for one in (first, second)]
    ours, theirs = (
        one.costs(cost_error=cost_error, cost_unsure=cost_unsure) for one in (first, second)
    )
    more = 1000 * (ours - theirs)
    return Met(
        int((acted[0] != acted[1]).sum()),
        len(first),
        mean_interval(more),
        mcnemar(ours > theirs, theirs > ours),
        (int((first.wrong & first.accepted).sum()), int((second.wrong & second.accepted).sum())),
        len(first),
    )


def apart(scheme: Scheme, first: Judgements | Answers, second: Judgements | Answers) -> Met:
    """Set two models side by side that judged different items, drawn from the same.

    Parameters
    ----------
    scheme : Scheme
        Whose costs count.
    first, second : Judgements or Answers
        What each said of its items.

    Returns
    -------
    Met
        The interval of the difference is made of those of the two costs (G. Zou and A. Donner,
        "Construction of confidence limits about effect measures", Statistics in Medicine 27, 2008);
        ``p`` is that of Fisher's exact test on the errors. Worst mistakes are of 10,000.
    """
    from scipy.stats import fisher_exact

    costs = [scheme.measure(one)["cost_per_1000"] for one in (first, second)]
    wrong = [(int(one.wrong.sum()), len(one)) for one in (first, second)]
    # With itself a model agrees, and its worst mistakes are counted.
    own = [scheme.met(one, one) for one in (first, second)]
    table = [[errors, n - errors] for errors, n in wrong]
    ours, theirs = (round(_OF * one.lost[0] / max(1, one.of)) for one in own)
    return Met(
        abs(wrong[0][0] - wrong[1][0]),
        min(one.fewest for one in own),
        difference_of(*costs),
        float(fisher_exact(table).pvalue),
        (ours, theirs),
        _OF,
    )


def difference_of(first: Interval, second: Interval) -> Interval:
    """Return the difference of two quantities that were measured independently.

    Examples
    --------
    >>> difference_of(Interval(5.0, 2.0, 8.0), Interval(1.0, 0.0, 5.0))
    Interval(value=4.0, low=-1.0, high=7.16227766016838)
    """
    value = first.value - second.value
    down = np.hypot(first.value - first.low, second.high - second.value)
    up = np.hypot(first.high - first.value, second.value - second.low)
    return Interval(value, float(value - down), float(value + up))


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
