"""Why a recording was given its label: which of its sounds speak for it, and which against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import UsageError
from chaffinch.explain.odds import odds
from chaffinch.explain.reasons import choose
from chaffinch.features.sounds import SoundFeatures
from chaffinch.types import Reason

if TYPE_CHECKING:
    from chaffinch.scheme import Said
    from chaffinch.task import Judge

# A patch that is silenced spans so many bands, and a twelfth of the word; patches overlap by half.
_BANDS, _MOMENTS = 8, 12
# The parts of a word as people call them, and of what is heard: up to 0.9 and to 1.9 kHz.
_WHEN = ("beginning", "second quarter", "third quarter", "end")
_PITCHES = (("low sounds", 0, 14), ("middle sounds", 14, 25), ("high sounds", 25, 40))
# Of each band the quietest tenth is what is heard where nothing is said.
_QUIET = 10


def heat(judge: Judge, spectrum: NDArray[np.float32], label: str) -> NDArray[np.float64]:
    """Return how much each moment of each band speaks for a label, by silencing patches.

    As `chaffinch.explain.pixels.heat`: what a place says is the mean over the patches that it lies
    in of the log-odds that the label loses where they are as quiet as their bands ever are.

    Parameters
    ----------
    judge : Judge
        What judged.
    spectrum : ndarray of float32, shape (bands, frames)
        The word, as the features' ``spectrum`` gives it.
    label : str
        The label.

    Returns
    -------
    ndarray of float64, shape (bands, frames)

    Raises
    ------
    UsageError
        If what judged is not made of a spectrum.
    """
    features = judge.rung.features
    if not isinstance(features, SoundFeatures):
        raise UsageError(
            f"the {judge.rung.title} looks at no spectrum, so that there is no heat map of it: "
            "its reasons are the rules that fit"
        )
    bands, frames = spectrum.shape
    width = max(1, round(frames / _MOMENTS))
    patches = [
        (slice(low, low + _BANDS), slice(start, start + width))
        for low in range(0, bands - _BANDS // 2, _BANDS // 2)
        for start in range(0, frames, max(1, width // 2))
    ]
    quiet = np.percentile(spectrum, _QUIET, axis=1, keepdims=True).astype(np.float32)
    silenced = np.repeat(spectrum[np.newaxis], len(patches) + 1, axis=0)
    for one, (rows, columns) in zip(silenced[1:], patches, strict=True):
        one[rows, columns] = np.minimum(one[rows, columns], quiet[rows])
    whole, *others = (
        odds(judge, features, values, label) for values in features.of_spectra(silenced)
    )
    sums, counts = np.zeros(spectrum.shape), np.zeros(spectrum.shape)
    for other, patch in zip(others, patches, strict=True):
        sums[patch] += whole - other
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
    if content.blank or not isinstance(features, SoundFeatures):
        return (), said.score - said.intercept
    seen = heat(judge, features.spectrum(content), said.label)
    frames = seen.shape[1]
    edges = [round(frames * quarter / len(_WHEN)) for quarter in range(len(_WHEN) + 1)]
    parts = [
        (pitch, when, _strongest(seen[low:high, first:end]))
        for pitch, low, high in _PITCHES
        for when, first, end in zip(_WHEN, edges, edges[1:], strict=False)
    ]
    weights = np.array([weight for _, _, weight in parts])
    taken = choose(weights, count, positive=True).tolist()
    reasons = tuple(
        Reason(text, where, weight, quoted=False)
        for text, where, weight in (parts[one] for one in taken)
    )
    return reasons, said.score - said.intercept - float(weights[taken].sum())


def _strongest(part: NDArray[np.float64]) -> float:
    """Return the strongest that any place of a part says; 0 of a part that is empty."""
    return float(part.flat[np.abs(part).argmax()]) if part.size else 0.0
