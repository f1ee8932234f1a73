"""Grey pixels on their way from a file's bytes to ink."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """An image as grey pixels.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
        0 black to 1 white, perhaps reduced.
    size : tuple of int
        Width and height before it was reduced.
    """

    grey: Pixels
    size: tuple[int, int]


def factor(width: int, height: int, most: int) -> int:
    """Return by how much both sides are to be divided for so many pixels at most.

    Examples
    --------
    >>> factor(28, 28, 1000), factor(3000, 2000, 1_000_000)
    (1, 3)
    """
    return max(1, math.ceil(math.sqrt(width * height / most)))


def reduced(grey: Pixels, by: int) -> Pixels:
    """Return an image with each block of ``by`` × ``by`` pixels made one: their mean.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
        The image; blocks at its right and lower edge may be cut.
    by : int
        The factor.

    Returns
    -------
    ndarray of float32, shape (ceil(height / by), ceil(width / by))

    Examples
    --------
    >>> reduced(np.array([[0, 1, 1], [0, 1, 1], [0, 0, 1]], dtype=np.float32), 2).tolist()
    [[0.5, 1.0], [0.0, 1.0]]
    """
    if by == 1:
        return grey
    height, width = grey.shape
    rows, columns = np.arange(0, height, by), np.arange(0, width, by)
    sums = np.add.reduceat(np.add.reduceat(grey, rows, axis=0), columns, axis=1)
    tall = np.minimum(by, height - rows)[:, None]
    wide = np.minimum(by, width - columns)[None, :]
    return np.asarray(sums / (tall * wide), dtype=np.float32)
