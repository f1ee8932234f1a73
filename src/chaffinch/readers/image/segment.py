"""From the marks of an image to its signs: what belongs together is one, what touches is cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chaffinch.readers.image.cut import cut
from chaffinch.readers.image.marks import Labels, Mark, find_marks

if TYPE_CHECKING:
    from chaffinch.readers.image.content import ImageLimits
    from chaffinch.readers.image.raster import Pixels
    from chaffinch.readers.notes import Notes

_TALL = 0.6  # of the usual height: a sign of its own
_LOW = 0.4  # of the usual height: below it a dot, a dash or a comma
_SPECK = 0.012  # of the square of the usual height: about the square of a stroke's width
_OVERLAP = 0.35  # of the narrower one's width: above one another
_SMALLEST = 4  # pixels of a sign's longer side
# Signs whose middles are no further apart, in the height of the larger, are of one line.
_SAME_LINE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One sign of an image.

    Parameters
    ----------
    box : tuple of int
        Left, top, right, bottom in pixels of the ink.
    ink : ndarray of float32, shape (bottom - top, right - left)
        The sign's own ink.
    """

    box: tuple[int, int, int, int]
    ink: Pixels


def segments(ink: Pixels, limits: ImageLimits, notes: Notes) -> list[Segment]:
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
    signs = [group for group in groups if group.height >= _LOW * usual]
    if len(signs) < len(groups):
        notes.add("dots, dashes or other small marks were left out")
    found: list[Segment] = []
    for sign in _in_order(signs):
        if len(found) >= limits.glyphs:
            break
        found += _pieces(sign, ink, labels, usual)
    if len(found) > limits.glyphs or len(signs) > limits.glyphs:
        notes.add(f"only the first {limits.glyphs} signs were read")
    return found[: limits.glyphs]


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


def _in_order(signs: list[Mark]) -> list[Mark]:
    """Order signs by line, then from left to right.

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
    return [sign for line in lines for sign in line]


def _away(one: Mark, other: Mark) -> float:
    """Return how far apart the middles of two signs are up and down, in the height of either."""
    apart = abs(one.top + one.bottom - other.top - other.bottom) / 2
    return apart / max(one.height, other.height)


def _pieces(sign: Mark, ink: Pixels, labels: Labels, usual: float) -> list[Segment]:
    """Return a sign's own ink; where several signs touch, that of each."""
    height, width = ink.shape
    # A pixel more on each side: the edge of a stroke lies where its ink fades.
    left, top = max(0, sign.left - 1), max(0, sign.top - 1)
    right, bottom = min(width, sign.right + 1), min(height, sign.bottom + 1)
    place = labels[top:bottom, left:right]
    others = (place > 0) & ~np.isin(place, sign.labels)
    own = np.where(others, np.float32(0), ink[top:bottom, left:right])
    found = []
    for piece, at in cut(own, usual):
        inked = piece > 0.5
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        box = (
            left + at + int(columns[0]),
            top + int(rows[0]),
            left + at + int(columns[-1]) + 1,
            top + int(rows[-1]) + 1,
        )
        found.append(Segment(box, piece))
    return found
