"""What can be told of a written sign without having learned anything: holes, strokes, open sides.

All is measured on the sign set upright, within the box of its ink: 0 is left or top, 1 is right or
bottom, areas are shares of the box.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.boards import Board
from chaffinch.features.pixels import pixels_of

_INK = 0.4
_MOST_SLOPE = 1.0
_LEAST_HOLE = 2
_Box = NDArray[np.bool_]


def facts_of(content: Any) -> dict[str, float]:
    return facts(pixels_of(content))


def facts(pixels: NDArray[np.float32]) -> dict[str, float]:
    slope = _slope(pixels)
    box = _box(_upright(pixels, slope) > _INK)
    h, w = box.shape
    if not box.size:
        return {}
    found = {"slope": slope, "aspect": w / h, "ink": float(box.mean())}
    found |= _holes(box)
    found |= _crossings(box)
    found |= _zones(box)
    found |= _skeleton(box)
    found |= _open(box)
    found |= _shape(box)
    return found


def _slope(pixels: NDArray[np.float32]) -> float:
    total = float(pixels.sum())
    if not total:
        return 0.0
    at = np.arange(pixels.shape[0])
    rows, columns = pixels.sum(axis=1), pixels.sum(axis=0)
    y, x = float(rows @ at) / total, float(columns @ at) / total
    varies = float(rows @ (at - y) ** 2)
    both = float((at - y) @ pixels @ (at - x))
    return float(np.clip(-both / varies, -_MOST_SLOPE, _MOST_SLOPE)) if varies else 0.0


def _upright(pixels, slope):
    n = pixels.shape[0]
    at = np.arange(n)
    total = float(pixels.sum())
    if not total:
        return pixels
    y = float(pixels.sum(axis=1) @ at) / total
    source = at[None, :] - slope * (at[:, None] - y)
    low = np.floor(source).astype(np.int64)
    part = source - low
    padded = np.pad(pixels, ((0, 0), (n, n + 1)))
    rows = at[:, None]
    low += n
    np.clip(low, 0, 3 * n - 1, out=low)
    return padded[rows, low] * (1 - part) + padded[rows, low + 1] * part


def _box(ink):
    rows, cols = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return ink[:0, :0]
    return ink[rows[0] : rows[-1] + 1, cols[0] : min(cols[-1], cols[0] + 29) + 1]


def _holes(box):
    h, w = box.shape
    holes = [one for one in Board.of(box).holes() if len(one) >= _LEAST_HOLE]
    found = {"holes": len(holes), "hole.area": 0.0, "hole.x": 0.5, "hole.y": 0.5, "hole.aspect": 1.0}
    if holes:
        at = np.array(holes[0])
        y, x = (at.mean(axis=0) + 0.5) / (h, w)
        size = np.ptp(at, axis=0) + 1
        found |= {"hole.area": len(holes[0]) / box.size, "hole.x": x, "hole.y": y, "hole.aspect": size[1]/size[0],
          "hole.height": size[0]/h, "hole.width": size[1]/w}
    else:
        found |= {"hole.height": 0.0, "hole.width": 0.0}
    found["hole2.y"] = 0.5
    if len(holes) > 1:
        found["hole2.y"] = (np.array(holes[1])[:, 0].mean() + 0.5) / h
    return found


def _crossings(box):
    h, w = box.shape
    found = {}
    starts = box.copy()
    starts[:, 1:] &= ~box[:, :-1]
    counts = starts.sum(axis=1)
    for name, share in (("upper", 0.25), ("middle", 0.5), ("lower", 0.75)):
        found[f"across.{name}"] = int(counts[int(share * h)])
    starts = box.copy()
    starts[1:] &= ~box[:-1]
    counts = starts.sum(axis=0)
    for name, share in (("left", 0.25), ("centre", 0.5), ("right", 0.75)):
        found[f"down.{name}"] = int(counts[int(share * w)])
    return found


_NAMES = [f"{r}_{c}" for r in ("top", "middle", "bottom") for c in ("left", "centre", "right")]


def _zones(box):
    h, w = box.shape
    r = [0, -(-h // 3), h - -(-h // 3), h]
    c = [0, -(-w // 3), w - -(-w // 3), w]
    r = [0, max(1, round(h / 3)), min(h - 1, round(2 * h / 3)), h]
    c = [0, max(1, round(w / 3)), min(w - 1, round(2 * w / 3)), w]
    found = {}
    sums = np.zeros((h + 1, w + 1))
    sums[1:, 1:] = box.cumsum(0).cumsum(1)
    k = 0
    for i in range(3):
        for j in range(3):
            area = (r[i + 1] - r[i]) * (c[j + 1] - c[j])
            s = sums[r[i + 1], c[j + 1]] - sums[r[i], c[j + 1]] - sums[r[i + 1], c[j]] + sums[r[i], c[j]]
            found["ink." + _NAMES[k]] = s / area if area > 0 else 0.0
            k += 1
    for name, other in (("mirror", box[:, ::-1]), ("flip", box[::-1]), ("turn", box[::-1, ::-1])):
        found["same." + name] = float((box & other).sum() / (box | other).sum())
    return found


def _skeleton(box):
    h, w = box.shape
    thin = Board.of(box).thinned()
    ends = thin.ends()
    found = {"ends": len(ends), "junctions": thin.junctions()}
    for name in ("upper_left", "upper_right", "lower_left", "lower_right"):
        found["ends." + name] = 0
    for y, x in ends:
        found[f"ends.{'upper' if y + 0.5 < h / 2 else 'lower'}_{'left' if x + 0.5 < w / 2 else 'right'}"] += 1
    return found


def _open(box):
    h, w = box.shape
    left = np.logical_or.accumulate(box, axis=1)
    right = np.logical_or.accumulate(box[:, ::-1], axis=1)[:, ::-1]
    above = np.logical_or.accumulate(box, axis=0)
    below = np.logical_or.accumulate(box[::-1], axis=0)[::-1]
    half = h // 2
    a = box.size
    # number code
    code = left * 1 + right * 2 + above * 4 + below * 8
    code = code * 1
    code[box] = 16
    up = np.bincount(code[:half].ravel(), minlength=17) / a
    lo = np.bincount(code[half:].ravel(), minlength=17) / a
    return {
        "bay.left_upper": up[14], "bay.left_lower": lo[14],
        "bay.right_upper": up[13], "bay.right_lower": lo[13],
        "bay.top": up[11] + lo[11], "bay.bottom": up[7] + lo[7],
        "corner.upper_left": up[10] + lo[10], "corner.upper_right": up[9] + lo[9],
        "corner.lower_left": up[6] + lo[6], "corner.lower_right": up[5] + lo[5],
    }


def _longest(lines):
    # longest run along axis 1 for each row
    n, m = lines.shape
    run = np.zeros(n, np.int64)
    best = np.zeros(n, np.int64)
    for k in range(m):
        run = (run + 1) * lines[:, k]
        np.maximum(best, run, out=best)
    return best


def _shape(box):
    h, w = box.shape
    runs = _longest(box)
    stems = _longest(box.T)
    q = max(1, h // 4)
    found = {"bar.top": runs[:q].max() / w, "bar.bottom": runs[-q:].max() / w, "bar.middle": runs[h//3: max(h//3+1, 2*h//3)].max() / w}
    k = int(stems.argmax())
    found |= {"stem": stems[k] / h, "stem.x": (k + 0.5) / w}
    at = (np.arange(w) + 0.5) / w
    for name, part in (("head.x", box[:q]), ("waist.x", box[(h-q)//2:(h-q)//2+q]), ("foot.x", box[-q:])):
        cols = part.sum(axis=0)
        found[name] = float(cols @ at / cols.sum())
    spans = np.where(box.any(1), w - box.argmax(1) - box[:, ::-1].argmax(1), 0) / w
    found |= {"width.upper": spans[h//4], "width.middle": spans[h//2], "width.lower": spans[3*h//4]}
    found |= {"width.top": spans[:max(1,h//6)].mean(), "width.bottom": spans[-max(1,h//6):].mean()}
    lefts = box.argmax(1) / w
    rights = 1 - box[:, ::-1].argmax(1) / w
    for name, s in (("upper", .25), ("middle", .5), ("lower", .75)):
        found["left." + name] = lefts[int(s*h)]
        found["right." + name] = rights[int(s*h)]
    return found
