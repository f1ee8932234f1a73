"""Logistic regression that learns one row at a time, with a step size for each weight."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rows import Features, Row
from chaffinch.models.base import BinaryLearner, share_without, sigmoid

_CONSTANT = np.zeros(1, np.int64)


class LinearLearner(BinaryLearner):
    """Online logistic regression with AdaGrad step sizes.

    Each weight takes smaller steps the more gradient it has seen, so that a word met for the first
    time counts at once, and a common one stays steady (Duchi, Hazan and Singer, "Adaptive
    subgradient methods for online learning and stochastic optimization", JMLR 12, 2011).

    Examples
    --------
    >>> learner = LinearLearner.blank(4)
    >>> row = Row(np.array([2]), np.array([1.0]))
    >>> learner.score(row)
    0.0
    >>> learner.learn(row, positive=True)
    >>> round(learner.score(row), 2)
    0.6
    """

    tensors_to_judge: ClassVar[tuple[str, ...]] = ("weights", "intercept")

    @classmethod
    def start(cls, features: Features) -> Self:
        """Return a blank learner on these features."""
        return cls.blank(features.n_features)

    @classmethod
    def blank(cls, n_features: int, *, rate: float = 0.3, epsilon: float = 1e-4) -> Self:
        """Return a learner that has learned nothing.

        Parameters
        ----------
        n_features : int
            Columns; the state takes 8 bytes for each.
        rate : float
            Step size.
        epsilon : float
            Added to the root of a weight's summed squared gradients: bounds its first step.
        """
        return cls(
            {"rate": rate, "epsilon": epsilon},
            {
                "weights": np.zeros(n_features, np.float32),
                "squares": np.zeros(n_features, np.float32),
                "intercept": np.zeros(1, np.float32),
                "intercept_squares": np.zeros(1, np.float32),
            },
        )

    @property
    def intercept(self) -> float:
        """The weight of the constant feature 1."""
        return float(self.tensors["intercept"][0])

    def weights_of(self, slots: NDArray[np.int64]) -> NDArray[Any]:
        """Return the weights."""
        return self.tensors["weights"][slots]

    def fade(self) -> None:
        """Halve the summed squared gradients: steps grow again, the past is unlearned sooner."""
        self.tensors["squares"] *= np.float32(0.5)
        self.tensors["intercept_squares"] *= np.float32(0.5)

    def novelty(self, row: Row) -> float:
        """Return the share of a row that no step was taken on."""
        return share_without(self.tensors["squares"][row.slots], row.values)

    def learn(self, row: Row, positive: bool) -> None:
        """Take one gradient step on the log loss of this row."""
        error = float(positive) - sigmoid(self.score(row))
        self._step("weights", "squares", row.slots, error * row.values)
        self._step("intercept", "intercept_squares", _CONSTANT, np.full(1, error))

    def _step(
        self, weights: str, squares: str, slots: NDArray[np.int64], gradient: NDArray[np.float64]
    ) -> None:
        step = gradient.astype(np.float32)
        total = self.tensors[squares][slots] + step * step
        self.tensors[squares][slots] = total
        total = np.sqrt(total) + np.float32(self.params["epsilon"])
        self.tensors[weights][slots] += np.float32(self.params["rate"]) * step / total
