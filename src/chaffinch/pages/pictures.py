"""Pictures of few pixels: their colours, as PNG, and as blocks of a page."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.pages.page import Markup, escaped
from chaffinch.pages.ticks import Axes

Colours = NDArray[np.uint8]

# Told apart by people who do not see red or green, too: orange speaks for, blue against.
FOR, AGAINST = np.array([213.0, 94.0, 0.0]), np.array([0.0, 114.0, 178.0])
_PAPER, _INK = 255.0, 40.0
# Bytes of all sounds of a page.
_MOST_SOUND = 1 << 22
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def grey(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return a picture as colours, shape (height, width, 3): 1 is ink, dark on white."""
    levels = _PAPER + pixels * (_INK - _PAPER)
    return np.repeat(levels[:, :, np.newaxis], 3, axis=2)


def signed(values: NDArray[Any], ground: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return numbers as colours, shape (height, width, 3): orange above 0, blue below, white at 0.

    Parameters
    ----------
    values : ndarray of float, shape (height, width)
        The strongest has the full colour.
    ground : ndarray of float, shape (height, width, 3), optional
        The colours that they are laid over.
    """
    strength = np.abs(values) / max(float(np.abs(values).max(initial=0.0)), 1e-9)
    colour = np.where(values[:, :, np.newaxis] > 0, FOR, AGAINST)
    share = 0.85 * strength[:, :, np.newaxis]
    under = np.full((*values.shape, 3), _PAPER) if ground is None else ground
    mixed: NDArray[Any] = (1.0 - share) * under + share * colour
    return mixed


def enlarged(colours: NDArray[Any], by: int) -> NDArray[Any]:
    """Return each pixel as a square of so many."""
    larger: NDArray[Any] = np.repeat(np.repeat(colours, by, axis=0), by, axis=1)
    return larger


def png(colours: NDArray[Any]) -> bytes:
    """Return colours as a PNG file.

    Parameters
    ----------
    colours : ndarray, shape (height, width, 3)
        Red, green and blue from 0 to 255.

    Examples
    --------
    >>> png(grey(np.eye(2)))[1:4]
    b'PNG'
    """
    rows = np.rint(np.clip(colours, 0, 255)).astype(np.uint8)
    height, width, _ = rows.shape
    # Before each row stands which filter it went through: none.
    lines = np.pad(rows.reshape(height, 3 * width), ((0, 0), (1, 0)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def picture(
    colours: NDArray[Any],
    *,
    says: str,
    caption: str = "",
    side: int = 84,
    sound: bytes = b"",
    axes: Axes = Axes(),  # noqa: B008 - it cannot be changed
) -> Markup:
    """Return a picture as a block of a page, its pixels large and sharp.

    Parameters
    ----------
    colours : ndarray, shape (height, width, 3)
        Red, green and blue from 0 to 255.
    says : str
        What it shows, for those who cannot see it.
    caption : str
        What stands under it.
    side : int
        Pixels of the page for its width.
    sound : bytes
        A WAV file that can be played below it.
    axes : Axes
        What stands below it and to its left.
    """
    data = base64.b64encode(png(colours)).decode()
    height = round(side * colours.shape[0] / colours.shape[1])
    under = f"<figcaption>{escaped(caption)}</figcaption>" if caption else ""
    image = (
        f'<img src="data:image/png;base64,{data}" alt="{escaped(says)}" width="{side}" '
        f'height="{height}">'
    )
    return Markup(
        f'<figure class="picture" style="width:{side}px">{_with_axes(image, axes)}{under}'
        f"{_player(sound)}</figure>"
    )


def _with_axes(image: str, axes: Axes) -> str:
    if not any(axes):
        return image
    sides = (("across", "left", axes.across), ("up", "bottom", axes.up))
    told = [
        f'<span class="{side}" style="{edge}:{100 * tick.at:.1f}%">{escaped(tick.said)}</span>'
        for side, edge, ticks in sides
        for tick in ticks
    ]
    return f'<div class="axes">{image}{"".join(told)}</div>'


def _player(sound: bytes) -> str:
    if not sound:
        return ""
    data = base64.b64encode(sound).decode()
    return f'<audio controls preload="none" src="data:audio/wav;base64,{data}"></audio>'


class Players:
    """How much sound a page may still hold; what is beyond it is shown, and not played.

    Examples
    --------
    >>> players = Players(5)
    >>> players.take(b"four"), players.take(b"two"), players.take(b"1")
    (b'four', b'', b'1')
    """

    def __init__(self, most: int = _MOST_SOUND) -> None:
        self._left = most

    def take(self, sound: bytes) -> bytes:
        """Return a sound; nothing where there is no room for it."""
        if len(sound) > self._left:
            return b""
        self._left -= len(sound)
        return sound


def pictures(shown: Iterable[Markup]) -> Markup:
    """Return pictures beside each other."""
    return Markup(f'<div class="pictures">\n{"".join(shown)}</div>\n')
