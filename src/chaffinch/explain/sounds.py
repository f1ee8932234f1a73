"""Why a recording was given its label: which of its sounds speak for it, and which against."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import UsageError
from chaffinch.explain.odds import odds
from chaffinch.explain.reasons import choose
from chaffinch.features.mel import pitches
from chaffinch.features.sounds import HeardFeatures
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import HOP
from chaffinch.types import Reason

if TYPE_CHECKING:
    from chaffinch.scheme import Said
    from chaffinch.task import Judge

# A patch that is silenced spans so many bands, and a twelfth of the word; patches overlap by half.
_BANDS, _MOMENTS = 8, 12
# The parts of a word, and of what is heard, as people call them.
_QUARTERS = 4
_PITCHES = (("low sounds", 0, 14), ("middle sounds", 14, 25), ("high sounds", 25, 40))

#: Which frequencies these are, as people are told.
RANGES = "; ".join(
    "{}: {:.1f} to {:.1f} kHz".format(name, *(hertz / 1000 for hertz in pitches(low, high)))
    for name, low, high in _PITCHES
)


def heat(judge: Judge, content: Any, labels: Sequence[str]) -> NDArray[np.float64]:
    """Return how much each moment of each band speaks for some labels, by silencing patches.

    As `chaffinch.explain.pixels.heat`: what a place says is the mean over the patches that it lies
    in of the log-odds that the label loses where they are as quiet as their bands ever are.

    Parameters
    ----------
    judge : Judge
        What judged.
    content : Recording
        The recording, with a word in it.
    labels : sequence of str
        The labels.

    Returns
    -------
    ndarray of float64, shape (labels, bands, frames)
        Bands and frames as of the features' ``spectrum``.

    Raises
    ------
    UsageError
        If what judged is made of no sound, but of what was measured of it.
    """
    features = judge.rung.features
    if not isinstance(features, HeardFeatures):
        raise UsageError(
            f"the {judge.rung.title} looks at no spectrum, so that there is no heat map of it: "
            "its reasons are the rules that fit"
        )
    bands, frames = features.spectrum(content).shape
    inside = _inside(features, content, frames)
    width = max(1, round(len(inside) / _MOMENTS))
    patches = [
        (slice(low, low + _BANDS), slice(start, start + width))
        for low in range(0, bands - _BANDS // 2, _BANDS // 2)
        for start in range(inside.start, inside.stop, max(1, width // 2))
    ]
    whole, *others = (
        odds(judge, features, values, labels) for values in features.silenced(content, patches)
    )
    sums, counts = np.zeros((len(labels), bands, frames)), np.zeros((bands, frames))
    for other, patch in zip(others, patches, strict=True):
        sums[(slice(None), *patch)] += (whole - other)[:, np.newaxis, np.newaxis]
        counts[patch] += 1
    return np.asarray(sums / np.maximum(counts, 1))


def by_sounds(
    judge: Judge, content: Any, owner: str, said: Said, count: int
) -> tuple[tuple[Reason, ...], float]:
    """Return why a recording was given its label: what low, middle and high sounds say, and when.

    A weight is what the score loses where the sounds are silenced: weights do not add up to the
    score, and the rest is what they are off by.

    Parameters
    ----------
    judge : Judge
        What judged.
    content : Recording
        The recording as it was read.
    owner : str
        Whose it is.
    said : Said
        What was said of it.
    count : int
        How many reasons to return at most.
    """
    del owner
    features = judge.rung.features
    if content.blank or not isinstance(features, HeardFeatures):
        return (), said.score - said.intercept
    (seen,) = heat(judge, content, [said.label])
    inside = _inside(features, content, seen.shape[1])
    edges = [inside.start + round(len(inside) * one / _QUARTERS) for one in range(_QUARTERS + 1)]
    begins = features.begins(content)
    parts = [
        (name, _time(begins, first, end), _strongest(seen[low:high, first:end]))
        for name, low, high in _PITCHES
        for first, end in pairwise(edges)
    ]
    weights = np.array([weight for _, _, weight in parts])
    taken = choose(weights, count, positive=True).tolist()
    reasons = tuple(
        Reason(text, where, weight, quoted=False)
        for text, where, weight in (parts[one] for one in taken)
    )
    return reasons, said.score - said.intercept - float(weights[taken].sum())


def _inside(features: HeardFeatures, content: Any, frames: int) -> range:
    """Return which frames of a spectrum are of the word, and not of what is around it."""
    if content.blank:
        return range(frames)
    word, begins = content.utterances[0], features.begins(content)
    first, end = (round((one - begins) * RATE / HOP) for one in (word.start, word.end))
    return range(max(0, first), max(1, min(frames, end + 1)))


def _time(begins: float, first: int, end: int) -> str:
    seconds = (begins + frame * HOP / RATE for frame in (first, end))
    return "{:.2f}–{:.2f} s".format(*(max(0.0, one) for one in seconds))


def _strongest(part: NDArray[np.float64]) -> float:
    """Return the strongest that any place of a part says; 0 of a part that is empty."""
    return float(part.flat[np.abs(part).argmax()]) if part.size else 0.0
