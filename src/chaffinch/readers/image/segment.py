"""From the marks of an image to its signs: what belongs together is one, what touches is cut."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from chaffinch.readers.image.choose import Likely, chosen
from chaffinch.readers.image.cut import Piece, cut
from chaffinch.readers.image.marks import BLOT, Labels, Mark, find_marks, is_blot
from chaffinch.readers.image.seams import stroke

if TYPE_CHECKING:
    from chaffinch.readers.image.content import ImageLimits
    from chaffinch.readers.image.raster import Pixels
    from chaffinch.readers.notes import Notes

#: What is noted where ink that hangs together was cut into signs.
CUT = "ink that hangs together was cut: digits that touch, or a letter"
_TALL = 0.6  # of the usual height: a sign of its own
_LOW = 0.4  # of the usual height: below it a dot, a dash or a comma
_SPECK = 0.012  # of the square of the usual height: about the square of a stroke's width
_OVERLAP = 0.35  # of the narrower one's width: above one another
_SMALLEST = 6  # pixels of a sign's longer side
# Signs whose middles are no further apart, in the height of the larger, are of one line.
_SAME_LINE = 0.6
# How far from a sign, and how far under it, a small mark belongs to what is written.
_BESIDE, _UNDER = 0.8, 0.25
# How far a stroke that parts others reaches above and below them, in their height, and how much of
# a row it covers, in the width of its stroke.
_BEYOND, _ONE_STROKE = 0.1, 1.6


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One sign of an image.

    Parameters
    ----------
    box : tuple of int
        Left, top, right, bottom in pixels of the ink.
    pixels : ndarray of float32, shape (28, 28)
        The sign's own ink as MNIST would show it.
    line : int
        On which line it stands, the uppermost being 0.
    cut_from : ndarray of float32, shape (28, 28), optional
        All the ink that its own hangs together with, as one sign, where it was cut from others:
        the same array for all that were.
    """

    box: tuple[int, int, int, int]
    pixels: Pixels
    line: int
    cut_from: Pixels | None


class _Own(NamedTuple):
    """A sign's own ink, where it begins, and on which line."""

    mark: Mark
    ink: Pixels
    left: int
    top: int
    line: int


def segments(
    ink: Pixels, limits: ImageLimits, notes: Notes, likely: Likely | None = None
) -> list[Segment]:
    """Return the signs of an image, line by line, left to right.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        0 paper to 1 ink.
    limits : ImageLimits
        How many marks and signs there may be.
    notes : Notes
        Where it is said what was left out.

    Returns
    -------
    list of Segment
    """
    marks, labels = find_marks(ink > 0.5, limits, notes)
    marks = [mark for mark in marks if max(mark.width, mark.height) >= _SMALLEST]
    if not marks:
        if ink.any():
            notes.add("its marks are too small to be read")
        return []
    usual = _usual_height(marks)
    marks = [mark for mark in marks if mark.area >= _SPECK * usual * usual]
    groups = _grouped(marks, usual)
    signs = [
        group
        for group in groups
        if group.height >= _LOW * usual and not is_blot(_inked(group, labels))
    ]
    _note_small(groups, signs, usual, notes)
    owned: list[_Own] = []
    for number, line in enumerate(_lines(signs)):
        written = [_own(sign, ink, labels, number) for sign in line[: limits.glyphs - len(owned)]]
        digits = _without_strokes(written)
        if len(digits) < len(written):
            notes.add("strokes between digits were left out", doubt=True)
        owned += digits
    found: list[Segment] = []
    inks = [one.ink for one in owned]
    parts = (
        chosen(inks, usual, likely, most=limits.pieces)
        if likely
        else [cut(own, usual) for own in inks]
    )
    for one, pieces in zip(owned, parts, strict=True):
        whole = Piece.of(one.ink).pixels if len(pieces) > 1 else None
        found += [_segment(piece, one, whole) for piece in pieces]
    if any(one.cut_from is not None for one in found):
        notes.add(CUT)
    if owned and owned[-1].line:
        notes.add(f"{owned[-1].line + 1} lines of writing, one below the other", doubt=True)
    if len(found) > limits.glyphs or len(signs) > limits.glyphs:
        notes.add(f"only the first {limits.glyphs} signs were read", doubt=True)
    return found[: limits.glyphs]


def _note_small(groups: list[Mark], signs: list[Mark], usual: float, notes: Notes) -> None:
    """Note that small marks are left out; beside a sign they may be a minus or a point."""
    small = [group for group in groups if group not in signs]
    if not signs:
        notes.add(BLOT)
    elif any(_is_beside(one, sign, usual) for one in small for sign in signs):
        notes.add(
            "small marks beside signs were left out, such as a minus or a point",
            doubt=True,
        )
    elif small:
        notes.add("dots, dashes or other small marks were left out")


def _is_beside(small: Mark, sign: Mark, usual: float) -> bool:
    """Return whether a small mark is written on the line of a sign, and next to it."""
    reach = _BESIDE * usual
    return (
        sign.left - reach < small.right
        and small.left < sign.right + reach
        and sign.top <= small.bottom
        and small.top <= sign.bottom + _UNDER * usual
    )


def _usual_height(marks: list[Mark]) -> float:
    """Return the height at which half of the ink is in marks that are less tall."""
    heights = np.array([mark.height for mark in marks])
    areas = np.array([mark.area for mark in marks])
    order = heights.argsort()
    half = areas[order].cumsum().searchsorted(areas.sum() / 2)
    return float(heights[order][min(int(half), len(order) - 1)])


def _grouped(marks: list[Mark], usual: float) -> list[Mark]:
    """Join marks that stand above one another and make one sign, such as a broken 5."""
    groups = sorted(marks, key=lambda mark: -mark.area)
    joined = True
    while joined:
        joined = False
        kept: list[Mark] = []
        boxes = np.empty((len(groups), 4))
        for mark in groups:
            fits = _fits(boxes[: len(kept)], mark, usual)
            best = int(fits.argmax()) if len(kept) else 0
            if len(kept) and fits[best] > 0:
                kept[best] = mark = kept[best].joined(mark)
                joined = True
            else:
                best = len(kept)
                kept.append(mark)
            boxes[best] = mark.left, mark.top, mark.right, mark.bottom
        groups = kept
    return groups


def _fits(boxes: npt.NDArray[np.float64], mark: Mark, usual: float) -> npt.NDArray[np.float64]:
    """Return how much a mark and each of others are parts of one sign; 0 where they are not."""
    left, top, right, bottom = boxes.T
    overlap = np.minimum(right, mark.right) - np.maximum(left, mark.left)
    share = overlap / np.minimum(right - left, mark.width)
    gap = np.maximum(top, mark.top) - np.minimum(bottom, mark.bottom)
    tall = np.maximum(bottom, mark.bottom) - np.minimum(top, mark.top)
    both = np.minimum(bottom - top, mark.height) >= _TALL * usual
    # Two tall ones side by side are two signs, however much one leans over the other.
    parts = np.where(both, (gap > 0) & (gap <= 0.15 * usual), gap <= 0.35 * usual)
    parts &= (share >= _OVERLAP) & (both | (tall <= 1.6 * usual))
    # The two halves of one that is broken across, such as a 3.
    wide = np.maximum(right, mark.right) - np.minimum(left, mark.left)
    parts |= (
        ~both
        & (np.abs(gap) <= 0.1 * usual)
        & (overlap >= -0.1 * usual)
        & (np.maximum(tall, wide) <= 1.2 * usual)
    )
    return np.where(parts, np.maximum(share, 0.01), 0.0)


def _lines(signs: list[Mark]) -> list[list[Mark]]:
    """Return signs line by line, each from left to right.

    A sign goes on the line whose last sign is about as high up, so that a line may rise or fall.
    """
    lines: list[list[Mark]] = []
    for sign in sorted(signs, key=lambda one: one.left + one.right):
        away = [_away(sign, line[-1]) for line in lines]
        nearest = min(range(len(lines)), key=away.__getitem__, default=-1)
        if nearest >= 0 and away[nearest] < _SAME_LINE:
            lines[nearest].append(sign)
        else:
            lines.append([sign])
    lines.sort(key=lambda line: sum(one.top + one.bottom for one in line) / len(line))
    return lines


def _away(one: Mark, other: Mark) -> float:
    """Return how far apart the middles of two signs are up and down, in the height of either."""
    apart = abs(one.top + one.bottom - other.top - other.bottom) / 2
    return apart / max(one.height, other.height)


def _inked(mark: Mark, labels: Labels) -> npt.NDArray[np.bool_]:
    """Return where a mark's own ink is in its box."""
    place = labels[mark.top : mark.bottom, mark.left : mark.right]
    return np.isin(place, mark.labels)


def _own(sign: Mark, ink: Pixels, labels: Labels, line: int) -> _Own:
    """Return a sign's own ink."""
    height, width = ink.shape
    # A pixel more on each side: the edge of a stroke lies where its ink fades.
    left, top = max(0, sign.left - 1), max(0, sign.top - 1)
    right, bottom = min(width, sign.right + 1), min(height, sign.bottom + 1)
    place = labels[top:bottom, left:right]
    others = (place > 0) & ~np.isin(place, sign.labels)
    own = np.where(others, np.float32(0), ink[top:bottom, left:right])
    return _Own(sign, own, left, top, line)


def _without_strokes(line: list[_Own]) -> list[_Own]:
    """Return a line without the strokes of a date or a fraction, where it looks like one.

    A tall 1 is such a stroke, too: they have to leave one or two digits between them, and behind
    the last of two four at most.
    """
    places = [place for place in range(len(line)) if _parts_others(place, line)]
    edges = [-1, *places, len(line)]
    *groups, last = (end - begin - 1 for begin, end in pairwise(edges))
    if len(groups) not in (1, 2) or last > 2 * len(groups) or not all(0 < n < 3 for n in groups):
        return line
    return [one for place, one in enumerate(line) if place not in places]


def _parts_others(place: int, line: list[_Own]) -> bool:
    """Return whether a sign is a stroke that parts others, as in 12/05: it is taller than they."""
    if not 0 < place < len(line) - 1:
        return False
    one, others = line[place], [other.mark for other in line[:place] + line[place + 1 :]]
    top = float(np.median([other.top for other in others]))
    bottom = float(np.median([other.bottom for other in others]))
    beyond = _BEYOND * (bottom - top)
    if one.mark.top > top - beyond or one.mark.bottom < bottom + beyond:
        return False
    widths = (one.ink > 0.5).sum(axis=1)
    return bool(widths[widths > 0].mean() <= _ONE_STROKE * stroke(one.ink))


def _segment(piece: Piece, of: _Own, cut_from: Pixels | None) -> Segment:
    inked = piece.ink > 0.5
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    box = (
        of.left + piece.at + int(columns[0]),
        of.top + int(rows[0]),
        of.left + piece.at + int(columns[-1]) + 1,
        of.top + int(rows[-1]) + 1,
    )
    return Segment(box, piece.pixels, of.line, cut_from)
