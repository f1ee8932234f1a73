"""Weights that somebody gave: the model behind a set of hand-written rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rows import Features, Row
from chaffinch.features.rules import RuleFeatures
from chaffinch.models.base import BinaryLearner


class WeightedLearner(BinaryLearner):
    """A linear model with given weights, which no experience changes.

    It stands on the ladder beside the learned models and shows what learning adds.

    Examples
    --------
    >>> learner = WeightedLearner.given([1.5, -2.0], intercept=-1.0)
    >>> learner.score(Row(np.array([0]), np.array([1.0])))
    0.5
    """

    learns: ClassVar[bool] = False
    tensors_to_judge: ClassVar[tuple[str, ...]] = ("weights", "intercept")

    @classmethod
    def start(cls, features: Features) -> Self:
        """Return the model with the weights that stand in the rules' file."""
        if not isinstance(features, RuleFeatures):
            raise TypeError(f"given weights come with rules, not with {features!r}")
        rules = features.rules
        return cls.given([rule.weight for rule in rules.rules], intercept=rules.intercept)

    @classmethod
    def given(cls, weights: Sequence[float], *, intercept: float = 0.0) -> Self:
        """Return the model with these weights.

        Parameters
        ----------
        weights : sequence of float, length n_features
            Log-odds that each feature adds.
        intercept : float
            Log-odds where no feature is present.
        """
        return cls(
            {},
            {
                "weights": np.array(weights, np.float64),
                "intercept": np.array([intercept], np.float64),
            },
        )

    @property
    def intercept(self) -> float:
        """Log-odds where no feature is present."""
        return float(self.tensors["intercept"][0])

    def weights_of(self, slots: NDArray[np.int64]) -> NDArray[Any]:
        """Return the given weights."""
        return self.tensors["weights"][slots]

    def learn(self, row: Row, positive: bool) -> None:
        """Learn nothing: people change these weights, in the rules' file."""

    def fade(self) -> None:
        """Forget nothing: nothing was learned."""

    def novelty(self, row: Row) -> float:  # noqa: ARG002
        """Return 0: a rule is never new."""
        return 0.0
