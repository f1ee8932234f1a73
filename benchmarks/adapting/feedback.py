"""What late, few and wrong flags cost, against true flags that come at once."""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import SEED, Stream, make_stream
from tables import markdown

from chaffinch.features.rows import Row
from chaffinch.models.base import Learner
from chaffinch.performance.bootstrap import percentile_interval, samples
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import (
    Metric,
    ham_lost_percent,
    one_minus_roca_percent,
    spam_missed_percent,
    value,
)
from chaffinch.types import Interval

DRAWS = 5  # of which flags are wrong
PLACES = (50, 100, 200, 500, 1000, 2000, 4000)  # of the learning curve, and the end
GOAL = 2.0  # times the clean 1-ROCA%, at 5% of wrong flags
MEASURES: dict[str, Metric] = {
    "one_minus_roca_percent": one_minus_roca_percent,
    "ham_lost_percent": ham_lost_percent,
    "spam_missed_percent": spam_missed_percent,
}


@dataclass(frozen=True)
class Feedback:
    """How flags come.

    Parameters
    ----------
    title : str
        What it is called.
    delay : int
        How many later items are judged before an item's flag comes.
    every : int
        Of how many items one is flagged.
    wrong : float
        Share of the flags that are wrong, at random.
    """

    title: str
    delay: int = 0
    every: int = 1
    wrong: float = 0.0

    @property
    def draws(self) -> int:
        """How often it is measured."""
        return DRAWS if self.wrong else 1


CLEAN = Feedback("clean, at once")
FEEDBACKS = (
    CLEAN,
    Feedback("500 items late", delay=500),
    Feedback("every tenth flagged", every=10),
    Feedback("5% wrong", wrong=0.05),
    Feedback("20% wrong", wrong=0.2),
    Feedback("all three, 5% wrong", delay=500, every=10, wrong=0.05),
)


def read(stream: Stream) -> list[tuple[Row, bool]]:
    """Return the rows of a stream for the top rung, with their true labels."""
    features, task = stream.task.ladder[-1].features, stream.task
    return [
        (features.row(task.reader(message.data)), task.is_positive(message.label))
        for message in stream.messages
    ]


def run(
    items: Sequence[tuple[Row, bool]], learner: Learner, feedback: Feedback, draw: int = 0
) -> Judgements:
    """Return what a model of the top rung says of each item before its flag comes."""
    random = Random(draw)
    waiting: deque[tuple[Row, bool] | None] = deque()
    truth, scores = [], []
    for place, (row, positive) in enumerate(items):
        scores.append(learner.score(row))
        truth.append(positive)
        # Drawn for every item, so that fewer flags are wrong among the same ones.
        flagged = positive != (random.random() < feedback.wrong)
        waiting.append((row, flagged) if place % feedback.every == 0 else None)
        if len(waiting) > feedback.delay:
            given = waiting.popleft()
            if given is not None:
                learner.learn(*given)
    score = np.array(scores)
    return Judgements(np.array(truth), score, score > 0)


def mean_of(found: Sequence[Judgements], metric: Metric) -> Interval:
    """Return the mean of a measure over the draws, with its interval over other such items."""
    sizes = found[0].positives.score.size, found[0].negatives.score.size
    resampled = [
        np.mean([metric(one, sample) for one in found], axis=0) for sample in samples(*sizes)
    ]
    middle = float(np.mean([value(metric, one) for one in found]))
    return percentile_interval(middle, np.concatenate(resampled))


def times(found: Sequence[Judgements], clean: Judgements, metric: Metric) -> Interval:
    """Return how many times as high a measure is as with clean flags, on the same items."""
    sizes = clean.positives.score.size, clean.negatives.score.size
    ratios = []
    for sample in samples(*sizes):
        mean = np.mean([metric(one, sample) for one in found], axis=0)
        ratios.append(mean / np.maximum(metric(clean, sample), 1e-9))
    middle = float(np.mean([value(metric, one) for one in found])) / value(metric, clean)
    return percentile_interval(middle, np.concatenate(ratios))


def _later_half(whole: Judgements) -> Judgements:
    half = len(whole) // 2
    return Judgements(whole.truth[half:], whole.score[half:], whole.predicted[half:])


def curve(found: Sequence[Judgements]) -> list[tuple[int, float]]:
    """Return the mean 1-ROCA% of the items up to some places."""
    size = len(found[0])
    told = []
    for place in (*(place for place in PLACES if place < size), size):
        first = [
            Judgements(one.truth[:place], one.score[:place], one.predicted[:place]) for one in found
        ]
        told.append((place, float(np.mean([value(one_minus_roca_percent, one) for one in first]))))
    return told


def measure(stream: Stream) -> dict[str, Any]:
    """Return what each kind of feedback makes of the top rung, begun from nothing."""
    results: dict[str, Any] = {}
    clean: Judgements | None = None
    items = read(stream)
    for feedback in FEEDBACKS:
        began = time.monotonic()
        found = [
            run(items, stream.task.ladder[-1].start(), feedback, draw)
            for draw in range(feedback.draws)
        ]
        clean = clean or found[0]
        results[feedback.title] = {
            **{name: asdict(mean_of(found, metric)) for name, metric in MEASURES.items()},
            "one_minus_roca_percent_of_later_half": asdict(
                mean_of(list(map(_later_half, found)), one_minus_roca_percent)
            ),
            "times_clean": asdict(times(found, clean, one_minus_roca_percent)),
            "of_each_draw": [value(one_minus_roca_percent, one) for one in found],
            "curve": curve(found),
        }
        seconds = time.monotonic() - began
        print(f"  {stream.name}, {feedback.title}: {seconds:.0f} s", file=sys.stderr, flush=True)
    return results


def shown(results: dict[str, Any]) -> str:
    """Return a stream's table."""
    rows = [
        [
            title,
            *(
                _interval(one[name])
                for name in (
                    "one_minus_roca_percent",
                    "times_clean",
                    "one_minus_roca_percent_of_later_half",
                )
            ),
            *(f"{one[name]['value']:.2f}" for name in ("ham_lost_percent", "spam_missed_percent")),
        ]
        for title, one in results.items()
    ]
    return markdown(["flags", "1-ROCA %", "times clean", "of the later half", "hm %", "sm %"], rows)


def _interval(found: dict[str, float]) -> str:
    return str(Interval(**found))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="another shuffle; writes no results")
    seed = parser.parse_args().seed
    streams: dict[str, Any] = {}
    for data in ("spamassassin", "sms"):
        stream = make_stream(data, seed=seed)
        found = measure(stream)
        print(f"\n{stream.name}\n\n{shown(found)}\n", flush=True)
        streams[data] = {"stream": stream.about, "flags": found}
    if seed == SEED:
        write("adapting_feedback", {"draws": DRAWS, "goal": GOAL, "streams": streams})


if __name__ == "__main__":
    main()
