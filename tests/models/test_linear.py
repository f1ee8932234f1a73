from __future__ import annotations

import math

import numpy as np

from chaffinch.features.rows import Row
from chaffinch.models.linear import LinearLearner


def test_steps_are_those_of_adagrad() -> None:
    """Two steps worked out by hand from Duchi, Hazan and Singer's update."""
    learner = LinearLearner.blank(3, rate=0.5, epsilon=0.1)
    row = Row(np.array([1]), np.array([2.0]))
    learner.learn(row, positive=True)
    # p = 1/2: the gradient is 1/2 · 2 = 1 for the weight and 1/2 for the intercept.
    weight = 0.5 * 1 / (0.1 + 1)
    intercept = 0.5 * 0.5 / (0.1 + 0.5)
    assert math.isclose(learner.score(row), intercept + 2 * weight, rel_tol=1e-6)
    score = learner.score(row)
    error = -1 / (1 + math.exp(-score))
    learner.learn(row, positive=False)
    weight += 0.5 * 2 * error / (0.1 + math.sqrt(1 + 4 * error**2))
    intercept += 0.5 * error / (0.1 + math.sqrt(0.25 + error**2))
    assert math.isclose(learner.score(row), intercept + 2 * weight, rel_tol=1e-5)


def test_scores_are_not_clamped() -> None:
    learner = LinearLearner.blank(1)
    row = Row(np.array([0]), np.array([1.0]))
    scores = []
    for _ in range(3000):
        learner.learn(row, positive=True)
        scores.append(learner.score(row))
    assert len(set(scores)) == len(scores), "ties"
    assert all(math.isfinite(score) for score in scores)
