"""What sound is made of, from moment to moment."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.content import RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chaffinch.readers.audio.content import Samples

#: Samples of a frame, and from each frame to the next: 32 and 10 ms.
FRAME, HOP = 256, RATE // 100
#: Frequencies of a spectrum, 31.25 Hz apart.
BINS = FRAME // 2 + 1
#: Which these are, in hertz.
HERTZ = np.linspace(0, RATE / 2, BINS)


def power_spectra(samples: Samples) -> Samples:
    """Return the power at each frequency, moment by moment.

    Frames of 32 ms under a Hann window, one each 10 ms, the first centred on the first sample;
    outside there is silence.

    Parameters
    ----------
    samples : ndarray of float32, shape (..., n)
        Sound at `RATE`.

    Returns
    -------
    ndarray of float32, shape (..., n // HOP + 1, BINS)

    Examples
    --------
    >>> power_spectra(np.zeros((3, 8000), np.float32)).shape
    (3, 101, 129)
    """
    bins = spectra(samples)
    return np.asarray(np.square(bins.real) + np.square(bins.imag), np.float32)


def spectra(samples: Samples) -> NDArray[np.complex64]:
    """Return the amplitude and phase of each frequency, moment by moment.

    Parameters
    ----------
    samples : ndarray of float32, shape (..., n)
        As `power_spectra` takes them.

    Returns
    -------
    ndarray of complex64, shape (..., n // HOP + 1, BINS)
    """
    from scipy.fft import rfft

    half = FRAME // 2
    padded = np.zeros((*samples.shape[:-1], samples.shape[-1] + FRAME), np.float32)
    padded[..., half:-half] = samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME, axis=-1)[..., ::HOP, :]
    return np.asarray(rfft(frames * _window(), axis=-1), np.complex64)


def sound_of(bins: NDArray[np.complex64], *, first: int = 0, length: int) -> Samples:
    """Return the sound whose spectra come nearest to these, where all other frames are silent.

    D. Griffin and J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
    Transactions on Acoustics, Speech and Signal Processing 32, 1984.

    Parameters
    ----------
    bins : ndarray of complex64, shape (frames, BINS)
        As `spectra` returns them.
    first : int
        Which frame of the sound the first of these is.
    length : int
        How many samples to return.

    Returns
    -------
    ndarray of float32, shape (length,)

    Examples
    --------
    >>> sound = np.sin(np.arange(800, dtype=np.float32))
    >>> bool(np.allclose(sound_of(spectra(sound), length=800), sound, atol=1e-5))
    True
    """
    from scipy.fft import irfft

    window = _window()
    frames = irfft(bins, FRAME, axis=-1) * window
    sound = np.zeros(length + FRAME, np.float32)
    for number, frame in enumerate(frames, start=first):
        there = sound[number * HOP : number * HOP + FRAME]
        there += frame[: there.size]
    weight = np.zeros_like(sound)
    for number in range(length // HOP + 1):
        there = weight[number * HOP : number * HOP + FRAME]
        there += np.square(window)[: there.size]
    inside = slice(FRAME // 2, FRAME // 2 + length)
    return np.asarray(sound[inside] / weight[inside], np.float32)


@cache
def _window() -> Samples:
    # Periodic, as a frame of a longer sound.
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME), np.float32)
