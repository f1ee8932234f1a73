"""What sound is made of, from moment to moment."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.content import RATE

if TYPE_CHECKING:
    from chaffinch.readers.audio.content import Samples

#: Samples of a frame, and from each frame to the next: 32 and 10 ms.
FRAME, HOP = 256, RATE // 100
#: Frequencies of a spectrum, 31.25 Hz apart.
BINS = FRAME // 2 + 1


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
    from scipy.fft import rfft

    half = FRAME // 2
    padded = np.zeros((*samples.shape[:-1], samples.shape[-1] + FRAME), np.float32)
    padded[..., half:-half] = samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME, axis=-1)[..., ::HOP, :]
    bins = rfft(frames * _window(), axis=-1)
    return np.asarray(np.square(bins.real) + np.square(bins.imag), np.float32)


@cache
def _window() -> Samples:
    # Periodic, as a frame of a longer sound.
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME), np.float32)
