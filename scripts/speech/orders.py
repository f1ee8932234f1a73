"""What a synthesiser is asked to say, and what becomes of what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from chaffinch.readers.audio.content import DEFAULT, RATE
from chaffinch.readers.audio.resample import resampled
from chaffinch.readers.audio.wav import Sound, read_wav
from chaffinch.readers.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    T = TypeVar("T")

_HOP = RATE // 100
# Decibels below a word's loudest moment from which it is heard: an f lies 30 below its vowel.
_HEARD = 42.0
_BEFORE, _AFTER = 3, 5  # hops that are left around a word
_SHORTEST, _LONGEST = 0.15, 1.3  # seconds: what is shorter was cut off, what is longer is no word
# Decibels below the loudest moment that are silence within a word, and hops that it takes at least.
_SILENCE, _PAUSE = 30.0, 4
_SILENT = 1e-3  # of full scale
_LOUDEST = 0.8


@dataclass(frozen=True, slots=True)
class Order:
    """One word to be said in one way.

    Parameters
    ----------
    word : str
        The word.
    voice : str
        The voice, by its engine's name for it.
    accent : str
        How it pronounces English, or an empty string where it knows one way only.
    sex : {"f", "m", ""}
        The speaker's, if known.
    said : str
        What the engine is given to say: letters or phonemes.
    pace : float
        How much longer than usual it takes.
    pitch : float
        How much higher than usual it is.
    tract : float
        How much shorter than usual the speaker's vocal tract is, and the vocal cords with it: the
        sound is played faster by as much, and spoken slower.
    """

    word: str
    voice: str
    accent: str
    sex: str
    said: str
    pace: float = 1.0
    pitch: float = 1.0
    tract: float = 1.0


class Engine(Protocol):
    """A synthesiser; each is a module."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module's constant
        """What it is called."""

    @property
    def LICENCE(self) -> str:  # noqa: N802
        """Under which terms its voices may be used."""

    def missing(self) -> str:
        """Return what is not installed of it, or an empty string."""

    def version(self) -> str:
        """Return which version it is."""

    def orders(self, chance: np.random.Generator) -> list[Order]:
        """Return what it is to say."""

    def speak(self, orders: Sequence[Order]) -> Iterator[Sound | None]:
        """Yield what each order sounds like; None if it could not be said."""


def spread(voices: Sequence[T], count: int, chance: np.random.Generator) -> list[T]:
    """Return so many voices, each as often as any other, but for one.

    Examples
    --------
    >>> sorted(spread("ab", 4, np.random.default_rng(1)))
    ['a', 'a', 'b', 'b']
    """
    rounds = -(-count // len(voices))
    order = [int(place) for _ in range(rounds) for place in chance.permutation(len(voices))]
    return [voices[place] for place in order[:count]]


def between(low: float, high: float, chance: np.random.Generator) -> float:
    """Return a factor, as likely to be low as high on a scale of ratios, to three digits."""
    return round(float(np.exp(chance.uniform(np.log(low), np.log(high)))), 3)


def from_wav(data: bytes) -> Sound | None:
    """Return the sound of a WAV file that an engine wrote."""
    return read_wav(data, DEFAULT, Notes())


def finished(sound: Sound | None, word: str, tract: float) -> NDArray[np.int16] | None:
    """Return a word cut out of what an engine said, at `RATE`, each as loud.

    Parameters
    ----------
    sound : Sound or None
        What it said.
    word : str
        What it was to say.
    tract : float
        By how much faster it is to be played.

    Returns
    -------
    ndarray of int16, shape (n,), or None
        None if there is no word in it.

    Examples
    --------
    >>> beep = np.sin(np.arange(24000, dtype=np.float32)) * (np.arange(24000) < 12000)
    >>> round(len(finished(Sound(beep.astype(np.float32), 24000), "oh", 1.0)) / RATE, 2)
    0.55
    >>> finished(Sound(np.zeros(24000, np.float32), 24000), "oh", 1.0)
    """
    if sound is None or not sound.samples.size:
        return None
    samples = resampled(sound.samples - sound.samples.mean(), round(sound.rate * tract))
    loudest = float(np.abs(samples).max(initial=0))
    if loudest < _SILENT:
        return None
    hops = np.pad(samples, (0, -len(samples) % _HOP)).reshape(-1, _HOP)
    power = np.square(hops).mean(axis=1)
    power = power[: _end(power, _closures(word))]
    heard = np.flatnonzero(power >= power.max() * 10 ** (-_HEARD / 10))
    start, end = max(0, heard[0] - _BEFORE) * _HOP, (heard[-1] + 1 + _AFTER) * _HOP
    if not _SHORTEST <= (heard[-1] + 1 - heard[0]) * _HOP / RATE <= _LONGEST:
        return None
    return np.asarray(np.round(samples[start:end] * (_LOUDEST / loudest * 32767)), np.int16)


def _end(power: NDArray[np.float32], closures: int) -> int:
    """Return the hop at which a word ends that falls silent so often between its sounds.

    After a word, some engines say the beginning of the next.
    """
    loud = np.concatenate(([0], power >= power.max() * 10 ** (-_SILENCE / 10), [0]))
    begins, ends = np.flatnonzero(np.diff(loud) > 0), np.flatnonzero(np.diff(loud) < 0)
    longest = int((ends - begins).argmax())
    silences = np.flatnonzero(begins[1:] - ends[:-1] >= _PAUSE)
    after = silences[silences >= longest]
    return int(ends[after[closures]]) + _PAUSE // 2 if len(after) > closures else len(power)


def _closures(word: str) -> int:
    """Return how often a mouth closes after the first sound of a word, as its letters tell.

    Examples
    --------
    >>> [_closures(word) for word in ("two", "eight", "six", "nine", "hundred")]
    [0, 1, 1, 0, 2]
    """
    return len(re.findall("[bcdgkpqtx]+", word[1:].replace("gh", "")))
