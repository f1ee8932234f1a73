"""Calibration: of what a model gives ninety chances in a hundred, ninety in a hundred are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chaffinch.performance.proportions import clopper_pearson
from chaffinch.types import Interval

# What is believed before anything was seen: that scores mean what they say. Slope and offset are
# drawn to 1 and 0 as if by Gaussian priors of this precision; a few dozen verdicts overrule them.
_PRIOR = np.array([4.0, 0.5])
_SAID = np.array([1.0, 0.0])
# Beyond these, scores and truth have so little to do with each other that no slope helps.
_LEAST, _MOST = 0.05, 20.0
_STEPS = 50
_BINS = (0.0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 1.0)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A straight line from a model's scores to log-odds that can be taken at their word.

    Parameters
    ----------
    slope : float
        Above 1 where the model is less sure than it could be.
    offset : float
        Log-odds added; it makes up for labels that have become more or less frequent.

    Examples
    --------
    >>> Calibration(slope=2.0, offset=-1.0).of(3.0)
    5.0
    """

    slope: float = 1.0
    offset: float = 0.0

    def of(self, score: float) -> float:
        """Return the calibrated log-odds of a score."""
        return self.slope * score + self.offset


@dataclass(frozen=True, slots=True)
class Bin:
    """Verdicts of about one probability, and how many of them turned out to be positive.

    Parameters
    ----------
    low, high : float
        The probabilities that fall in here.
    said : float
        Their mean.
    were : Interval
        The share of positives among the items, with its exact interval.
    items : int
        How many there were.
    """

    low: float
    high: float
    said: float
    were: Interval
    items: int


def calibrate(truth: ArrayLike, score: ArrayLike) -> Calibration:
    """Return the line that makes scores most probable to mean what they say.

    Platt scaling (J. Platt, "Probabilistic outputs for support vector machines", 1999): logistic
    regression on the score alone, here drawn to the scores as they are while there is little to go
    by. Its order is that of the scores, so a ranking is never changed.

    Parameters
    ----------
    truth : array_like of bool, shape (n,)
        Whether each true label was the positive one.
    score : array_like of float, shape (n,)
        Log-odds that a model gave before it learned the item.

    Examples
    --------
    >>> calibrate([], [])
    Calibration(slope=1.0, offset=0.0)
    >>> timid = calibrate([True] * 200 + [False] * 200, [0.5] * 199 + [-0.5] * 200 + [0.5])
    >>> timid.slope > 2
    True
    """
    label = np.asarray(truth, np.float64)
    given = np.asarray(score, np.float64)
    if label.all() or not label.any():
        # How frequent a label is that nobody has given yet cannot be known.
        return Calibration()
    line = _SAID
    rows = np.stack((given, np.ones_like(given)), axis=1)
    for _ in range(_STEPS):
        probability = _sigmoid(rows @ line)
        gradient = rows.T @ (probability - label) + _PRIOR * (line - _SAID)
        weight = probability * (1.0 - probability)
        curvature = (rows * weight[:, np.newaxis]).T @ rows + np.diag(_PRIOR)
        step = np.linalg.solve(curvature, gradient)
        # A whole Newton step can overshoot where nearly all verdicts are sure.
        share = 1.0
        loss = _loss(rows, label, line)
        while share > 1e-6 and _loss(rows, label, line - share * step) > loss:
            share /= 2.0
        line = line - share * step
        if np.abs(share * step).max() < 1e-9:
            break
    return Calibration(float(np.clip(line[0], _LEAST, _MOST)), float(line[1]))


def _loss(
    rows: NDArray[np.float64], label: NDArray[np.float64], line: NDArray[np.float64]
) -> float:
    score = rows @ line
    surprise = np.logaddexp(0.0, score) - label * score
    return float(surprise.sum() + 0.5 * (_PRIOR * np.square(line - _SAID)).sum())


def _sigmoid(score: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(-np.logaddexp(0.0, -score))


def calibration_curve(truth: ArrayLike, score: ArrayLike) -> tuple[Bin, ...]:
    """Return what was said beside what was, by probability.

    Parameters
    ----------
    truth : array_like of bool, shape (n,)
        Whether each true label was the positive one.
    score : array_like of float, shape (n,)
        Log-odds of the positive label.

    Returns
    -------
    tuple of Bin
        Without those that hold no item.

    References
    ----------
    A. Niculescu-Mizil and R. Caruana, "Predicting good probabilities with supervised learning",
    ICML 2005. Bins here are narrow near 0 and 1, where mail lies, and decisions are made.

    Examples
    --------
    >>> [(one.items, one.were.value) for one in calibration_curve([1, 0, 0], [9.0, 9.0, -9.0])]
    [(1, 0.0), (2, 0.5)]
    """
    label = np.asarray(truth, np.bool_)
    probability = _sigmoid(np.asarray(score, np.float64))
    place = np.clip(np.searchsorted(_BINS, probability, side="right") - 1, 0, len(_BINS) - 2)
    return tuple(
        Bin(
            _BINS[number],
            _BINS[number + 1],
            float(probability[inside].mean()),
            clopper_pearson(int(label[inside].sum()), int(inside.sum())),
            int(inside.sum()),
        )
        for number in range(len(_BINS) - 1)
        if (inside := place == number).any()
    )
