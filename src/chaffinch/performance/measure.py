"""All measures of a binary task at once, each with the interval that suits it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.performance.bootstrap import SEED, bootstrap, percentile_interval
from chaffinch.performance.metrics import (
    calibration_error_percent,
    cost_per_1000,
    lam_percent,
    logistic_average,
    one_minus_roca_percent,
    spam_missed_at_ham_lost,
    value,
)
from chaffinch.performance.proportions import clopper_pearson, jeffreys_draws
from chaffinch.types import Interval

if TYPE_CHECKING:
    from chaffinch.performance.judged import BoolArray, Judgements


def measure(
    judged: Judgements, *, cost_ham_lost: float, cost_spam_missed: float
) -> dict[str, Interval]:
    """Return every measure of docs/performance.md, by name.

    Parameters
    ----------
    judged : Judgements
        What was judged.
    cost_ham_lost : float
        What one negative judged positive costs.
    cost_spam_missed : float
        What one positive judged negative costs, in the same unit.

    Returns
    -------
    dict of str to Interval
        NaN where a measure is undefined: most are where a class is missing.

    Examples
    --------
    >>> from chaffinch.performance.judged import Judgements
    >>> judged = Judgements([1, 1, 0, 0], [3.0, -1.0, 0.5, -2.0], [1, 0, 1, 0])
    >>> measured = measure(judged, cost_ham_lost=10, cost_spam_missed=1)
    >>> measured["accuracy"].value, round(measured["accuracy"].low, 3)
    (0.5, 0.068)
    >>> list(measured)[:3]
    ['accuracy', 'ham_lost_percent', 'spam_missed_percent']
    """
    return {
        "accuracy": accuracy_interval(judged.wrong),
        **_error_rates(judged, cost_ham_lost, cost_spam_missed),
        **_ranking(judged),
    }


def accuracy_interval(wrong: BoolArray) -> Interval:
    """Return the fraction of right verdicts, of a task with any number of labels.

    Parameters
    ----------
    wrong : ndarray of bool, shape (n,)
        Whether each verdict was wrong.
    """
    return clopper_pearson(wrong.size - int(wrong.sum()), wrong.size)


def _error_rates(
    judged: Judgements, cost_ham_lost: float, cost_spam_missed: float
) -> dict[str, Interval]:
    """Measure what only depends on how many verdicts of each class were wrong."""
    lost, negatives = int(judged.negatives.predicted.sum()), judged.negatives.predicted.size
    missed, positives = int((~judged.positives.predicted).sum()), judged.positives.predicted.size
    random = np.random.default_rng(SEED)
    loses = jeffreys_draws(random, lost, negatives)
    misses = jeffreys_draws(random, missed, positives)
    costs = cost_ham_lost * negatives * loses + cost_spam_missed * positives * misses
    cost = cost_per_1000(cost_ham_lost=cost_ham_lost, cost_spam_missed=cost_spam_missed)
    return {
        "ham_lost_percent": _in_percent(clopper_pearson(lost, negatives)),
        "spam_missed_percent": _in_percent(clopper_pearson(missed, positives)),
        "lam_percent": percentile_interval(
            value(lam_percent, judged), 100 * logistic_average(loses, misses)
        ),
        "cost_per_1000": percentile_interval(
            value(cost, judged), 1000 * costs / max(1, len(judged))
        ),
    }


def _ranking(judged: Judgements) -> dict[str, Interval]:
    """Measure what depends on the scores."""
    at_ham_lost = {
        "spam_missed_percent_at_ham_lost_0_1": spam_missed_at_ham_lost(0.1),
        "spam_missed_percent_at_ham_lost_0_5": spam_missed_at_ham_lost(0.5),
    }
    measured = bootstrap(
        judged,
        {
            "one_minus_roca_percent": one_minus_roca_percent,
            **at_ham_lost,
            "calibration_error_percent": calibration_error_percent,
        },
    )
    positives, negatives = judged.positives.score.size, judged.negatives.score.size
    # So many pairs share no item: independent trials of whether a pair is in order.
    measured["one_minus_roca_percent"] = _at_the_edge(
        measured["one_minus_roca_percent"], min(positives, negatives)
    )
    for name in at_ham_lost:
        measured[name] = _at_the_edge(measured[name], positives)
    return measured


def _at_the_edge(interval: Interval, trials: int) -> Interval:
    """Widen an interval that resampling cannot: none of the trials failed, or all did."""
    if interval.value == 0:
        return replace(interval, high=max(interval.high, 100 * clopper_pearson(0, trials).high))
    if interval.value == 100:
        return replace(interval, low=min(interval.low, 100 * clopper_pearson(trials, trials).low))
    return interval


def _in_percent(share: Interval) -> Interval:
    return Interval(100 * share.value, 100 * share.low, 100 * share.high)
