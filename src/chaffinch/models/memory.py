"""A memory of the newest flagged examples: what is like one of them is most likely of its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The tensors that hold a memory.
KEYS, CODES = "memory_keys", "memory_codes"
MEMORY = (KEYS, CODES)


@dataclass(frozen=True, slots=True)
class Memory:
    """Nearest neighbours among the newest examples, by the cosine of their features.

    A flag counts at once where it is remembered: the label of the most alike example gains up to
    ``strength`` log-odds, a factor of e less for each ``width`` by which the cosine falls short of
    1 (a kernel classifier of radial functions on the unit sphere; E. Nadaraya and G. Watson, 1964).

    Parameters
    ----------
    size : int
        Examples kept; the oldest go first.
    strength : float
        Log-odds that an exact copy of a remembered example gives its label.
    width : float
        Scale of the cosine's shortfall.

    Examples
    --------
    >>> memory, tensors = Memory(size=2, strength=8.0, width=0.1), Memory.blank(2)
    >>> memory.remember(tensors, np.array([3.0, 0.0]), 1)
    >>> memory.evidence(tensors, np.array([1.0, 0.0]), 3).tolist()
    [0.0, 8.0, 0.0]
    """

    size: int
    strength: float
    width: float

    @staticmethod
    def blank(n_features: int) -> dict[str, NDArray[Any]]:
        """Return the tensors of a memory that holds nothing."""
        return {KEYS: np.empty((0, n_features), np.float32), CODES: np.empty(0, np.uint16)}

    def remember(
        self, tensors: dict[str, NDArray[Any]], values: NDArray[np.float64], code: int
    ) -> None:
        """Add an example of the label with this number, in place of the oldest where it is full."""
        keys, codes = tensors[KEYS], tensors[CODES]
        tensors[KEYS] = np.concatenate((keys, unit(values)[np.newaxis]))[-self.size :]
        tensors[CODES] = np.append(codes, np.uint16(code))[-self.size :]

    def evidence(
        self,
        tensors: dict[str, NDArray[Any]],
        values: NDArray[np.float64],
        labels: int,
        widths: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Return the log-odds that each label gains, shape (labels,).

        Parameters
        ----------
        tensors : dict of str to ndarray
            They hold the memory.
        values : ndarray of float64, shape (n_features,)
            What is compared to it.
        labels : int
            How many labels there are.
        widths : ndarray of float64, shape (labels,), optional
            The width for the examples of each label.
        """
        gained = np.zeros(labels)
        codes = tensors[CODES]
        if codes.size:
            width = self.width if widths is None else widths[codes]
            near = np.exp((tensors[KEYS] @ unit(values) - 1.0) / width)
            np.maximum.at(gained, codes, self.strength * near)
        return gained

    def apart(self, tensors: dict[str, NDArray[Any]], code: int) -> NDArray[np.float64]:
        """Return how far each example of a label lies from the most alike of the others.

        That is what lacks to a cosine of 1, shape (n,); of a single example infinity.
        """
        keys = tensors[KEYS][tensors[CODES] == code]
        cosines = (keys @ keys.T).astype(np.float64)
        np.fill_diagonal(cosines, -np.inf)
        apart: NDArray[np.float64] = np.maximum(0.0, 1.0 - cosines.max(axis=1, initial=-np.inf))
        return apart

    def forget(self, tensors: dict[str, NDArray[Any]], newest: int = 0) -> None:
        """Keep the newest so many examples only."""
        kept = slice(max(0, tensors[CODES].size - newest), None)
        tensors[KEYS], tensors[CODES] = tensors[KEYS][kept], tensors[CODES][kept]


def unit(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return rows, or one row, of length 1; what is 0 stays so."""
    length = np.linalg.norm(values, axis=-1, keepdims=True)
    return np.asarray(values / np.where(length > 0, length, 1.0), np.float32)
