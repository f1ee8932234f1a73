"""Do reasons add up, does deleting them change the verdict, and what do they cost?

A model of each rung learns the first half of a stream and judges the second half, so that no mail
was learned before its reasons are deleted; that they add up is checked on both. Words are deleted
from what the reader made of a mail, in the part that the reason names, and the rest is judged
again; as many words in a row are deleted elsewhere in parts of the same name, fewer where two draws
overlap.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import SEED, Stream, make_stream
from tables import markdown

from chaffinch.explain.reasons import Groups, choose, group
from chaffinch.features.grams import GramFeatures
from chaffinch.features.rows import Line, Shares
from chaffinch.features.text import Layout, Part, lay_out
from chaffinch.models.base import Learner
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.predictor import Predictor
from chaffinch.task import Rung, Task
from chaffinch.types import Item

DELETED = (0, 1, 2, 3, 5, 8, 13, 21, 34)
OWNER = "somebody"
ALL = 10**6


def halves(stream: Stream) -> tuple[Any, Any]:
    """Return the mails to learn and the mails to judge."""
    middle = len(stream.messages) // 2
    return stream.messages[:middle], stream.messages[middle:]


def taught(task: Task, rung: Rung, learned: Iterable[Any], owner: str = "") -> Predictor:
    """Return a predictor that has learned some mails, from nothing."""
    learner = rung.start()
    for number, message in enumerate(learned):
        # Common mail first, then the owner's own flags.
        whose = owner if number % 4 == 3 else ""
        row = rung.features.row(task.reader(message.data), whose)
        learner.learn(row, task.is_positive(message.label))
    return Predictor(task, rung, learner, "benchmark")


def largest_error(predictor: Predictor, judged: Iterable[Any], owner: str = "") -> float:
    """Return the largest distance of a score from the sum of intercept, reasons and rest."""
    largest = 0.0
    for message in judged:
        item = Item(message.data, message.kind, owner)
        for count in (ALL, 6):
            verdict = predictor.predict(item, reasons=count)
            total = verdict.intercept + sum(one.weight for one in verdict.reasons)
            if count < ALL:
                total += verdict.rest
            largest = max(largest, abs(total - verdict.score))
    return largest


def milliseconds(predictor: Predictor, judged: Iterable[Any]) -> dict[str, float]:
    """Return what six reasons add to a mail's processor time: the middle, and one of 100."""
    added = []
    for message in judged:
        taken = []
        for reasons in (0, 6):
            tries = []
            for _ in range(3):
                started = time.process_time()
                predictor.predict(message.data, reasons=reasons)
                tries.append((time.process_time() - started) * 1e3)
            taken.append(statistics.median(tries))
        added.append(taken[1] - taken[0])
    return {"median": statistics.median(added), "p99": statistics.quantiles(added, n=100)[98]}


class Deletion:
    """One mail that words are deleted from."""

    def __init__(self, task: Task, features: GramFeatures, learner: Learner, data: bytes) -> None:
        content = task.reader(data)
        self._learner = learner
        self._parts = [part for part in features.parts(content) if lay_out([part]).text]
        self._layout: Layout = lay_out(self._parts)
        self._starts = self._layout.words()[1]
        self._features = replace(features, parts=lambda parts: parts)
        self.shares: Shares = features.shares(content, learner.weights_of)
        self.groups: Groups = group(self.shares, task.wording)
        self.score = self.score_without(set())

    def score_without(self, words: set[int]) -> float:
        """Return the score of the mail without these words."""
        ends = [*self._starts[1:].tolist(), len(self._layout.text)]
        kept = np.ones(len(self._layout.text), np.bool_)
        for word in words:
            kept[self._starts[word] : ends[word]] = False
        text = np.frombuffer(self._layout.text, np.uint8)
        bounds = [*(start for _, start in self._layout.parts), len(self._layout.text)]
        parts = []
        for part, first, end in zip(self._parts, bounds, bounds[1:], strict=False):
            left = text[first:end][kept[first:end]].tobytes().decode("utf-8", "ignore")
            # What was cut within a character loses the rest of it, before any deletion, too.
            # A part is never cut again: what stood behind the limit stays out.
            parts.append(Part(part.where, left.rstrip("\n"), 1 << 20, part.section))
        return self._learner.score(self._features.row(parts))

    def reasons(self, count: int) -> list[int]:
        """Return the strongest groups that speak for spam, strongest first."""
        taken = choose(self.groups.weights, ALL, positive=True)
        return [one for one in taken.tolist() if self.groups.weights[one] > 0.0][:count]

    def pieces(self, number: int) -> Iterator[tuple[str, int, int]]:
        """Yield the part and the words of each piece of a group."""
        for piece in np.flatnonzero(self.groups.group == number).tolist():
            line = self.shares.lines[int(self.groups.lines[piece])]
            where = "header" if line.named else line.where
            yield where, int(self.groups.starts[piece]), int(self.groups.ends[piece])

    def random_pieces(self, like: list[tuple[str, int, int]], draw: random.Random) -> set[int]:
        """Return as many words in a row, of the same parts, for each of these pieces."""
        places: dict[str, list[tuple[int, Line]]] = defaultdict(list)
        for line in self.shares.lines:
            where = "header" if line.named else line.where
            places[where] += [(word, line) for word in range(line.first, line.end)]
        found: set[int] = set()
        for where, first, end in like:
            start, line = draw.choice(places[where])
            start = max(line.first, min(start, line.end - (end - first)))
            found |= set(range(start, min(line.end, start + end - first)))
        return found


def deletions(
    task: Task, predictor: Predictor, judged: Iterable[Any]
) -> tuple[dict[str, Any], dict[int, dict[str, float]]]:
    """Delete reasons, and random words, from every spam."""
    features = cast("GramFeatures", predictor.rung.features)
    more: list[bool] = []
    apart = 0.0
    flips = {"reasons": 0, "random words": 0}
    curve: dict[int, dict[str, list[float]]] = {
        count: {"reasons": [], "random words": []} for count in DELETED
    }
    for message in judged:
        if not task.is_positive(message.label):
            continue
        mail = Deletion(task, features, predictor.learner, message.data)
        verdict = predictor.predict(message.data, reasons=0)
        apart = max(apart, abs(mail.score - verdict.score))
        draw = random.Random(f"{SEED} {message.id}")
        ranked = [list(mail.pieces(one)) for one in mail.reasons(max(DELETED))]
        for count in DELETED:
            gone = [piece for pieces in ranked[:count] for piece in pieces]
            words = {word for _, first, end in gone for word in range(first, end)}
            left = mail.score_without(words)
            other = mail.score_without(mail.random_pieces(gone, draw))
            curve[count]["reasons"].append(left)
            curve[count]["random words"].append(other)
            if count == 5:
                more.append(abs(left - mail.score) > abs(other - mail.score))
                flips["reasons"] += left <= 0.0 < mail.score
                flips["random words"] += other <= 0.0 < mail.score
    share = clopper_pearson(sum(more), len(more))
    return (
        {
            "spam": len(more),
            "largest difference to the verdict's score before any deletion": apart,
            "changed more by deleting the reasons, %": [
                100 * value for value in (share.value, share.low, share.high)
            ],
            "no longer spam, %": {name: 100 * n / len(more) for name, n in flips.items()},
        },
        {
            count: {name: statistics.mean(scores) for name, scores in two.items()}
            for count, two in curve.items()
        },
    )


def measure(seed: int, limit: int | None) -> dict[str, Any]:
    """Measure one shuffle."""
    stream = make_stream("spamassassin", seed=seed, limit=limit)
    task = stream.task
    learned, judged = halves(stream)
    errors: dict[str, float] = {}
    for rung in task.ladder[:-1]:
        errors[rung.name] = largest_error(taught(task, rung, learned), stream.messages)
    top = task.ladder[-1]
    errors[f"{top.name}, an owner"] = largest_error(
        taught(task, top, learned, OWNER), stream.messages, OWNER
    )
    predictor = taught(task, top, learned)
    errors[top.name] = largest_error(predictor, stream.messages)
    deleted, curve = deletions(task, predictor, judged)
    return {
        "stream": stream.about,
        "protocol": "the first half learned, the second half judged",
        "largest error of the sum": errors,
        "five reasons deleted": deleted,
        "mean score by reasons deleted": curve,
        "processor milliseconds that six reasons add": milliseconds(predictor, judged),
    }


def show(measured: dict[str, Any]) -> None:
    """Print what was measured."""
    errors = measured["largest error of the sum"]
    rows = [[name, f"{error:.1e}"] for name, error in errors.items()]
    print(markdown(["rung", "largest |intercept + reasons + rest - score|"], rows))
    print(json.dumps(measured["five reasons deleted"], indent=2))
    rows = [
        [str(count), f"{two['reasons']:+.2f}", f"{two['random words']:+.2f}"]
        for count, two in measured["mean score by reasons deleted"].items()
    ]
    print(markdown(["deleted", "mean score: reasons", "as many random words"], rows))
    print(json.dumps(measured["processor milliseconds that six reasons add"]))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="of the shuffle")
    parser.add_argument("--limit", type=int, help="take the first so many mails only, for a trial")
    options = parser.parse_args()
    measured = measure(options.seed, options.limit)
    show(measured)
    if options.seed == SEED and options.limit is None:
        write("mail_reasons", measured)


if __name__ == "__main__":
    main()
