"""Digits written for the tests: strokes with a shaky hand, in any size and colour."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainable import package_or_skip

Strokes = list[list[tuple[float, float]]]


def _arc(
    x: float, y: float, rx: float, ry: float, start: float, end: float, steps: int = 24
) -> list[tuple[float, float]]:
    angles = np.radians(np.linspace(start, end, steps))
    return [(x + rx * float(np.cos(a)), y + ry * float(np.sin(a))) for a in angles]


#: Across and down, from 0 to 1; angles run clockwise from the right.
STROKES: dict[str, Strokes] = {
    "0": [_arc(0.5, 0.5, 0.3, 0.42, 0, 360)],
    "1": [[(0.55, 0.08), (0.48, 0.92)]],
    "2": [[*_arc(0.5, 0.3, 0.27, 0.22, 190, 380), (0.25, 0.9), (0.8, 0.88)]],
    "3": [[*_arc(0.47, 0.29, 0.25, 0.2, 200, 450), *_arc(0.47, 0.69, 0.29, 0.22, -90, 160)]],
    "4": [[(0.3, 0.1), (0.22, 0.55), (0.8, 0.53)], [(0.7, 0.12), (0.64, 0.92)]],
    "5": [[(0.76, 0.1), (0.34, 0.12), (0.3, 0.46), *_arc(0.47, 0.66, 0.29, 0.24, -110, 150)]],
    "6": [[(0.62, 0.08), (0.34, 0.45), *_arc(0.5, 0.7, 0.23, 0.21, 180, 530)]],
    "7": [[(0.2, 0.12), (0.8, 0.1), (0.46, 0.92)]],
    "8": [[*_arc(0.5, 0.29, 0.2, 0.2, 90, 450), *_arc(0.5, 0.71, 0.24, 0.22, -90, 270)]],
    "9": [[*_arc(0.48, 0.32, 0.22, 0.22, 0, 360), (0.7, 0.34), (0.6, 0.92)]],
    "×": [[(0.15, 0.15), (0.85, 0.85)], [(0.85, 0.15), (0.15, 0.85)]],
}


def picture(label: str, seed: int = 0, *, size: int = 96) -> NDArray[np.uint8]:
    """Return a digit, dark on light paper, shape (size, size)."""
    package_or_skip("PIL", "digits")
    from PIL import Image, ImageDraw

    random = np.random.default_rng([seed, ord(label)])
    sheet = Image.new("L", (size, size), 246)
    pen = ImageDraw.Draw(sheet)
    lean, room = random.normal(0, 0.06), 0.22
    width = max(2, round(size * random.uniform(0.06, 0.085)))
    for stroke in STROKES[label]:
        points = []
        for x, y in stroke:
            x, y = x + lean * (0.5 - y), y
            x, y = (room + (1 - 2 * room) * value for value in (x, y))
            points.append(tuple(size * np.array([x, y]) + random.normal(0, 0.006 * size, 2)))
        pen.line(points, fill=30, width=width, joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=30)
    return np.asarray(sheet)


def png(pixels: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    """Return pixels as an image file."""
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(pixels).save(data, kind)
    return data.getvalue()


@cache
def digit(label: str, seed: int = 0) -> bytes:
    """Return a digit as a PNG."""
    return png(picture(label, seed))


def line(labels: str, seed: int = 0) -> bytes:
    """Return digits side by side as a PNG."""
    return png(np.concatenate([picture(one, seed) for one in labels], axis=1))


def digits_or_skip() -> Any:
    """Return onnxruntime, which runs the net; skip where it is not, but fail in CI."""
    package_or_skip("PIL", "digits")
    return package_or_skip("onnxruntime", "digits")
