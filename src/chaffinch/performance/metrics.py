"""The measures of P, each a few lines: what they mean stands in docs/performance.md.

A metric takes the judgements and a `Sample`: how often each item is counted, in one or more
replicates. The reported value counts every item once; the bootstrap counts some items twice and
others not at all. So a value and its interval come from the same lines of code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chaffinch.performance.judged import FloatArray, Judgements, Side

CALIBRATION_BINS = 10


@dataclass(frozen=True, eq=False)
class Sample:
    """How often each item is counted in each replicate.

    Parameters
    ----------
    positives : ndarray of float64, shape (replicates, positives)
        Counts of the positives in judged order; each row adds up to their number.
    negatives : ndarray of float64, shape (replicates, negatives)
        Counts of the negatives, likewise.
    """

    positives: FloatArray
    negatives: FloatArray

    @property
    def sizes(self) -> tuple[int, int]:
        """How many positives and negatives there are."""
        return self.positives.shape[1], self.negatives.shape[1]


Metric = Callable[[Judgements, Sample], FloatArray]


def once(judged: Judgements) -> Sample:
    """Return the sample that counts every item once."""
    positives, negatives = judged.positives.score.size, judged.negatives.score.size
    return Sample(np.ones((1, positives)), np.ones((1, negatives)))


def value(metric: Metric, judged: Judgements) -> float:
    """Return a metric of the items as they are; NaN where it is undefined.

    Examples
    --------
    >>> judged = Judgements([1, 1, 0, 0], [3.0, -1.0, 0.5, -2.0], [1, 0, 1, 0])
    >>> value(accuracy, judged), value(one_minus_roca_percent, judged)
    (0.5, 25.0)
    """
    return float(metric(judged, once(judged))[0])


def accuracy(judged: Judgements, sample: Sample) -> FloatArray:
    """Return the fraction of items whose verdict was right."""
    wrong = _lost(judged, sample) + _missed(judged, sample)
    return 1 - _ratio(wrong, len(judged))


def ham_lost_percent(judged: Judgements, sample: Sample) -> FloatArray:
    """Return the negatives judged positive, in percent of the negatives.

    Not all of them go to junk: what is judged positive without being sure is left unsure.
    """
    return 100 * _ratio(_lost(judged, sample), sample.sizes[1])


def spam_missed_percent(judged: Judgements, sample: Sample) -> FloatArray:
    """Return the positives judged negative, in percent of the positives."""
    return 100 * _ratio(_missed(judged, sample), sample.sizes[0])


def lam_percent(judged: Judgements, sample: Sample) -> FloatArray:
    """Return the logistic average of ham judged spam and spam missed, in percent.

    The mean of the two rates' log-odds, turned back into a rate. Each count k of n is smoothed to
    (k + ½) / (n + 1), so that a filter without an error has a finite value. Undefined where a
    class is missing.

    References
    ----------
    G. Cormack and T. Lynam, "TREC 2005 Spam Track Overview", TREC 2005.
    """
    positives, negatives = sample.sizes
    if not (positives and negatives):
        return _undefined(sample)
    lost = (_lost(judged, sample) + 0.5) / (negatives + 1)
    missed = (_missed(judged, sample) + 0.5) / (positives + 1)
    return 100 * logistic_average(lost, missed)


def logistic_average(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the rate whose log-odds are the mean of two rates' log-odds.

    Examples
    --------
    >>> logistic_average(np.array([0.01]), np.array([0.01]))
    array([0.01])
    """
    odds = np.sqrt(first / (1 - first) * second / (1 - second))
    return np.asarray(odds / (1 + odds), dtype=np.float64)


def one_minus_roca_percent(judged: Judgements, sample: Sample) -> FloatArray:
    """Return the percentage of pairs of a positive and a negative that the scores misorder.

    That is 100 * (1 - area under the ROC curve); a tie counts as half a misordered pair.
    Undefined where a class is missing.

    References
    ----------
    J. Hanley and B. McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143, 1982.
    """
    positives, negatives = sample.sizes
    below, not_above = judged.ranks
    counted = _running(judged.positives, sample.positives)
    halves = counted[:, below] + counted[:, not_above]
    misordered = np.einsum("bj,bj->b", halves, sample.negatives[:, judged.negatives.order]) / 2
    return 100 * _ratio(misordered, positives * negatives)


def spam_missed_at_ham_lost(percent: float) -> Metric:
    """Return the metric: spam missed when that percentage of ham may be lost, in percent.

    The threshold is the lowest that loses no more negatives than allowed; items that tie with it
    are not judged positive. Undefined where a class is missing.

    Parameters
    ----------
    percent : float
        How much ham may be lost, in percent of the negatives.

    Examples
    --------
    >>> judged = Judgements([1, 1, 0, 0], [3.0, 1.0, 2.0, 0.0], [1, 1, 1, 0])
    >>> value(spam_missed_at_ham_lost(0), judged), value(spam_missed_at_ham_lost(50), judged)
    (50.0, 0.0)
    """

    def metric(judged: Judgements, sample: Sample) -> FloatArray:
        positives, negatives = sample.sizes
        if not (positives and negatives):
            return _undefined(sample)
        # 0.1% of 1,000 is one negative, though the floating-point product may fall short of it.
        allowed = np.floor(percent * negatives / 100 + 1e-9)
        highest_first = judged.negatives.order[::-1]
        lost = np.cumsum(sample.negatives[:, highest_first], axis=1)
        first_too_many = (lost <= allowed).sum(axis=1)
        # Where every negative may be lost the threshold is below all scores: nothing is missed.
        not_above = np.append(judged.ranks[1][::-1], 0)
        missed = _running(judged.positives, sample.positives)
        at_threshold = missed[np.arange(len(missed)), not_above[first_too_many]]
        return 100 * _ratio(at_threshold, positives)

    return metric


def calibration_error_percent(judged: Judgements, sample: Sample) -> FloatArray:
    """Return how far the probabilities are from what came true, in percentage points.

    The expected calibration error: the items are cut by score into ten bins of about equal count
    (equal scores share a bin); each bin's mean probability is compared with its fraction of
    positives, and the absolute differences are averaged over the items.

    References
    ----------
    M. Naeini, G. Cooper and M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    binning", AAAI 2015; J. Nixon et al., "Measuring calibration in deep learning", 2019 (bins of
    equal mass).
    """
    scores = np.sort(judged.score)
    gaps = np.zeros((len(sample.positives), CALIBRATION_BINS))
    for side, counts, truth in (
        (judged.positives, sample.positives, 1),
        (judged.negatives, sample.negatives, 0),
    ):
        # (tanh(x/2) + 1) / 2 is the logistic function, and never overflows.
        probability = (np.tanh(side.score / 2) + 1) / 2
        bins = np.searchsorted(scores, side.score, side="left") * CALIBRATION_BINS // len(judged)
        in_bin = bins[:, np.newaxis] == np.arange(CALIBRATION_BINS)
        gaps += counts @ (in_bin * (probability - truth)[:, np.newaxis])
    return 100 * _ratio(np.abs(gaps).sum(axis=1), len(judged))


def cost_per_1000(*, cost_ham_lost: float, cost_spam_missed: float) -> Metric:
    """Return the metric: what the mistakes in 1,000 such items cost.

    Parameters
    ----------
    cost_ham_lost : float
        What one negative judged positive costs, in any unit.
    cost_spam_missed : float
        What one positive judged negative costs, in the same unit.

    Examples
    --------
    >>> judged = Judgements([1, 1, 0, 0], [3.0, -1.0, 0.5, -2.0], [1, 0, 1, 0])
    >>> value(cost_per_1000(cost_ham_lost=10, cost_spam_missed=1), judged)
    2750.0
    """

    def metric(judged: Judgements, sample: Sample) -> FloatArray:
        lost, missed = _lost(judged, sample), _missed(judged, sample)
        return 1000 * _ratio(cost_ham_lost * lost + cost_spam_missed * missed, len(judged))

    return metric


def _lost(judged: Judgements, sample: Sample) -> FloatArray:
    """Count the negatives judged positive, shape (replicates,)."""
    return sample.negatives @ judged.negatives.predicted.astype(np.float64)


def _missed(judged: Judgements, sample: Sample) -> FloatArray:
    """Count the positives judged negative, shape (replicates,)."""
    return sample.positives @ (~judged.positives.predicted).astype(np.float64)


def _running(side: Side, counts: FloatArray) -> FloatArray:
    """Add up the counts of a class from its lowest score on, from 0: shape (replicates, m + 1)."""
    sums = np.zeros((counts.shape[0], counts.shape[1] + 1))
    np.cumsum(counts[:, side.order], axis=1, out=sums[:, 1:])
    return sums


def _ratio(counts: FloatArray, total: int) -> FloatArray:
    return counts / float(total) if total else np.full_like(counts, np.nan)


def _undefined(sample: Sample) -> FloatArray:
    return np.full(len(sample.positives), np.nan)
