"""Errors and speed of the hand-written rules for digits, the first rung of the ladder.

Rules and limits were chosen, and weights fitted, on the first 50,000 training images of MNIST, and
the rules looked over on the last 10,000; the 10,000 test images are judged when all that is done.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

from chaffinch.datasets import get
from chaffinch.experience.importers.idx import read_array
from chaffinch.performance.answers import Answers, extra_of, measure_answers
from chaffinch.readers.image.pnm import write_pgm
from chaffinch.rules.many import LabelHits, label_accounts
from chaffinch.task import get_task
from chaffinch.types import Example, Item

TASK = get_task("digits", home=Path("none"))  # the rules that ship, whatever stands at home
TIMED = 2_000


def mnist(part: str) -> list[Example]:
    """``train`` or ``t10k``."""
    folder = get("mnist")
    images = read_array(folder / f"{part}-images-idx3-ubyte.gz")
    labels = read_array(folder / f"{part}-labels-idx1-ubyte.gz")
    return [
        Example(Item(write_pgm(image), kind="digits"), str(label))
        for image, label in zip(images, labels, strict=True)
    ]


def measured(items: list[Example]) -> tuple[dict[str, Any], LabelHits]:
    hits = LabelHits.of(TASK, items)
    guess, score = hits.said()
    policy = TASK.policy
    answers = Answers(hits.truth, guess, score, score >= policy.junk)
    told = measure_answers(answers, cost_error=1.0, cost_unsure=0.1)
    error = told["error_percent"]
    extra = extra_of(answers)
    return {
        "images": len(items),
        "errors": int(answers.wrong.sum()),
        "error_percent": error.value,
        "lower": error.low,
        "upper": error.high,
        "unsure_percent": told["unsure_percent"].value,
        "accepted_error_percent": told["accepted_error_percent"].value,
        "error_percent_at_coverage_99": told["error_percent_at_coverage_99"].value,
        "labels": extra["labels"],
        "confused": extra["confused"],
    }, hits


def milliseconds(items: list[Example]) -> dict[str, float]:
    """Of one image, from its bytes to the scores: the median, and processor time."""
    rung = TASK.rung("rules")
    learner: Any = rung.start()
    walls, begun = [], time.process_time()
    for example in items:
        start = time.perf_counter()
        learner.best(rung.features.row(TASK.reader(example.item.data)))
        walls.append(time.perf_counter() - start)
    return {
        "median_ms": 1000 * float(np.median(walls)),
        "cpu_ms": 1000 * (time.process_time() - begun) / len(items),
    }


def main() -> None:
    looked_at, _ = measured(mnist("train")[50_000:])
    items = mnist("t10k")
    test, hits = measured(items)
    found: dict[str, Any] = {
        "rules": len(hits.rules.rules),
        "last_10000_training_images": looked_at,
        "test": test,
        "errors_without": {one.rule.name: one.errors_without for one in label_accounts(hits)},
        "speed": milliseconds(items[:TIMED]),
    }
    rows = [
        [
            name,
            f"{one['errors']:,} of {one['images']:,}",
            _interval(one),
            f"{one['unsure_percent']:.1f}",
        ]
        for name, one in (("last 10,000 training images", looked_at), ("test", test))
    ]
    print(markdown(["images", "errors", "% [95% interval]", "% unsure"], rows))
    per_label = [
        [label, f"{one['errors']} of {one['items']:,}", f"{100 * one['errors'] / one['items']:.1f}"]
        for label, one in test["labels"].items()
    ]
    print(markdown(["digit", "errors", "%"], per_label))
    confused = ", ".join(f"{true} for {said} {n}" for true, said, n in test["confused"])
    print(f"most often taken: {confused}")
    print({name: round(value, 3) for name, value in found["speed"].items()})
    write("digits_rules", found)


def _interval(one: dict[str, Any]) -> str:
    return f"{one['error_percent']:.2f} [{one['lower']:.2f}–{one['upper']:.2f}]"


if __name__ == "__main__":
    main()
