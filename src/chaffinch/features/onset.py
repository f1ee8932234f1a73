"""How a word begins, by ear: what hand-written rules of words may speak of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import BINS, HOP

if TYPE_CHECKING:
    from chaffinch.readers.audio.content import Samples, Utterance

#: Seconds after a word is first heard that count as its beginning.
BEGINNING = 0.08
_HIGH = 2000.0  # hertz; above lie the hisses of s and t, below the loudest of every vowel

#: What each measure says.
FACTS: Mapping[str, str] = MappingProxyType(
    {
        "onset.high": "the share of the power of its first 80 ms that lies above 2 kHz",
        "onset.crossings": "how often a second the sound of its first 80 ms changes sign",
        "onset.centroid": "the mean frequency of its first 80 ms, in hertz",
        "seconds": "how long it lasts",
    }
)


def beginning(word: Utterance) -> Samples:
    """Return the sound of the first 80 ms of a word.

    Parameters
    ----------
    word : Utterance
        The word.

    Returns
    -------
    ndarray of float32, shape (640,) or less
    """
    first = round((word.onset - word.start) * RATE)
    return word.samples[first : first + round(BEGINNING * RATE)]


def sound_facts(content: Any) -> dict[str, float]:
    """Return how the first word of a recording begins; nothing where none is said.

    Parameters
    ----------
    content : Recording
        As `chaffinch.readers.audio.read_audio` read it.

    Returns
    -------
    dict of str to float
        By the names of `FACTS`.

    Examples
    --------
    >>> from chaffinch.readers.audio import read_audio
    >>> sound_facts(read_audio(b"no sound"))
    {}
    """
    if not content.utterances:
        return {}
    word = content.utterances[0]
    return {**_measured(beginning(word)), "seconds": word.end - word.start}


def course(word: Utterance) -> dict[str, list[float]]:
    """Return what would be measured of a word if it began later, every 10 ms.

    Parameters
    ----------
    word : Utterance
        The word.

    Returns
    -------
    dict of str to list of float
        By the names of `FACTS` that speak of its beginning.

    Examples
    --------
    >>> from chaffinch.readers.audio.content import Utterance
    >>> beep = np.sin(np.arange(1600) * np.pi / 4).astype(np.float32)  # at 1 kHz
    >>> heard = course(Utterance(0.0, 0.2, beep, 0.0, beep))["onset.centroid"]
    >>> [round(hertz) for hertz in heard][:2]
    [1000, 1000]
    """
    size = round(BEGINNING * RATE)
    starts = range(0, max(1, word.samples.size - size + 1), HOP)
    found = [_measured(word.samples[start : start + size]) for start in starts]
    return {name: [one[name] for one in found] for name in found[0]}


def _measured(samples: Samples) -> dict[str, float]:
    heard = samples.astype(np.float64)
    power = np.square(np.abs(np.fft.rfft(heard * np.hanning(heard.size), 2 * (BINS - 1) * 4)))
    hertz = np.fft.rfftfreq(2 * (BINS - 1) * 4, 1 / RATE)
    total = float(power.sum()) or 1.0
    signs = np.signbit(heard)
    return {
        "onset.high": float(power[hertz >= _HIGH].sum()) / total,
        "onset.crossings": float((signs[1:] != signs[:-1]).sum()) / (heard.size / RATE),
        "onset.centroid": float(power @ hertz) / total,
    }
