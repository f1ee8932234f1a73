"""What a model said of items whose truth is known: the arrays that every measure starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Side:
    """The judgements of one class, in judged order.

    Parameters
    ----------
    score : ndarray of float64, shape (m,)
        Log-odds of the positive label.
    predicted : ndarray of bool, shape (m,)
        Whether the verdict was the positive label.
    """

    score: FloatArray
    predicted: BoolArray

    @cached_property
    def order(self) -> IntArray:
        """The places of the items from the lowest score to the highest."""
        return np.argsort(self.score, kind="stable")


@dataclass(frozen=True, eq=False)
class Judgements:
    """Truth, score and verdict of the items judged, in judged order.

    Parameters
    ----------
    truth : array_like of bool or 0/1, shape (n,)
        Whether an item's true label is the positive one (``"spam"`` for mail).
    score : array_like of float, shape (n,)
        Log-odds of the positive label, unclamped; infinities are allowed.
    predicted : array_like of bool or 0/1, shape (n,)
        Whether the verdict was the positive label.

    Raises
    ------
    ValueError
        If the arrays are not one-dimensional and of one length, if truth or verdict hold anything
        but 0 and 1, or if a score is NaN.

    Examples
    --------
    >>> judged = Judgements([1, 0, 0], [2.5, -1.0, 0.5], [1, 0, 1])
    >>> judged.wrong.tolist()
    [False, False, True]
    >>> judged.negatives.score.tolist()
    [-1.0, 0.5]
    """

    truth: BoolArray
    score: FloatArray
    predicted: BoolArray

    def __init__(self, truth: ArrayLike, score: ArrayLike, predicted: ArrayLike) -> None:
        object.__setattr__(self, "truth", _flags("truth", truth))
        object.__setattr__(self, "score", _scores(score))
        object.__setattr__(self, "predicted", _flags("predicted", predicted))
        lengths = (self.truth.size, self.score.size, self.predicted.size)
        if len(set(lengths)) > 1:
            raise ValueError(f"truth, score and predicted differ in length: {lengths}")

    def __len__(self) -> int:
        return self.truth.size

    @property
    def wrong(self) -> BoolArray:
        """Whether each verdict differs from the truth."""
        return np.not_equal(self.truth, self.predicted)

    @cached_property
    def positives(self) -> Side:
        """The items whose true label is the positive one."""
        return Side(self.score[self.truth], self.predicted[self.truth])

    @cached_property
    def negatives(self) -> Side:
        """The items whose true label is the negative one."""
        return Side(self.score[~self.truth], self.predicted[~self.truth])

    @cached_property
    def ranks(self) -> tuple[IntArray, IntArray]:
        """For each negative, from lowest score to highest: positives below it, and not above it.

        The two differ by the positives that tie with it.
        """
        positives = self.positives.score[self.positives.order]
        negatives = self.negatives.score[self.negatives.order]
        return (
            np.searchsorted(positives, negatives, side="left"),
            np.searchsorted(positives, negatives, side="right"),
        )


def _flags(name: str, values: ArrayLike) -> BoolArray:
    array = np.asarray(values)
    _check_one_dimensional(name, array)
    if array.dtype != np.bool_ and not np.isin(array, (0, 1)).all():
        raise ValueError(f"{name} holds something other than 0 and 1")
    return array.astype(np.bool_)


def _scores(values: ArrayLike) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    _check_one_dimensional("score", array)
    nans = np.flatnonzero(np.isnan(array))
    if nans.size:
        raise ValueError(f"score {nans[0]} is NaN: a verdict's score must be a number")
    return array


def _check_one_dimensional(name: str, array: NDArray[Any]) -> None:
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions instead of one")
