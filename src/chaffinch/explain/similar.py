"""Near-copies: which items are one text, varied."""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.hashing import distinct, gram_slots
from chaffinch.features.text import fold

_N = 8
_BINS = 64
_ROWS = 4
_BYTES = 6_000
# Of the bins; texts with as many alike have about half of their grams in common.
_ALIKE = 0.5
# Bounds: newest groups that a band remembers, groups remembered at all.
_OF_A_BAND = 8
_MOST = 100_000
_DIGITS = re.compile(rb"[0-9]+")
_BOUNDARIES = np.arange(_BINS, dtype=np.int64) << 26


class NearCopies:
    """Numbers texts so that those that are near-copies of each other have one number.

    Two texts are near-copies where about half of the grams of 8 bytes that either has are in both,
    whatever their case, white space and digits. That share is estimated by MinHash with one
    permutation (Li, Owen and Zhang, "One permutation hashing", NIPS 2012; empty bins filled as in
    Shrivastava and Li, "Densifying one permutation hashing", ICML 2014), and candidates are found
    by locality-sensitive hashing. A text joins the group of the first text that it is like. Of the
    groups the newest 100,000 or so are remembered.

    Examples
    --------
    >>> copies = NearCopies()
    >>> copies.group("Win 1000 dollars now, call 0900 1"), copies.group("Lunch on Thursday?")
    (0, 1)
    >>> copies.group("win 500  dollars NOW, call 0900 7")
    0
    """

    def __init__(self) -> None:
        self._next = 0
        self._sketches: dict[int, NDArray[np.int64]] = {}
        self._bands: dict[bytes, list[int]] = defaultdict(list)

    def group(self, text: str) -> int:
        """Return the number of the group of near-copies that a text belongs to."""
        sketch = _sketch(text)
        if sketch is None:
            # Too short to be like anything.
            return self._new()
        keys = [
            bytes([band]) + sketch[band * _ROWS : (band + 1) * _ROWS].tobytes()
            for band in range(_BINS // _ROWS)
        ]
        seen = {candidate: None for key in keys for candidate in self._bands.get(key, ())}
        for candidate in seen:
            if np.count_nonzero(self._sketches[candidate] == sketch) >= _ALIKE * _BINS:
                return candidate
        if len(self._sketches) == _MOST:
            self._sketches.clear()
            self._bands.clear()
        number = self._new()
        self._sketches[number] = sketch
        for key in keys:
            remembered = self._bands[key]
            remembered.append(number)
            del remembered[:-_OF_A_BAND]
        return number

    def _new(self) -> int:
        self._next += 1
        return self._next - 1


def _sketch(text: str) -> NDArray[np.int64] | None:
    """Return the smallest hash in each of 64 bins; None for a text that has no gram."""
    folded = fold(text[: 2 * _BYTES].lower().encode("utf-8", "replace"), _BYTES)
    slots = gram_slots(_DIGITS.sub(b"0", folded), _N, 32)
    if not slots.size:
        return None
    slots = distinct(slots)
    first = np.searchsorted(slots, _BOUNDARIES)
    ends = np.append(first[1:], slots.size)
    full = np.flatnonzero(first < ends)
    # An empty bin takes what the next full one has, and how far that is.
    nearest = np.searchsorted(full, np.arange(_BINS))
    source = full[nearest % full.size]
    away = (source - np.arange(_BINS)) % _BINS
    sketch: NDArray[np.int64] = slots[first[source]] + (away.astype(np.int64) << 33)
    return sketch
