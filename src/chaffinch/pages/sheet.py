"""A sheet of pictures with captions, as a PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.readers.image import require_pillow
from chaffinch.whole import written_whole

_GAP, _TEXT, _TITLE = 16, 14, 26


@dataclass(frozen=True, slots=True)
class Strip:
    """Pictures that stand in one row.

    Parameters
    ----------
    panels : sequence of (ndarray, str)
        Colours of shape (height, width, 3), from 0 to 255, and what stands above them; none where
        only the title is to be shown.
    title : str
        What stands above the row.
    """

    panels: Sequence[tuple[NDArray[Any], str]]
    title: str = ""


def draw_sheet(strips: Sequence[Strip], path: Path, *, side: int | None = None) -> None:
    """Draw pictures, a row for each strip, with what is said of them.

    Parameters
    ----------
    strips : sequence of Strip
        From top to bottom, one at least.
    path : Path
        The PNG to write.
    side : int, optional
        Pixels to which both sides of each picture are brought; by default each is as large as it
        is.

    Raises
    ------
    MissingExtraError
        If Pillow is missing.
    StorageError
        If the file cannot be written.
    """
    require_pillow()
    from PIL import Image, ImageDraw, ImageFont

    font, bold = (ImageFont.load_default(size=size) for size in (_TEXT - 1, _TEXT + 2))
    rows = [[_image(colours, side) for colours, _ in one.panels] for one in strips]
    # Each column is as wide as its widest picture, or what stands above it where that is wider.
    wide: dict[int, int] = {}
    for one, row in zip(strips, rows, strict=True):
        for column, ((_, said), image) in enumerate(zip(one.panels, row, strict=True)):
            letters = 0 if side else round(font.getlength(said))
            wide[column] = max(wide.get(column, 0), image.width, letters)
    heights = [
        (_TEXT + max(image.height for image in row) + 2 * _GAP if row else _GAP)
        + (_TITLE if one.title else 0)
        for one, row in zip(strips, rows, strict=True)
    ]
    width = sum(wide.values()) + _GAP * (len(wide) + 1)
    width = max([width, *(2 * _GAP + int(bold.getlength(one.title)) for one in strips)])
    sheet = Image.new("RGB", (width, sum(heights)), "white")
    pen = ImageDraw.Draw(sheet)
    top = 0
    for strip, row, height in zip(strips, rows, heights, strict=True):
        above, left = top + _GAP, _GAP
        if strip.title:
            pen.text((_GAP, above - 4), strip.title, fill="black", font=bold)
            above += _TITLE
        for column, ((_, said), image) in enumerate(zip(strip.panels, row, strict=True)):
            pen.text((left, above - 2), said, fill="black", font=font)
            sheet.paste(image, (left, above + _TEXT + 2))
            right, bottom = left + image.width, above + _TEXT + 2 + image.height
            pen.rectangle((left - 1, above + _TEXT + 1, right, bottom), outline="#bbb")
            left += wide[column] + _GAP
        top += height
    data = io.BytesIO()
    sheet.save(data, "PNG")
    with written_whole(path) as file:
        file.write(data.getvalue())


def _image(colours: NDArray[Any], side: int | None) -> Any:
    from PIL import Image

    image = Image.fromarray(colours.astype(np.uint8))
    return image if side is None else image.resize((side, side), 0)
