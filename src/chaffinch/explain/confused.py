"""Which labels a model takes for which, with examples: as it judged before it learned them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from chaffinch.experience.store import Experience
from chaffinch.explain.prototypes import JudgedPicture
from chaffinch.models.base import sigmoid
from chaffinch.performance.record import Record
from chaffinch.task import Task


@dataclass(frozen=True, slots=True)
class Pair:
    """A label that is taken for another.

    Parameters
    ----------
    truth, said : str
        The true label, and the one given.
    times, items : int
        How often, of how many items with that true label.
    mistaken : tuple of JudgedPicture
        Some of them, those first that it was surest of; none where they are no longer kept.
    """

    truth: str
    said: str
    times: int
    items: int
    mistaken: tuple[JudgedPicture, ...]


@dataclass(frozen=True, slots=True)
class Confusions:
    """The pairs of labels that a model mistakes most often.

    Parameters
    ----------
    judged, wrong : int
        How many items were judged before they were learned, and how many of them wrongly.
    pairs : tuple of Pair
        The most frequent first.
    """

    judged: int
    wrong: int
    pairs: tuple[Pair, ...]


def confusions(
    task: Task, experience: Experience, record: Record, *, top: int, each: int = 5
) -> Confusions:
    """Return the pairs of labels most often mistaken, with some items.

    Parameters
    ----------
    task : Task
        The task, of many labels.
    experience : Experience
        Where the items are kept.
    record : Record
        What a model said of each flag before it learned it.
    top, each : int
        How many pairs to return, and how many items of each, at most.
    """
    if not record.seq.size:
        return Confusions(0, 0, ())
    wrong = np.flatnonzero(record.wrong)
    truth, said = record.truth[wrong].tolist(), record.guess[wrong].tolist()
    counts = Counter(zip(truth, said, strict=True))
    items = Counter(record.truth.tolist())
    worst = wrong[np.argsort(-record.score[wrong], kind="stable")]
    pairs = []
    for (label, given), times in counts.most_common(top):
        rows = [
            row
            for row in worst.tolist()
            if (record.truth[row], record.guess[row]) == (label, given)
        ]
        score = {int(record.seq[row]): float(record.score[row]) for row in rows[:each]}
        found = experience.examples(task.name, among=score)
        shown = [
            JudgedPicture(
                one.item.id,
                sigmoid(score[one.seq]),
                task.portrait.look(task.reader(one.item.data)),
                one.item.source,
            )
            for one in found
        ]
        shown.sort(key=lambda one: -one.probability)
        pairs.append(Pair(label, given, times, items[label], tuple(shown)))
    return Confusions(int(record.seq.size), int(wrong.size), tuple(pairs))
