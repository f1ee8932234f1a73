"""What a home's first flags make of a starter, by which mails are flagged."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from accuracy.goals import begun_elsewhere, from_starter
from adapting.ways import copy_of
from results_file import write
from streams import Stream, make_stream
from tables import markdown

from chaffinch.features.rows import Row
from chaffinch.models.base import Learner
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import (
    Metric,
    accuracy,
    ham_lost_percent,
    one_minus_roca_percent,
    spam_missed_percent,
    value,
)
from chaffinch.task import get_task

SEED = 1  # a shuffle that settings may be chosen on
TEST, LESSONS = 600, 1200
ORDERS = 10
PLACES = (0, 1, 2, 5, 10, 20, 50)
#: Whether a mail is flagged, by whether it is judged spam and whether it is.
HOMES: dict[str, Callable[[bool, bool], bool]] = {
    "everything": lambda _, __: True,
    "mistakes": lambda said, spam: said != spam,
    "spam": lambda _, spam: spam,
    "ham": lambda _, spam: not spam,
}
MEASURES: dict[str, Metric] = {
    "accuracy": accuracy,
    "ham_lost_percent": ham_lost_percent,
    "spam_missed_percent": spam_missed_percent,
    "one_minus_roca_percent": one_minus_roca_percent,
}


@dataclass(frozen=True)
class Home:
    """Mail that a starter has not seen.

    Parameters
    ----------
    stream : Stream
        The mails: first those that are judged after every so many flags, then those to be flagged.
    started : Learner
        The model of a new installation.
    rows : list of Row
        Their features.
    spam : ndarray of bool, shape (n,)
        Their true labels.
    """

    stream: Stream
    started: Learner
    rows: list[Row]
    spam: NDArray[np.bool_]

    @classmethod
    def of(cls, started: Learner, data: str, cut: str) -> Home:
        """Read the mails of a data set."""
        stream = make_stream(data, seed=SEED, cut=cut, limit=TEST + LESSONS)
        task = stream.task
        features = task.ladder[-1].features
        rows = [features.row(task.reader(message.data)) for message in stream.messages]
        spam = np.array([task.is_positive(message.label) for message in stream.messages])
        return cls(stream, started, rows, spam)

    def begun(self, *, keeps: bool) -> Learner:
        """Return the model, which takes back what its steps move in all mail or does not."""
        learner = copy_of(self.started)
        if not keeps:
            learner.params["common"] = 0.0
        return learner

    def told(self, learner: Learner) -> dict[str, float]:
        """Return how well the test mails are judged, at one half."""
        score = np.array([learner.score(row) for row in self.rows[:TEST]])
        verdicts = Judgements(self.spam[:TEST], score, score > 0)
        return {name: value(metric, verdicts) for name, metric in MEASURES.items()}

    def flagged(
        self, learner: Learner, flags: Callable[[bool, bool], bool], order: int
    ) -> Iterator[dict[str, float]]:
        """Yield what is told after each of so many flags, as far as there are so many."""
        yield self.told(learner)
        given = 0
        for place in TEST + np.random.default_rng(order).permutation(LESSONS):
            row, spam = self.rows[place], bool(self.spam[place])
            if not flags(learner.score(row) > 0, spam):
                continue
            learner.learn(row, spam)
            given += 1
            if given in PLACES:
                yield self.told(learner)
            if given == PLACES[-1]:
                return


def measured(home: Home) -> dict[str, Any]:
    """Return the means over the orders, by what is flagged and whether common steps go back."""
    found: dict[str, Any] = {}
    for name, flags in HOMES.items():
        for keeps in (False, True):
            runs = [
                list(home.flagged(home.begun(keeps=keeps), flags, order)) for order in range(ORDERS)
            ]
            found[f"{name}, {'taken back' if keeps else 'not'}"] = [
                {
                    "flags": place,
                    "orders": len(at),
                    **{one: float(np.mean([told[one] for told in at])) for one in MEASURES},
                    "lowest_accuracy": min(told["accuracy"] for told in at),
                }
                for number, place in enumerate(PLACES)
                if (at := [run[number] for run in runs if len(run) > number])
            ]
    return found


def shown(results: dict[str, Any]) -> str:
    """Return a stream's table: right at one half, in percent, after so many flags."""
    rows = [
        [name, *(f"{100 * one['accuracy']:.1f}" for one in places)]
        for name, places in results.items()
    ]
    return markdown(["flagged, common steps", *map(str, PLACES)], rows)


def main() -> None:
    """Measure, print and write."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    began = time.monotonic()
    mail = get_task("mail")
    elsewhere = begun_elsewhere(
        mail, lambda: make_stream("enron", cut="visible"), lambda: make_stream("sms")
    )
    streams: dict[str, Any] = {}
    for data, cut, started in (
        ("enron", "visible", from_starter(mail)),
        ("spamassassin", "none", elsewhere),
        ("spamassassin", "headers", elsewhere),
    ):
        home = Home.of(started, data, cut)
        found = measured(home)
        print(f"\n{home.stream.name}\n\n{shown(found)}\n", flush=True)
        streams[home.stream.name] = {"stream": home.stream.about, "flagged": found}
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    about = {"test": TEST, "lessons": LESSONS, "orders": ORDERS}
    write("mail_first_flags", {**about, "streams": streams})


if __name__ == "__main__":
    main()
