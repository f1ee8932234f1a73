"""Connected marks of ink: which there are, and which of them are rules, frames or edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chaffinch.readers.image.seams import stroke

if TYPE_CHECKING:
    from chaffinch.readers.image.content import ImageLimits
    from chaffinch.readers.image.raster import Mask
    from chaffinch.readers.notes import Notes

#: What is noted of an image that shows no sign.
BLOT = "nothing but a dot, a dash or a blot is on it"
Labels = npt.NDArray[np.int32]

_MOST_RULED = 32  # marks that are looked at for lines
_FULL = 0.75  # of a side that a line covers
_RULE_ASPECT = 2.5  # from which width to height on a mark may hold a rule
_SHORTEST = 16  # pixels of a line
_THIN = 1 / 12  # of the shorter side of a frame: no pen writes a digit so finely
_BESIDE = 2  # pixels
# A stroke no longer than this, in the width of the sign by which it stands, is a part of it or a
# minus; a rule reaches beyond. A sign counts as so wide at least, in its height: bars of 7s do.
_NO_LONGER, _NARROW = 1.3, 0.6
# How far above a sign, under it and beside it such a stroke stands, in its height.
_OVER, _UNDER, _ASIDE = 0.3, 0.1, 0.8
_EDGE = 0.5  # of a side of the image that a mark at its edge covers
_EDGES = "dark edges were left out"
# From which width to height on, and from which share of its box that is ink, a mark is a blot, and
# which share of the box its holes may be.
_BLOT_WIDE, _BLOT_FULL, _BLOT_HOLES = 0.6, 0.75, 0.02


@dataclass(frozen=True, slots=True)
class Mark:
    """Ink that hangs together.

    Parameters
    ----------
    labels : tuple of int
        Which components it is made of.
    left, top, right, bottom : int
        Its box in pixels, the last two exclusive.
    area : int
        Its pixels.
    """

    labels: tuple[int, ...]
    left: int
    top: int
    right: int
    bottom: int
    area: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    def joined(self, other: Mark) -> Mark:
        """Return both as one mark."""
        return Mark(
            self.labels + other.labels,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
            self.area + other.area,
        )


def find_marks(mask: Mask, limits: ImageLimits, notes: Notes) -> tuple[list[Mark], Labels]:
    """Return the marks of an image without rules, frames and dark edges.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        Where ink is.
    limits : ImageLimits
        How many marks are looked at.
    notes : Notes
        Where it is said what was left out.

    Returns
    -------
    list of Mark
        The largest first.
    ndarray of int32, shape (height, width)
        The component of each pixel, 0 where there is none.
    """
    marks, labels = _connected(mask, limits)
    cleaned = _without_lines(mask, marks, labels, notes)
    if cleaned is not None:
        marks, labels = _connected(cleaned, limits)
    inner = [mark for mark in marks if not _is_edge(mark, labels)]
    if inner and len(inner) < len(marks):
        notes.add(_EDGES)
        marks = inner
    if len(marks) == limits.marks:
        notes.add(f"only the {limits.marks} largest marks were looked at", doubt=True)
    return marks, labels


def inked(mark: Mark, labels: Labels) -> Mask:
    """Return where a mark's own ink is in its box."""
    place = labels[mark.top : mark.bottom, mark.left : mark.right]
    return np.isin(place, mark.labels)


def is_blot(inked: Mask, *, sharp: bool = True) -> bool:
    """Return whether ink fills its box as a dot, a dash or a blot does, and no sign but a 1.

    Parameters
    ----------
    inked : ndarray of bool, shape (height, width)
        Where ink is in its box.
    sharp : bool
        Whether the box ends amid its outermost pixels, so that small dots are as full as large
        ones; in an image of few pixels each counts whole.

    Examples
    --------
    >>> ring = np.ones((20, 20), np.bool_)
    >>> ring[3:17, 4:16] = False
    >>> is_blot(np.ones((20, 20), np.bool_)), is_blot(ring), is_blot(np.ones((20, 4), np.bool_))
    (True, False, False)
    """
    height, width = inked.shape
    box = max(1, width - sharp) * max(1, height - sharp)
    if width < _BLOT_WIDE * height or inked.sum() < _BLOT_FULL * box:
        return False
    from scipy import ndimage

    holes = ndimage.binary_fill_holes(inked) & ~inked
    return bool(holes.sum() <= _BLOT_HOLES * inked.size)


def _connected(mask: Mask, limits: ImageLimits) -> tuple[list[Mark], Labels]:
    from scipy import ndimage

    labels, count = ndimage.label(mask, np.ones((3, 3), dtype=np.int32))
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    largest = np.argsort(-areas, kind="stable")[: limits.marks]
    boxes = ndimage.find_objects(labels)
    marks = []
    for index in largest:
        rows, columns = boxes[index]
        area = int(areas[index])
        name = (int(index) + 1,)
        marks.append(Mark(name, columns.start, rows.start, columns.stop, rows.stop, area))
    return marks, labels


def _is_edge(mark: Mark, labels: Labels) -> bool:
    """Return whether a mark lies along a side of the image, as the edge of a sheet does."""
    sides = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    return any(float((side == mark.labels[0]).mean()) > _EDGE for side in sides)


def _without_lines(mask: Mask, marks: list[Mark], labels: Labels, notes: Notes) -> Mask | None:
    """Return the mask without rules and frames; None where there are none."""
    cleaned: Mask | None = None
    # What lies round a sheet photographed aslant fills corners, and has straight sides, too.
    corners = labels[np.ix_((0, -1), (0, -1))]
    for mark in sorted(marks, key=lambda one: -one.width * one.height)[:_MOST_RULED]:
        if max(mark.width, mark.height) < _SHORTEST:
            continue
        place = np.s_[mark.top : mark.bottom, mark.left : mark.right]
        own = labels[place] == mark.labels[0]
        left = _left_of(own)
        if left is None:
            continue
        thin = stroke(own) < _THIN * min(own.shape)
        framed = any(
            other is not mark
            and other.area > 8
            and 0.25 * mark.height < other.height < mark.height
            and mark.left <= other.left < other.right <= mark.right
            and mark.top <= other.top < other.bottom <= mark.bottom
            for other in marks
        )
        flat = mark.width >= 2 * _RULE_ASPECT * mark.height
        if not (framed or thin or flat or _is_sign(left)):
            continue
        if flat and any(_is_stroke_by(other, mark) for other in marks):
            continue
        if cleaned is None:
            cleaned = mask.copy()
        cleaned[place] &= ~(own & ~left)
        around = mark.labels[0] in corners
        notes.add(_EDGES if around else "ruled lines or boxes were left out")
    return cleaned


def _is_stroke_by(sign: Mark, flat: Mark) -> bool:
    """Return whether what may be a rule is a stroke of a sign, as a 5's bar is, or a minus."""
    tall = sign.height
    usual = min(max(sign.width, _NARROW * tall), tall)
    if tall < 2 * flat.height or flat.width > _NO_LONGER * usual:
        return False
    middle = (flat.top + flat.bottom) / 2 - sign.top
    if flat.left < sign.right and sign.left < flat.right:
        return -_OVER * tall <= middle <= (1 + _UNDER) * tall
    gap = max(flat.left - sign.right, sign.left - flat.right)
    return gap <= _ASIDE * tall and 0.25 * tall <= middle <= 0.75 * tall


def _left_of(own: Mask) -> Mask | None:
    """Return what is left of a mark without its lines; None where it is no rule and no frame."""
    height, width = own.shape
    rows, columns = _lines(own), _lines(own.T)
    framed = _at_ends(rows) and _at_ends(columns)
    ruled = rows.any() and width >= _RULE_ASPECT * height
    if framed:
        return own & ~_along(own, rows) & ~_along(own.T, columns).T
    if ruled or (rows.any() and width >= _RULE_ASPECT * _tall_of(own, rows)):
        return own & ~_along(own, rows)
    return None


def _tall_of(own: Mask, rows: npt.NDArray[np.bool_]) -> int:
    """Return how tall a mark is without the rows of its lines."""
    inked = own.any(axis=1) & ~rows
    return max(1, int(inked.sum()))


def _lines(own: Mask) -> npt.NDArray[np.bool_]:
    """Return which rows are covered nearly all along, by lines that may lean a little."""
    from scipy import ndimage

    height = own.shape[0]
    thick = ndimage.maximum_filter1d(own, max(1, height // 25), axis=0)
    full: npt.NDArray[np.bool_] = thick.mean(axis=1) >= _FULL
    # A line is thin: a blob is covered all along, too.
    return full if full.sum() <= 0.4 * height or height < 8 else np.zeros_like(full)


def _at_ends(lines: npt.NDArray[np.bool_]) -> bool:
    end = max(1, round(0.15 * len(lines)))
    return bool(lines[:end].any() and lines[-end:].any())


def _along(own: Mask, lines: npt.NDArray[np.bool_]) -> Mask:
    """Return the ink in rows of lines but for strokes that cross them."""
    from scipy import ndimage

    if not lines.any():
        return np.zeros_like(own)
    # Its edge fades, and it may lean: some of it lies in the rows beside.
    band = own & ndimage.binary_dilation(lines, iterations=_BESIDE)[:, None]
    count = int(lines[0]) + int((lines[1:] & ~lines[:-1]).sum())
    thickness = max(1, round(float(np.median(band.sum(axis=0))) / count))
    tall = thickness + 3
    crossing = ndimage.binary_opening(
        np.pad(own, ((tall, tall), (0, 0))), np.ones((tall, 1), dtype=bool)
    )
    kept: Mask = crossing[tall : tall + own.shape[0]]
    lone: Mask = band & ~kept
    return lone


def _is_sign(left: Mask) -> bool:
    """Return whether what is left of a frame is tall enough to be a sign in it."""
    from scipy import ndimage

    labels, _ = ndimage.label(left, np.ones((3, 3), dtype=np.int32))
    return any(
        rows.stop - rows.start > 0.3 * left.shape[0] for rows, _ in ndimage.find_objects(labels)
    )
