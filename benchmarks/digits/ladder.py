"""Measure the ladder of digits on MNIST: every rung learns the same images and judges the same.

Without options they learn all 60,000 training images and judge the 10,000 test images, which
nothing was chosen on; the network judges as it is shipped. With --validate they learn the first
50,000 training images and judge the last 10,000, on which settings were chosen: the network has
seen these, and is left out. --learn N learns the first N images only. With
--rungs only those are measured, and replace what was written of them: `--rungs dbn convnet` are
those that are there on request, and take PyTorch.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import RESULTS, write
from tables import markdown

from chaffinch.experience.importers.idx import read_array
from chaffinch.loop.ladder import Step, ladder
from chaffinch.readers.image import write_pgm
from chaffinch.task import get_task
from chaffinch.types import Example, Item

_NAME = "digits_ladder"
_HELD_OUT = 10_000


def mnist(part: str) -> list[Example]:
    """Read a part of MNIST from $CHAFFINCH_DATA/mnist, as pictures that came in one by one."""
    folder = Path(os.environ.get("CHAFFINCH_DATA", "")) / "mnist"
    images = read_array(folder / f"{part}-images-idx3-ubyte.gz")
    labels = read_array(folder / f"{part}-labels-idx1-ubyte.gz")
    return [
        Example(Item(write_pgm(image), "digits"), str(label))
        for image, label in zip(images, labels, strict=True)
    ]


def row(step: Step) -> list[str]:
    """Return a row of the table."""
    error = step.report.metrics["error_percent"]
    return [
        step.rung.title,
        str(step.report.errors),
        f"{error.value:.2f}",
        f"{error.low:.2f}–{error.high:.2f}",
        f"{step.wall_seconds:.0f}",
        f"{step.cpu_seconds:.0f}",
        f"{step.megabytes:.2f}",
        f"{step.milliseconds:.2f}",
    ]


def entry(step: Step) -> dict[str, Any]:
    """Return what is written of a rung."""
    error = step.report.metrics["error_percent"]
    return {
        **step.as_json(),
        "errors": step.report.errors,
        "error_percent": error.value,
        "error_percent_95": [round(error.low, 3), round(error.high, 3)],
    }


def main() -> None:
    """Measure; print the table and, of everything on the test images, write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--validate", action="store_true", help="see above")
    parser.add_argument("--learn", type=int, help="learn the first so many images only")
    parser.add_argument("--rungs", nargs="*", default=[], help="measure these only")
    options = parser.parse_args()
    learned = mnist("train")
    if options.validate:
        learned, judged = learned[:-_HELD_OUT], learned[-_HELD_OUT:]
    else:
        judged = mnist("t10k")
    learned = learned[: options.learn]
    task = get_task("digits")
    steps = []
    for step in ladder(task, learned, judged, data="MNIST", rungs=options.rungs):
        print(*row(step), flush=True)
        steps.append(step)
    head = ["rung", f"errors of {len(judged):,}", "%", "95%", "fit wall s", "fit CPU s", "MB", "ms"]
    print(f"\n{markdown(head, [row(step) for step in steps])}\n")
    if options.validate or options.learn:
        return
    path = RESULTS / f"{_NAME}.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["rungs"] if path.exists() else []
    rows = {one["rung"]: one for one in [*kept, *map(entry, steps)]}
    order = [rung.name for rung in task.rungs]
    write(
        _NAME,
        {
            "learned": len(learned),
            "judged": len(judged),
            "rungs": [rows[name] for name in order if name in rows],
        },
    )


if __name__ == "__main__":
    main()
