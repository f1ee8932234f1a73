"""How sound looks to the ear: mel spectra, cepstra, and how they change.

As librosa computes them (B. McFee et al., "librosa: audio and music signal analysis in Python",
SciPy 2015), with the settings that each function names.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.spectrum import HERTZ, power_spectra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

#: Bands of a mel spectrum, and the hertz between which they lie: above, filters of recorders and
#: of changed rates differ.
BANDS, LOWEST, HIGHEST = 40, 60.0, 3800.0
#: Coefficients of a cepstrum.
COEFFICIENTS = 13
#: Decibels below the loudest: what lies deeper is as good as silence.
DEEPEST = 80.0
_FAINTEST = 1e-10  # of power
_REACH = 4  # frames before and after one, by which it is told how it changes
# Slaney's mel scale: even up to 1 kHz, then 27 bands for each factor of 6.4.
_EVEN, _KNEE = 200 / 3, 1000.0
_STEEP = np.log(6.4) / 27


def log_mel(samples: Floats) -> Floats:
    """Return mel spectra in decibels.

    As ``librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=8000, n_fft=256,
    hop_length=80, n_mels=40, fmin=60, fmax=3800, pad_mode="constant"))``.

    Parameters
    ----------
    samples : ndarray of float32, shape (..., n)
        Sound at 8 kHz; each is measured against its own loudest moment.

    Returns
    -------
    ndarray of float32, shape (..., 40, n // 80 + 1)
        Bands from low to high, one frame each 10 ms.

    Examples
    --------
    >>> log_mel(np.zeros((5, 8000), np.float32)).shape
    (5, 40, 101)
    """
    power = power_spectra(samples) @ mel_filters().T  # (..., frames, bands)
    levels = 10 * np.log10(np.maximum(power, np.float32(_FAINTEST)))
    loudest = levels.max(axis=(-2, -1), keepdims=True)
    return np.swapaxes(np.maximum(levels, loudest - np.float32(DEEPEST)), -2, -1)


def seen_of(mel: Floats) -> Floats:
    """Return mel spectra as a net sees them: 1 for the loudest, 0 for 80 decibels below it.

    Parameters
    ----------
    mel : ndarray of float32, shape (..., bands, frames)
        As `log_mel` returns them.

    Returns
    -------
    ndarray of float32, shape (..., bands, frames), in [0, 1]

    Examples
    --------
    >>> seen_of(np.array([[0.0, -40.0, -80.0]], np.float32)).tolist()
    [[1.0, 0.5, 0.0]]
    """
    loudest = mel.max(axis=(-2, -1), keepdims=True)
    return np.asarray(np.maximum(1 - (loudest - mel) / np.float32(DEEPEST), 0), np.float32)


def cepstra(mel: Floats) -> Floats:
    """Return mel-frequency cepstral coefficients (MFCC).

    As ``librosa.feature.mfcc(S=mel, n_mfcc=13)``. S. Davis and P. Mermelstein, "Comparison of
    parametric representations for monosyllabic word recognition in continuously spoken sentences",
    IEEE Transactions on Acoustics, Speech and Signal Processing 28, 1980.

    Parameters
    ----------
    mel : ndarray of float32, shape (..., bands, frames)
        As `log_mel` returns them.

    Returns
    -------
    ndarray of float32, shape (..., 13, frames)

    Examples
    --------
    >>> cepstra(log_mel(np.zeros(8000, np.float32))).shape
    (13, 101)
    """
    return _cosines(mel.shape[-2]) @ mel


def deltas(values: Floats, order: int = 1) -> Floats:
    """Return how values change from frame to frame, or how their change does.

    As ``librosa.feature.delta(values, order=order, mode="nearest")``: the slope, or the curvature,
    of a line or a parabola through nine frames. S. Furui, "Speaker-independent isolated word
    recognition using dynamic features of speech spectrum", the same transactions 34, 1986.

    Parameters
    ----------
    values : ndarray of float32, shape (..., frames)
        The values.
    order : {1, 2}
        Whether change, or change of change.

    Returns
    -------
    ndarray of float32, shape (..., frames)

    Examples
    --------
    >>> deltas(np.arange(20, dtype=np.float32)[np.newaxis] * 3)[0, 9:11].tolist()
    [3.0, 3.0]
    """
    width = [(0, 0)] * (values.ndim - 1) + [(_REACH, _REACH)]
    padded = np.pad(values, width, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 1, axis=-1)
    return np.asarray(around @ _slopes(order), np.float32)


@cache
def mel_filters() -> Floats:
    """Return what each frequency adds to each mel band, shape (bands, bins).

    As ``librosa.filters.mel(sr=8000, n_fft=256, n_mels=40, fmin=60, fmax=3800)``: triangles of area
    1, spaced evenly on M. Slaney's mel scale (Auditory Toolbox, 1998).
    """
    edges = _edges()
    rise = (HERTZ - edges[:-2, np.newaxis]) / np.diff(edges)[:-1, np.newaxis]
    fall = (edges[2:, np.newaxis] - HERTZ) / np.diff(edges)[1:, np.newaxis]
    triangles = np.maximum(0, np.minimum(rise, fall))
    area = 2 / (edges[2:] - edges[:-2])
    return np.asarray(triangles * area[:, np.newaxis], np.float32)


def pitches(low: int, high: int) -> tuple[float, float]:
    """Return between which frequencies some bands lie, in hertz: where its neighbours take over.

    Parameters
    ----------
    low, high : int
        The first band, and the one behind the last.

    Examples
    --------
    >>> [round(hertz) for hertz in pitches(25, 40)]
    [1591, 3696]
    """
    edges = _edges()
    return float((edges[low] + edges[low + 1]) / 2), float((edges[high] + edges[high + 1]) / 2)


@cache
def _edges() -> NDArray[np.float64]:
    """Return where triangles begin, peak and end, in hertz, shape (bands + 2,)."""
    return _hertz(np.linspace(_mel(LOWEST), _mel(HIGHEST), BANDS + 2))


def _mel(hertz: float) -> float:
    if hertz < _KNEE:
        return hertz / _EVEN
    return float(_KNEE / _EVEN + np.log(hertz / _KNEE) / _STEEP)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _KNEE / _EVEN
    above = _KNEE * np.exp(_STEEP * (np.maximum(mel, knee) - knee))
    return np.where(mel < knee, mel * _EVEN, above)


@cache
def _cosines(bands: int) -> Floats:
    """Return the orthonormal discrete cosine transform of type II, shape (13, bands)."""
    order, place = np.arange(COEFFICIENTS)[:, np.newaxis], np.arange(bands)
    waves = np.sqrt(2 / bands) * np.cos(np.pi * order * (2 * place + 1) / (2 * bands))
    waves[0] /= np.sqrt(2)
    return np.asarray(waves, np.float32)


@cache
def _slopes(order: int) -> Floats:
    """Return what each of nine frames adds to the derivative (A. Savitzky and M. Golay, 1964)."""
    place = np.arange(-_REACH, _REACH + 1, dtype=np.float64)
    fitted = np.linalg.pinv(np.vander(place, order + 1, increasing=True))
    return np.asarray(fitted[order] * order, np.float32)  # order! is order, up to 2
