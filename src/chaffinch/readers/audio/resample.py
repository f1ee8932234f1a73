"""Bringing sound to one rate."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.content import RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chaffinch.readers.audio.content import Samples

# The ratio of two rates is taken as a fraction of numbers up to this: one of a hostile header, of
# two large primes, would need a filter of millions of taps.
_FINEST = 1000
# Zero crossings of the filter on each side, and the shape of its window: what would be folded down
# is 60 dB lower, and 3.7 kHz is left as it is.
_CROSSINGS, _SHAPE = 24, 6.0


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


@lru_cache(16)
def _filter(up: int, down: int) -> NDArray[np.float32]:
    from scipy.signal import firwin

    widest = max(up, down)
    taps = 2 * _CROSSINGS * widest + 1
    # What is cut lies a little below half the lower rate, so that the filter has room to fall.
    return np.asarray(firwin(taps, 0.97 / widest, window=("kaiser", _SHAPE)), np.float32)
