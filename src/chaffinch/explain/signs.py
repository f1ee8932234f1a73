"""What is measured of items of many labels: how it spreads, and which of it tells labels apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Ranges that a measure is cut into where it is asked how much it tells.
_RANGES = 16
_QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Sign:
    """A measure, and how it spreads within each label.

    Parameters
    ----------
    name, says : str
        What rules call it, and what it says.
    bits : float
        Mutual information with the label, in bits: 0 tells nothing.
    quartiles : dict of str to tuple of float, or None
        The lower quartile, the median and the upper quartile by label; None where no item of the
        label has it.
    """

    name: str
    says: str
    bits: float
    quartiles: Mapping[str, tuple[float, float, float] | None]


@dataclass(frozen=True, slots=True)
class Split:
    """The condition on one measure that best tells two labels apart.

    Parameters
    ----------
    condition : str
        As rules write it, such as ``"holes >= 1"``.
    label, other : str
        What it speaks for, and against.
    fits, fits_other : float
        The share of the items of either that it fits.
    """

    condition: str
    label: str
    other: str
    fits: float
    fits_other: float

    @property
    def right(self) -> float:
        """The share that it gets right where both labels are equally frequent."""
        return (1.0 + self.fits - self.fits_other) / 2


def spreads(
    values: FloatArray, names: Mapping[str, str], truth: NDArray[np.str_]
) -> tuple[Sign, ...]:
    """Return every measure with its spread by label, the most telling first.

    Parameters
    ----------
    values : ndarray of float64, shape (n, measures)
        NaN where an item has no such measure.
    names : mapping of str to str
        The measures in the order of the columns, and what each says.
    truth : ndarray of str, shape (n,)
        The labels.

    Examples
    --------
    >>> holes = np.array([[1.0], [1.0], [0.0], [0.0]])
    >>> (sign,) = spreads(holes, {"holes": "how many holes"}, np.array(["0", "0", "1", "1"]))
    >>> sign.bits, sign.quartiles["0"]
    (1.0, (1.0, 1.0, 1.0))
    """
    labels = np.unique(truth).tolist()
    signs = [
        Sign(
            name, says, _bits(column, truth), {one: _spread(column[truth == one]) for one in labels}
        )
        for (name, says), column in zip(names.items(), values.T, strict=True)
    ]
    return tuple(sorted(signs, key=lambda sign: -sign.bits))


def splits(
    values: FloatArray, names: Sequence[str], truth: NDArray[np.str_], *, most: int = 3
) -> dict[tuple[str, str], tuple[Split, ...]]:
    """Return for each two labels the conditions that best tell them apart, one for each measure.

    How well they do is counted on the items that they were read from.

    Parameters
    ----------
    values, truth
        As `spreads` takes them.
    names : sequence of str
        The measures in the order of the columns.
    most : int
        How many conditions to return for each two labels.

    Examples
    --------
    >>> holes = np.array([[1.0], [1.0], [0.0], [0.0]])
    >>> found = splits(holes, ["holes"], np.array(["0", "0", "1", "1"]))
    >>> found["0", "1"][0].condition, found["0", "1"][0].right
    ('holes >= 1', 1.0)
    """
    labels = np.unique(truth).tolist()
    # NaN is sorted to the end, and compared with nothing.
    columns = {label: np.sort(values[truth == label], axis=0) for label in labels}
    present = {label: np.isfinite(one).sum(axis=0) for label, one in columns.items()}
    found = {}
    for first, second in combinations(labels, 2):
        told = [
            _split(
                name,
                (first, columns[first][: present[first][at], at], len(columns[first])),
                (second, columns[second][: present[second][at], at], len(columns[second])),
            )
            for at, name in enumerate(names)
        ]
        best = sorted((one for one in told if one is not None), key=lambda one: -one.right)
        found[first, second] = tuple(best[:most])
    return found


def _split(
    name: str, first: tuple[str, FloatArray, int], second: tuple[str, FloatArray, int]
) -> Split | None:
    """Return the best condition on one measure: of each label its name, sorted values, items."""
    # Numbers that people can read and write.
    bounds: FloatArray = np.unique(np.round(np.concatenate((first[1], second[1])), 2))
    if not bounds.size:
        return None
    tried = []
    for sign in (">=", "<="):
        fits = [_fits(one[1], bounds, sign) / one[2] for one in (first, second)]
        at = int(np.abs(fits[0] - fits[1]).argmax())
        tried.append((sign, float(bounds[at]), float(fits[0][at]), float(fits[1][at])))
    sign, bound, ours, theirs = max(tried, key=lambda one: abs(one[2] - one[3]))
    condition = f"{name} {sign} {bound:g}"
    if ours >= theirs:
        return Split(condition, first[0], second[0], ours, theirs)
    return Split(condition, second[0], first[0], theirs, ours)


def _fits(values: FloatArray, bounds: FloatArray, sign: str) -> NDArray[np.int64]:
    """Return how many of some sorted values are at least, or at most, each bound."""
    if sign == "<=":
        return np.searchsorted(values, bounds, side="right")
    return values.size - np.searchsorted(values, bounds)


def _spread(values: FloatArray) -> tuple[float, float, float] | None:
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, middle, high = np.quantile(known, _QUARTERS).tolist()
    return low, middle, high


def _bits(values: FloatArray, truth: NDArray[np.str_]) -> float:
    """Return the mutual information of a measure, in ranges of equal count, and the label."""
    known = np.isfinite(values)
    edges = np.empty(0)
    if known.any():
        inner = np.linspace(0, 1, _RANGES + 1)[1:-1]
        edges = np.unique(np.quantile(values[known], inner))
    place = np.where(known, np.searchsorted(edges, values, side="right") + 1, 0)
    _, codes = np.unique(truth, return_inverse=True)
    counts = np.zeros((int(place.max(initial=0)) + 1, int(codes.max(initial=0)) + 1))
    np.add.at(counts, (place, codes), 1)
    joint = counts / max(1, values.size)
    by_chance = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    there = joint > 0
    return float((joint[there] * np.log2(joint[there] / by_chance[there])).sum()) + 0.0
