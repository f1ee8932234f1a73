"""What a net makes of a spoken word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from chaffinch.features.dense import DenseFeatures
from chaffinch.features.mel import BANDS, log_mel, seen_of
from chaffinch.features.net import NetFeatures, TunableFeatures
from chaffinch.features.rows import Row
from chaffinch.features.sounds import Floats, SoundFeatures
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import HOP

#: Samples that a net hears: a second.
LENGTH = RATE


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
    middle = round((word.start + word.end) / 2 * RATE)
    end = min(len(content.samples), *(round(one.start * RATE) for one in others), middle + LENGTH)
    first = middle - LENGTH // 2
    heard = content.samples[max(0, first) : min(end, first + LENGTH)]
    at = max(0, -first)
    window[at : at + len(heard)] = heard
    return window


@dataclass(frozen=True)
class SpokenFeatures(DenseFeatures):
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


class SpokenNetFeatures(NetFeatures, SoundFeatures):
    """The logits and the embedding of a net that hears a word."""

    def spectrum(self, content: Any) -> Floats:
        """Return the mel spectrum of the second around a word, in decibels, shape (40, 101)."""
        return log_mel(around(content))

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
