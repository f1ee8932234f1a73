"""What forgetting costs in performance P, and what it saves in bytes."""

from __future__ import annotations

import argparse
import copy
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import Stream, make_stream
from tables import markdown

from chaffinch.experience.retention import Bounds
from chaffinch.experience.store import Experience
from chaffinch.features.rows import Row
from chaffinch.loop.forget import forget
from chaffinch.models.base import Learner
from chaffinch.performance.compare import paired_difference
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import (
    ham_lost_percent,
    one_minus_roca_percent,
    spam_missed_percent,
    value,
)

RUNG = "committee"
#: What part of the stream is experience; what follows is judged.
LEARNED = 2 / 3
#: How much of the experience stays, and what part of that is a sample of the old.
KEPT = (1 / 4, 1 / 10)
SAMPLES = {"newest": 0.0, "a tenth sample": 0.1, "half sample": 0.5}
METRICS = {
    "one_minus_roca_percent": one_minus_roca_percent,
    "ham_lost_percent": ham_lost_percent,
    "spam_missed_percent": spam_missed_percent,
}


def by_date_of_each(**how: Any) -> Stream:
    """Return Enron's mails, each label by date, and of both the same share at any time.

    By date alone nearly all of the ham comes before nearly all of the spam.
    """
    stream = make_stream("enron", order="date", cut="visible", **how)
    counts = Counter(one.label for one in stream.messages)
    met: Counter[str] = Counter()
    timed = []
    for one in stream.messages:
        met[one.label] += 1
        timed.append((met[one.label] / counts[one.label], one))
    timed.sort(key=lambda pair: pair[0])
    return replace(stream, name=f"{stream.name}_of_each", messages=tuple(one for _, one in timed))


STREAMS: dict[str, Callable[..., Stream]] = {
    # The old is as good as the new.
    "spamassassin, shuffle 1": partial(make_stream, "spamassassin", seed=1),
    # The world changes: all at once, and within each label.
    "enron, by date": partial(make_stream, "enron", order="date", cut="visible"),
    "enron, each label by date": by_date_of_each,
}


def arms(learned: int) -> dict[str, Bounds | None]:
    """Return the bounds to be measured, by name; None keeps everything."""
    found: dict[str, Bounds | None] = {"everything": None}
    for share in KEPT:
        total = round(learned * share)
        for name, part in SAMPLES.items():
            sample = round(total * part)
            found[f"1/{1 / share:.0f}: {name}"] = Bounds(total - sample, sample, 0)
    return found


def measured(stream: Stream) -> dict[str, Any]:
    """Measure every arm on a stream: what is left is learned, what follows is judged."""
    task = stream.task
    rung = task.rung(RUNG)
    split = round(len(stream.messages) * LEARNED)
    rows = {one.id: rung.features.row(task.reader(one.data)) for one in stream.messages}
    following = stream.messages[split:]
    truth = np.array([task.is_positive(one.label) for one in following])
    found: dict[str, Any] = {}
    judged: dict[str, list[Judgements]] = {}
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        with Experience(whole) as experience:
            experience.add(task.name, (one.example for one in stream.messages[:split]))
            learned = sum(experience.log.count(task.name).values())
        for number, (name, bounds) in enumerate(arms(learned).items()):
            home = Path(folder) / str(number)
            shutil.copytree(whole, home)
            learner = rung.start()
            with Experience(home) as experience:
                told = forget(task, experience, bounds) if bounds else None
                for example in experience.examples(task.name):
                    learner.learn(rows[example.item.id], task.is_positive(example.label))
                kept = experience.log.count(task.name)
            size = (home / "experience.db").stat().st_size
            ids = [one.id for one in following]
            judged[name] = [
                Judgements(truth, score, score > 0)
                for score in (
                    frozen(learner, rows, ids),
                    learning(copy.deepcopy(learner), rows, ids, truth),
                )
            ]
            found[name] = {
                "kept": kept,
                "sample": told.reservoir if told else {},
                "bytes": size,
                **{
                    how: _measures(one, first)
                    for how, one, first in zip(
                        ("frozen", "learning"), judged[name], judged["everything"], strict=True
                    )
                },
            }
            shutil.rmtree(home)
    follows = dict(Counter(one.label for one in following))
    return {"learned": learned, "judged": follows, **stream.about, "arms": found}


def frozen(learner: Learner, rows: dict[str, Row], ids: Sequence[str]) -> NDArray[np.float64]:
    """Return what the model says of each mail that follows, of which it learns none."""
    return np.array([learner.score(rows[id_]) for id_ in ids])


def learning(
    learner: Learner, rows: dict[str, Row], ids: Sequence[str], truth: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return what it says of each where it learns every one as soon as it was judged."""
    scores = []
    for id_, positive in zip(ids, truth.tolist(), strict=True):
        scores.append(learner.score(rows[id_]))
        learner.learn(rows[id_], positive)
    return np.array(scores)


def _measures(one: Judgements, everything: Judgements) -> dict[str, Any]:
    more = paired_difference(one, everything, one_minus_roca_percent)
    return {
        **{name: value(metric, one) for name, metric in METRICS.items()},
        "more_one_minus_roca_percent": {"value": more.value, "low": more.low, "high": more.high},
    }


def shown(found: dict[str, Any], how: str) -> str:
    """Return a table of the arms of a stream."""
    rows = []
    for name, arm in found["arms"].items():
        told = arm[how]
        more = told["more_one_minus_roca_percent"]
        difference = f"{more['value']:+.3f} [{more['low']:+.3f}, {more['high']:+.3f}]"
        rows.append(
            [
                name,
                " + ".join(str(arm["kept"].get(label, 0)) for label in ("spam", "ham")),
                f"{arm['bytes'] / 1e6:.1f}",
                *(f"{told[metric]:.3f}" for metric in METRICS),
                "" if name == "everything" else difference,
            ]
        )
    head = ["kept", "spam + ham", "MB", "1-ROCA %", "hm %", "sm %", "1-ROCA % more than all"]
    return markdown(head, rows)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, help="the first so many mails only; writes no results")
    limit = parser.parse_args().limit
    began = time.monotonic()
    results = {}
    for name, make in STREAMS.items():
        results[name] = measured(make(limit=limit))
        for how, what in (
            ("frozen", "learning nothing more"),
            ("learning", "learning on"),
        ):
            judged = " and ".join(f"{n} {label}" for label, n in results[name]["judged"].items())
            title = f"{name}; then {judged}, {what}"
            print(f"\n{title}\n\n{shown(results[name], how)}", flush=True)
    print(f"\n{time.monotonic() - began:.0f} s", file=sys.stderr)
    if limit is None:
        write("mail_forget", {"rung": RUNG, "learned_share": LEARNED, **results})


if __name__ == "__main__":
    main()
