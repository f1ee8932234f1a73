"""What happens to a word on its way to a microphone: noise, other voices, music, a room.

All of it is made from numbers that are drawn, and from other recordings, at a signal-to-noise
ratio: the power of the word, over its length, by that of what is added, over all of the recording.
Of a room it is the power of the direct sound by that of its echoes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from words.corpora import Clip

Sound = NDArray[np.float32]

RATE = 8000
KINDS = ("white noise", "babble", "music", "reverberation")
#: Signal-to-noise ratios at which words are judged, in decibels, from without noise on.
RATIOS = (float("inf"), 20.0, 15.0, 10.0, 5.0, 0.0, -5.0)
#: Seconds of what is added that are heard before and after the word.
MARGIN = 0.3
_VOICES = 6
_ENOUGH = 100
_DECAY = 0.5  # seconds until echoes are 60 dB weaker
_TONES = 220.0 * 2.0 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)


def disturbed(
    word: Sound, kind: str, ratio: float, random: np.random.Generator, voices: Sequence[Sound]
) -> Sound:
    """Return a word among what is added, with 0.3 s of that before and after.

    Parameters
    ----------
    word : ndarray of float32, shape (n,)
        The word at 8 kHz.
    kind : str
        One of `KINDS`.
    ratio : float
        The signal-to-noise ratio in decibels; infinite for silence.
    random : Generator
        Draws what is added.
    voices : sequence of ndarray
        Recordings of others, for babble.
    """
    margin = np.zeros(int(MARGIN * RATE), np.float32)
    line = np.concatenate((margin, word, margin))
    if not np.isfinite(ratio):
        return line
    if kind == "reverberation":
        added = _echoes(line, random)
    else:
        makers = {"white noise": _white, "music": _music}
        added = (
            _babble(line.size, random, voices)
            if kind == "babble"
            else makers[kind](line.size, random)
        )
    power = float(np.square(word, dtype=np.float64).mean())
    theirs = float(np.square(added, dtype=np.float64).mean()) * (
        line.size / word.size if kind == "reverberation" else 1.0
    )
    line = line + added * np.sqrt(power / max(theirs, 1e-12) * 10 ** (-ratio / 10))
    return np.asarray(line / max(1.0, float(np.abs(line).max())), np.float32)


def each_noise(
    words: Sequence[Sound], voices: Sequence[Sound]
) -> Iterator[tuple[str, float, list[Sound]]]:
    """Yield each kind and ratio, and all words in it: the same for whoever judges them.

    Parameters
    ----------
    words : sequence of ndarray
        The words at 8 kHz.
    voices : sequence of ndarray
        Recordings of others, for babble.
    """
    for kind in KINDS:
        for ratio in RATIOS:
            random = np.random.default_rng([len(kind), int(10 * min(ratio, 99)) + 100])
            yield kind, ratio, [disturbed(one, kind, ratio, random, voices) for one in words]


def some_of(asked: Sequence[Clip]) -> list[Clip]:
    """Return a hundred recordings, or all where there are fewer: more would take long in noise."""
    return list(asked[:: max(1, len(asked) // _ENOUGH)])


def _white(length: int, random: np.random.Generator) -> Sound:
    return random.normal(size=length).astype(np.float32)


def _babble(length: int, random: np.random.Generator, voices: Sequence[Sound]) -> Sound:
    """Return six voices that say one word after the other, all at once."""
    mixed = np.zeros(length)
    for _ in range(_VOICES):
        said: list[Sound] = []
        while sum(map(len, said)) < 2 * length:
            one = voices[int(random.integers(len(voices)))]
            said.append(one / max(float(one.std()), 1e-6))
        line = np.concatenate(said)  # (samples,)
        start = random.integers(len(line) - length)
        mixed += line[start : start + length]
    return mixed.astype(np.float32)


def _music(length: int, random: np.random.Generator) -> Sound:
    """Return plucked chords of three notes, four a second, over a bass."""
    time = np.arange(length) / RATE
    mixed = np.zeros(length)
    for beat in np.arange(-random.uniform(0, 0.25), length / RATE, 0.25):
        after = np.maximum(time - beat, 0) * (time >= beat)
        envelope = np.exp(-4 * after) * (time >= beat)
        for tone in [*random.choice(_TONES, 3, replace=False), _TONES[0] / 2]:
            phase = 2 * np.pi * tone * after
            mixed += envelope * sum(np.sin(k * phase) / k for k in range(1, 7))
    return mixed.astype(np.float32)


def _echoes(line: Sound, random: np.random.Generator) -> Sound:
    """Return what a room adds: echoes that come ever denser and weaker."""
    time = np.arange(int(_DECAY * RATE)) / RATE
    tail = random.normal(size=time.size) * 10 ** (-3 * time / _DECAY)
    tail[: int(0.005 * RATE)] = 0  # the first echo takes a way of its own
    return np.asarray(fftconvolve(line, tail)[: line.size], np.float32)
