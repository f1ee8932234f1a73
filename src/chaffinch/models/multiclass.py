"""What every learner of many labels promises."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.rows import Features, Row
from chaffinch.models.base import Learner

#: The tensor that holds the labels.
LABELS = "labels"


class LabelledFeatures(Features, Protocol):
    """Features of a task of many labels."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that are known from the start."""
        ...

    @property
    def centre(self) -> float:
        """The value of a column that says nothing."""
        ...


class MulticlassLearner(Learner):
    """A model of many labels, to which people may add.

    A subclass says how probable each label is; the labels themselves stand in a tensor.
    """

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it knows, in the order of its scores."""
        return labels_of(self.tensors[LABELS])

    @abstractmethod
    def scores(self, row: Row) -> NDArray[np.float64]:
        """Return the logarithm of each label's probability, up to a common constant.

        Returns
        -------
        ndarray of float64, shape (labels,)
        """

    @abstractmethod
    def learn(self, row: Row, label: str) -> None:
        """Learn one row and its true label, in place; one that is new is added."""

    def never_says(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return which of these labels it does not know."""
        return tuple(label for label in labels if label not in self.labels)

    def code(self, label: str) -> int:
        """Return the number of a label; a new one is added."""
        known = self.labels
        if label in known:
            return known.index(label)
        self.tensors[LABELS] = labels_tensor((*known, label))
        self.added(label)
        return len(known)

    @abstractmethod
    def added(self, label: str) -> None:
        """Make room for a new label, the last."""

    def score(self, row: Row) -> float:
        """Return the log-odds of the best label against all others together."""
        return self.best(row)[1]

    def best(self, row: Row) -> tuple[str, float, str]:
        """Return the best label, its log-odds against all others together, and the second best.

        Of equals the label that stands first is taken.
        """
        return best_of(self.labels, self.scores(row))


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Return the probabilities that logits stand for.

    Parameters
    ----------
    logits : ndarray of float, shape (..., labels)
        Any numbers; of those that are minus infinity the probability is 0.

    Returns
    -------
    ndarray of float64, shape (..., labels)
        Each row sums to 1.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True)).astype(np.float64)
    probabilities: NDArray[np.float64] = odds / odds.sum(axis=-1, keepdims=True)
    return probabilities


def best_of(labels: Sequence[str], scores: NDArray[np.float64]) -> tuple[str, float, str]:
    """Return the best label, its log-odds against all others, and the second best.

    Examples
    --------
    >>> best_of(("1", "2", "3"), np.log([0.2, 0.5, 0.3]))
    ('2', 0.0, '3')
    """
    order = np.argsort(-scores, kind="stable")
    top, others = scores[order[0]], scores[order[1:]]
    if not others.size:
        return labels[order[0]], 0.0, ""
    rest = float(others[0] + np.log(np.exp(others - others[0]).sum()))
    return labels[order[0]], round(float(top) - rest, 12) + 0.0, labels[order[1]]


def labels_tensor(labels: Sequence[str]) -> NDArray[np.uint8]:
    """Return labels as a tensor.

    Examples
    --------
    >>> labels_of(labels_tensor(("0", "×")))
    ('0', '×')
    """
    return np.frombuffer("\n".join(labels).encode(), np.uint8).copy()


def labels_of(tensor: NDArray[Any]) -> tuple[str, ...]:
    """Return the labels that a tensor holds."""
    return tuple(tensor.tobytes().decode().split("\n")) if tensor.size else ()
