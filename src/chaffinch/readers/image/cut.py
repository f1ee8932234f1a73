"""Cutting signs apart that touch: along the path from top to bottom that crosses least ink.

S. Avidan, A. Shamir, "Seam carving for content-aware image resizing", ACM Transactions on Graphics
26(3), 2007, for such paths; a projection's minimum would cut slanted digits through the middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chaffinch.readers.image.raster import reduced

if TYPE_CHECKING:
    from chaffinch.readers.image.raster import Pixels

_WIDE = 1.2  # width to height of a sign, from which on it may be several
_ROWS = 48  # of the image in which a path is looked for
_NARROWEST = 0.2  # of its height: a sign
_TALL = 0.55  # of the whole: a piece that is a sign
_MOST_CROSSED = 1.6  # strokes' widths that a path may cross
_DIAGONAL = 0.02  # ink that a step aside costs
_MOST_CUTS = 12


def cut(ink: Pixels, usual: float) -> list[tuple[Pixels, int]]:
    """Cut a sign that is much wider than tall into those that it is made of.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        The sign alone.
    usual : float
        How tall the signs of the image are, in pixels.

    Returns
    -------
    list of (ndarray, int)
        Each piece's ink and its leftmost column, from left to right; the whole if there is no
        thin place to cut it.
    """
    whole, pieces, cuts = [(ink, 0)], [], 0
    while whole:
        piece, at = whole.pop()
        parts = _two(piece, usual) if cuts < _MOST_CUTS else None
        if parts is None:
            pieces.append((piece, at))
            continue
        cuts += 1
        whole += [(part, at + begin) for part, begin in reversed(parts)]
    return pieces


def _two(ink: Pixels, usual: float) -> list[tuple[Pixels, int]] | None:
    from scipy import ndimage

    inked = ink > 0.5
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    tall, wide = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    # Where a low sign touches a tall one the others tell how wide one is.
    if wide <= _WIDE * max(tall, 0.8 * usual):
        return None
    by = max(1, round(tall / _ROWS))
    # No path through a hole: it would cut a 0 in two.
    filled = np.maximum(ink, ndimage.binary_fill_holes(inked))
    path, crossed = _path(reduced(filled, by), max(2, round(_NARROWEST * tall / by)))
    if path is None or crossed * by > _MOST_CROSSED * _stroke(ink):
        return None
    edge = np.repeat(path * by, by)[: ink.shape[0], None]
    before = np.arange(ink.shape[1])[None, :] < edge
    parts = []
    for side in (before, ~before):
        part = np.where(side, ink, np.float32(0))
        inside = part > 0.5
        if not inside.any():
            return None
        high = np.flatnonzero(inside.any(axis=1))
        if high[-1] - high[0] + 1 < _TALL * tall:
            return None
        broad = np.flatnonzero((part > 0).any(axis=0))
        parts.append((part[:, broad[0] : broad[-1] + 1], int(broad[0])))
    return parts


def _path(ink: Pixels, margin: int) -> tuple[npt.NDArray[np.intp] | None, float]:
    """Return the column of each row at which least ink is crossed, and how much that is."""
    height, width = ink.shape
    if width <= 2 * margin + 1:
        return None, 0.0
    inner = ink[:, margin : width - margin].astype(np.float64)
    # All else equal, in the middle of the whole, or of the gap.
    columns = np.arange(inner.shape[1])
    inner = inner + 1e-3 * np.abs(columns / max(1, inner.shape[1] - 1) - 0.5)
    cost = inner[0].copy()
    steps = np.zeros(inner.shape, dtype=np.intp)
    for row in range(1, height):
        around = np.stack(
            [
                np.concatenate([[np.inf], cost[:-1]]) + _DIAGONAL,
                cost,
                np.concatenate([cost[1:], [np.inf]]) + _DIAGONAL,
            ]
        )
        best = around.argmin(axis=0)
        steps[row] = best - 1
        cost = around[best, columns] + inner[row]
    path = np.empty(height, dtype=np.intp)
    path[-1] = int(cost.argmin())
    for row in range(height - 1, 0, -1):
        path[row - 1] = path[row] + steps[row, path[row]]
    crossed = float(ink[np.arange(height), path + margin].sum())
    return path + margin, crossed


def _stroke(ink: Pixels) -> float:
    """Return the width of a sign's strokes in pixels."""
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(np.pad(ink > 0.5, 1))
    within = inside[inside > 0]
    return max(1.0, 4 * float((within - 0.5).mean()))
