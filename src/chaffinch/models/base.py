"""What every learner of the ladder promises."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from chaffinch.compiled import or_compiled
from chaffinch.features.rows import Features, Row


class Learner(ABC):
    """A model that judges one row and learns from one row.

    This is the kernel that the request path calls; it knows nothing of tasks, texts or files. Its
    whole state is ``params`` and ``tensors``, so that it can be stored, restored and compared bit
    by bit. `BinaryLearner` and `MulticlassLearner` say how it judges.

    Parameters
    ----------
    params : mapping of str to float
        Settings.
    tensors : mapping of str to ndarray
        State; the arrays are kept, not copied.
    """

    #: Whether experience changes it.
    learns: ClassVar[bool] = True
    #: Whether it is fitted to all examples at once, now and then, beside learning each.
    fits: ClassVar[bool] = False
    #: Whether it begins from a net that can be taught as a whole, by its method ``tune``.
    tunes: ClassVar[bool] = False
    #: The packages, beside those that Chaffinch requires, without which it cannot learn or judge.
    needs: ClassVar[tuple[str, ...]] = ()
    #: The tensors that judging needs; the others are needed to learn on.
    tensors_to_judge: ClassVar[tuple[str, ...]]

    def __init__(self, params: Mapping[str, float], tensors: Mapping[str, NDArray[Any]]) -> None:
        self.params = dict(params)
        self.tensors = dict(tensors)

    @classmethod
    @abstractmethod
    def start(cls, features: Features) -> Self:
        """Return the model on these features as it is before any experience."""

    @abstractmethod
    def learn(self, row: Row, target: Any) -> None:
        """Learn one row and its true label, in place."""

    @abstractmethod
    def score(self, row: Row) -> float:
        """Return the log-odds of the positive label, or of many of the best; changes nothing."""

    @property
    def intercept(self) -> float:
        """What the score is before anything of a row is seen, where that is known."""
        return 0.0

    def never_says(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return which of these labels it gives to nothing, whatever comes in."""
        del labels
        return ()

    def weights_of(self, slots: NDArray[np.int64]) -> NDArray[Any]:
        """Return what one unit of each of these features adds to the score.

        Only of a model that adds up weights, as each of two labels does.

        Parameters
        ----------
        slots : ndarray of int64, shape (k,)
            Columns.

        Returns
        -------
        ndarray of float, shape (k,)
        """
        raise NotImplementedError(f"{type(self).__name__} does not add up weights")

    def fit(self, rows: Sequence[Row], targets: Sequence[Any]) -> None:
        """Fit it to all these examples, in place; what it learned before is replaced.

        Only of a class that ``fits``.
        """
        raise NotImplementedError(f"{type(self).__name__} learns one example at a time")

    def tune(self, rows: Sequence[Row], targets: Sequence[Any]) -> None:
        """Teach the whole net that it begins from these examples, in place.

        Only of a class that ``tunes``.
        """
        raise NotImplementedError(f"{type(self).__name__} begins from no net that can be taught")

    @abstractmethod
    def fade(self) -> None:
        """Let all that was learned so far weigh half against what is to come, in place."""

    @abstractmethod
    def novelty(self, row: Row) -> float:
        """Return the share of a row that it has learned nothing of, from 0 to 1."""


class BinaryLearner(Learner):
    """A model of two labels: a subclass says what each feature weighs and how a row is learned.

    The scikit-learn estimators in `chaffinch.models.estimators` are built on it.
    """

    @property
    @abstractmethod
    def intercept(self) -> float:
        """Log-odds of the positive label for a row without features."""

    @abstractmethod
    def weights_of(self, slots: NDArray[np.int64]) -> NDArray[Any]:
        """Return what one unit of each of these features adds to the log-odds.

        Parameters
        ----------
        slots : ndarray of int64, shape (k,)
            Columns.

        Returns
        -------
        ndarray of float, shape (k,)
        """

    @abstractmethod
    def learn(self, row: Row, positive: bool) -> None:
        """Learn one row and whether its true label is the positive one, in place."""

    def score(self, row: Row) -> float:
        """Return the log-odds of the positive label, unclamped; changes nothing."""
        return self.intercept + float(np.dot(self.weights_of(row.slots), row.values))


@or_compiled("chaffinch.models._kernel")
def weighted_sum(
    weights: NDArray[np.float32], slots: NDArray[np.int64], values: NDArray[np.float64]
) -> float:
    """Return Σ weights·values over the slots of a row.

    Examples
    --------
    >>> weighted_sum(np.ones(4, np.float32), np.array([1, 3]), np.array([0.5, 0.25]))
    0.75
    """
    return float(np.dot(weights[slots], values))


def share_without(learned: NDArray[Any], values: NDArray[np.float64]) -> float:
    """Return the share of a row's squared length that lies in features nothing was learned of.

    Parameters
    ----------
    learned : ndarray, shape (k,)
        Zero where nothing was learned of a feature of the row.
    values : ndarray of float64, shape (k,)
        The row's values.

    Examples
    --------
    >>> share_without(np.array([2.0, 0.0]), np.array([0.6, 0.8]))
    0.64
    """
    squares = values * values
    total = float(squares.sum())
    return round(float(squares[learned == 0].sum()) / total, 9) if total else 0.0


def sigmoid(score: float) -> float:
    """Return the probability of these log-odds, without overflow.

    Examples
    --------
    >>> sigmoid(0.0), sigmoid(-1000.0), round(sigmoid(2.0), 4)
    (0.5, 0.0, 0.8808)
    """
    if score >= 0:
        return 1.0 / (1.0 + math.exp(-score))
    odds = math.exp(max(score, -746.0))
    return odds / (1.0 + odds)
