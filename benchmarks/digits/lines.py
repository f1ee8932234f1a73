"""How lines of digits are read: are there as many as were written, and which are they?

Lines are made of MNIST's images, enlarged, in dark ink on light paper, each kind in its own way:
apart, near, overlapping, touching, on a ruled line, in the boxes of a form, with the dots of a date
or the strokes of one; and pages on which nothing but rules or empty boxes are. Of the
development lines (``--dev``) the digits are training images, which the net has learned; the
numbers that are reported are of test images.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

from chaffinch.datasets import get
from chaffinch.experience.importers.idx import read_array
from chaffinch.models.onnx_net import OnnxNet
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.readers.image import write_pgm
from chaffinch.task import get_task
from chaffinch.tasks.digits.reading import NET

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from chaffinch.types import Interval

    Images = NDArray[np.uint8]

SCALE = 2  # pixels of a line for one of MNIST's
HEIGHT = 44  # of a line, in MNIST's pixels
MARGIN = 12
SEED = 20261127
DIGITS = "0123456789"


class Line:
    """Signs written from left to right, in MNIST's pixels; drawn at once by `picture`."""

    def __init__(self, random: Generator) -> None:
        self.random = random
        self.ink = np.zeros((HEIGHT, 400), np.float32)
        self.right = MARGIN
        self.label = ""

    def write(self, image: Images, label: int, gap: int, *, touch: bool = False) -> None:
        """Write a digit so far from the one before: from box to box, or from ink to ink."""
        image = resized(image, self.random.uniform(0.88, 1.12))
        rows, columns = np.nonzero(image)
        sign = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] / np.float32(
            255
        )
        top = (HEIGHT - sign.shape[0]) // 2 + int(self.random.integers(-2, 3))
        left = self.right + gap if self.label else self.right
        if touch and self.label:
            left = self.right + 4
            while left > self.right - 14 and not self._meets(sign, top, left):
                left -= 1
            left -= gap
        place = self.ink[top : top + sign.shape[0], left : left + sign.shape[1]]
        np.maximum(place, sign, out=place)
        self.right = left + sign.shape[1]
        self.label += str(label)

    def _meets(self, sign: NDArray[Any], top: int, left: int) -> bool:
        place = self.ink[top : top + sign.shape[0], left : left + sign.shape[1]]
        return bool(((place > 0.5) & (sign > 0.5)).any())

    def draw(self, top: float, bottom: float, left: float, right: float) -> None:
        """Fill a rectangle."""
        rows, columns = (slice(round(a), round(b)) for a, b in ((top, bottom), (left, right)))
        self.ink[rows, columns] = 1

    def picture(self) -> bytes:
        """Return the line as a file, in grey ink on uneven paper."""
        ink = np.kron(self.ink[:, : self.right + MARGIN], np.ones((SCALE, SCALE), np.float32))
        ink = (ink + np.roll(ink, 1, 0) + np.roll(ink, 1, 1) + np.roll(ink, (1, 1), (0, 1))) / 4
        paper = np.linspace(250, self.random.uniform(215, 250), ink.shape[1])
        grey = paper - ink * self.random.uniform(130, 220)
        grey += self.random.normal(0, 2, grey.shape)
        return write_pgm(np.clip(grey, 0, 255).astype(np.uint8))


Draw = Callable[[], "tuple[Images, int]"]  # a digit at random, and which it is


def resized(image: Images, by: float) -> Images:
    """Return a digit larger or smaller: people's differ."""
    from PIL import Image

    side = round(28 * by)
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR))


def row(gaps: tuple[int, int], *, touching: float = 0.0) -> Callable[[Line, Draw], None]:
    """3 to 7 digits, so far apart, or touching as often as this."""

    def written(line: Line, draw: Draw) -> None:
        for _ in range(line.random.integers(3, 8)):
            touch = line.random.random() < touching
            line.write(*draw(), 0 if touch else int(line.random.integers(*gaps)), touch=touch)

    return written


def ruled(line: Line, draw: Draw) -> None:
    """Digits that stand on a line, or cross it."""
    row((2, 7))(line, draw)
    low = HEIGHT / 2 + line.random.integers(7, 13)
    line.right += 8
    line.draw(low, low + 1, 2, line.right + MARGIN)


def boxes(line: Line, draw: Draw) -> None:
    """A digit in each cell of a form, not always in its middle."""
    count = int(line.random.integers(4, 8))
    for _ in range(count):
        begin = line.right
        line.draw(6, HEIGHT - 6, begin, begin + 1)
        image, label = draw()
        line.label = line.label or ""
        line.right = begin + int(line.random.integers(3, 10))
        line.write(image, label, 0)
        line.right = begin + 32
    line.draw(6, HEIGHT - 6, line.right, line.right + 1)
    for top in (6, HEIGHT - 7):
        line.draw(top, top + 1, MARGIN, line.right + 1)


def dotted(line: Line, draw: Draw) -> None:
    """A date such as 27.11.2026."""
    for place in range(8):
        line.write(*draw(), int(line.random.integers(2, 6)))
        if place in (1, 3):
            low = HEIGHT / 2 + 9
            line.draw(low, low + 2, line.right + 3, line.right + 5)
            line.right += 8


def slashed(line: Line, draw: Draw) -> None:
    """A date such as 12/05/24."""
    for place in range(6):
        line.write(*draw(), int(line.random.integers(2, 6)))
        if place in (1, 3):
            for step in range(26):
                at = line.right + 10 - step * 7 / 26
                line.draw(HEIGHT / 2 - 13 + step, HEIGHT / 2 - 12 + step, at, at + 2)
            line.right += 13


def only_rules(line: Line, draw: Draw) -> None:
    """A line or two of ruled paper."""
    del draw
    line.right = int(line.random.integers(60, 300))
    for low in line.random.choice([8, 20, 32], int(line.random.integers(1, 3)), replace=False):
        thick = int(line.random.integers(1, 3))
        line.draw(low, low + thick, int(line.random.integers(0, 15)), line.right)


def only_boxes(line: Line, draw: Draw) -> None:
    """A form that nobody has filled in, or the frame of one."""
    del draw
    count, wide = int(line.random.integers(1, 7)), int(line.random.integers(24, 50))
    line.right = MARGIN + count * wide
    for place in range(count + 1):
        line.draw(6, HEIGHT - 6, MARGIN + place * wide, MARGIN + place * wide + 1)
    for top in (6, HEIGHT - 7):
        line.draw(top, top + 1, MARGIN, line.right + 1)


KINDS: dict[str, Callable[[Line, Draw], None]] = {
    "apart": row((3, 9)),
    "near": row((1, 4)),
    "overlapping": row((-4, 1)),
    "touching": row((1, 6), touching=0.4),
    "all touching": row((1, 6), touching=1.0),
    "on a rule": ruled,
    "in boxes": boxes,
    "date with dots": dotted,
    "date with strokes": slashed,
    "rules alone": only_rules,
    "empty boxes": only_boxes,
}


def measured(kind: str, images: Images, labels: NDArray[np.uint8], lines: int) -> dict[str, Any]:
    """Return how lines of a kind were read."""
    random = np.random.default_rng([SEED, list(KINDS).index(kind)])
    task = get_task("digits")
    net = OnnxNet(NET)
    counted = right = 0
    spent, examples = 0.0, []

    def draw() -> tuple[Images, int]:
        place = random.integers(len(images))
        return images[place], int(labels[place])

    for _ in range(lines):
        line = Line(random)
        KINDS[kind](line, draw)
        begun = time.process_time()
        signs = [glyph.pixels for glyph in task.reader(line.picture()).glyphs]
        read = ""
        if signs:
            logits = net(np.stack(signs)[:, np.newaxis])[0]
            read = "".join(DIGITS[best] for best in logits.argmax(axis=1))
        spent += time.process_time() - begun
        counted += len(read) == len(line.label)
        right += read == line.label
        if len(read) != len(line.label):
            examples.append((line.label, read))
    return {
        "lines": lines,
        "count_right_percent": percent(counted, lines),
        "read_right_percent": percent(right, lines),
        "ms_a_line": 1000 * spent / lines,
        "examples": examples[:5],
    }


def percent(count: int, of: int) -> dict[str, float]:
    share: Interval = clopper_pearson(count, of)
    return {"value": 100 * share.value, "low": 100 * share.low, "high": 100 * share.high}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="training images; writes no result")
    parser.add_argument("--lines", type=int, default=300, help="of each kind")
    parser.add_argument("--kind", choices=list(KINDS), help="this kind alone; writes no result")
    options = parser.parse_args()
    folder = get("mnist")
    part = "train" if options.dev else "t10k"
    images = read_array(folder / f"{part}-images-idx3-ubyte.gz")
    labels = read_array(folder / f"{part}-labels-idx1-ubyte.gz")
    found = {
        kind: measured(kind, images, labels, options.lines)
        for kind in ([options.kind] if options.kind else KINDS)
    }
    if options.dev:
        for kind, told in found.items():
            print(kind, told.pop("examples"))
    rows = [
        [
            kind,
            *(
                f"{share['value']:.1f} [{share['low']:.1f}–{share['high']:.1f}]"
                for share in (told["count_right_percent"], told["read_right_percent"])
            ),
            f"{told['ms_a_line']:.1f}",
        ]
        for kind, told in found.items()
    ]
    print(markdown(["lines", "count right %", "all read right %", "ms a line"], rows))
    if not (options.dev or options.kind):
        for told in found.values():
            del told["examples"]
        write("digits_lines", found)


if __name__ == "__main__":
    main()
