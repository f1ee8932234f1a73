"""What a net makes of a spoken word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chaffinch.features.mel import BANDS, log_mel, pitches, seen_of
from chaffinch.features.net import NetFeatures, TunableFeatures
from chaffinch.features.rows import Row
from chaffinch.features.sounds import QUIET, Floats, HeardFeatures, Patch, SoundFeatures
from chaffinch.readers.audio.content import RATE, Utterance
from chaffinch.readers.audio.spectrum import HERTZ, HOP, sound_of, spectra

#: Samples that a net hears: a second.
LENGTH = RATE
_FAINTEST = 1e-9  # of full scale


def around(content: Any) -> Floats:
    """Return a second of a recording, its first word in the middle.

    Of other words nothing is heard, nor of the middle of a longer word what lies further out.

    Parameters
    ----------
    content : Recording
        As `chaffinch.readers.audio.read_audio` read it.

    Returns
    -------
    ndarray of float32, shape (LENGTH,)

    Examples
    --------
    >>> from chaffinch.readers.audio import read_audio
    >>> around(read_audio(b"no recording")).any()
    np.False_
    """
    window = np.zeros(LENGTH, np.float32)
    if not content.utterances:
        return window
    word, *others = content.utterances
    middle = _middle(word)
    end = min(len(content.samples), *(round(one.start * RATE) for one in others), middle + LENGTH)
    first = middle - LENGTH // 2
    heard = content.samples[max(0, first) : min(end, first + LENGTH)]
    at = max(0, -first)
    window[at : at + len(heard)] = heard
    return window


def _middle(word: Utterance) -> int:
    """Return which sample of its recording is in the middle of a word."""
    return round((word.start + word.end) / 2 * RATE)


class AroundFeatures(HeardFeatures):
    """What features of the second around a word have in common."""

    def spectrum(self, content: Any) -> Floats:
        """Return the mel spectrum of the second around a word, in decibels, shape (40, 101)."""
        return log_mel(around(content))

    def begins(self, content: Any) -> float:
        """Return when that second begins, in seconds of the recording; it may be before."""
        if not content.utterances:
            return 0.0
        return (_middle(content.utterances[0]) - LENGTH // 2) / RATE


@dataclass(frozen=True)
class SpokenFeatures(AroundFeatures):
    """The sound of the second around a word, for a net of one's own.

    Parameters
    ----------
    labels : tuple of str
        The labels that are known from the start.
    """

    labels: tuple[str, ...]
    n_features: ClassVar[int] = LENGTH
    signature: ClassVar[str] = "second 8000 1"

    def row(self, content: Any, owner: str = "") -> Row:
        """Return the samples of one recording; owners have no taste of their own here."""
        del owner
        return self.dense(around(content))

    def silenced(self, content: Any, patches: Sequence[Patch]) -> Floats:
        """Return the sound of a recording, and of it without parts of it, by their frequencies."""
        whole = around(content)
        bins = spectra(whole)
        loud = np.abs(bins)
        quiet = np.percentile(loud, QUIET, axis=0)
        kept = np.minimum(1, quiet / np.maximum(loud, np.float32(_FAINTEST)))
        bands = np.searchsorted([pitches(band, band)[0] for band in range(1, BANDS)], HERTZ)
        found = np.repeat(whole[np.newaxis], len(patches) + 1, axis=0)
        for one, (rows, columns) in zip(found[1:], patches, strict=True):
            inside = (bands >= rows.start) & (bands < rows.stop)
            lost = bins[columns] * np.where(inside, kept[columns] - 1, 0)
            one += sound_of(lost, first=columns.start, length=LENGTH)
        return found


class SpokenNetFeatures(NetFeatures, AroundFeatures, SoundFeatures):
    """The logits and the embedding of a net that hears a word."""

    def of_spectra(self, spectra: Floats) -> Floats:
        """Return logits and embeddings of words, shape (n, n_features)."""
        return self.of_inputs(seen_of(spectra))


class TunableSpokenFeatures(TunableFeatures, SpokenNetFeatures):
    """The mel spectrum, for a model that begins as a net."""

    @property
    def n_features(self) -> int:
        """Bands of each frame."""
        return BANDS * (LENGTH // HOP + 1)

    @property
    def signature(self) -> str:
        """That of spectra: a model that has a net of its own goes on with any other starter."""
        return "spoken spectrum 40 101 1"
