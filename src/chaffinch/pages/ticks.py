"""What stands beside a picture of sound: seconds below it, frequencies to its left."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from chaffinch.features.mel import BANDS, pitches
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import HOP

# Frequencies that are told; seconds between two moments, the first by which they stand apart, and
# how many pixels that is.
_HERTZ = (250, 500, 1000, 2000, 3000)
_STEPS, _APART = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0), 40


class Tick(NamedTuple):
    """A place on an axis.

    Attributes
    ----------
    at : float
        Where it is: 0 left or below, 1 right or above.
    said : str
        What stands there.
    """

    at: float
    said: str


class Axes(NamedTuple):
    """The places on both axes of a picture; none where it has no such axis."""

    across: tuple[Tick, ...] = ()
    up: tuple[Tick, ...] = ()


def of_spectrum(begins: float, frames: int, wide: int) -> Axes:
    """Return the axes of a mel spectrum.

    Parameters
    ----------
    begins : float
        When its first frame is, in seconds of the recording.
    frames : int
        How many it has.
    wide : int
        Pixels that they take.

    Examples
    --------
    >>> across, up = of_spectrum(0.0, 51, 204)
    >>> [tick.said for tick in across], [tick.said for tick in up]
    (['0 s', '0.1 s', '0.2 s', '0.3 s', '0.4 s'], ['250 Hz', '500 Hz', '1 kHz', '2 kHz', '3 kHz'])
    """
    middles = [sum(pitches(band, band)) / 2 for band in range(BANDS)]
    places = np.interp(_HERTZ, middles, (np.arange(BANDS) + 0.5) / BANDS).tolist()
    said = [f"{one} Hz" if one < 1000 else f"{one // 1000} kHz" for one in _HERTZ]
    up = tuple(Tick(at, text) for at, text in zip(places, said, strict=True))
    return Axes(seconds(begins, begins + frames * HOP / RATE, wide), up)


def seconds(begins: float, ends: float, wide: int) -> tuple[Tick, ...]:
    """Return round moments of a recording between two others, in seconds.

    What is before the recording is told nothing of, nor what is so near the end that what stands
    there would reach beyond it.

    Parameters
    ----------
    begins, ends : float
        The two, in seconds of the recording.
    wide : int
        Pixels that it takes from one to the other.

    Examples
    --------
    >>> [(round(tick.at, 2), tick.said) for tick in seconds(-0.1, 0.3, 160)]
    [(0.25, '0 s'), (0.5, '0.1 s'), (0.75, '0.2 s')]
    """
    a_second = wide / max(ends - begins, 1e-9)
    step = next((one for one in _STEPS if one * a_second >= _APART), _STEPS[-1])
    first = max(0, math.ceil(round(begins / step, 6)))
    last = math.floor(round((ends - _APART / 2 / a_second) / step, 6))
    moments = [number * step for number in range(first, last + 1)]
    return tuple(Tick((one - begins) * a_second / wide, f"{round(one, 3):g} s") for one in moments)
