"""Cross-validation of short messages that repeat each other, near-copies kept together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold
from streams import Message, Stream

from chaffinch.models.base import Learner, sigmoid
from chaffinch.performance.judged import IntArray, Judgements
from chaffinch.performance.metrics import ham_lost_percent, value
from chaffinch.task import Task

SHUFFLES = 10
FOLDS = 5
# Of words: messages that share so many in a row come from one template.
SHINGLE = 8

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"[0-9]+")


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return the runs of words that tell near-copies, whatever their digits, case and white space.

    Examples
    --------
    >>> shingles("Win  1000 now!") == shingles("win 5 NOW")
    True
    >>> len(shingles("one two three four five six seven eight nine"))
    2
    """
    words = _WORD.findall(_DIGITS.sub("0", text.casefold()))
    last = max(0, len(words) - SHINGLE)
    return {tuple(words[at : at + SHINGLE]) for at in range(last + 1)}


def groups(messages: tuple[Message, ...]) -> IntArray:
    """Return a number for each message, equal for those that a chain of near-copies joins."""
    numbers: dict[tuple[str, ...], int] = {}
    rows, columns = [], []
    for row, message in enumerate(messages):
        for shingle in shingles(message.data.decode("utf-8", "replace")):
            rows.append(row)
            columns.append(len(messages) + numbers.setdefault(shingle, len(numbers)))
    size = len(messages) + len(numbers)
    joined = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size))
    group: IntArray = connected_components(joined, directed=False)[1][: len(messages)]
    return group


def cross_validated(stream: Stream, begin: Callable[[], Learner]) -> Iterator[Judgements]:
    """Yield what was said of a stream, once for each shuffle.

    Each message is judged by a model that has learned the four folds without it, and none of the
    near-copies of it.

    Parameters
    ----------
    stream : Stream
        The messages.
    begin : callable
        Returns the model that is taught four folds.
    """
    task = stream.task
    features = task.ladder[-1].features
    rows = [features.row(task.reader(message.data)) for message in stream.messages]
    truth = np.array([task.is_positive(message.label) for message in stream.messages])
    group = groups(stream.messages)
    for shuffle in range(SHUFFLES):
        order = np.random.default_rng(shuffle).permutation(len(rows))
        folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=shuffle)
        score = np.empty(len(rows))
        for learned, judged in folds.split(order, truth[order], group[order]):
            learner = begin()
            for place in order[learned]:
                learner.learn(rows[place], bool(truth[place]))
            score[order[judged]] = [learner.score(rows[place]) for place in order[judged]]
        yield Judgements(truth, score, score > 0)


def verdicts(task: Task, judged: Judgements) -> dict[str, float]:
    """Return F1 and ham lost in percent, by the verdicts and by what the task's policy junks."""
    junk = [task.policy.action(sigmoid(score)) == "junk" for score in judged.score]
    at_junk = Judgements(judged.truth, judged.score, junk)
    return {
        "f1_percent": f1_percent(judged),
        "ham_lost_percent": value(ham_lost_percent, judged),
        "f1_percent_at_junk": f1_percent(at_junk),
        "ham_lost_percent_at_junk": value(ham_lost_percent, at_junk),
    }


def f1_percent(judged: Judgements) -> float:
    """Return F1 on spam: the harmonic mean of precision and recall.

    Examples
    --------
    >>> f1_percent(Judgements([1, 1, 0], [2.0, -1.0, 1.0], [1, 0, 1]))
    50.0
    """
    hits = float(judged.positives.predicted.sum())
    return 200 * hits / float(judged.predicted.sum() + judged.truth.sum())
