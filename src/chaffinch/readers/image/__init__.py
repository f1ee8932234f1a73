"""Any bytes are a readable image: its ink, and the digits in it as MNIST would show them."""

from __future__ import annotations

from chaffinch.readers.image.content import DEFAULT, Glyph, ImageLimits, Picture
from chaffinch.readers.image.decode import image_format, require_pillow
from chaffinch.readers.image.pnm import write_pgm
from chaffinch.readers.image.reader import read_image

__all__ = [
    "DEFAULT",
    "Glyph",
    "ImageLimits",
    "Picture",
    "image_format",
    "read_image",
    "require_pillow",
    "write_pgm",
]
