"""How a picture of a digit is shown: its first sign, and what it is in a few words."""

from __future__ import annotations

from typing import Any

import numpy as np

from chaffinch.features.pixels import SIDE, pixels_of
from chaffinch.medium import Portrait

_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "centre", "right")


def told_of(content: Any) -> str:
    """Return how large a picture is, how much of its first sign is ink, and notes.

    Examples
    --------
    >>> from chaffinch.readers.image import read_image
    >>> told_of(read_image(b"no picture"))[:8]
    'no image'
    """
    told = [] if content.size == (0, 0) else [_size(content)]
    if not content.blank:
        told.append(f"{np.mean(pixels_of(content)):.0%} ink")
    return "; ".join((", ".join(told), *content.notes)) if told else "; ".join(content.notes)


def _size(content: Any) -> str:
    return "{} × {} pixels".format(*content.size)


def _place(rows: range, columns: range) -> str:
    row, column = (
        names[(part.start + part.stop) * len(names) // (2 * SIDE)]
        for names, part in ((_ROWS, rows), (_COLUMNS, columns))
    )
    return "centre" if (row, column) == ("middle", "centre") else f"{row} {column}"


PORTRAIT = Portrait(
    of=pixels_of,
    told=told_of,
    dark="ink",
    light="paper",
    looks="pictures",
    legend="",
    size=_size,
    patch=(4, 4),
    place=_place,
)
