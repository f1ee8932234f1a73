"""Paths from top to bottom of a sign along which it may be cut: those that cross least ink.

S. Avidan, A. Shamir, "Seam carving for content-aware image resizing", ACM Transactions on Graphics
26(3), 2007, for such paths; a projection's minimum would cut slanted digits through the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chaffinch.readers.image.raster import reduced

if TYPE_CHECKING:
    from chaffinch.readers.image.raster import Pixels

Columns = npt.NDArray[np.intp]

_ROWS = 48  # of the image in which a path is looked for
_DIAGONAL = 0.02  # ink that a step aside costs


@dataclass(frozen=True, slots=True, eq=False)
class Seam:
    """A path along which a sign may be cut.

    Parameters
    ----------
    columns : ndarray of intp, shape (height,)
        In each row, the first column behind it.
    crossed : float
        How much ink it crosses, in pixels.
    """

    columns: Columns
    crossed: float

    @property
    def middle(self) -> float:
        """The column about which it runs."""
        return float(self.columns.mean())


def seams(ink: Pixels, middles: npt.NDArray[np.floating], reach: float, hole: float) -> list[Seam]:
    """Return the best path around each of some columns.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        The sign alone.
    middles : ndarray of float, shape (n,)
        Columns to look around.
    reach : float
        How far to look to the left and to the right.
    hole : float
        What a pixel of a hole costs: a path through holes would cut a 0 in two.

    Returns
    -------
    list of Seam
        One for each column, in their order.

    Examples
    --------
    >>> ink = np.ones((10, 9), dtype=np.float32)
    >>> ink[:, 5] = 0
    >>> [(seam.middle, seam.crossed) for seam in seams(ink, np.array([4.0]), 3, 1.0)]
    [(5.0, 0.0)]
    """
    from scipy import ndimage

    by = max(1, round(ink.shape[0] / _ROWS))
    small = reduced(ink, by).astype(np.float64)
    height, width = small.shape
    cost_of = np.maximum(small, hole * ndimage.binary_fill_holes(small > 0.5))
    half = max(1, round(reach / by))
    # Shape (windows, columns of a window).
    places = np.rint(middles[:, None] / by).astype(np.intp) + np.arange(-half, half + 1)
    places = np.clip(places, 0, width - 1)
    # All else equal, in the middle of the window, or of the gap.
    aside = 1e-3 * np.abs(np.arange(-half, half + 1) / half)
    cost = cost_of[0, places] + aside
    steps = np.zeros((height, *places.shape), dtype=np.intp)
    wall = np.full((len(places), 1), np.inf)
    for row in range(1, height):
        around = np.stack(
            [
                np.hstack([wall, cost[:, :-1]]) + _DIAGONAL,
                cost,
                np.hstack([cost[:, 1:], wall]) + _DIAGONAL,
            ]
        )
        best = around.argmin(axis=0)
        steps[row] = best - 1
        cost = np.take_along_axis(around, best[None], axis=0)[0] + cost_of[row, places] + aside
    windows = np.arange(len(places))
    path = np.empty((height, len(places)), dtype=np.intp)
    path[-1] = cost.argmin(axis=1)
    for row in range(height - 1, 0, -1):
        path[row - 1] = path[row] + steps[row, windows, path[row]]
    columns = places[windows, path]  # (height, windows)
    crossed = cost_of[np.arange(height)[:, None], columns].sum(axis=0) * by
    full = np.repeat(columns * by, by, axis=0)[: ink.shape[0]]
    return [Seam(full[:, one], float(crossed[one])) for one in range(len(places))]


def stroke(ink: Pixels) -> float:
    """Return the width of a sign's strokes in pixels."""
    from scipy import ndimage

    inside = ndimage.distance_transform_edt(np.pad(ink > 0.5, 1))
    within = inside[inside > 0]
    return max(1.0, 4 * float((within - 0.5).mean())) if len(within) else 1.0
