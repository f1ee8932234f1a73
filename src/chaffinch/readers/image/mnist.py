"""How MNIST's images are: what is like them passes as it is, all else is brought to it.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86(11), 1998. The ranges were measured on the first 50,000 of
the training images: each box has 20 pixels on its longer side (10 have 19), each centre of mass
lies within half a pixel of pixel (14, 14).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from chaffinch.readers.image.raster import Pixels

SIDE = 28
BOX = 20
CENTRE = 14.0  # in pixels, the middle of the first being 0
_OFF_CENTRE = 0.75
_PLACES = np.arange(SIDE, dtype=np.float32)

#: Between which widths in pixels most strokes are (5% to 95% are 1.7 to 4.4, the mean is 2.7).
STROKE = (2.1, 3.3)
#: Between which slants, in columns a row, most digits lean (1% to 99%).
SLANT = (-0.53, 0.78)


def mnist_box(ink: Pixels) -> tuple[int, int, int, int] | None:
    """Return the box of an image's ink if the image is like MNIST's, else None.

    Parameters
    ----------
    ink : ndarray of float32, shape (28, 28)
        0 ground to 1 ink.

    Returns
    -------
    tuple of int or None
        Left, top, right, bottom, the last two exclusive.

    Examples
    --------
    >>> ink = np.zeros((28, 28), dtype=np.float32)
    >>> ink[4:24, 13:16] = 1
    >>> mnist_box(ink), mnist_box(np.roll(ink, 3, axis=1))
    ((13, 4, 16, 24), None)
    """
    rows, columns = ink.sum(axis=1), ink.sum(axis=0)
    inked, across = rows.nonzero()[0], columns.nonzero()[0]
    if not len(inked):
        return None
    top, bottom = int(inked[0]), int(inked[-1]) + 1
    left, right = int(across[0]), int(across[-1]) + 1
    if not BOX - 1 <= max(right - left, bottom - top) <= BOX:
        return None
    mass = float(rows.sum())
    for shares in (rows, columns):
        if abs(float(shares @ _PLACES) / mass - CENTRE) > _OFF_CENTRE:
            return None
    return left, top, right, bottom
