"""From a model's scores to log-odds that keep their word, by items it has not learned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.linear_model import LogisticRegression

from chaffinch.performance.judged import BoolArray, FloatArray


def calibration(score: FloatArray, truth: BoolArray) -> Callable[[FloatArray], FloatArray]:
    """Return the line that makes scores log-odds, by scores whose truth is known.

    Targets are a little less than sure, so that the line is not upright where the scores part the
    labels without a mistake.

    References
    ----------
    J. Platt, "Probabilistic outputs for support vector machines and comparisons to regularized
    likelihood methods", 1999.
    """
    positives = int(truth.sum())
    negatives = truth.size - positives
    target = np.where(truth, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    fitted = LogisticRegression(C=np.inf).fit(
        np.tile(score, 2)[:, np.newaxis],
        np.repeat([1, 0], truth.size),
        sample_weight=np.concatenate((target, 1 - target)),
    )
    slope, shift = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    return lambda scores: slope * scores + shift
