"""Portable anymaps (PBM, PGM, PPM): simple enough to be read and written without a library.

The formats are those of Netpbm, https://netpbm.sourceforge.net/doc/pnm.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from chaffinch.readers.image.raster import Raster, factor, reduced

if TYPE_CHECKING:
    from chaffinch.readers.image.content import ImageLimits
    from chaffinch.readers.image.raster import Pixels
    from chaffinch.readers.notes import Notes

_GAP = rb"(?:[ \t\n\v\f\r]|#[^\r\n]*+[\r\n])++"
_HEADER = re.compile(rb"P([1-6])" + _GAP + rb"(\d{1,9})" + _GAP + rb"(\d{1,9})")
_MAXIMUM = re.compile(_GAP + rb"(\d{1,9})")
_COMMENT = re.compile(rb"#[^\r\n]*+")
_HEADER_BYTES = 4096
_MOST_PLAIN = 1 << 21  # samples written as text: each is a Python object for a moment
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


def is_pnm(data: bytes) -> bool:
    """Return whether bytes begin as a portable anymap does."""
    return data[:1] == b"P" and _HEADER.match(data[:_HEADER_BYTES]) is not None


def write_pgm(pixels: npt.NDArray[np.uint8]) -> bytes:
    r"""Return grey pixels as a binary PGM: how arrays of images become items.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width)
        0 black to 255 white.

    Returns
    -------
    bytes

    Examples
    --------
    >>> write_pgm(np.array([[0, 65]], dtype=np.uint8))
    b'P5\n2 1\n255\n\x00A'
    """
    height, width = pixels.shape
    return b"P5\n%d %d\n255\n" % (width, height) + pixels.tobytes()


def read_pnm(data: bytes, limits: ImageLimits, notes: Notes) -> Raster | None:
    """Read a portable anymap.

    Parameters
    ----------
    data : bytes
        What `is_pnm`.
    limits : ImageLimits
        How much of it is read.
    notes : Notes
        Where it is said why it could not be read.

    Returns
    -------
    Raster or None
        None if it could not be read.
    """
    head = data[:_HEADER_BYTES]
    found = _HEADER.match(head)
    if found is None:
        return None
    kind, width, height = (int(number) for number in found.groups())
    end, maximum = found.end(), 1
    if kind not in (1, 4):
        depth = _MAXIMUM.match(head, end)
        if depth is None or not 0 < int(depth[1]) < 1 << 16:
            notes.add(
                "portable anymap whose largest value is none of 1 to 65535: it cannot be read"
            )
            return None
        end, maximum = depth.end(), int(depth[1])
    if not _fits(width, height, limits, notes):
        return None
    channels = 3 if kind in (3, 6) else 1
    shape = (height, width, channels)
    read = _plain if kind < 4 else _binary
    # One white space parts the header from binary pixels.
    samples = read(data, end + (kind >= 4), kind, shape, maximum, notes)
    if samples is None:
        return None
    grey = samples @ _LUMINANCE if channels == 3 else samples[:, :, 0]
    grey = np.minimum(grey, np.float32(1))
    if kind in (1, 4):
        grey = 1 - grey  # in bitmaps 1 is black
    return Raster(reduced(grey, factor(width, height, limits.work)), (width, height))


def _fits(width: int, height: int, limits: ImageLimits, notes: Notes) -> bool:
    if not width or not height:
        notes.add(f"an image of {width}×{height} pixels holds nothing")
        return False
    trap = limits.too_large(width, height, limits.pixels)
    if trap:
        notes.add(trap)
    return not trap


def _binary(
    data: bytes, begin: int, kind: int, shape: tuple[int, int, int], maximum: int, notes: Notes
) -> Pixels | None:
    height, width, channels = shape
    row = (width + 7) // 8 if kind == 4 else width * channels * (1 if maximum < 256 else 2)
    if len(data) - begin < row * height:
        notes.add(
            f"cut off: {max(0, len(data) - begin)} of {row * height} bytes of pixels are there"
        )
        return None
    if kind == 4:
        packed = np.frombuffer(data, np.uint8, row * height, begin).reshape(height, row)
        bits = np.unpackbits(packed, axis=1, count=width)
        return bits.astype(np.float32).reshape(shape)
    sample = np.dtype(np.uint8 if maximum < 256 else ">u2")
    samples = np.frombuffer(data, sample, row * height // sample.itemsize, begin)
    scaled = samples.astype(np.float32)
    scaled /= np.float32(maximum)
    return scaled.reshape(shape)


def _plain(
    data: bytes, begin: int, kind: int, shape: tuple[int, int, int], maximum: int, notes: Notes
) -> Pixels | None:
    height, width, channels = shape
    count = height * width * channels
    if count > _MOST_PLAIN:
        notes.add(f"{count:,} samples written as text are more than are read ({_MOST_PLAIN:,})")
        return None
    # More than so many need, with some comments: what lies behind is not looked at.
    text = _COMMENT.sub(b" ", data[begin : begin + 4096 + 16 * count])
    words: list[bytes] | bytes = text.split(maxsplit=count)[:count]
    if kind == 1:
        words = bytes(byte for byte in text if byte in b"01")[:count]
    if len(words) < count:
        notes.add(f"cut off: {len(words)} of {count} samples are there")
        return None
    try:
        samples = np.fromiter(
            (word - 48 if isinstance(word, int) else int(word) for word in words), np.float32, count
        )
    except (ValueError, OverflowError):
        notes.add("portable anymap with a sample that is no number: it cannot be read")
        return None
    scaled = np.clip(samples / np.float32(maximum), 0, 1).reshape(shape)
    return np.asarray(scaled, dtype=np.float32)
