"""Naive Bayes: how often each feature was met under each label, and nothing else."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rows import Features, Row
from chaffinch.models.base import BinaryLearner, share_without


class BayesLearner(BinaryLearner):
    """Multinomial naive Bayes over length-normalised rows, counted one row at a time.

    Rows of Euclidean length 1 keep long documents from outweighing short ones and the score from
    running away (Rennie, Shih, Teevan and Karger, "Tackling the poor assumptions of naive Bayes
    text classifiers", ICML 2003, section 4).

    Examples
    --------
    >>> learner = BayesLearner.blank(4)
    >>> row = Row(np.array([2]), np.array([1.0]))
    >>> learner.learn(row, positive=True)
    >>> learner.score(row) > 0
    True
    """

    tensors_to_judge: ClassVar[tuple[str, ...]] = ("counts", "totals", "seen")

    @classmethod
    def start(cls, features: Features) -> Self:
        """Return a blank learner on these features."""
        return cls.blank(features.n_features)

    @classmethod
    def blank(cls, n_features: int, *, alpha: float = 0.01) -> Self:
        """Return a learner that has counted nothing.

        Parameters
        ----------
        n_features : int
            Columns; the state takes 8 bytes for each.
        alpha : float
            Added to every count (Lidstone smoothing).
        """
        # First the negative label's counts, then the positive's.
        return cls(
            {"alpha": alpha},
            {
                "counts": np.zeros((2, n_features), np.float32),
                "totals": np.zeros(2, np.float64),
                "seen": np.zeros(2, np.float64),
            },
        )

    @property
    def intercept(self) -> float:
        """Log-odds of the labels before anything of the row is seen, counts plus one."""
        seen = self.tensors["seen"]
        return float(np.log((seen[1] + 1.0) / (seen[0] + 1.0)))

    def weights_of(self, slots: NDArray[np.int64]) -> NDArray[Any]:
        """Return the log ratio of each feature's smoothed share of the two labels."""
        alpha = self.params["alpha"]
        counts = self.tensors["counts"]
        mass = self.tensors["totals"] + alpha * counts.shape[1]
        ratio = (counts[1, slots] + np.float32(alpha)) / (counts[0, slots] + np.float32(alpha))
        weights: NDArray[np.float32] = np.log(ratio) - np.float32(np.log(mass[1] / mass[0]))
        return weights

    def fade(self) -> None:
        """Halve all counts."""
        for tensor in self.tensors.values():
            tensor *= 0.5

    def novelty(self, row: Row) -> float:
        """Return the share of a row that was never counted."""
        return share_without(self.tensors["counts"][:, row.slots].sum(axis=0), row.values)

    def learn(self, row: Row, positive: bool) -> None:
        """Count one row under its label."""
        label = int(positive)
        self.tensors["counts"][label, row.slots] += row.values.astype(np.float32)
        self.tensors["totals"][label] += row.values.sum()
        self.tensors["seen"][label] += 1.0
