"""Mails judged and learned per CPU second, compiled and not, and seconds of a cold start.

The top rung, on the SpamAssassin corpus, raw bytes in memory to verdict.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

from chaffinch.datasets import get
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.predictor import Predictor
from chaffinch.task import get_task
from chaffinch.types import Example

ROUNDS = 5
MAIL = Path(__file__).parent.parent.parent / "examples" / "1-4u.eml"


def rates(work: Callable[[], None], count: int) -> dict[str, float]:
    """Return the middle and the best rate of some rounds, per CPU second."""
    seconds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return {"median": count / statistics.median(seconds), "best": count / min(seconds)}


def cold(*words: str) -> dict[str, float]:
    """Return the middle and the best wall-clock time of a command."""
    program = str(Path(sys.executable).with_name("chaffinch"))
    seconds = []
    for _ in range(11):
        started = time.perf_counter()
        subprocess.run([program, *words], check=True, capture_output=True)
        seconds.append(time.perf_counter() - started)
    return {"median": statistics.median(seconds), "best": min(seconds)}


def corpus() -> list[Example]:
    """Return the mails that are measured."""
    return list(gather(get_task("mail"), [open_source(get("spamassassin"))], skipped=print))


def in_a_process(*, pure: bool) -> dict[str, dict[str, float]]:
    """Measure in a process of its own, as it is settled at its start what is compiled."""
    environment = os.environ | {"CHAFFINCH_PURE": str(int(pure))}
    words = [sys.executable, __file__, "here"]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, env=environment)
    measured: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return measured


def here() -> None:
    """Measure the top rung, which has learned the corpus, and print what was measured."""
    task = get_task("mail")
    rung = task.ladder[-1]
    examples = corpus()
    data = [example.item.data for example in examples]
    learner = rung.start()

    def learn() -> None:
        nonlocal learner
        learner = rung.start()  # what was learned before would be learned faster
        for example in examples:
            row = rung.features.row(task.reader(example.item.data))
            learner.learn(row, task.is_positive(example.label))

    def judge(reasons: int) -> Callable[[], None]:
        def work() -> None:
            for one in data:
                predictor.predict(one, reasons=reasons)

        return work

    def read() -> None:
        for one in data:
            task.reader(one)

    learned = rates(learn, len(data))
    # Without a store: what is measured is judging, not remembering.
    predictor = Predictor(task, rung, learner, "benchmark")
    contents = [task.reader(one) for one in data]
    rows = [rung.features.row(content) for content in contents]

    def featured() -> None:
        for content in contents:
            rung.features.row(content)

    def scored() -> None:
        for row in rows:
            learner.score(row)

    print(
        json.dumps(
            {
                "read": rates(read, len(data)),
                "features alone": rates(featured, len(data)),
                "scored alone": rates(scored, len(data)),
                "judged": rates(judge(0), len(data)),
                "judged, with reasons": rates(judge(6), len(data)),
                "learned": learned,
            }
            | latencies(predictor, data)
            | explaining(predictor, data)
            | growth(predictor, data)
        )
    )


def latencies(predictor: Predictor, data: list[bytes]) -> dict[str, dict[str, float]]:
    """Return how long one mail takes by the clock: the middle, and what one of 100 exceeds."""
    found = []
    for _ in range(ROUNDS):
        taken = []
        for one in data:
            started = time.perf_counter()
            predictor.predict(one, reasons=0)
            taken.append((time.perf_counter() - started) * 1e3)
        found.append(statistics.quantiles(taken, n=100))
    return {
        f"ms for one mail, {name}": {
            "median": statistics.median(one[place] for one in found),
            "best": min(one[place] for one in found),
        }
        for name, place in (("p50", 49), ("p99", 98))
    }


def explaining(predictor: Predictor, data: list[bytes]) -> dict[str, dict[str, float]]:
    """Return what six reasons add to the time of one mail, by the clock, and what one takes."""
    found = []
    for _ in range(ROUNDS):
        taken: dict[int, list[float]] = {0: [], 6: []}
        for one in data:
            for reasons, times in taken.items():
                started = time.perf_counter()
                predictor.predict(one, reasons=reasons)
                times.append((time.perf_counter() - started) * 1e3)
        added = [more - less for less, more in zip(taken[0], taken[6], strict=True)]
        found.append([statistics.quantiles(times, n=100) for times in (taken[6], added)])
    return {
        f"ms for {what}, {name}": {
            "median": statistics.median(one[which][place] for one in found),
            "best": min(one[which][place] for one in found),
        }
        for which, what in enumerate(("one mail with reasons", "its reasons alone"))
        for name, place in (("p50", 49), ("p99", 98))
    }


def growth(predictor: Predictor, data: list[bytes]) -> dict[str, dict[str, float]]:
    """Return by how much memory grows from the first 10,000 mails judged to 100,000."""
    held = []
    for count in (10_000, 90_000):
        for one in islice(cycle(data), count):
            predictor.predict(one, reasons=0)
        held.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {
        "MiB more after 100,000 mails than after 10,000": dict.fromkeys(
            ("median", "best"), held[1] - held[0]
        )
    }


def commands() -> dict[str, dict[str, float]]:
    """Measure the command line on a home that has learned the corpus."""
    program = str(Path(sys.executable).with_name("chaffinch"))
    subprocess.run([program, "learn", "mail", "spamassassin"], check=True, capture_output=True)
    return {
        "chaffinch --version": cold("--version"),
        "chaffinch --help": cold("--help"),
        "chaffinch predict mail FILE": cold("predict", "mail", str(MAIL)),
    }


def main() -> None:
    """Measure, print and write."""
    compiled, pure = in_a_process(pure=False), in_a_process(pure=True)
    with TemporaryDirectory() as home:
        os.environ["CHAFFINCH_HOME"] = home
        seconds = commands()
    cells = [
        [
            name,
            *(f"{one[name][key]:,.3g}" for one in (compiled, pure) for key in ("median", "best")),
        ]
        for name in compiled
    ]
    print(markdown(["mails per CPU second", "compiled", "best", "Python alone", "best"], cells))
    cells = [[name, f"{one['median']:.3f}", f"{one['best']:.3f}"] for name, one in seconds.items()]
    print(f"\n{markdown(['seconds by the clock', 'median', 'best'], cells)}")
    write(
        "mail_speed",
        {"rounds": ROUNDS, "compiled": compiled, "Python alone": pure, "seconds": seconds},
    )


if __name__ == "__main__":
    here() if sys.argv[1:] == ["here"] else main()
