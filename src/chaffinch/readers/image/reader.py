"""Reading an image: bytes in, ink and glyphs out, whatever the bytes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.image.content import DEFAULT, Glyph, ImageLimits, Picture
from chaffinch.readers.image.marks import BLOT, is_blot
from chaffinch.readers.image.mnist import SIDE, mnist_box
from chaffinch.readers.image.raster import Pixels
from chaffinch.readers.notes import Notes

if TYPE_CHECKING:
    from chaffinch.readers.image.choose import Likely

_MNIST_HEADER = b"P5\n28 28\n255\n"
_MNIST_BYTES = len(_MNIST_HEADER) + SIDE * SIDE
_WHITE = np.float32(255)
_FEW = 20  # pixels of a side up to which an image shows one sign, whatever its strokes look like


def read_image(data: bytes, limits: ImageLimits = DEFAULT, likely: Likely | None = None) -> Picture:
    r"""Return what is written in an image; any bytes are a readable image.

    PGM and its kin are read as they are, PNG, JPEG, GIF, TIFF, BMP and WebP through Pillow where it
    is installed. Dark on light and light on dark are told apart, uneven light is taken out, ruled
    lines and boxes are left out, touching digits are cut apart. An image as MNIST's are passes
    unchanged.

    Parameters
    ----------
    data : bytes
        The file's bytes, or anything else.
    limits : ImageLimits
        How much of it is read.

    Returns
    -------
    Picture
        What could be read, and notes on what could not.

    Examples
    --------
    >>> page = np.full((60, 60), 255, dtype=np.uint8)
    >>> page[10:50, 28:33] = 0
    >>> picture = read_image(b"P5 60 60 255\n" + page.tobytes())
    >>> [glyph.box for glyph in picture.glyphs], picture.glyphs[0].pixels.shape
    ([(28, 10, 33, 50)], (28, 28))
    >>> read_image(b"Subject: tea").notes
    ('no image: it begins as none of PNG, JPEG, GIF, TIFF, BMP, WebP, PGM and PPM does',)
    """
    # As arrays of digits come; kept apart, since reading them is all the work there is.
    if len(data) == _MNIST_BYTES and data.startswith(_MNIST_HEADER):
        pixels = np.frombuffer(data, np.uint8, SIDE * SIDE, len(_MNIST_HEADER))
        ink: Pixels = np.divide(pixels, _WHITE, dtype=np.float32).reshape(SIDE, SIDE)
        box = mnist_box(ink)
        if box is not None:
            return _one_sign(ink, box, ink, Notes())
    return _read(data, limits, likely)


def _read(data: bytes, limits: ImageLimits, likely: Likely | None) -> Picture:
    from chaffinch.readers.image.decode import decode

    notes = Notes()
    raster = decode(data, limits, notes)
    if raster is None:
        return Picture(np.zeros((0, 0), dtype=np.float32), (), notes.taken())
    if raster.grey.shape == (SIDE, SIDE):
        for ink in (raster.grey, 1 - raster.grey):
            box = mnist_box(ink)
            if box is not None:
                return _one_sign(ink, box, ink, notes)
    from chaffinch.readers.image.normalise import enlarged
    from chaffinch.readers.image.paper import find_ink, whole_range
    from chaffinch.readers.image.segment import segments

    ink = find_ink(raster.grey, notes)
    if max(ink.shape) <= _FEW:
        inked = np.argwhere(ink > 0.5)
        if not len(inked):
            return Picture(ink, (), notes.taken(), raster.size)
        (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0) + 1
        box = (int(left), int(top), int(right), int(bottom))
        return _one_sign(ink, box, enlarged(whole_range(raster.grey)), notes)
    found = segments(ink, limits, notes, likely)
    height, width = ink.shape
    across, down = raster.size[0] / width, raster.size[1] / height
    glyphs = tuple(
        Glyph(
            _scaled(segment.box, across, down, raster.size),
            segment.pixels,
            segment.line,
            segment.cut_from,
        )
        for segment in found
    )
    return Picture(ink, glyphs, notes.taken(), raster.size, notes.doubts())


def _one_sign(ink: Pixels, box: tuple[int, int, int, int], pixels: Pixels, notes: Notes) -> Picture:
    """Return an image of one sign, unless that is a blot."""
    left, top, right, bottom = box
    glyphs: tuple[Glyph, ...] = (Glyph(box, pixels),)
    if is_blot(ink[top:bottom, left:right] > 0.5, sharp=False):
        notes.add(BLOT)
        glyphs = ()
    size = (ink.shape[1], ink.shape[0])
    return Picture(ink, glyphs, notes.taken(), size, notes.doubts())


def _scaled(
    box: tuple[int, int, int, int], across: float, down: float, size: tuple[int, int]
) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return (
        round(left * across),
        round(top * down),
        min(size[0], round(right * across)),
        min(size[1], round(bottom * down)),
    )
