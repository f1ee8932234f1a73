"""Panels with captions, row by row, as a PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaffinch.pages.lettering import Lettering
from chaffinch.pages.ticks import Axes
from chaffinch.readers.image import require_pillow
from chaffinch.whole import written_whole

# Pixels between panels, and the height of letters and of a title.
_GAP, _TEXT, _TITLE = 16, 14, 26
_SOFT = "#666"
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
    sound : bytes
        How what it shows sounds, as a file; empty where there is nothing to hear. A PNG is mute.
    axes : Axes
        What stands below it and to its left.
    """

    colours: NDArray[Any]
    said: str
    sound: bytes = b""
    axes: Axes = Axes()


@dataclass(frozen=True, slots=True)
class Strip:
    """Panels that stand in one row.

    Parameters
    ----------
    panels : sequence of Panel
        None where only the title is to be shown.
    title : str
        What stands above the row.
    """

    panels: Sequence[Panel]
    title: str = ""


def draw_sheet(strips: Sequence[Strip], path: Path, *, side: int | None = None) -> None:
    """Draw panels, a row for each strip, with what is said of them.

    Parameters
    ----------
    strips : sequence of Strip
        From top to bottom, one at least.
    path : Path
        The PNG to write.
    side : int, optional
        Pixels of a panel's sides; by default each is as large as it is.

    Raises
    ------
    MissingExtraError
        If Pillow is missing.
    StorageError
        If the file cannot be written.
    """
    require_pillow()
    from PIL import Image, ImageDraw

    letters = Lettering(
        [one for strip in strips for one in (strip.title, *(panel.said for panel in strip.panels))]
    )
    font, bold = letters.of(_TEXT - 1), letters.of(_TEXT + 2)
    strips = [
        replace(
            strip,
            title=letters.written(strip.title),
            panels=[one._replace(said=letters.written(one.said)) for one in strip.panels],
        )
        for strip in strips
    ]
    shown = [
        [Image.fromarray(panel.colours.astype(np.uint8)) for panel in strip.panels]
        for strip in strips
    ]
    if side is not None:
        shown = [[image.resize((side, side), 0) for image in row] for row in shown]
    columns = max(map(len, shown))
    # What stands to the left of each panel takes as much as the longest of it.
    beside = [
        [
            round(max((font.getlength(f"{tick.said} ") for tick in panel.axes.up), default=0))
            for panel in strip.panels
        ]
        for strip in strips
    ]
    below = [_TEXT if any(panel.axes.across for panel in strip.panels) else 0 for strip in strips]
    widths = [
        max(
            max(
                row[column].width + beside[number][column],
                round(font.getlength(strip.panels[column].said)),
            )
            for number, (row, strip) in enumerate(zip(shown, strips, strict=True))
            if column < len(row)
        )
        for column in range(columns)
    ]
    heights = [
        (max(image.height for image in row) + _TEXT + 2 * _GAP if row else _GAP)
        + (_TITLE if strip.title else 0)
        + under
        for row, strip, under in zip(shown, strips, below, strict=True)
    ]
    titles = [2 * _GAP + int(bold.getlength(strip.title)) for strip in strips]
    size = max([sum(widths) + _GAP * (columns + 1), *titles]), sum(heights)
    drawn = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(drawn)
    top = 0
    for strip, row, height, left_of in zip(strips, shown, heights, beside, strict=True):
        above = top + _GAP
        if strip.title:
            pen.text((_GAP, above - 4), strip.title, fill="black", font=bold)
            above += _TITLE
        left = _GAP
        for panel, image, width, space in zip(strip.panels, row, widths, left_of, strict=False):
            pen.text((left, above - 2), panel.said, fill="black", font=font)
            at = left + space
            drawn.paste(image, (at, above + _TEXT + 2))
            right, bottom = at + image.width, above + _TEXT + 2 + image.height
            pen.rectangle((at - 1, above + _TEXT + 1, right, bottom), outline="#bbb")
            for tick in panel.axes.across:
                place = (at + tick.at * image.width, bottom + 2)
                pen.text(place, tick.said, fill=_SOFT, font=font, anchor="ma")
            for tick in panel.axes.up:
                place = (at - 4, bottom - tick.at * image.height)
                pen.text(place, tick.said, fill=_SOFT, font=font, anchor="rm")
            left += width + _GAP
        top += height
    data = io.BytesIO()
    drawn.save(data, "PNG")
    with written_whole(path, private=True) as file:
        file.write(data.getvalue())
