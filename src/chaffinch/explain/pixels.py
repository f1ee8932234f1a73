"""Why a picture was given its label: which of its pixels speak for the label, and which against."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import UsageError
from chaffinch.explain.odds import odds
from chaffinch.explain.reasons import choose
from chaffinch.features.pixels import SIDE, PictureFeatures, pixels_of
from chaffinch.types import Reason

if TYPE_CHECKING:
    from chaffinch.scheme import Said
    from chaffinch.task import Judge

# A patch that is covered, and how far apart patches begin.
_PATCH, _STEP = 4, 2
# The parts of a picture as people call them: three rows of three.
_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "centre", "right")
_INK, _PAPER = "ink", "paper"


class Heat(NamedTuple):
    """How much each pixel of a picture speaks for a label.

    Attributes
    ----------
    ink : ndarray of float64, shape (28, 28)
        Log-odds that the label loses where the ink of a pixel is taken away.
    paper : ndarray of float64, shape (28, 28)
        Log-odds that the label loses where there is ink that is not there.
    """

    ink: NDArray[np.float64]
    paper: NDArray[np.float64]


def heat(judge: Judge, pixels: NDArray[np.float32], label: str) -> Heat:
    """Return how much each pixel speaks for a label, by covering patches of the picture.

    Occlusion: M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks", ECCV
    2014. Each patch is once wiped clean and once inked; what a pixel says is the mean over the
    patches that it lies in. It takes nothing of a model but its verdicts, so that it tells of every
    rung alike.

    Parameters
    ----------
    judge : Judge
        What judged.
    pixels : ndarray of float32, shape (28, 28)
        The picture, 1 is ink.
    label : str
        The label.

    Raises
    ------
    UsageError
        If what judged is not made of pixels.
    """
    features = judge.rung.features
    if not isinstance(features, PictureFeatures):
        raise UsageError(
            f"the {judge.rung.title} look at no pixels, so that there is no heat map of them: "
            "their reasons are the rules that fit"
        )
    starts = range(0, SIDE - _PATCH + 1, _STEP)
    patches = [
        (slice(top, top + _PATCH), slice(left, left + _PATCH)) for top in starts for left in starts
    ]
    covered = np.repeat(pixels[np.newaxis], 2 * len(patches), axis=0)
    for number, patch in enumerate(patches):
        covered[(2 * number, *patch)] = 0.0
        covered[(2 * number + 1, *patch)] = 1.0
    whole, *others = (
        odds(judge, features, values, [label])[0]
        for values in features.of_pixels(np.concatenate((pixels[np.newaxis], covered)))
    )
    lost = (whole - np.array(others)).reshape(-1, 2)  # (patches, wiped or inked)
    sums, counts = np.zeros((2, SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for number, patch in enumerate(patches):
        sums[(slice(None), *patch)] += lost[number][:, np.newaxis, np.newaxis]
        counts[patch] += 1
    mean = sums / np.maximum(counts, 1)
    # Where there is no ink nothing was wiped away; where there is, none was added.
    return Heat(mean[0] * pixels, mean[1] * (1.0 - pixels))


def by_pixels(
    judge: Judge, content: Any, owner: str, said: Said, count: int
) -> tuple[tuple[Reason, ...], float]:
    """Return why a picture was given its label: what the parts of it say.

    A reason is the ink in one of nine parts, or its paper, whichever says more. A weight is what
    the score loses where the part is covered: weights do not add up to the score, and the rest is
    what they are off by.

    Parameters
    ----------
    judge : Judge
        What judged.
    content : Picture
        The picture as it was read.
    owner : str
        Whose it is.
    said : Said
        What was said of it.
    count : int
        How many reasons to return at most.
    """
    del owner
    seen = heat(judge, pixels_of(content), said.label)
    ink, paper = (_parts(of) for of in seen)
    is_ink = np.abs(ink) >= np.abs(paper)
    weights = np.where(is_ink, ink, paper)
    taken = choose(weights, count, positive=True).tolist()
    names = [f"{row} {column}" for row in _ROWS for column in _COLUMNS]
    reasons = tuple(
        Reason(
            _INK if is_ink[one] else _PAPER,
            "centre" if names[one] == "middle centre" else names[one],
            float(weights[one]),
            quoted=False,
        )
        for one in taken
    )
    return reasons, said.score - said.intercept - float(weights[taken].sum())


def _parts(of: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the strongest that any pixel of each of nine parts says, shape (9,)."""
    edges = [0, 9, 19, SIDE]
    found = []
    for top, bottom in pairwise(edges):
        for left, right in pairwise(edges):
            part = of[top:bottom, left:right]
            found.append(float(part.flat[np.abs(part).argmax()]))
    return np.array(found)
