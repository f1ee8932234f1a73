"""The recipe of the words task, and the starter that ships with it.

A net for words learns from recordings of a few people, and from the voices of programs, which are
many: what is true of all of them is true of people it has not heard.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from chaffinch.errors import InputError
from chaffinch.features.mel import log_mel, seen_of
from chaffinch.features.net import first_of_each
from chaffinch.features.spoken import LENGTH, around
from chaffinch.nets.soundnet import soundnet
from chaffinch.nets.training import Recipe, train
from chaffinch.nets.voices import Voices
from chaffinch.readers.audio import read_audio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch.nn import Module

    Sounds = NDArray[np.int16]
    Report = Callable[[int, Module], None]

#: How often each word is heard, each time said anew.
RECIPE = Recipe(
    epochs=12,
    rate=0.03,
    other_rate=0.005,
    decay=0.02,
    smoothing=0.1,
    average=0.995,
    strangers=12,
    augmentation=Voices(),
    mixed=True,
)
# Fewer words are heard as often as this together, up to so many times each.
_TOGETHER, _MOST = 60_000, 200
# Two labels can be told apart among many voices that say them, too; a net of ten that is taught as
# much noise hears less without it. Chosen on two speakers of the Free Spoken Digit Dataset.
_FEW, _AMONG_VOICES = 2, Voices(babble=0.6, doubled=2, noise=(-6.0, 40.0))
# Of what a net that is trained on is to go on thinking what it thinks: so many words of each label
# as people said them, as many as programs did, and other words.
_KEPT, _OTHERS_KEPT = 15, 70
# How often people are heard for each time that a program is: they are fewer, and what is to be
# understood.
_PEOPLE = 3
# The loudest sample of a word as it is kept to learn from: how loud it was said tells nothing.
_LOUDEST = 30_000


def recipe_of(words: int, labels: int) -> Recipe:
    """Return how a net learns from so many words, of so many labels.

    Examples
    --------
    >>> [recipe_of(n, 10).epochs for n in (10, 1000, 10_000)]
    [200, 60, 12]
    """
    epochs = max(RECIPE.epochs, min(_MOST, _TOGETHER // words))
    augmentation = _AMONG_VOICES if labels <= _FEW else RECIPE.augmentation
    return replace(RECIPE, epochs=epochs, augmentation=augmentation)


class Lessons(NamedTuple):
    """Words to learn from.

    Attributes
    ----------
    words : array of shape (n, samples), int16
        As `stored` gives them.
    codes : array of shape (n,)
        The numbers of their labels.
    others : array of shape (m, samples), int16
        Words of other labels.
    """

    words: Sounds
    codes: NDArray[np.int64]
    others: Sounds


def beside(words: Sounds, codes: NDArray[np.integer], said: Lessons) -> Lessons:
    """Return what people said, several times, and what programs said.

    Parameters
    ----------
    words : array of shape (n, samples), int16
        What people said, as `stored` gives it.
    codes : array of shape (n,)
        The numbers of their labels.
    said : Lessons
        What programs said.
    """
    return Lessons(
        np.concatenate([*[words] * _PEOPLE, said.words]),
        np.concatenate([*[codes] * _PEOPLE, said.codes]),
        said.others,
    )


def recorded(recordings: Iterable[bytes]) -> Sounds:
    """Return the second around the first word of each recording, as a net learns from it."""
    return stored(np.stack([around(read_audio(data)) for data in recordings]))


def synthesised(path: Path, labels: Sequence[str]) -> Lessons:
    """Return what programs said.

    Parameters
    ----------
    path : Path
        The file that ``scripts/voices.py`` writes.
    labels : sequence of str
        What is to be learned; all else they said are other words.

    Raises
    ------
    InputError
        If it is no such file.
    """
    try:
        with np.load(path) as held:
            flat, starts, said = held["samples"], held["starts"], held["words"]
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise InputError(
            f"{path} does not hold voices ({error}): write it with `python scripts/voices.py`"
        ) from error
    windows = np.zeros((len(said), LENGTH), np.float32)
    for window, start, end in zip(windows, starts[:-1], starts[1:], strict=True):
        word = flat[start:end]
        cut = max(0, (len(word) - LENGTH) // 2)
        word = word[cut : cut + LENGTH]
        at = (LENGTH - len(word)) // 2
        window[at : at + len(word)] = word / np.float32(32768)
    sounds = stored(windows)
    known = np.isin(said, labels)
    # "oh" is said for zero by some: here it is neither that nor surely something else.
    other = ~known & (said != "oh")
    codes = np.array([labels.index(str(word)) for word in said[known]], np.int64)
    return Lessons(sounds[known], codes, sounds[other])


def stored(sounds: NDArray[np.float32]) -> Sounds:
    """Return sounds as a net learns from them, each as loud as the others.

    Parameters
    ----------
    sounds : array of shape (n, samples), float32
        The second around each word, as `chaffinch.features.spoken.around` gives it.

    Examples
    --------
    >>> stored(np.array([[0, 0.1, -0.05]], np.float32)).tolist()
    [[0, 30000, -15000]]
    """
    loudest = np.abs(sounds).max(axis=1, keepdims=True)
    kept: Sounds = np.rint(sounds / np.maximum(loudest, 1e-6) * _LOUDEST).astype(np.int16)
    return kept


def kept_of(words: Sounds, codes: NDArray[np.integer], said: Lessons | None) -> NDArray[np.float32]:
    """Return of what a net that is trained on is to go on thinking what it thinks.

    Parameters
    ----------
    words : array of shape (n, samples), int16
        What people said, as `stored` gives it; of each label the first are taken.
    codes : array of shape (n,)
        The numbers of their labels.
    said : Lessons, optional
        What programs said, as `synthesised` gives it: of as many voices as there are.

    Returns
    -------
    array of shape (m, bands, frames), float32
        As `chaffinch.features.mel.seen_of` gives them.
    """
    chosen = [words[first_of_each(codes, _KEPT)]]
    if said is not None:
        # They lie voice by voice.
        random = np.random.default_rng(0)
        of_label, others = (random.permutation(len(some)) for some in (said.words, said.others))
        chosen.append(said.words[of_label[first_of_each(said.codes[of_label], _KEPT)]])
        chosen.append(said.others[others[:_OTHERS_KEPT]])
    return seen_of(log_mel(np.concatenate(chosen).astype(np.float32) / np.float32(32768)))


def word_net(
    words: Sounds,
    codes: NDArray[np.integer],
    classes: int,
    *,
    strangers: Sounds | None = None,
    recipe: Recipe = RECIPE,
    report: Report | None = None,
) -> Module:
    """Return a net that has learned words, and that other words are none of them.

    Parameters
    ----------
    words : array of shape (n, samples), int16
        As `stored` gives them.
    codes : array of shape (n,)
        The numbers of their labels.
    classes : int
        How many labels there are.
    strangers : array of shape (m, samples), int16, optional
        Other words.
    recipe : Recipe
        How.
    report : callable, optional
        Told after each epoch: how many there were, and the net.
    """
    make = partial(soundnet, classes)
    return train(make, words, codes, recipe, strangers=strangers, report=report)
