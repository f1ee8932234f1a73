"""Hash every n-gram of a byte string into a fixed number of slots, vectorised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The finaliser constant of SplitMix64 (Steele, Lea and Flood 2014): odd, with well-mixed high bits.
_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)


def gram_slots(text: bytes, n: int, bits: int) -> NDArray[np.int64]:
    """Return the slot of each n-gram of ``text``, in order, repeats included.

    Multiplicative hashing (Knuth, *The Art of Computer Programming* 3, section 6.4): the n bytes
    are one integer below 2**64, the first byte its lowest, multiplied by an odd constant; the slot
    is its highest bits.

    Parameters
    ----------
    text : bytes
        What to hash.
    n : int
        Bytes a gram, 1 to 8.
    bits : int
        The slots are below ``2**bits``, 1 to 32.

    Returns
    -------
    ndarray of int64, shape (max(0, len(text) - n + 1),)
        The slot of the gram that begins at each position.

    Examples
    --------
    >>> slots = gram_slots(b"free free", 4, 22)
    >>> slots.shape, bool(slots[0] == slots[5])
    ((6,), True)
    """
    count = len(text) - n + 1
    if count < 1:
        return np.empty(0, np.int64)
    # Eight bytes from each position on, of which all but n are masked away.
    eights = np.ndarray((count,), "<u8", text + bytes(8), strides=(1,))
    grams = eights & np.uint64((1 << 8 * n) - 1)
    grams *= _MULTIPLIER
    grams >>= np.uint64(64 - bits)
    return grams.view(np.int64)


def distinct(slots: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each slot once, ascending.

    Examples
    --------
    >>> distinct(np.array([5, 3, 5]))
    array([3, 5])
    """
    # Half the width halves the sort, which is most of the cost of a row.
    ordered = slots.astype(np.uint32)
    ordered.sort()
    new = np.empty(ordered.size, np.bool_)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new].astype(np.int64)
