"""What can be told of a written sign without having learned anything: holes, strokes, open sides.

All is measured on the sign set upright, within the box of its ink. Places go from 0, left or top,
to 1, right or bottom; sizes are shares of the box.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.boards import COLUMNS, Board
from chaffinch.features.pixels import pixels_of

# From how dark on a pixel is ink, how far a sign is set upright at most, and how many pixels of
# paper are a hole: fewer are where a pen's line blurs.
_DARK, _MOST_SLOPE, _LEAST_HOLE = 0.4, 1.0, 2
_HALVES = ("upper", "lower")
_SIDES = ("left", "right")
_THIRDS = [
    f"{row}_{column}"
    for row in ("top", "middle", "bottom")
    for column in ("left", "centre", "right")
]
_QUARTERS = (0.25, 0.5, 0.75)

#: What is measured, by name, and what it says.
FACTS: dict[str, str] = {
    "slope": "how far it leaned before it was set upright: columns to the right for each row up",
    "aspect": "its width by its height",
    "holes": "how many holes it has",
    "hole.area": "size of the largest hole",
    "hole.x": "where the largest hole's middle is, from left to right",
    "hole.y": "where the largest hole's middle is, from top to bottom",
    "across.upper": "how often a line across it meets ink, a quarter below the top",
    "across.middle": "how often a line across it meets ink, in the middle",
    "across.lower": "how often a line across it meets ink, a quarter above the bottom",
    "down.left": "how often a line down it meets ink, a quarter from the left",
    "down.centre": "how often a line down it meets ink, in the middle",
    "down.right": "how often a line down it meets ink, a quarter from the right",
    "width.upper": "how wide it is, a quarter below the top",
    "width.middle": "how wide it is in the middle",
    "width.lower": "how wide it is, a quarter above the bottom",
    **{
        f"ink.{third}": f"how much of the {third.replace('_', ' ')} third is ink"
        for third in _THIRDS
    },
    "same.mirror": "how much of its ink falls on ink where left and right change places",
    "same.flip": "how much of its ink falls on ink where top and bottom change places",
    "same.turn": "how much of its ink falls on ink where it is turned upside down",
    "ends": "how many ends its strokes have",
    **{
        f"ends.{half}_{side}": f"how many of the ends lie in the {half} half to the {side}"
        for half in _HALVES
        for side in _SIDES
    },
    "junctions": "at how many places three strokes or more meet",
    **{
        f"bay.{side}_{half}": f"paper in the {half} half with ink all around but to the {side}"
        for side in _SIDES
        for half in _HALVES
    },
    "bay.top": "paper with ink all around but above",
    "bay.bottom": "paper with ink all around but below",
    "corner.upper_left": "paper with ink to the right and below alone",
    "corner.upper_right": "paper with ink to the left and below alone",
    "corner.lower_left": "paper with ink to the right and above alone",
    "corner.lower_right": "paper with ink to the left and above alone",
    "bar.top": "longest line across in the uppermost quarter",
    "bar.bottom": "longest line across in the lowest quarter",
    "stem": "longest line down",
    "head.x": "where the ink of the uppermost quarter is, from left to right",
    "waist.x": "where the ink of the middle quarter is, from left to right",
    "foot.x": "where the ink of the lowest quarter is, from left to right",
}

_Ink = NDArray[np.bool_]
_Pixels = NDArray[np.floating[Any]]


def picture_facts(content: Any) -> dict[str, float]:
    """Return the facts of the first sign in a picture; none where there is no sign."""
    return facts(pixels_of(content))


def facts(pixels: NDArray[np.float32]) -> dict[str, float]:
    """Return what is told of a sign, by the names of `FACTS`.

    What there is not is not told: without a hole nothing says where it is, without ink there is
    nothing at all.

    Parameters
    ----------
    pixels : ndarray of float32, shape (28, 28)
        1 is ink.

    Examples
    --------
    >>> ring = np.zeros((28, 28), np.float32)
    >>> ring[4:24, 6:22] = 1
    >>> ring[8:20, 10:18] = 0
    >>> told = facts(ring)
    >>> told["holes"], told["hole.y"], told["across.middle"], told["ends"]
    (1.0, 0.5, 2.0, 0.0)
    """
    slope, upright = _set_upright(pixels)
    ink = _boxed(upright > _DARK)
    if not ink.size:
        return {}
    found = {
        "slope": slope,
        "aspect": ink.shape[1] / ink.shape[0],
        **_holes(ink),
        **_crossings(ink),
        **_thirds(ink),
        **_symmetries(ink),
        **_skeleton(ink),
        **_open(ink),
        **_lines(ink),
    }
    return {name: float(value) for name, value in found.items()}


def _set_upright(pixels: _Pixels) -> tuple[float, _Pixels]:
    """Return how far a sign leans, and the sign with its rows shifted until it does not."""
    total = float(pixels.sum())
    if not total:
        return 0.0, pixels
    rows, columns = pixels.shape
    down, across = np.arange(rows), np.arange(columns)
    below = down - float(pixels.sum(axis=1) @ down) / total
    beside = across - float(pixels.sum(axis=0) @ across) / total
    varies = float(pixels.sum(axis=1) @ below**2)
    slope = -float(below @ pixels @ beside) / varies if varies else 0.0
    slope = max(-_MOST_SLOPE, min(_MOST_SLOPE, slope))
    source = across - slope * below[:, np.newaxis]
    first = np.floor(source).astype(np.int64)
    part = source - first
    wide = np.zeros((rows, 3 * columns + 1))
    wide[:, columns : 2 * columns] = pixels
    at = np.clip(first + columns, 0, 3 * columns - 1)
    row = down[:, np.newaxis]
    return slope, wide[row, at] * (1 - part) + wide[row, at + 1] * part


def _boxed(ink: _Ink) -> _Ink:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return ink[:0, :0]
    right = min(int(columns[-1]) + 1, int(columns[0]) + COLUMNS)
    return ink[rows[0] : rows[-1] + 1, columns[0] : right]


def _holes(ink: _Ink) -> dict[str, float]:
    holes = [hole for hole in Board.of(ink).holes() if len(hole) >= _LEAST_HOLE]
    if not holes:
        return {"holes": 0, "hole.area": 0.0}
    size = len(holes[0])
    down, across = (sum(places) / size + 0.5 for places in zip(*holes[0], strict=True))
    return {
        "holes": len(holes),
        "hole.area": size / ink.size,
        "hole.x": across / ink.shape[1],
        "hole.y": down / ink.shape[0],
    }


def _crossings(ink: _Ink) -> dict[str, float]:
    rows, columns = ink.shape
    lines = [ink[int(share * rows)] for share in _QUARTERS]
    told: dict[str, float] = {}
    for name, line in zip(("upper", "middle", "lower"), lines, strict=True):
        where = np.flatnonzero(line)
        told[f"across.{name}"] = _runs(where)
        told[f"width.{name}"] = (int(where[-1]) - int(where[0]) + 1) / columns if where.size else 0
    for name, share in zip(("left", "centre", "right"), _QUARTERS, strict=True):
        told[f"down.{name}"] = _runs(np.flatnonzero(ink[:, int(share * columns)]))
    return told


def _runs(where: NDArray[np.int64]) -> int:
    """Return how many runs some ascending places are in."""
    return int(np.count_nonzero(where[1:] - where[:-1] > 1)) + 1 if where.size else 0


def _thirds(ink: _Ink) -> dict[str, float]:
    rows, columns = ink.shape
    summed = np.zeros((rows + 1, columns + 1))
    np.cumsum(np.cumsum(ink, axis=0), axis=1, out=summed[1:, 1:])
    at_rows, at_columns = (
        np.array([0, max(1, round(size / 3)), min(size - 1, round(2 * size / 3)), size])
        for size in ink.shape
    )
    sums = np.diff(np.diff(summed[at_rows[:, np.newaxis], at_columns], axis=0), axis=1)
    areas = np.diff(at_rows)[:, np.newaxis] * np.diff(at_columns)
    # A sign of one or two columns has no middle third, and no ink in it.
    shares = np.where(areas > 0, sums / np.where(areas > 0, areas, 1), 0.0)
    return {
        f"ink.{third}": share for third, share in zip(_THIRDS, shares.ravel().tolist(), strict=True)
    }


def _symmetries(ink: _Ink) -> dict[str, float]:
    whole = int(np.count_nonzero(ink))
    told = {}
    for name, other in (("mirror", ink[:, ::-1]), ("flip", ink[::-1]), ("turn", ink[::-1, ::-1])):
        both = int(np.count_nonzero(ink & other))
        told[f"same.{name}"] = both / (2 * whole - both)
    return told


def _skeleton(ink: _Ink) -> dict[str, float]:
    rows, columns = ink.shape
    thin = Board.of(ink).thinned()
    ends = thin.ends()
    told: dict[str, float] = {"ends": len(ends), "junctions": thin.junctions()}
    told |= {f"ends.{half}_{side}": 0 for half in _HALVES for side in _SIDES}
    for row, column in ends:
        half, side = _HALVES[2 * row + 1 >= rows], _SIDES[2 * column + 1 >= columns]
        told[f"ends.{half}_{side}"] += 1
    return told


def _open(ink: _Ink) -> dict[str, float]:
    """Tell of the paper by where there is ink in its row and in its column."""
    left = np.logical_or.accumulate(ink, axis=1)
    right = np.logical_or.accumulate(ink[:, ::-1], axis=1)[:, ::-1]
    above = np.logical_or.accumulate(ink, axis=0)
    below = np.logical_or.accumulate(ink[::-1], axis=0)[::-1]
    sides = left + np.uint8(2) * right + np.uint8(4) * above + np.uint8(8) * below
    sides[ink] = 0
    half = ink.shape[0] // 2
    upper, lower = (
        np.bincount(part.ravel(), minlength=16) / ink.size for part in (sides[:half], sides[half:])
    )
    both = upper + lower
    return {
        "bay.left_upper": upper[14],
        "bay.left_lower": lower[14],
        "bay.right_upper": upper[13],
        "bay.right_lower": lower[13],
        "bay.top": both[11],
        "bay.bottom": both[7],
        "corner.upper_left": both[10],
        "corner.upper_right": both[9],
        "corner.lower_left": both[6],
        "corner.lower_right": both[5],
    }


def _lines(ink: _Ink) -> dict[str, float]:
    rows, columns = ink.shape
    quarter = max(1, rows // 4)
    begin = (rows - quarter) // 2
    at = (np.arange(columns) + 0.5) / columns
    told: dict[str, float] = {
        "bar.top": _longest(ink[:quarter]) / columns,
        "bar.bottom": _longest(ink[-quarter:]) / columns,
        "stem": _longest(ink.T) / rows,
    }
    parts = {"head": ink[:quarter], "waist": ink[begin : begin + quarter], "foot": ink[-quarter:]}
    for name, part in parts.items():
        sums = part.sum(axis=0)
        # A sign in two pieces may have no waist.
        if total := int(sums.sum()):
            told[f"{name}.x"] = float(sums @ at) / total
    return told


def _longest(lines: _Ink) -> int:
    """Return the longest run of ink in any row."""
    padded = np.zeros((lines.shape[0], lines.shape[1] + 1), np.bool_)
    padded[:, :-1] = lines
    # Paper behind every row parts the runs of one row from those of the next.
    paper = np.flatnonzero(~padded.ravel())
    return int(np.diff(paper, prepend=-1).max()) - 1
