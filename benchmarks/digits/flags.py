"""What flags teach the net of digits: somebody's odd digits, and a new sign; and what they cost.

On the last 10,000 of MNIST's training images, which the shipped net was trained on: that only
matters for how many it gets right before, and not for what flags change.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

from chaffinch.datasets import get
from chaffinch.experience.importers.idx import read_array
from chaffinch.features.net import NetFeatures
from chaffinch.models.head import HeadLearner
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.task import get_task

Images = NDArray[np.float32]
FLAGS, LATER, NEW_FLAGS = 5, 55, 20
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
    rung = get_task("digits").rung("net")
    features = rung.features
    assert isinstance(features, NetFeatures)
    folder = get("mnist")
    images = (read_array(folder / "train-images-idx3-ubyte.gz")[50_000:] / 255).astype(np.float32)
    labels = read_array(folder / "train-labels-idx1-ubyte.gz")[50_000:].astype(str)
    others = features.of_pixels(images)
    random = np.random.default_rng(0)
    found = []
    kinds: list[tuple[str, str, Images]] = []
    for name, (digit, odd) in ODD.items():
        sources = images[labels == str(digit)]
        kinds += [
            (name, str(digit), writer(sources[random.integers(len(sources))], odd, random))
            for _ in range(4)
        ]
    for name, label, written in kinds:
        found.append(_taught(features, name, label, written, FLAGS, others, labels))
    found.append(
        _taught(features, "a new sign, ×", "×", crosses(200, random), NEW_FLAGS, others, labels)
    )
    head = [
        "what",
        "flags",
        "right before %",
        "at once %",
        "after a fit %",
        "of 10,000 others lost",
    ]
    rows = [
        [
            one["what"],
            str(one["flags"]),
            *(f"{100 * one[name]:.0f}" for name in ("before", "at once", "fitted")),
            f"{one['harm']:+d}, after a fit {one['harm fitted']:+d}",
        ]
        for one in found
    ]
    print(markdown(head, rows))
    write("digits_flags", {"found": found})


def _taught(
    features: NetFeatures,
    what: str,
    label: str,
    written: Images,
    flags: int,
    others: Images,
    labels: NDArray[np.str_],
) -> dict[str, Any]:
    """Flag the first few of some images; return what is right of the rest, and of the others."""
    values = features.of_pixels(written)
    rows = [features.dense(one) for one in values]
    blank, taught, fitted = (HeadLearner.start(features) for _ in range(3))
    for row in rows[:flags]:
        taught.learn(row, label)
    fitted.fit(rows[:flags], [label] * flags)

    def right(learner: HeadLearner) -> float:
        return float(np.mean([learner.best(row)[0] == label for row in rows[flags:]]))

    def wrong(learner: HeadLearner) -> int:
        said = [learner.best(features.dense(one))[0] for one in others]
        return int((np.array(said) != labels).sum())

    before = wrong(blank)
    later = len(rows) - flags
    return {
        "what": what,
        "flags": flags,
        "items": later,
        "before": right(blank),
        "at once": right(taught),
        "at once, lower bound": clopper_pearson(round(right(taught) * later), later).low,
        "fitted": right(fitted),
        "harm": wrong(taught) - before,
        "harm fitted": wrong(fitted) - before,
    }


if __name__ == "__main__":
    main()
