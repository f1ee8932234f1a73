"""Mails judged and learned per CPU second, and seconds of a cold start.

The launched linear rung, on the SpamAssassin corpus, raw bytes in memory to verdict.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write

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


def read_rates(*, pure: bool) -> dict[str, float]:
    """Measure reading in a process of its own, as it is settled at its start what is compiled."""
    environment = os.environ | {"CHAFFINCH_PURE": str(int(pure))}
    words = [sys.executable, __file__, "read"]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, env=environment)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def read() -> None:
    """Print the rates of reading."""
    data = [example.item.data for example in corpus()]
    reader = get_task("mail").reader

    def work() -> None:
        for one in data:
            reader(one)

    print(json.dumps(rates(work, len(data))))


def measure(examples: list[Example]) -> dict[str, dict[str, float]]:
    """Measure on a home that has learned the corpus."""
    task = get_task("mail")
    program = str(Path(sys.executable).with_name("chaffinch"))
    for words in (["learn", "mail", "spamassassin"], ["launch", "mail", "--rung", "linear"]):
        subprocess.run([program, *words], check=True, capture_output=True)
    with Predictor.load("mail") as loaded:
        # Without its store: what is measured is judging, not remembering.
        predictor = Predictor(task, loaded.rung, loaded.learner, loaded.model)
    data = [example.item.data for example in examples]
    features = predictor.rung.features
    learner = predictor.rung.start()

    def learn() -> None:
        for example in examples:
            row = features.row(task.reader(example.item.data))
            learner.learn(row, task.is_positive(example.label))

    def judge(reasons: int) -> Callable[[], None]:
        def work() -> None:
            for one in data:
                predictor.predict(one, reasons=reasons)

        return work

    return {
        "read, compiled, mails per CPU second": read_rates(pure=False),
        "read, Python alone, mails per CPU second": read_rates(pure=True),
        "judged, mails per CPU second": rates(judge(0), len(data)),
        "judged with reasons, mails per CPU second": rates(judge(6), len(data)),
        "learned, mails per CPU second": rates(learn, len(data)),
        "chaffinch --version, seconds": cold("--version"),
        "chaffinch --help, seconds": cold("--help"),
        "chaffinch predict mail FILE, seconds": cold("predict", "mail", str(MAIL)),
    }


def main() -> None:
    """Measure and write."""
    examples = corpus()
    with TemporaryDirectory() as home:
        os.environ["CHAFFINCH_HOME"] = home
        measured = measure(examples)
    for name, value in measured.items():
        print(f"{name:<44} median {value['median']:>9.3f}   best {value['best']:>9.3f}")
    write("mail_speed", {"mails": len(examples), "rounds": ROUNDS, "measured": measured})


if __name__ == "__main__":
    read() if sys.argv[1:] == ["read"] else main()
