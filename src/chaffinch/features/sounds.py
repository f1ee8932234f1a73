"""A word's spectrum as features: the same columns whether it was said fast or slowly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.dense import DenseFeatures
from chaffinch.features.mel import COEFFICIENTS, cepstra, log_mel
from chaffinch.features.rows import Row
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import HOP

Floats = NDArray[np.float32]

# How much each coefficient varies, in decibels: by half of that or more it seldom lies off 0.
# Rounded, of Azerbaijani digits and of FSDD's, so that no coefficient drowns the others.
_SPREADS = (60, 22, 17, 12, 9.5, 8.5, 7, 6.2, 5.4, 5, 4.6, 4.2, 4.1)
# So many of these spreads lie between 0 and 1.
_WIDTH = 6.0
# A word begins and ends where its loudest bands, so many, are within so many decibels of its
# loudest moment: so it is the same word with silence round it. Chosen on Azerbaijani digits, as are
# the share below and the number of stretches.
_LOUD_BANDS, _WITHIN = 8, 20.0
# The share of a word's mean cepstrum that is taken out: a microphone, and as much of its vowels.
_EQUALISED = 0.5
#: The percentile of each band that is what is heard of it where nothing is said.
QUIET = 10


def said_in(content: Any) -> Floats:
    """Return the sound of the first word of a recording; a moment of silence where none is said.

    Parameters
    ----------
    content : Recording
        As `chaffinch.readers.audio.read_audio` read it.

    Returns
    -------
    ndarray of float32, shape (n,)
        Samples at 8 kHz.
    """
    if content.utterances:
        samples: Floats = content.utterances[0].samples
        return samples
    return np.zeros(1, np.float32)


#: A part of a spectrum: bands, and frames.
Patch = tuple[slice, slice]


class HeardFeatures(DenseFeatures, ABC):
    """What features of sounds have in common: it can be told what of the sound they are made of."""

    def spectrum(self, content: Any) -> Floats:
        """Return the mel spectrum of what is heard, in decibels, shape (bands, frames)."""
        return log_mel(said_in(content))

    def begins(self, content: Any) -> float:
        """Return when the first frame of the spectrum is, in seconds of the recording."""
        start: float = content.utterances[0].start if content.utterances else 0.0
        return start

    @abstractmethod
    def silenced(self, content: Any, patches: Sequence[Patch]) -> Floats:
        """Return the features of a recording, and of it without parts of its sound.

        A part that is left out is as quiet as its bands ever are.

        Parameters
        ----------
        content : Recording
            As `chaffinch.readers.audio.read_audio` read it.
        patches : sequence of (slice, slice)
            The bands and the frames of each part, as of `spectrum`.

        Returns
        -------
        ndarray of float32, shape (1 + patches, n_features)
            First of the whole.
        """


class SoundFeatures(HeardFeatures):
    """Features that are made of a spectrum alone."""

    @abstractmethod
    def of_spectra(self, spectra: Floats) -> Floats:
        """Return the features of mel spectra.

        Parameters
        ----------
        spectra : ndarray of float32, shape (n, bands, frames)
            In decibels.

        Returns
        -------
        ndarray of float32, shape (n, n_features)
        """

    def silenced(self, content: Any, patches: Sequence[Patch]) -> Floats:
        """Return the features of a recording, and of it without parts of its spectrum."""
        spectrum = self.spectrum(content)
        quiet = np.percentile(spectrum, QUIET, axis=1, keepdims=True).astype(np.float32)
        found = np.repeat(spectrum[np.newaxis], len(patches) + 1, axis=0)
        for one, (rows, columns) in zip(found[1:], patches, strict=True):
            one[rows, columns] = np.minimum(one[rows, columns], quiet[rows])
        return self.of_spectra(found)

    def row(self, content: Any, owner: str = "") -> Row:
        """Return the features of one recording; owners have no taste of their own here."""
        del owner
        return self.dense(self.of_spectra(self.spectrum(content)[np.newaxis])[0])


@dataclass(frozen=True)
class CepstralFeatures(SoundFeatures):
    """Cepstra of twenty stretches of a word, each as long as the others.

    What is faint at its beginning and end is cut off; loudness, and half of what is the same all
    through the word, are taken out.

    Parameters
    ----------
    labels : tuple of str
        The labels that are known from the start.

    Examples
    --------
    >>> features = CepstralFeatures(("one", "two"))
    >>> features.of_spectra(np.zeros((2, 40, 57), np.float32)).shape
    (2, 260)
    """

    labels: tuple[str, ...]
    frames: ClassVar[int] = 20
    n_features: ClassVar[int] = 20 * COEFFICIENTS
    signature: ClassVar[str] = "cepstra 20 13 2"
    centre: ClassVar[float] = 0.5

    def spectrum(self, content: Any) -> Floats:
        """Return the mel spectrum from where the word is loud to where it no longer is."""
        spectrum = super().spectrum(content)
        return spectrum[:, _close(spectrum)]

    def begins(self, content: Any) -> float:
        """Return when the word begins to be loud, in seconds of the recording."""
        faint: int = _close(super().spectrum(content)).start
        return super().begins(content) + faint * HOP / RATE

    def of_spectra(self, spectra: Floats) -> Floats:
        """Return cepstra from 0 to 1, stretch by stretch, shape (n, 260)."""
        found = cepstra(spectra)  # (n, coefficients, frames)
        share = np.full((COEFFICIENTS, 1), _EQUALISED, np.float32)
        share[0] = 1.0
        found = found - share * found.mean(axis=-1, keepdims=True)
        stretched = found @ _stretches(found.shape[-1], self.frames)
        scale = _WIDTH * np.array(_SPREADS, np.float32)[:, np.newaxis]
        values = np.clip(self.centre + stretched / scale, 0.0, 1.0)
        return np.asarray(np.swapaxes(values, 1, 2).reshape(len(values), -1), np.float32)


def cut_close(spectrum: Floats) -> Floats:
    """Return a mel spectrum without what is faint at its beginning and end.

    Parameters
    ----------
    spectrum : ndarray of float32, shape (bands, frames)
        In decibels.

    Examples
    --------
    >>> faint, loud = np.zeros((40, 5), np.float32), np.full((40, 9), 60, np.float32)
    >>> cut_close(np.hstack((faint, loud, faint, loud, faint))).shape
    (40, 23)
    """
    return spectrum[:, _close(spectrum)]


def _close(spectrum: Floats) -> slice:
    """Return which frames are left where what is faint is cut off at either end."""
    loudness = np.partition(spectrum, -_LOUD_BANDS, axis=0)[-_LOUD_BANDS:].mean(axis=0)
    loud = np.flatnonzero(loudness >= loudness.max() - _WITHIN)
    return slice(int(loud[0]), int(loud[-1]) + 1)


@lru_cache(256)
def _stretches(old: int, new: int) -> Floats:
    """Return which share each frame has in each stretch, shape (old, new)."""
    edges = np.arange(new + 1) * (old / new)
    places = np.arange(old)[:, np.newaxis]
    shared = np.minimum(edges[1:], places + 1) - np.maximum(edges[:-1], places)
    return np.asarray(np.maximum(shared, 0) * (new / old), np.float32)
