"""What flags teach the net of digits: odd digits, a new sign, other writers; and what they cost.

Somebody's odd digits are made of the last 10,000 of MNIST's training images; other writers are
those of scikit-learn's digits, 8 × 8 pixels enlarged. What flags cost all others is counted on
MNIST's 10,000 test images; that a net trained on the flags gets no layer on top was decided when
these had shown what that costs, all else on training images. Four arms: the net as it is; a flag
remembered at once; a layer on top of the net fitted to the flags; and the whole net trained on
them, which takes the extra 'train' and is left out without it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.datasets import load_digits

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

from chaffinch.datasets import get
from chaffinch.errors import MissingExtraError
from chaffinch.experience.importers.idx import read_array
from chaffinch.features.net import PictureNetFeatures
from chaffinch.features.pixels import pixels_of
from chaffinch.features.rows import Row
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.readers.image import read_image, write_pgm
from chaffinch.task import get_task

Images = NDArray[np.float32]
FLAGS, LATER, NEW_FLAGS = 5, 55, 20
# Of other writers so many are flagged; what comes after the most is judged.
OTHER_FLAGS = (200, 800)
#: Ways in which one person writes otherwise than all others.
ODD: dict[str, tuple[int, Callable[[Images], Images]]] = {
    "7 mirrored": (7, lambda one: one[:, ::-1]),
    "3 mirrored": (3, lambda one: one[:, ::-1]),
    "7 lying": (7, lambda one: _turned(one, 70)),
    "4 lying": (4, lambda one: _turned(one, -60)),
    "5 mirrored": (5, lambda one: one[:, ::-1]),
}


def _turned(image: Images, degrees: float) -> Images:
    turned: Images = ndimage.rotate(image, degrees, reshape=False, order=1)
    return turned


def writer(source: Images, odd: Callable[[Images], Images], random: np.random.Generator) -> Images:
    """Return 60 digits of one person, alike but for a shaky hand."""
    written = []
    for _ in range(FLAGS + LATER):
        image = ndimage.shift(_turned(source, random.normal(0, 6)), random.normal(0, 1, 2), order=1)
        written.append(np.clip(odd(image), 0, 1))
    return np.array(written, np.float32)


def crosses(count: int, random: np.random.Generator) -> Images:
    """Return crosses, written by hand."""
    rows, columns = np.mgrid[:28, :28]
    drawn = []
    for _ in range(count):
        sheet = np.zeros((28, 28))
        for sign in (1, -1):
            angle = np.radians(45 * sign + random.normal(0, 6))
            x, y = columns - 13.5 - random.normal(0, 1), rows - 13.5 - random.normal(0, 1)
            along = np.abs(x * np.cos(angle) + y * np.sin(angle))
            away = np.abs(y * np.cos(angle) - x * np.sin(angle))
            inside = np.clip(random.uniform(1.4, 2.2) - away, 0, 1) * (
                along < random.uniform(9, 12)
            )
            sheet = np.maximum(sheet, inside)
        drawn.append(sheet)
    return np.array(drawn, np.float32)


def main() -> None:
    """Measure and write."""
    folder = get("mnist")
    images = (read_array(folder / "train-images-idx3-ubyte.gz")[50_000:] / 255).astype(np.float32)
    labels = read_array(folder / "train-labels-idx1-ubyte.gz")[50_000:].astype(str)
    others = Others.of(
        (read_array(folder / "t10k-images-idx3-ubyte.gz") / 255).astype(np.float32),
        read_array(folder / "t10k-labels-idx1-ubyte.gz").astype(str),
    )
    random = np.random.default_rng(0)
    found = []
    for name, (digit, odd) in ODD.items():
        sources = images[labels == str(digit)]
        for number in range(4):
            written = writer(sources[random.integers(len(sources))], odd, random)
            known = np.full(len(written), str(digit))
            # Training the whole net takes half a minute each time.
            found.append(_taught(name, known, written, FLAGS, others, whole=not number))
    written = crosses(200, random)
    found.append(_taught("a new sign, ×", np.full(200, "×"), written, NEW_FLAGS, others))
    written, known = other_writers()
    for flags in OTHER_FLAGS:
        kept = np.r_[:flags, max(OTHER_FLAGS) : len(known)]
        found.append(_taught("other writers", known[kept], written[kept], flags, others))
    head = [
        "what",
        "flags",
        "right before %",
        "at once %",
        "after a fit %",
        "whole net %",
        "of 10,000 others lost",
    ]
    rows = [
        [
            one["what"],
            str(one["flags"]),
            *(f"{100 * one[name]:.1f}" for name in ("before", "at once", "fitted")),
            f"{100 * one['tuned']:.1f}" if "tuned" in one else "",
            f"{one['harm']:+d}, after a fit {one['harm fitted']:+d}"
            + (f", whole net {one['harm tuned']:+d}" if "tuned" in one else ""),
        ]
        for one in found
    ]
    print(markdown(head, rows))
    write("digits_flags", {"found": found})


def other_writers() -> tuple[Images, NDArray[np.str_]]:
    """Return digits of writers that are none of MNIST's, as the reader normalises them."""
    X, y = load_digits(return_X_y=True)
    pictures = np.kron(X.reshape(-1, 8, 8), np.ones((3, 3))) * (255 / 16)
    read = [pixels_of(read_image(write_pgm(one.astype(np.uint8)))) for one in pictures]
    return np.array(read, np.float32), y.astype(str)


class Others(NamedTuple):
    """Digits that nobody flags: as the net sees them, as pixels, and how many it gets wrong."""

    seen: list[Row]
    pixels: list[Row]
    labels: NDArray[np.str_]
    wrong: int

    @classmethod
    def of(cls, images: Images, labels: NDArray[np.str_]) -> Others:
        """Return digits of these labels."""
        seen, pixels = rows_of("net", images), rows_of("tuned", images)
        blank = get_task("digits").rung("net").start()
        return cls(seen, pixels, labels, int((judged(blank, seen) != labels).sum()))


def rows_of(rung: str, images: Images) -> list[Row]:
    """Return images as a rung takes them."""
    features = get_task("digits").rung(rung).features
    assert isinstance(features, PictureNetFeatures)
    return [features.dense(one) for one in features.of_pixels(images)]


def judged(learner: Any, rows: list[Row]) -> NDArray[np.str_]:
    """Return the label that a model gives each row."""
    return np.array([learner.best(row)[0] for row in rows])


def _taught(
    what: str,
    labels: NDArray[np.str_],
    written: Images,
    flags: int,
    others: Others,
    *,
    whole: bool = True,
) -> dict[str, Any]:
    """Flag the first few of some images; return what is right of the rest, and of the others."""
    task, said = get_task("digits"), labels.tolist()
    blank, taught, fitted = (task.rung("net").start() for _ in range(3))
    rows, truth = rows_of("net", written), labels[flags:]
    for row, label in zip(rows[:flags], said, strict=False):
        taught.learn(row, label)
    fitted.fit(rows[:flags], said[:flags])

    def right(learner: Any, rows: list[Row]) -> float:
        return float((judged(learner, rows[flags:]) == truth).mean())

    def harm(learner: Any, rows: list[Row]) -> int:
        return int((judged(learner, rows) != others.labels).sum()) - others.wrong

    at_once = right(taught, rows)
    found: dict[str, Any] = {
        "what": what,
        "flags": flags,
        "items": truth.size,
        "before": right(blank, rows),
        "at once": at_once,
        "at once, lower bound": clopper_pearson(round(at_once * truth.size), truth.size).low,
        "fitted": right(fitted, rows),
        "harm": harm(taught, others.seen),
        "harm fitted": harm(fitted, others.seen),
    }
    with suppress(MissingExtraError):
        if whole:
            rows, tuned = rows_of("tuned", written), task.rung("tuned").start()
            started = time.process_time()
            tuned.tune(rows[:flags], said[:flags])
            found["tuned, CPU seconds"] = round(time.process_time() - started, 1)
            found["tuned"] = right(tuned, rows)
            found["harm tuned"] = harm(tuned, others.pixels)
    print(found, flush=True)
    return found


if __name__ == "__main__":
    main()
