"""Cutting signs apart that touch, where nobody can say what is a sign: at the thinnest places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from chaffinch.readers.image.normalise import normalised
from chaffinch.readers.image.seams import seams, stroke

if TYPE_CHECKING:
    from chaffinch.readers.image.raster import Pixels

_WIDE = 1.2  # width to height of a sign, from which on it may be several
_NARROWEST = 0.2  # of its height: a sign
_TALL = 0.55  # of the whole: a piece that is a sign
_MOST_CROSSED = 1.6  # strokes' widths that a path may cross
_MOST_CUTS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Ink that may be one sign.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        The ink.
    at : int
        Its leftmost column in the whole.
    pixels : ndarray of float32, shape (28, 28)
        The same as MNIST would show it.
    """

    ink: Pixels
    at: int
    pixels: Pixels

    @classmethod
    def of(cls, ink: Pixels, at: int = 0) -> Self:
        """Return ink as a piece."""
        return cls(ink, at, normalised(ink))


def cut(ink: Pixels, usual: float) -> list[Piece]:
    """Cut a sign that is much wider than tall into those that it is made of.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        The sign alone.
    usual : float
        How tall the signs of the image are, in pixels.

    Returns
    -------
    list of Piece
        From left to right; the whole if there is no thin place to cut it.
    """
    whole, cuts = [(ink, 0)], 0
    pieces: list[Piece] = []
    while whole:
        piece, at = whole.pop()
        parts = _two(piece, usual) if cuts < _MOST_CUTS else None
        if parts is None:
            pieces.append(Piece.of(piece, at))
            continue
        cuts += 1
        whole += [(part, at + begin) for part, begin in reversed(parts)]
    return pieces


def _two(ink: Pixels, usual: float) -> list[tuple[Pixels, int]] | None:
    inked = ink > 0.5
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    tall, wide = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    # Where a low sign touches a tall one the others tell how wide one is.
    if wide <= _WIDE * max(tall, 0.8 * usual):
        return None
    middle = ink.shape[1] / 2
    reach = middle - max(2.0, _NARROWEST * tall)
    if reach < 1:
        return None
    (seam,) = seams(ink, np.array([middle]), reach, 1.0)
    if seam.crossed > _MOST_CROSSED * stroke(ink):
        return None
    before = np.arange(ink.shape[1])[None, :] < seam.columns[:, None]
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
