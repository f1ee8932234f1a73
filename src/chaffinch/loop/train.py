"""Train: bring every rung of the ladder up to the experience there is, judging as it learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.experience.rows import StoredModel
from chaffinch.experience.store import Experience
from chaffinch.loop.evaluate import report
from chaffinch.models.base import Learner
from chaffinch.models.files import model_path, read_model
from chaffinch.performance.judged import Judgements
from chaffinch.performance.progressive import Run, progressive
from chaffinch.task import Rung, Task
from chaffinch.types import Example, Policy, Report

# The newest verdicts that a model's record keeps: enough for any comparison, 17 bytes each.
_RECORD = 100_000


@dataclass(frozen=True, slots=True)
class Record:
    """What a model said of each example before it learned it: the evidence of its worth.

    Parameters
    ----------
    seq : ndarray of int64, shape (n,)
        The flags' places in the log, ascending.
    truth : ndarray of bool, shape (n,)
        Whether the true label was the positive one.
    score : ndarray of float64, shape (n,)
        The model's log-odds at the time.
    """

    seq: NDArray[np.int64]
    truth: NDArray[np.bool_]
    score: NDArray[np.float64]

    @classmethod
    def empty(cls) -> Record:
        """Return the record of a model that has judged nothing."""
        return cls(np.empty(0, np.int64), np.empty(0, np.bool_), np.empty(0))

    @classmethod
    def of(cls, tensors: dict[str, NDArray[Any]]) -> Record:
        """Take the record out of a model file's tensors."""
        return cls(
            tensors.pop("record_seq"),
            tensors.pop("record_truth").astype(np.bool_),
            tensors.pop("record_score"),
        )

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the record as tensors of a model file."""
        return {
            "record_seq": self.seq,
            "record_truth": self.truth.astype(np.uint8),
            "record_score": self.score,
        }

    def followed_by(self, seq: list[int], truth: list[bool], score: list[float]) -> Record:
        """Return the record with later verdicts at its end."""
        return Record(
            np.concatenate((self.seq, np.array(seq, np.int64)))[-_RECORD:],
            np.concatenate((self.truth, np.array(truth, np.bool_)))[-_RECORD:],
            np.concatenate((self.score, np.array(score, np.float64)))[-_RECORD:],
        )

    def among(self, seq: NDArray[np.int64]) -> Record:
        """Return the part of the record that speaks of these flags."""
        kept = np.isin(self.seq, seq)
        return Record(self.seq[kept], self.truth[kept], self.score[kept])

    def newest(self, most: int) -> Record:
        """Return the record's last verdicts."""
        return Record(self.seq[-most:], self.truth[-most:], self.score[-most:])

    def at(self, policy: Policy) -> Judgements:
        """Return what was judged, by what the policy would have put into junk."""
        threshold = np.log(policy.junk / (1.0 - policy.junk))
        return Judgements(self.truth, self.score, self.score >= threshold)


@dataclass(slots=True)
class Trained:
    """A rung of the ladder with its model, trained but not launched.

    Parameters
    ----------
    rung : Rung
        The rung.
    learner : Learner
        Its model.
    record : Record
        What it said of the examples it learned from, before it did.
    trained_to : int
        The last flag it has learned.
    examples : int
        How many flags it has learned.
    since : int
        The flag it had learned up to before this training.
    judged : int
        How many examples it has judged, and learned, in this training.
    cpu_seconds : float
        Processor time that took.
    starter : str
        The id of the starter it began from in this training, if it did.
    """

    rung: Rung
    learner: Learner
    record: Record
    trained_to: int = 0
    examples: int = 0
    since: int = 0
    judged: int = 0
    cpu_seconds: float = 0.0
    starter: str = ""

    def report(self, task: Task, record: Record) -> Report:
        """Return performance P by a part of its record.

        The processor time is that of as many examples as in this training took it.
        """
        return report(
            task,
            self.rung.name,
            record.truth,
            record.score,
            cpu_seconds=self.cpu_seconds * record.seq.size / max(1, self.judged),
            protocol="immediate",
            data="experience",
        )


def common_records(trained: Sequence[Trained]) -> list[Record]:
    """Return of each rung's record the part about flags that all rungs have judged."""
    common = reduce(np.intersect1d, [one.record.seq for one in trained])
    return [one.record.among(common) for one in trained]


def train(
    task: Task,
    experience: Experience,
    *,
    afresh: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Trained]:
    """Bring every rung up to all flags that stand, each judged before it is learned.

    A rung goes on from its stored model, the champion if the champion stands on it. Where a flag
    that the stored model has learned was taken back or changed, the rung begins again: afterwards
    it is the model that never saw that flag.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags and models are kept.
    afresh : bool
        Whether to begin again in any case.
    progress : callable
        Is told how many examples have been judged, and how many there are.

    Returns
    -------
    list of Trained
        One for each rung, in the ladder's order.
    """
    ids = cache(lambda: experience.item_ids(task.name))
    trained = [_begin(task, rung, experience, afresh, ids) for rung in task.ladder]
    # Rungs that stand at the same place go through the experience together, and read it once.
    for since in sorted({one.since for one in trained}):
        together = [one for one in trained if one.since == since]
        total = sum(experience.count(task.name, after=since).values())
        for judged in _catch_up(task, experience, together, since):
            progress(judged, total)
    return trained


def _begin(
    task: Task,
    rung: Rung,
    experience: Experience,
    afresh: bool,
    ids: Callable[[], list[str]],
) -> Trained:
    stored, since = (None, 0) if afresh else _stored(task, rung, experience)
    if stored is None or experience.disturbed(task.name, since):
        return _afresh(rung, ids())
    card, tensors = read_model(model_path(experience.home, stored.id))
    if card.features != rung.features.signature:
        return _afresh(rung, ids())
    record = Record.of(tensors)
    learner = rung.learner(card.params, tensors) if rung.learner.learns else rung.start()
    return Trained(rung, learner, record, since, card.examples, since)


def _afresh(rung: Rung, ids: list[str]) -> Trained:
    learner, starter = rung.begin(ids)
    return Trained(rung, learner, Record.empty(), starter=starter)


def _stored(task: Task, rung: Rung, experience: Experience) -> tuple[StoredModel | None, int]:
    champion = experience.champion(task.name)
    if champion is not None and champion.rung == rung.name:
        return experience.model(champion.model), champion.flags_from
    kept = experience.models(task.name, rung=rung.name)
    return (kept[0], kept[0].trained_to) if kept else (None, 0)


def _catch_up(
    task: Task, experience: Experience, together: list[Trained], since: int
) -> Iterator[int]:
    runs = [Run(one.rung, one.learner) for one in together]
    seq: list[int] = []
    given: list[bool] = []

    def noted() -> Iterator[Example]:
        for example in experience.examples(task.name, after=since):
            seq.append(example.seq)
            given.append(example.given)
            yield example

    for judged, _ in enumerate(progressive(task, runs, noted()), start=1):
        yield judged
    for one, run in zip(together, runs, strict=True):
        # What nobody said is no evidence of anybody's worth.
        one.record = one.record.followed_by(
            list(compress(seq, given)),
            list(compress(run.truth, given)),
            list(compress(run.scores, given)),
        )
        one.trained_to = max(since, seq[-1] if seq else 0)
        one.examples += len(seq)
        one.judged = len(seq)
        one.cpu_seconds = run.cpu_seconds
