"""Logistic regression over many labels, fitted to all examples at once."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.fitted import FittedLearner
from chaffinch.models.multiclass import softmax

# How little weights are drawn to 0, of features that vary by 1. Chosen on Azerbaijani digits.
_C = 0.02
_STEPS = 500


class LogisticLearner(FittedLearner):
    """Multinomial logistic regression (D. Cox, 1966), by L-BFGS, of features brought to one scale.

    `SoftmaxLearner` learns the same example by example.
    """

    fitted_tensors: ClassVar[tuple[str, ...]] = ("known", "weights")

    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the numbers of the labels it has learned, and weights: the last row's are of 1."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        del labels
        mean, spread = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
        scale = 1 / np.where(spread > 0, spread, 1.0)
        fitted = LogisticRegression(C=_C, max_iter=_STEPS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted.fit((X - mean) * scale, codes)
        weights, base = fitted.coef_ * scale, fitted.intercept_
        if len(base) == 1:
            # Of two labels there is one row of weights, for the second.
            weights, base = np.pad(weights, ((1, 0), (0, 0))), np.pad(base, (1, 0))
        base = base - weights @ mean
        return {
            "known": fitted.classes_.astype(np.uint16),
            "weights": np.vstack((weights.T, base)).astype(np.float32),
        }

    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return the softmax of what the weights add up to."""
        weights = self.tensors["weights"]
        said = values @ weights[:-1] + weights[-1]
        shares = np.zeros(labels)
        shares[self.tensors["known"]] = softmax(said)
        return shares
