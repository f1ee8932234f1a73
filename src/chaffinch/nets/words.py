"""The recipe of the words task, and the starter that ships with it.

A net for words learns from recordings of a few people, and from the voices of programs, which are
many: what is true of all of them is true of people it has not heard.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.nets.soundnet import soundnet
from chaffinch.nets.training import Recipe, train
from chaffinch.nets.voices import Voices

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch.nn import Module

    Sounds = NDArray[np.int16]
    Report = Callable[[int, Module], None]

#: How often each word is heard, each time said anew.
RECIPE = Recipe(
    epochs=30,
    rate=0.03,
    other_rate=0.005,
    decay=0.02,
    smoothing=0.1,
    average=0.995,
    strangers=12,
    augmentation=Voices(),
)
# The loudest sample of a word as it is kept to learn from: how loud it was said tells nothing.
_LOUDEST = 30_000


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
