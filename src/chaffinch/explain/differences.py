"""Where items of two labels differ most, by how they look: which part tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

# Of how items of one label vary at least so much is taken for granted: what few do not show.
_LEAST = 0.06
# Parts that are told of each label, and how much of the strongest the weakest of them has.
_PARTS, _SHARE = 3, 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A part that one label has more of than another.

    Parameters
    ----------
    label, other : str
        The label that has more there, and the other one.
    where : str
        Where it is.
    size : float
        By how much: the difference of the means over the standard deviation within labels (J.
        Cohen, "Statistical power analysis for the behavioral sciences", 1988), mean of the part.
    """

    label: str
    other: str
    where: str
    size: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two labels differ.

    Parameters
    ----------
    labels : tuple of str
        The two.
    sizes : ndarray of float64, shape (height, width)
        By how much the first has more, and below 0 the second, place by place.
    parts : tuple of Part
        What each has that the other has not: the strongest first, of each label three at most that
        do not overlap.
    """

    labels: tuple[str, str]
    sizes: NDArray[np.float64]
    parts: tuple[Part, ...]


def differences(
    looks: NDArray[np.float32],
    truth: NDArray[np.str_],
    *,
    patch: tuple[int, int],
    place: Callable[[range, range], str],
) -> dict[tuple[str, str], Difference]:
    """Return where each two labels differ most.

    Parameters
    ----------
    looks : ndarray of float32, shape (n, height, width)
        How items look.
    truth : ndarray of str, shape (n,)
        Their labels.
    patch : tuple of int
        Rows and columns of a part.
    place : callable
        The rows and columns of a part → where that is, in words.

    Examples
    --------
    >>> looks = np.zeros((4, 6, 6), np.float32)
    >>> looks[:2, :2, :2] = 1.0
    >>> found = differences(
    ...     looks, np.array(["a", "a", "b", "b"]), patch=(2, 2),
    ...     place=lambda rows, columns: f"{rows.start}, {columns.start}",
    ... )
    >>> (part,) = found["a", "b"].parts
    >>> part.label, part.where
    ('a', '0, 0')
    """
    labels = np.unique(truth).tolist()
    means = {one: looks[truth == one].mean(axis=0, dtype=np.float64) for one in labels}
    spread = {one: looks[truth == one].var(axis=0, dtype=np.float64) for one in labels}
    found = {}
    for first, second in combinations(labels, 2):
        within = np.sqrt((spread[first] + spread[second]) / 2 + _LEAST**2)
        sizes = (means[first] - means[second]) / within
        # Of parts that are called the same the strongest stands for all.
        parts: dict[tuple[str, str], Part] = {}
        for label, other, sign in ((first, second, 1), (second, first, -1)):
            for size, part in strongest(sign * sizes, patch):
                where = place(*part)
                parts.setdefault((label, where), Part(label, other, where, size))
        ordered = sorted(parts.values(), key=lambda one: -one.size)
        found[first, second] = Difference((first, second), sizes, tuple(ordered))
    return found


def strongest(
    sizes: NDArray[np.float64], patch: tuple[int, int], *, most: int = _PARTS
) -> list[tuple[float, tuple[range, range]]]:
    """Return the parts with the highest mean above 0, none over another, the highest first.

    Parameters
    ----------
    sizes : ndarray of float64, shape (height, width)
        What is asked for parts of.
    patch : tuple of int
        Rows and columns of a part.
    most : int
        How many to return at most; those that have less than half of the first are left out.

    Returns
    -------
    list of (float, (range, range))
        The mean of each, its rows and its columns.

    Examples
    --------
    >>> sizes = np.zeros((4, 4))
    >>> sizes[2:, 1:3] = 1.0
    >>> strongest(sizes, (2, 2))
    [(1.0, (range(2, 4), range(1, 3)))]
    """
    height, width = (min(side, most) for side, most in zip(patch, sizes.shape, strict=True))
    sums = np.pad(sizes, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    means = (
        sums[height:, width:]
        - sums[:-height, width:]
        - sums[height:, :-width]
        + sums[:-height, :-width]
    ) / (height * width)
    found: list[tuple[float, tuple[range, range]]] = []
    while len(found) < most:
        row, column = (int(one) for one in np.unravel_index(means.argmax(), means.shape))
        size = float(means[row, column])
        if size <= 0 or (found and size < _SHARE * found[0][0]):
            break
        found.append((size, (range(row, row + height), range(column, column + width))))
        rows = slice(max(0, row - height + 1), row + height)
        means[rows, max(0, column - width + 1) : column + width] = -np.inf
    return found
