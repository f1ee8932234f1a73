"""Bringing sound to one rate."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.content import RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from chaffinch.readers.audio.content import Samples

# The ratio of two rates is taken as a fraction of numbers up to this: one of a hostile header, of
# two large primes, would need a filter of millions of taps.
_FINEST = 1000
# Zero crossings of the filter on each side, and the shape of its window: what would be folded down
# is 60 dB lower, and 3.7 kHz is left as it is.
_CROSSINGS, _SHAPE = 24, 6.0
_A_SECOND = 20  # pieces a second that sound is brought to another rate in, as it comes


def resampled(samples: Samples, rate: int, to: int = RATE) -> Samples:
    """Return sound at another rate, by a polyphase filter.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        The sound.
    rate, to : int
        Samples a second: those it has, and those wanted.

    Returns
    -------
    ndarray of float32, shape (about n * to / rate,)

    Examples
    --------
    >>> resampled(np.zeros(44100, np.float32), 44100).shape
    (8000,)
    """
    ratio = Fraction(to, rate).limit_denominator(_FINEST)
    if ratio == 1 or not samples.size:
        return samples
    from scipy.signal import resample_poly

    up, down = ratio.numerator, ratio.denominator
    return np.asarray(resample_poly(samples, up, down, window=_filter(up, down)), np.float32)


def resampled_as_it_comes(sound: Iterable[Samples], rate: int, to: int = RATE) -> Iterator[Samples]:
    """Yield sound at another rate as it comes: what `resampled` makes of all of it, to rounding.

    Parameters
    ----------
    sound : iterable of ndarray of float32, shape (n,)
        The sound, in pieces of any size, on which nothing depends.
    rate, to : int
        Samples a second: those it has, and those wanted.

    Examples
    --------
    >>> pieces = [np.zeros(44100, np.float32)] * 3
    >>> sum(map(len, resampled_as_it_comes(pieces, 44100)))
    24000
    """
    ratio = Fraction(to, rate).limit_denominator(_FINEST)
    if ratio == 1:
        yield from sound
        return
    up, down = ratio.numerator, ratio.denominator
    # A sample is made of so many on each side; where they begin, a sample has to lie.
    reach = _CROSSINGS * max(up, down) // up + 1
    before = -(-reach // down) * down
    size = max(1, rate // _A_SECOND // down) * down
    held = np.zeros(before, np.float32)  # what has been heard, from `before` ahead of what is next
    skip = before * up // down

    def brought(samples: Samples, count: int) -> Samples:
        return resampled(samples, rate, to)[skip : skip + count]

    for piece in rechunked(sound, size):
        held = np.concatenate((held, piece))
        ready = (len(held) - before - reach) // down * down
        if ready > 0:
            yield brought(held[: before + ready + reach], ready * up // down)
            held = held[ready:]
    left = len(held) - before
    if left > 0:
        yield brought(held, -(-left * up // down))


def rechunked(sound: Iterable[Samples], size: int) -> Iterator[Samples]:
    """Yield sound in pieces of one size, the last of what is left.

    Examples
    --------
    >>> [len(one) for one in rechunked([np.zeros(5, np.float32), np.zeros(2, np.float32)], 3)]
    [3, 3, 1]
    """
    held: list[Samples] = []
    count = 0
    for piece in sound:
        held.append(piece)
        count += len(piece)
        if count >= size:
            whole = np.concatenate(held)
            for first in range(0, count - size + 1, size):
                yield whole[first : first + size]
            held = [whole[count - count % size :]]
            count %= size
    if count:
        yield np.concatenate(held)


@lru_cache(16)
def _filter(up: int, down: int) -> NDArray[np.float32]:
    from scipy.signal import firwin

    widest = max(up, down)
    taps = 2 * _CROSSINGS * widest + 1
    # What is cut lies a little below half the lower rate, so that the filter has room to fall.
    return np.asarray(firwin(taps, 0.97 / widest, window=("kaiser", _SHAPE)), np.float32)
