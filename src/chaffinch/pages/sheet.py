"""Panels with captions, row by row, as a PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaffinch.readers.image import require_pillow

# Pixels between panels, and the height of letters.
_GAP, _TEXT = 16, 14
# Told apart by people who do not see red or green, too: orange speaks for, blue against.
FOR, AGAINST = np.array([213.0, 94.0, 0.0]), np.array([0.0, 114.0, 178.0])
_PAPER, _INK = 255.0, 40.0
#: Rows of a sheet.
MOST = 64


class Panel(NamedTuple):
    """A picture and what is said of it.

    Attributes
    ----------
    colours : ndarray of float, shape (height, width, 3)
        0 to 255.
    said : str
        Its caption.
    """

    colours: NDArray[Any]
    said: str


def grey(ink: NDArray[np.float32]) -> NDArray[Any]:
    """Return ink, from 0 to 1, as colours, shape (height, width, 3)."""
    return np.repeat((_PAPER + ink * (_INK - _PAPER))[:, :, np.newaxis], 3, axis=2)


def coloured(ink: NDArray[np.float32], says: NDArray[np.float64]) -> NDArray[Any]:
    """Return ink with what it says over it: orange for a label, blue against it."""
    strength = np.abs(says) / max(float(np.abs(says).max()), 1e-9)
    colour = np.where(says[:, :, np.newaxis] > 0, FOR, AGAINST)
    share = 0.85 * strength[:, :, np.newaxis]
    mixed: NDArray[Any] = (1.0 - share) * grey(ink * np.float32(0.35)) + share * colour
    return mixed


def enlarged(colours: NDArray[Any], by: int) -> NDArray[Any]:
    """Return each pixel as a square of so many."""
    larger: NDArray[Any] = np.repeat(np.repeat(colours, by, axis=0), by, axis=1)
    return larger


def sheet(rows: Sequence[Sequence[Panel]]) -> bytes:
    """Return panels, row by row, as a PNG.

    Raises
    ------
    MissingExtraError
        If Pillow is missing.
    """
    require_pillow()
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=_TEXT - 1)
    columns = max(map(len, rows))
    wide = [
        max(
            max(row[column].colours.shape[1], round(font.getlength(row[column].said)))
            for row in rows
            if column < len(row)
        )
        for column in range(columns)
    ]
    high = [max(panel.colours.shape[0] for panel in row) for row in rows]
    size = sum(wide) + _GAP * (columns + 1), sum(high) + (_TEXT + 2 * _GAP) * len(rows)
    drawn = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(drawn)
    top = _GAP
    for row, height in zip(rows, high, strict=True):
        left = _GAP
        for panel, width in zip(row, wide, strict=False):
            pen.text((left, top - 2), panel.said, fill="black", font=font)
            image = Image.fromarray(panel.colours.astype(np.uint8))
            drawn.paste(image, (left, top + _TEXT + 2))
            right, bottom = left + image.width, top + _TEXT + 2 + image.height
            pen.rectangle((left - 1, top + _TEXT + 1, right, bottom), outline="#bbb")
            left += width + _GAP
        top += height + _TEXT + 2 * _GAP
    data = io.BytesIO()
    drawn.save(data, "PNG")
    return data.getvalue()
