"""What reading an image gives, and how much of an image is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.image.pnm import write_pgm

if TYPE_CHECKING:
    from chaffinch.readers.image.raster import Pixels


# Width to height of what may be one sign: of MNIST's digits the widest has 1.9.
_WIDEST = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """One written sign of an image, such as a digit.

    Parameters
    ----------
    box : tuple of int
        Left, top, right, bottom in pixels of the upright image, the last two exclusive.
    pixels : ndarray of float32, shape (28, 28)
        The sign as MNIST shows its digits: ink 1 on 0, the ink's box scaled to 20×20 keeping its
        aspect, its centre of mass in the middle.
    line : int
        On which line it stands, the uppermost being 0.
    cut_from : ndarray of float32, shape (28, 28), optional
        All the ink that its own hangs together with, as one sign, where it was cut from others:
        the same array for all that were.
    """

    box: tuple[int, int, int, int]
    pixels: Pixels
    line: int = 0
    cut_from: Pixels | None = None

    @property
    def is_cut(self) -> bool:
        """Whether its ink hangs together with that of others, from which it was cut."""
        return self.cut_from is not None

    def as_pgm(self) -> bytes:
        """Return the sign as an image by itself: of MNIST's, the bytes that arrays of them come as.

        Examples
        --------
        >>> len(Glyph((0, 0, 28, 28), np.zeros((28, 28), np.float32)).as_pgm())
        797
        """
        return write_pgm(np.rint(255 * self.pixels).astype(np.uint8))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What is written in an image.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        The whole image upright, 0 paper to 1 ink; a large one is reduced. Of shape (0, 0) where
        the image could not be read.
    glyphs : tuple of Glyph
        Its signs, line by line, left to right; none where nothing is written.
    notes : tuple of str
        What was left out or could not be read, in plain words.
    size : tuple of int
        Width and height of the upright image, in which boxes are given.
    doubts : tuple of str
        The notes on what may change what is written, such as a sign that was left out.
    """

    ink: Pixels
    glyphs: tuple[Glyph, ...] = ()
    notes: tuple[str, ...] = ()
    size: tuple[int, int] = (0, 0)
    doubts: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """Whether nothing is written on it."""
        return not self.glyphs

    @property
    def several(self) -> str:
        """How many signs it shows, where that is more than one; else empty."""
        return f"shows {len(self.glyphs)} signs" if len(self.glyphs) > 1 else ""

    @property
    def uncut(self) -> Glyph | None:
        """The one sign that it shows if ink that hangs together is one, where that was cut.

        None where signs stand apart, or their ink together is wider than one sign is.
        """
        first = self.glyphs[0].cut_from if self.glyphs else None
        if first is None or any(glyph.cut_from is not first for glyph in self.glyphs):
            return None
        lefts, tops, rights, bottoms = zip(*(glyph.box for glyph in self.glyphs), strict=True)
        box = (min(lefts), min(tops), max(rights), max(bottoms))
        if box[2] - box[0] > _WIDEST * (box[3] - box[1]):
            return None
        return Glyph(box, first)


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """How much of an image is read; of one beyond them a note says so.

    Parameters
    ----------
    raw : int
        Bytes of the item.
    pixels : int
        Pixels that the header may claim: they are decoded in memory.
    jpeg : int
        Pixels that a JPEG's header may claim: it is decoded reduced.
    side : int
        Pixels of one side.
    scans : int
        Scans of a JPEG; each goes over all of its pixels.
    work : int
        Pixels of the image in which ink is looked for: a larger one is reduced before.
    marks : int
        Connected marks of ink looked at, the largest first.
    glyphs : int
        Glyphs given.
    pieces : int
        Pieces of signs that touch of which a recogniser is asked whether they are signs.
    """

    raw: int = 1 << 25
    pixels: int = 1 << 25
    jpeg: int = 1 << 26
    side: int = 1 << 16
    scans: int = 100
    work: int = 1 << 20
    marks: int = 400
    glyphs: int = 64
    pieces: int = 300

    def too_large(self, width: int, height: int, most: int) -> str:
        """Return why an image of this size is not read, of so many pixels; empty where it is.

        Examples
        --------
        >>> ImageLimits(side=100).too_large(101, 1, 1000)
        '101×1 pixels: a side is longer than is read (100)'
        """
        if width * height > most:
            return f"{width}×{height} pixels are more than are read ({most:,})"
        if max(width, height) > self.side:
            return f"{width}×{height} pixels: a side is longer than is read ({self.side:,})"
        return ""


#: The limits that hold where none are given.
DEFAULT = ImageLimits()
