"""The nets that the benchmarks of words judge, each taught without one speaker of FSDD."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from words.corpora import DIGITS, Clip

from chaffinch.features.mel import log_mel
from chaffinch.features.spoken import LENGTH, SpokenNetFeatures, around
from chaffinch.readers.audio import read_audio

Sounds = NDArray[np.int16]


def sounds(clips: Sequence[Clip]) -> Sounds:
    """Return the second around each word as a net learns from it."""
    from chaffinch.nets.words import stored

    return stored(np.stack([around(read_audio(one.data)) for one in clips]))


def codes(clips: Sequence[Clip]) -> NDArray[np.int64]:
    """Return the number of each digit."""
    return np.array([DIGITS.index(one.label) for one in clips])


def voices(path: Path) -> tuple[Sounds, NDArray[np.int64], Sounds]:
    """Return what programs said, from the file that scripts/voices.py writes.

    Returns
    -------
    array of shape (n, samples), int16
        Digits.
    array of shape (n,)
        Their numbers.
    array of shape (m, samples), int16
        Other words.
    """
    from chaffinch.nets.words import stored

    with np.load(path) as held:
        flat, starts, words = held["samples"], held["starts"], held["words"]
    windows = np.zeros((len(words), LENGTH), np.float32)
    for window, start, end in zip(windows, starts, starts[1:], strict=False):
        word = flat[start:end]
        cut = max(0, (len(word) - LENGTH) // 2)
        word = word[cut : cut + LENGTH]
        at = (LENGTH - len(word)) // 2
        window[at : at + len(word)] = word / np.float32(32768)
    is_digit = np.isin(words, DIGITS)
    # "oh" is said for zero by some: it is neither a digit here nor surely none.
    is_other = ~is_digit & (words != "oh")
    numbers = np.array([DIGITS.index(str(word)) for word in words[is_digit]])
    return stored(windows[is_digit]), numbers, stored(windows[is_other])


def logits(path: Path, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a net in a file says of seconds, shape (n, 10)."""
    features = SpokenNetFeatures(path, DIGITS)
    said = features.of_spectra(log_mel(samples))
    return said[:, : len(DIGITS)]
