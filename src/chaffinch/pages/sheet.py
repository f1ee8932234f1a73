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


def draw_sheet(strips: Sequence[Strip], path: Path, *, side: int) -> None:
    """Draw pictures, a row for each strip, with what is said of them.

    Parameters
    ----------
    strips : sequence of Strip
        From top to bottom, one at least.
    path : Path
        The PNG to write.
    side : int
        Pixels of a picture's side.

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
    heights = [
        (_TEXT + side + 2 * _GAP if one.panels else _GAP) + (_TITLE if one.title else 0)
        for one in strips
    ]
    width = max(len(one.panels) for one in strips) * (side + _GAP) + _GAP
    width = max([width, *(2 * _GAP + int(bold.getlength(one.title)) for one in strips)])
    sheet = Image.new("RGB", (width, sum(heights)), "white")
    pen = ImageDraw.Draw(sheet)
    top = 0
    for strip, height in zip(strips, heights, strict=True):
        above = top + _GAP
        if strip.title:
            pen.text((_GAP, above - 4), strip.title, fill="black", font=bold)
            above += _TITLE
        for column, (colours, said) in enumerate(strip.panels):
            left = _GAP + column * (side + _GAP)
            pen.text((left, above - 2), said, fill="black", font=font)
            panel = Image.fromarray(colours.astype(np.uint8)).resize((side, side), 0)
            sheet.paste(panel, (left, above + _TEXT + 2))
            frame = (left - 1, above + _TEXT + 1, left + side, above + _TEXT + 2 + side)
            pen.rectangle(frame, outline="#bbb")
        top += height
    data = io.BytesIO()
    sheet.save(data, "PNG")
    with written_whole(path) as file:
        file.write(data.getvalue())
