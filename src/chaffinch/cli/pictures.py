"""Pictures in a terminal, of letters alone, so that they need no colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import UsageError
from chaffinch.performance.charts import BRAILLE

# From how dark on a pixel is a dot.
_DARK = 0.4
_DARK_OF_FOUR = 0.3  # of the mean of four
_SHADES = " ░▒▓█"
# Pixels across, up to which a picture is drawn in full.
_NARROW = 40


def check_png(option: str, path: Path, named: Iterable[str] = ()) -> None:
    """Refuse to draw into what is called no PNG, or over an item.

    Parameters
    ----------
    option : str
        By which it was asked for.
    path : Path
        What is to be drawn into.
    named : iterable of str
        The items that were named.

    Raises
    ------
    UsageError
    """
    if path.suffix.lower() != ".png":
        raise UsageError(f"{option} {path}: it is a PNG: name it {path.with_suffix('.png')}")
    for name in named:
        if path.exists() and Path(name).exists() and path.samefile(name):
            raise UsageError(f"{option} {path} is an item that is to be judged: name another file")


def dotted(pixels: NDArray[Any], *, dark: float = _DARK) -> list[str]:
    """Return a picture as lines of Braille, two pixels a letter across and four down.

    Parameters
    ----------
    pixels : ndarray of float, shape (height, width)
        1 is ink.
    dark : float
        From how dark on a pixel is a dot.

    Examples
    --------
    >>> dotted(np.eye(4))
    ['⠑⢄']
    """
    rows, columns = (-(-size // step) for size, step in zip(pixels.shape, (4, 2), strict=True))
    ink = np.zeros((4 * rows, 2 * columns), np.bool_)
    ink[: pixels.shape[0], : pixels.shape[1]] = pixels >= dark
    bits = ink.reshape(rows, 4, columns, 2) * np.array(BRAILLE)[:, np.newaxis, :]
    # The letter of no dots is no space to a terminal, and some fonts show it.
    return [
        "".join(chr(0x2800 + code) if code else " " for code in row)
        for row in bits.sum(axis=(1, 3)).tolist()
    ]


def halved(pixels: NDArray[Any], *, dark: float = _DARK) -> list[str]:
    """Return a picture as lines of half blocks, one pixel a letter across and two down.

    Parameters
    ----------
    pixels, dark
        As `dotted` takes them.

    Examples
    --------
    >>> halved(np.array([[1, 0, 1], [0, 1, 1]]))
    ['▀▄█']
    """
    ink = np.pad(pixels >= dark, ((0, len(pixels) % 2), (0, 0))).reshape(-1, 2, pixels.shape[1])
    return ["".join(" ▄▀█"[2 * top + low] for top, low in row.T.tolist()) for row in ink]


def drawn(pixels: NDArray[Any]) -> list[str]:
    """Return a picture by itself: in half blocks, which are easier to see, where it is narrow.

    Parameters
    ----------
    pixels : ndarray of float, shape (height, width)
        1 is ink.

    Examples
    --------
    >>> drawn(np.eye(2)), len(drawn(np.zeros((40, 76)))[0])
    (['▀▄'], 38)
    """
    return halved(pixels) if pixels.shape[1] <= _NARROW else dotted(pixels)


def thumbnail(pixels: NDArray[Any]) -> list[str]:
    """Return a picture as few lines, to stand beside others: of a wide one half of each side.

    Parameters
    ----------
    pixels : ndarray of float, shape (height, width)
        1 is ink.

    Examples
    --------
    >>> np.shape(thumbnail(np.zeros((40, 76)))), len(thumbnail(np.zeros((28, 28)))[0])
    ((5,), 14)
    """
    if pixels.shape[1] > _NARROW:
        height, width = (size // 2 for size in pixels.shape)
        halves = pixels[: 2 * height, : 2 * width].reshape(height, 2, width, 2)
        return dotted(halves.mean(axis=(1, 3)), dark=_DARK_OF_FOUR)
    return dotted(pixels)


def shaded(values: NDArray[Any]) -> list[str]:
    """Return a few numbers as lines of shades, one a letter: light is least, dark is most.

    Parameters
    ----------
    values : ndarray of float, shape (height, width)
        From -1 to 1.

    Examples
    --------
    >>> shaded(np.array([[-1.0, 0.0, 1.0]]))
    [' ▒█']
    """
    levels = np.clip(np.floor((values + 1) / 2 * len(_SHADES)), 0, len(_SHADES) - 1)
    return ["".join(_SHADES[level] for level in row) for row in levels.astype(int).tolist()]


def beside(blocks: Sequence[Sequence[str]], *, width: int = 79) -> list[str]:
    """Return blocks of lines, as many beside each other as fit.

    Parameters
    ----------
    blocks : sequence of sequence of str
        The lines of each, such as a caption and a picture.
    width : int
        Columns.

    Examples
    --------
    >>> beside([["one", "█"], ["two", "▄", "▀"]])
    ['one  two', '█    ▄', '     ▀']
    """
    wide = max((len(line) for block in blocks for line in block), default=0)
    across = max(1, (width + 2) // (wide + 2))
    return [
        "  ".join(f"{cell:<{wide}}" for cell in row).rstrip()
        for start in range(0, len(blocks), across)
        for row in zip_longest(*blocks[start : start + across], fillvalue="")
    ]
