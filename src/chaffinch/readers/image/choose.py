"""Cutting signs apart that touch, where a recogniser can say what is a sign.

More paths are laid through the ink than there are signs, and the ink between any two of them may be
one: the sequence is taken that the recogniser finds likeliest, each sign weighed by its ink.

R. G. Casey, E. Lecolinet, "A survey of methods and strategies in character segmentation", IEEE
Transactions on Pattern Analysis and Machine Intelligence 18(7), 1996, section III. The numbers were
chosen on lines of MNIST's training images (`benchmarks/digits/lines.py --dev`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chaffinch.readers.image.cut import Piece
from chaffinch.readers.image.seams import Seam, seams, stroke

if TYPE_CHECKING:
    from chaffinch.readers.image.raster import Pixels

#: Normalised signs, (n, 28, 28) → how probable it is that each is one sign, (n,).
Likely = Callable[["Pixels"], npt.NDArray[np.floating]]

_SURE = 0.9  # of being one sign, from which on it is left whole unless it is wide
_WIDE = 1.15  # width to height of a sign, from which on it may be several
_STEP, _REACH = 0.1, 0.16  # of the usual height: between paths, and how far each may go aside
_HOLE = 0.2
_APART = 0.08  # of the usual height: paths that are nearer are the same
_MOST_CROSSED = 3.5  # strokes' widths that a path may cross
_MOST_SEAMS = 40  # in one sign
_NARROWEST, _WIDEST, _LOWEST = 0.12, 1.5, 0.5  # of the usual height: a piece that may be a sign
_USUAL_WIDTH = 0.9  # of the usual height, to which a sign is wide without being unlikely
# By which log-likelihood the pieces of a sign, and of a wide one, have to be likelier than the
# whole. A little more than is best on training images: of those the net is surer than of others.
_GAIN, _WIDE_GAIN = 1.0, 0.5
# Log-likelihoods: of a cut, for each stroke's width that it crosses, and for each usual height that
# a sign is wider than usual.
_CUT, _CROSSED, _TOO_WIDE = -0.02, -0.04, -2.0
_WORST = 1e-4  # probability: none is less likely


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    """The ink from one path, or the beginning, to another, or the end, by their numbers."""

    begin: int
    end: int
    piece: Piece
    share: float  # of the ink of the whole


def chosen(
    signs: Sequence[Pixels], usual: float, likely: Likely, *, most: int
) -> list[list[Piece]]:
    """Cut signs into those that they are made of, where they are made of several.

    Parameters
    ----------
    signs : sequence of ndarray of float32, shape (height, width)
        Each sign alone.
    usual : float
        How tall the signs of the image are, in pixels.
    likely : callable
        How probable it is that a piece is one sign.
    most : int
        Of how many pieces it is asked at most.

    Returns
    -------
    list of list of Piece
        Of each sign what it is made of, from left to right.
    """
    wholes = [Piece.of(ink) for ink in signs]
    if not wholes:
        return []
    found = []
    left = most
    for whole, sure in zip(wholes, likely(_stacked(wholes)), strict=True):
        spans: list[_Span] = []
        # A sign that stands alone may be anything; among others it should be one of them.
        if left and (_is_wide(whole.ink, usual) or (sure < _SURE and len(wholes) > 1)):
            cuts = _cuts(whole.ink, usual)
            spans = list(islice(_spans(whole.ink, cuts, usual), left))
            left -= len(spans)
        best = _best(spans, cuts, whole.ink, float(sure), usual, likely) if spans else []
        found.append(best or [whole])
    return found


def _is_wide(ink: Pixels, usual: float) -> bool:
    height, width = ink.shape
    return bool(width > _WIDE * max(height, usual))


def _log_likely(probability: float, ink: Pixels, usual: float) -> float:
    """Return the log-likelihood that ink is one sign."""
    too_wide = max(0.0, ink.shape[1] / usual - _USUAL_WIDTH)
    return float(math.log(max(_WORST, probability)) + _TOO_WIDE * too_wide)


def _stacked(pieces: Sequence[Piece]) -> Pixels:
    return np.stack([piece.pixels for piece in pieces])


def _cuts(ink: Pixels, usual: float) -> list[Seam]:
    """Return where a sign may be cut, from left to right."""
    reach = _REACH * usual
    middles = np.arange(reach, ink.shape[1] - reach, max(1.0, _STEP * usual))
    if not len(middles):
        return []
    most = _MOST_CROSSED * stroke(ink)
    kept: list[Seam] = []
    for seam in sorted(seams(ink, middles, reach, _HOLE), key=lambda one: one.crossed):
        if seam.crossed > most or len(kept) == _MOST_SEAMS:
            break
        if all(abs(seam.middle - other.middle) > _APART * usual for other in kept):
            kept.append(seam)
    return sorted(kept, key=lambda one: one.middle)


def _spans(ink: Pixels, cuts: Sequence[Seam], usual: float) -> Iterator[_Span]:
    """Yield what may be one sign between two cuts, by their beginnings."""
    height, width = ink.shape
    edges = [np.zeros(height), *(cut.columns for cut in cuts), np.full(height, width)]
    columns, all_ = np.arange(width)[None, :], float(ink.sum())
    for begin in range(len(edges) - 1):
        for end in range(begin + 1, len(edges)):
            if end - begin == len(edges) - 1:
                continue  # the whole
            own = (columns >= edges[begin][:, None]) & (columns < edges[end][:, None])
            part = np.where(own, ink, np.float32(0))
            inked = part > 0.5
            across, down = np.flatnonzero(inked.any(axis=0)), np.flatnonzero(inked.any(axis=1))
            if not len(across):
                continue
            wide, tall = int(across[-1] - across[0]) + 1, int(down[-1] - down[0]) + 1
            if wide > _WIDEST * usual:
                break
            if wide >= _NARROWEST * usual and tall >= _LOWEST * usual:
                at = max(0, int(across[0]) - 1)
                cut = part[:, at : int(across[-1]) + 2]
                yield _Span(begin, end, Piece.of(cut, at), float(part.sum()) / all_)


def _best(
    spans: Sequence[_Span],
    cuts: Sequence[Seam],
    ink: Pixels,
    whole: float,
    usual: float,
    likely: Likely,
) -> list[Piece]:
    """Return the likeliest sequence of pieces; none where the whole is likelier."""
    pen = stroke(ink)
    cost = [0.0, *(_CUT + _CROSSED * cut.crossed / pen for cut in cuts), 0.0]
    score = np.full(len(cost), -np.inf)
    score[0] = 0.0
    came: dict[int, _Span] = {}
    sure = likely(_stacked([span.piece for span in spans]))
    for span, probable in sorted(zip(spans, sure, strict=True), key=lambda pair: pair[0].begin):
        good = span.share * _log_likely(float(probable), span.piece.ink, usual)
        reached = score[span.begin] + good + cost[span.end]
        if reached > score[span.end]:
            score[span.end], came[span.end] = reached, span
    gain = _WIDE_GAIN if _is_wide(ink, usual) else _GAIN
    if score[-1] <= _log_likely(whole, ink, usual) + gain:
        return []
    found, at = [], len(cost) - 1
    while at:
        found.append(came[at].piece)
        at = came[at].begin
    return found[::-1]
