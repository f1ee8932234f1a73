"""Logistic regression over many labels that learns one row at a time."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rows import Row
from chaffinch.models.base import share_without
from chaffinch.models.multiclass import (
    LABELS,
    LabelledFeatures,
    MulticlassLearner,
    labels_tensor,
)


class SoftmaxLearner(MulticlassLearner):
    """Online multinomial logistic regression with AdaGrad step sizes.

    As `chaffinch.models.linear.LinearLearner`, which names the source of its step sizes, with a
    column of weights for each label.

    Examples
    --------
    >>> learner = SoftmaxLearner.blank(2, ("a", "b"))
    >>> row = Row(np.arange(2), np.array([1.0, 0.0]))
    >>> learner.learn(row, "b")
    >>> learner.best(row)[0]
    'b'
    """

    tensors_to_judge: ClassVar[tuple[str, ...]] = (LABELS, "weights")

    @classmethod
    def start(cls, features: LabelledFeatures) -> Self:  # type: ignore[override]
        """Return a blank learner on these features."""
        return cls.blank(features.n_features, features.labels)

    @classmethod
    def blank(
        cls, n_features: int, labels: tuple[str, ...], *, rate: float = 0.05, epsilon: float = 0.1
    ) -> Self:
        """Return a learner that has learned nothing.

        Parameters
        ----------
        n_features : int
            Columns.
        labels : tuple of str
            The labels known from the start.
        rate : float
            Step size.
        epsilon : float
            Added to the root of a weight's summed squared gradients: bounds its first step.
        """
        # One more row than features: the weights of the constant 1.
        shape = n_features + 1, len(labels)
        return cls(
            {"rate": rate, "epsilon": epsilon},
            {
                LABELS: labels_tensor(labels),
                "weights": np.zeros(shape, np.float32),
                "squares": np.zeros(shape, np.float32),
            },
        )

    def scores(self, row: Row) -> NDArray[np.float64]:
        """Return the logarithm of each label's probability, up to a common constant."""
        weights = self.tensors["weights"]
        scores: NDArray[np.float64] = row.values @ weights[row.slots] + weights[-1]
        return scores

    def learn(self, row: Row, label: str) -> None:
        """Take one gradient step on the log loss of this row."""
        code = self.code(label)
        scores = self.scores(row)
        error = -np.exp(scores - np.logaddexp.reduce(scores))  # (labels,)
        error[code] += 1.0
        slots = np.append(row.slots, self.tensors["weights"].shape[0] - 1)
        gradient = np.append(row.values, 1.0)[:, np.newaxis] * error  # (features + 1, labels)
        squares = self.tensors["squares"]
        squares[slots] += gradient * gradient
        step = self.params["rate"] / (np.sqrt(squares[slots]) + self.params["epsilon"])
        self.tensors["weights"][slots] += step * gradient

    def added(self, label: str) -> None:
        """Give a new label weights of 0."""
        del label
        for name in ("weights", "squares"):
            tensor: NDArray[Any] = self.tensors[name]
            self.tensors[name] = np.pad(tensor, ((0, 0), (0, 1)))

    def fade(self) -> None:
        """Halve the summed squared gradients: steps grow again, the past is unlearned sooner."""
        self.tensors["squares"] *= np.float32(0.5)

    def novelty(self, row: Row) -> float:
        """Return the share of a row that no step was taken on."""
        return share_without(self.tensors["squares"][row.slots].sum(axis=1), row.values)
