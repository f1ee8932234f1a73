"""The promise: so few of the negatives are lost, with so much confidence."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from chaffinch.performance.calibration import calibrate
from chaffinch.types import Policy

if TYPE_CHECKING:
    from chaffinch.performance.judged import BoolArray, FloatArray

#: Share of the negatives that may be lost, unless the setting `ham_loss` says otherwise.
HAM_LOSS = 0.001
_CONFIDENCE = 0.95
# Places at which the tests of many answers begin.
_STARTS = 4
# The newest negatives that a threshold rests on, unless the promise takes more to be kept at all:
# what a model did in its infancy says little of what it does now.
_NEGATIVES = 10_000
# The newest verdicts that a calibration rests on, of the later half of them all: in its infancy a
# model says about one half of everything, and the line would make up for that. On shuffles 1 to 3
# of the SpamAssassin corpus the log loss of what comes later is 0.0158 instead of 0.0220 where ham
# is a hundred times rarer, 0.0133 instead of 0.0155 where spam is, else 0.0204 either way.
_CALIBRATED_ON = 2_000
# What a model gives fewer chances than this is in doubt while the promise cannot be kept yet.
# Chosen on shuffles 1 and 2 of the SpamAssassin corpus and of SMS, among 10/11, 0.99 and 0.999.
_SURE = math.log(99.0)


def negatives_needed(rate: float, confidence: float = _CONFIDENCE) -> int:
    """Return of how many negatives none may be lost, for a promise to be kept with confidence.

    Parameters
    ----------
    rate : float
        Share that may be lost, above 0 and below 1.
    confidence : float
        With which it is to be kept.

    Examples
    --------
    >>> negatives_needed(0.001)
    2995
    """
    return math.ceil(math.log(1.0 - confidence) / math.log1p(-rate))


def threshold(negatives: ArrayLike, rate: float) -> float | None:
    """Return the score above which at most so many negatives will lie, with 95% confidence.

    A tolerance limit by order statistics: whatever the distribution, the share of negatives yet to
    come above the (k + 1)-th highest of n is Beta(k + 1, n - k); k is as large as the promise lets
    it be. The same k is the most losses among n of which Clopper and Pearson's upper bound
    (one-sided) lies within the promise.

    Parameters
    ----------
    negatives : array_like of float, shape (n,)
        Scores of negatives that the model had not learned.
    rate : float
        Share that may be lost, above 0 and below 1.

    Returns
    -------
    float or None
        None where so few negatives support no threshold.

    References
    ----------
    S. Wilks, "Determination of sample sizes for setting tolerance limits", Annals of Mathematical
    Statistics 12, 1941.

    Examples
    --------
    >>> threshold(range(1000), 0.001), threshold(range(3000), 0.001), threshold(range(5000), 0.001)
    (None, 2999.0, 4998.0)
    """
    score = np.asarray(negatives, np.float64)
    if score.size < negatives_needed(rate):
        return None
    from scipy.special import betaincinv

    allowed = 0
    while betaincinv(allowed + 2, score.size - allowed - 1, _CONFIDENCE) <= rate:
        allowed += 1
    return float(np.partition(score, score.size - 1 - allowed)[score.size - 1 - allowed])


def calibrated(
    policy: Policy, truth: ArrayLike, score: ArrayLike, *, later_half: bool = False
) -> Policy:
    """Return the policy for a model whose scores have to be calibrated, given what it said.

    Parameters
    ----------
    policy : Policy
        What costs least, of scores that can be taken at their word.
    truth : array_like of bool, shape (n,)
        Whether each true label was the positive one, in order of arrival.
    score : array_like of float, shape (n,)
        Log-odds that the model gave before it learned the item.
    later_half : bool
        Whether the later half counts alone: what a model is to do from now on does not rest on its
        infancy, while how two models did is measured on all that is compared.
    """
    label, given = _arrays(truth, score)
    since = max(label.size // 2 if later_half else 0, label.size - _CALIBRATED_ON)
    line = calibrate(label[since:], given[since:])
    return replace(policy, slope=line.slope, offset=line.offset)


def promised(policy: Policy, truth: ArrayLike, score: ArrayLike, rate: float = HAM_LOSS) -> Policy:
    """Return the policy that keeps a promise, given what a model said before it knew.

    Junk is what costs less in junk, and lies above the promise's threshold. Where the negatives
    flagged so far support no threshold it is what lies above all of them and is given 99 chances
    in 100; all other doubts stay unsure.

    Parameters
    ----------
    policy : Policy
        What costs least, of scores that can be taken at their word.
    truth : array_like of bool, shape (n,)
        Whether each true label was the positive one, in order of arrival.
    score : array_like of float, shape (n,)
        Log-odds that the model gave before it learned the item.
    rate : float
        Share of the negatives that may be lost, above 0 and below 1.

    Examples
    --------
    >>> beginner = promised(Policy(), [], [])
    >>> beginner.missing, round(beginner.junk, 2)
    (2995, 4.6)
    """
    label, given = _arrays(truth, score)
    cheapest = calibrated(policy, label, given, later_half=True)
    needed = negatives_needed(rate)
    negatives: FloatArray = given[~label][-max(_NEGATIVES, needed) :]
    least = threshold(negatives, rate)
    junk = policy.junk
    if least is None:
        junk = max(junk, _SURE)
        least = float(negatives.max(initial=-math.inf))
    if least > -math.inf:
        # Just above: the negative that the threshold is made of is not to be lost itself.
        junk = max(junk, math.nextafter(cheapest.calibrated(least), math.inf))
    return replace(cheapest, junk=junk, ham_loss=rate, missing=max(0, needed - negatives.size))


def promised_answers(
    policy: Policy, right: ArrayLike, score: ArrayLike, rate: float = HAM_LOSS
) -> Policy:
    """Return the policy by which so few of the accepted answers are wrong, with 95% confidence.

    Answers are accepted from the surest down while Clopper and Pearson's upper bound of the share
    of wrong ones among them (one-sided) lies within the promise: tests in a fixed order, which
    stop at the first that fails, so that all before it hold (A. Angelopoulos et al., "Learn then
    test", Annals of Applied Statistics 19, 2025). Where many are known the order is begun at four
    places, each with a quarter of the doubt: a wrong answer among the very surest then ends one of
    them alone. Where fewer answers than the promise takes are
    known it is what lies above all wrong ones and is given 99 chances in 100.

    Parameters
    ----------
    policy : Policy
        What costs least, of scores that can be taken at their word.
    right : array_like of bool, shape (n,)
        Whether each answer was right, in order of arrival.
    score : array_like of float, shape (n,)
        Log-odds of the answer, given before the model learned the item.
    rate : float
        Share of the accepted answers that may be wrong, above 0 and below 1.

    Examples
    --------
    >>> sure = promised_answers(Policy(), [True] * 4000 + [False], [5.0] * 4000 + [4.0])
    >>> sure.missing, sure.calibrated(4.0) < sure.junk <= sure.calibrated(5.0)
    (0, True)
    """
    known, given = _arrays(right, score)
    cheapest = calibrated(policy, known, given, later_half=True)
    needed = negatives_needed(rate)
    newest = max(_NEGATIVES, needed)
    known, given = known[-newest:], given[-newest:]
    least = _least_accepted(known, given, rate)
    junk = policy.junk
    if least is None:
        junk = max(junk, _SURE)
        worst = float(given[~known].max(initial=-math.inf))
        if worst > -math.inf:
            junk = max(junk, math.nextafter(cheapest.calibrated(worst), math.inf))
    else:
        junk = max(junk, cheapest.calibrated(least))
    return replace(cheapest, junk=junk, ham_loss=rate, missing=max(0, needed - known.size))


def _least_accepted(right: BoolArray, score: FloatArray, rate: float) -> float | None:
    """Return the lowest score of the answers that a promise lets accept; None where it lets none.

    Answers of one score are accepted together.
    """
    from scipy.special import betaincinv

    starts = _STARTS if score.size >= _STARTS * negatives_needed(rate) else 1
    confidence = 1.0 - (1.0 - _CONFIDENCE) / starts
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    wrong = np.cumsum(~right[order])
    last = np.append(ordered[1:] != ordered[:-1], True) if ordered.size else np.zeros(0, np.bool_)
    ends = np.flatnonzero(last) + 1
    bound = betaincinv(wrong[ends - 1] + 1, ends - wrong[ends - 1], confidence)
    lowest = 0
    for start in range(starts):
        tested = np.flatnonzero(
            ends >= max(negatives_needed(rate, confidence), start * score.size // starts)
        )
        failing = np.flatnonzero(bound[tested] > rate)
        held = tested[: failing[0]] if failing.size else tested
        if held.size:
            lowest = max(lowest, int(ends[held[-1]]))
    return float(ordered[lowest - 1]) if lowest else None


def _arrays(truth: ArrayLike, score: ArrayLike) -> tuple[BoolArray, FloatArray]:
    return np.asarray(truth, np.bool_), np.asarray(score, np.float64)
