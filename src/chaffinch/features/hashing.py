"""Hash every n-gram of a byte string into a fixed number of slots, vectorised or compiled."""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaffinch.compiled import or_compiled
from chaffinch.features.rows import Weigh

# The finaliser constant of SplitMix64 (Steele, Lea and Flood 2014): odd, with well-mixed high bits.
_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_KERNEL = "chaffinch.features._kernel"

#: The lanes of a span: either half of the pairs of slots, or any slot.
EVEN, ODD, ANY = 0, 1, 2


class Span(NamedTuple):
    """A stretch of a text whose grams are counted by themselves.

    Grams of two spans in the lanes `EVEN` and `ODD` go to the two slots of one pair, which lie
    beside each other in memory, so that the second costs hardly more than the first.

    Attributes
    ----------
    start, end : int
        Its first byte, and the first behind it.
    lane : int
        `EVEN` or `ODD`: to one half of the slots; `ANY`: to all of them.
    salt : int
        Keeps the grams of this span from those of others in the lane `ANY`; below 2**63.
    """

    start: int
    end: int
    lane: int = ANY
    salt: int = 0


def salt_of(name: str) -> int:
    """Return a salt that belongs to a name.

    Examples
    --------
    >>> salt_of("ann") == salt_of("ann") != salt_of("bob")
    True
    """
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def gram_slots(text: bytes, n: int, bits: int, salt: int = 0) -> NDArray[np.int64]:
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
    salt : int
        Which of many such functions: XORed to each integer, below 2**63.

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
    if salt:
        grams ^= np.uint64(salt)
    grams *= _MULTIPLIER
    grams >>= np.uint64(64 - bits)
    return grams.view(np.int64)


def span_slots(text: bytes, span: Span, n: int, bits: int) -> NDArray[np.int64]:
    """Return the slot of each n-gram of a span of ``text``, in order, repeats included."""
    part = text[max(0, span.start) : max(0, span.end)]
    if span.lane == ANY:
        return gram_slots(part, n, bits, span.salt)
    return 2 * gram_slots(part, n, bits - 1) + span.lane


@or_compiled(_KERNEL)
def hash_spans(
    text: bytes, spans: list[Span], n: int, bits: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], tuple[int, ...]]:
    """Return the slots of the n-grams of each span, each once in a span, with their values.

    Parameters
    ----------
    text : bytes
        What the spans are of.
    spans : list of Span
        They may overlap.
    n : int
        Bytes a gram, 1 to 8.
    bits : int
        The slots are below ``2**bits``, 2 to 26.

    Returns
    -------
    slots : ndarray of int64, shape (k,)
        Those of the first span, then those of the next; within a span in no particular order.
    values : ndarray of float64, shape (k,)
        1/(v·√m) for each of the m slots of a span, where v spans have any.
    ends : tuple of int
        Where the slots of each span end that has any.

    Examples
    --------
    >>> slots, values, ends = hash_spans(b"free free", [Span(0, 9, EVEN), Span(0, 4, ODD)], 4, 22)
    >>> ends, bool(slots[5] - 1 in slots[:5]), float(values[5])
    ((5, 6), True, 0.5)
    """
    found = [distinct(span_slots(text, span, n, bits)) for span in spans]
    found = [slots for slots in found if slots.size]
    if not found:
        return np.empty(0, np.int64), np.empty(0), ()
    values = [np.full(slots.size, 1.0 / (len(found) * math.sqrt(slots.size))) for slots in found]
    ends = np.cumsum([slots.size for slots in found]).tolist()
    return np.concatenate(found), np.concatenate(values), tuple(ends)


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


@or_compiled(_KERNEL)
def share_out(
    text: bytes,
    spans: list[Span],
    n: int,
    bits: int,
    weigh: Weigh,
    starts: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Divide the score that the n-grams of each span have among stretches of the text.

    The weight of a slot is divided equally among the grams that have it, and a gram's share among
    its bytes; a stretch has what its bytes have. Nothing is lost: the shares of a span add up to
    what `hash_spans` gives of it, Σ weights·values.

    Parameters
    ----------
    text : bytes
        What the spans are of.
    spans : list of Span
        They may overlap.
    n : int
        Bytes a gram, 1 to 8.
    bits : int
        The slots are below ``2**bits``, 2 to 32.
    weigh : callable
        Gives the weight of each of an array of slots.
    starts : ndarray of int64, shape (k,)
        The first byte of each stretch, ascending, the first of them 0; each ends where the next
        begins.

    Returns
    -------
    ndarray of float64, shape (spans, k)
        The share of each stretch in each span.

    Examples
    --------
    >>> shares = share_out(b"free free", [Span(0, 9)], 4, 22, np.ones_like, np.array([0, 5]))
    >>> slots, values, _ = hash_spans(b"free free", [Span(0, 9)], 4, 22)
    >>> bool(abs(shares.sum() - values.sum()) < 1e-12), bool(shares[0, 0] > shares[0, 1])
    (True, True)
    """
    views = sum(min(span.end, len(text)) - max(0, span.start) >= n for span in spans)
    # Difference arrays: each occurrence adds its share to n bytes in a row.
    steps = np.zeros((len(spans), len(text) + 1))
    for of, span in zip(steps, spans, strict=True):
        slots = span_slots(text, span, n, bits)
        if slots.size:
            each = _divide(slots, weigh) / (views * n)
            start = max(0, span.start)
            of[start : start + each.size] += each
            of[start + n : start + n + each.size] -= each
    if not starts.size:
        return np.zeros((len(spans), 0))
    shares: NDArray[np.float64] = np.add.reduceat(np.cumsum(steps[:, :-1], axis=1), starts, axis=1)
    return shares


def _divide(slots: NDArray[np.int64], weigh: Weigh) -> NDArray[np.float64]:
    """Divide the weight of each slot among its occurrences, over the root of how many there are."""
    # Sorted with their places in one integer: far faster than to sort, and ask for the places.
    packed = slots.astype(np.uint64) << np.uint64(32) | np.arange(slots.size, dtype=np.uint64)
    packed.sort()
    ordered = (packed >> np.uint64(32)).view(np.int64)
    new = np.ones(slots.size, np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    first = np.flatnonzero(new)
    each = np.asarray(weigh(ordered[first]), np.float64)
    each = each / (np.diff(first, append=slots.size) * math.sqrt(first.size))
    divided = np.empty(slots.size)
    divided[(packed & np.uint64(0xFFFFFFFF)).view(np.int64)] = each[np.cumsum(new) - 1]
    return divided
