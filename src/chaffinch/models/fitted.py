"""Models of many labels that are fitted to all examples at once, and remember what came since."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rows import Row
from chaffinch.models.base import share_without
from chaffinch.models.memory import MEMORY, Memory
from chaffinch.models.multiclass import (
    LABELS,
    LabelledFeatures,
    MulticlassLearner,
    labels_tensor,
)

#: Flagged examples that are remembered until the next fit.
REMEMBERED = 512
# Log-odds that an exact copy of a flagged example gives its label, and the width of likeness.
# Chosen on the last 10,000 training images of MNIST.
_STRENGTH, _WIDTH = 12.0, 0.05
# What is added to a probability before its logarithm is taken: a model that has fitted few
# examples is not as sure as it says.
_DOUBT = 1e-3
# Whether a feature was ever other than 0 in what was learned.
MET = "met"


class FittedLearner(MulticlassLearner):
    """A model that is fitted to all examples at once; between fits it remembers the newest.

    A subclass fits its tensors and says what they make of a row. Rows are dense: the slots of each
    are all columns in order.
    """

    fits: ClassVar[bool] = True
    #: The tensors that a subclass fits.
    fitted_tensors: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "fitted_tensors" in vars(cls) and "tensors_to_judge" not in vars(cls):
            cls.tensors_to_judge = (LABELS, MET, *MEMORY, *cls.fitted_tensors)

    @classmethod
    def start(cls, features: LabelledFeatures) -> Self:  # type: ignore[override]
        """Return a model that has learned nothing, on these features."""
        learner = cls.blank(features.n_features, features.labels)
        learner.params["centre"] = features.centre
        return learner

    @classmethod
    def blank(cls, n_features: int, labels: tuple[str, ...]) -> Self:
        """Return a model that has learned nothing.

        Parameters
        ----------
        n_features : int
            Columns.
        labels : tuple of str
            The labels known from the start.
        """
        empty = {name: np.empty(0, np.float32) for name in cls.fitted_tensors}
        return cls(
            {},
            {
                LABELS: labels_tensor(labels),
                MET: np.zeros(n_features, np.uint8),
                **Memory.blank(n_features),
                **empty,
            },
        )

    @property
    def memory(self) -> Memory:
        """How the newest examples are remembered."""
        return Memory(REMEMBERED, _STRENGTH, _WIDTH)

    @abstractmethod
    def fit_tensors(
        self, X: NDArray[np.float32], codes: NDArray[np.int64], labels: int
    ) -> dict[str, NDArray[Any]]:
        """Return the tensors that fit some examples.

        Parameters
        ----------
        X : ndarray of float32, shape (n, n_features)
            Examples; of one label at least two differ from it.
        codes : ndarray of int64, shape (n,)
            The numbers of their labels.
        labels : int
            How many labels there are; some may have no example.
        """

    @abstractmethod
    def probabilities(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return what the fitted tensors make of a row: probabilities, shape (labels,)."""

    @property
    def is_fitted(self) -> bool:
        """Whether there was anything to fit yet."""
        return all(self.tensors[name].size for name in self.fitted_tensors)

    def scores(self, row: Row) -> NDArray[np.float64]:
        """Return the logarithm of each label's probability, up to a common constant."""
        count = len(self.labels)
        gained = self.evidence(row.values, count)
        if not self.is_fitted:
            return gained
        # A label that came after the last fit has no probability by it.
        known = self.probabilities(row.values, count)
        scores: NDArray[np.float64] = np.log(known + _DOUBT) + gained
        return scores

    def key(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what a row is remembered by: what is like in it is like in label."""
        return values - self.params.get("centre", 0.0)

    def evidence(self, values: NDArray[np.float64], labels: int) -> NDArray[np.float64]:
        """Return what the remembered examples add to the scores of a row, shape (labels,)."""
        return self.memory.evidence(self.tensors, self.key(values), labels)

    def learn(self, row: Row, label: str) -> None:
        """Remember one row and its true label until the next fit."""
        code = self.code(label)
        self.tensors[MET] |= row.values != 0
        self.memory.remember(self.tensors, self.key(row.values), code)

    def fit(self, rows: Sequence[Row], targets: Sequence[str]) -> None:
        """Fit it to all these examples, in place; what it remembered is in them, and forgotten."""
        codes = np.array([self.code(label) for label in targets], np.int64)
        if len(np.unique(codes)) < 2:
            return
        X = np.array([row.values for row in rows], np.float32)
        self.fit_arrays(X, codes)
        self.tensors[MET] = (X != 0).any(axis=0).astype(np.uint8)

    def fit_arrays(self, X: NDArray[np.float32], codes: NDArray[np.int64]) -> None:
        """Take over what fits these examples, and forget those that were remembered."""
        from threadpoolctl import threadpool_limits

        # Beside other work, threads of matrix products wait for each other longer than they work.
        with threadpool_limits(1):
            self.tensors |= self.fit_tensors(X, codes, len(self.labels))
        self.memory.forget(self.tensors)

    def added(self, label: str) -> None:
        """Nothing: what was fitted knows nothing of a new label."""

    def fade(self) -> None:
        """Forget the older half of what is remembered."""
        self.memory.forget(self.tensors, self.tensors[MEMORY[1]].size // 2)

    def novelty(self, row: Row) -> float:
        """Return the share of a row in features that were 0 in all it has learned."""
        return share_without(self.tensors[MET], row.values)
