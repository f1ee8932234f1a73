"""One sign's ink, of any size, pen and slant, as MNIST would show it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.image.mnist import BOX, CENTRE, SIDE, SLANT, STROKE
from chaffinch.readers.image.raster import factor, reduced

if TYPE_CHECKING:
    from chaffinch.readers.image.raster import Mask, Pixels

_FINE = 4  # in each direction, so many pixels for one of MNIST's while the shape is changed
_MARGIN = 4 * _FINE
_FAINT = 0.15  # of ink: what is less is none
_MOST_CHANGE = 1.5  # by which a stroke may become wider or narrower, in MNIST's pixels


def normalised(ink: Pixels) -> Pixels:
    """Return a sign as MNIST shows its digits.

    A slant beyond MNIST's is taken back to its edge (second moments), and so is the width of
    strokes, by moving their contour (a signed distance). The box is scaled to 20×20 keeping its
    aspect, and placed with the centre of mass in the middle of 28×28.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        The sign alone, 0 paper to 1 ink.

    Returns
    -------
    ndarray of float32, shape (28, 28)
        All 0 where there is no ink.
    """
    most = (4 * _FINE * BOX) ** 2
    ink = reduced(ink, factor(ink.shape[1], ink.shape[0], most))
    shape = _fine(ink)
    if shape is None:
        return np.zeros((SIDE, SIDE), dtype=np.float32)
    shape = _pen(shape)
    return _centred(_boxed(shape))


def enlarged(ink: Pixels) -> Pixels:
    """Return a sign of few pixels as MNIST shows its digits; its greys tell where strokes run.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        The sign alone, 0 paper to 1 ink.

    Returns
    -------
    ndarray of float32, shape (28, 28)
        All 0 where there is no ink.

    Examples
    --------
    >>> ink = np.zeros((8, 8), dtype=np.float32)
    >>> ink[1:7, 3:5] = 1
    >>> rows = np.flatnonzero(enlarged(ink).max(axis=1) > 0.5)
    >>> int(rows[0]), int(rows[-1])
    (4, 23)
    """
    from scipy import ndimage

    box = _box(ink > _FAINT)
    if box is None:
        return np.zeros((SIDE, SIDE), dtype=np.float32)
    top, bottom, left, right = box
    cut = ink[top:bottom, left:right]
    scale = BOX / max(cut.shape)
    shape = tuple(max(1, round(side * scale)) for side in cut.shape)
    # Paper around it, so that no stroke at its edge is spread beyond it.
    padded = np.pad(cut, 1)
    places = [
        (np.arange(new) + 0.5) * old / new + 0.5 for new, old in zip(shape, cut.shape, strict=True)
    ]
    sign = ndimage.map_coordinates(padded, np.meshgrid(*places, indexing="ij"), order=3)
    return _centred(np.asarray(np.clip(sign, 0, 1), dtype=np.float32))


def _fine(ink: Pixels) -> Mask | None:
    """Return the sign upright, its longer side of 80 pixels, with a margin."""
    from scipy import ndimage

    box = _box(ink > 0.5)
    if box is None:
        return None
    top, bottom, _, _ = box
    ink = np.pad(ink, 1)
    shear = _excess_slant(ink)
    # The box after shearing: where the corners of each row come to lie.
    rows, columns = np.nonzero(ink > 0.5)
    middle = (rows.min() + rows.max()) / 2
    moved = columns + shear * (rows - middle)
    tall, wide = bottom - top, float(moved.max() - moved.min()) + 1
    scale = BOX * _FINE / max(tall, wide)
    height, width = (max(1, round(side * scale)) + 2 * _MARGIN for side in (tall, wide))
    if scale < 1:
        ink = ndimage.gaussian_filter(ink, 0.35 / scale)
    # From the pixel's middle in the fine image to that in the given one.
    back = 1 / scale
    begin_row = rows.min() - 0.5 + (0.5 - _MARGIN) * back
    begin_column = float(moved.min()) - 0.5 + (0.5 - _MARGIN) * back
    matrix = np.array([[back, 0], [-shear * back, back]])
    offset = (begin_row, begin_column - shear * (begin_row - middle))
    fine = ndimage.affine_transform(
        ink, matrix, offset, output_shape=(height, width), order=1, mode="constant"
    )
    shape: Mask = fine > 0.5
    # Hairs that the scale has lost are better thin than gone.
    return shape if shape.any() else fine > fine.max() / 2


def _excess_slant(ink: Pixels) -> float:
    """Return how far a sign leans beyond MNIST's, in columns a row, right being positive."""
    rows = np.arange(ink.shape[0], dtype=np.float64)
    columns = np.arange(ink.shape[1], dtype=np.float64)
    mass = float(ink.sum())
    down, across = ink.sum(axis=1), ink.sum(axis=0)
    middle_row, middle_column = float(down @ rows) / mass, float(across @ columns) / mass
    both = float((rows - middle_row) @ ink @ (columns - middle_column))
    high = float(down @ (rows - middle_row) ** 2)
    slant = -both / high if high > 0 else 0.0
    # What leans more than this is no slanted digit, but another shape, such as a wide stroke.
    slant = min(1.2, max(-1.2, slant))
    return slant - min(SLANT[1], max(SLANT[0], slant))


def _pen(shape: Mask) -> Mask:
    """Bring the width of a sign's strokes near MNIST's."""
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(shape)
    # Over a long stroke, the mean distance to its edge is a quarter of its width.
    width = 4 * float((inside[shape] - 0.5).mean()) / _FINE
    change = min(STROKE[1], max(STROKE[0], width)) - width
    change = min(_MOST_CHANGE, max(-_MOST_CHANGE, change))
    if abs(change) < 0.1:
        return shape
    outside = ndimage.distance_transform_edt(~shape)
    distance = np.where(shape, inside - 0.5, 0.5 - outside)
    changed: Mask = distance > -change * _FINE / 2
    return changed if changed.any() else shape


def _boxed(shape: Mask) -> Pixels:
    """Scale a fine shape's box to 20×20, keeping its aspect, with smooth edges."""
    box = _box(shape)
    if box is None:
        return np.zeros((1, 1), dtype=np.float32)
    top, bottom, left, right = box
    cut = shape[top:bottom, left:right].astype(np.float32)
    longest = max(cut.shape)
    tall, wide = (max(1, round(BOX * side / longest)) for side in cut.shape)
    return np.asarray(
        _coverage(cut.shape[0], tall) @ cut @ _coverage(cut.shape[1], wide).T, dtype=np.float32
    )


def _coverage(old: int, new: int) -> Pixels:
    """Return which share each old pixel has in each new one, when a side is scaled."""
    edges = np.arange(new + 1) * (old / new)
    begins, ends = edges[:-1, None], edges[1:, None]
    places = np.arange(old)[None, :]
    shared = np.minimum(ends, places + 1) - np.maximum(begins, places)
    return np.asarray(np.maximum(shared, 0) * (new / old), dtype=np.float32)


def _centred(sign: Pixels) -> Pixels:
    """Place a sign with its centre of mass in the middle, as far as it fits."""
    height, width = sign.shape
    placed = np.zeros((SIDE, SIDE), dtype=np.float32)
    mass = float(sign.sum())
    if mass <= 0:
        return placed
    row = float(sign.sum(axis=1) @ np.arange(height)) / mass
    column = float(sign.sum(axis=0) @ np.arange(width)) / mass
    top = min(SIDE - height, max(0, math.floor(CENTRE - row + 0.5)))
    left = min(SIDE - width, max(0, math.floor(CENTRE - column + 0.5)))
    placed[top : top + height, left : left + width] = np.clip(sign, 0, 1)
    return placed


def _box(shape: Mask) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(shape.any(axis=1)), np.flatnonzero(shape.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
