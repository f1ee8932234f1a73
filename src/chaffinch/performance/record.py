"""A model's record: what it said of each example before it learned it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.performance.judged import Judgements

if TYPE_CHECKING:
    from chaffinch.task import Task
    from chaffinch.types import Policy

#: The tensors of a model file that hold it.
RECORD_TENSORS = ("record_seq", "record_truth", "record_score")
# The newest verdicts that it keeps: enough for any comparison, 17 bytes each.
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
    novelty : ndarray of float32, shape (n,)
        The share of each item that the model had learned nothing of; NaN where that is not known.
    """

    seq: NDArray[np.int64]
    truth: NDArray[np.bool_]
    score: NDArray[np.float64]
    novelty: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))

    def __post_init__(self) -> None:
        if self.novelty.size != self.seq.size:
            unknown = np.full(self.seq.size, np.nan, np.float32)
            object.__setattr__(self, "novelty", unknown)

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
            # Files of an earlier version have none.
            tensors.pop("record_novelty", np.empty(0, np.float32)),
        )

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the record as tensors of a model file."""
        return {
            "record_seq": self.seq,
            "record_truth": self.truth.astype(np.uint8),
            "record_score": self.score,
            "record_novelty": self.novelty,
        }

    def followed_by(
        self, seq: list[int], truth: list[bool], score: list[float], novelty: list[float]
    ) -> Record:
        """Return the record with later verdicts at its end."""
        return Record(
            np.concatenate((self.seq, np.array(seq, np.int64)))[-_RECORD:],
            np.concatenate((self.truth, np.array(truth, np.bool_)))[-_RECORD:],
            np.concatenate((self.score, np.array(score, np.float64)))[-_RECORD:],
            np.concatenate((self.novelty, np.array(novelty, np.float32)))[-_RECORD:],
        )

    def among(self, seq: NDArray[np.int64]) -> Record:
        """Return the part of the record that speaks of these flags."""
        kept = np.isin(self.seq, seq)
        return self._at(kept)

    def newest(self, most: int) -> Record:
        """Return the record's last verdicts."""
        return self._at(slice(-most, None))

    def later_than(self, place: int) -> Record:
        """Return the part of the record that speaks of flags after this place in the log."""
        return self._at(self.seq > place)

    def upto(self, place: int) -> Record:
        """Return the part of the record that speaks of flags up to this place in the log."""
        return self._at(self.seq <= place)

    def _at(self, rows: NDArray[np.bool_] | slice) -> Record:
        return Record(self.seq[rows], self.truth[rows], self.score[rows], self.novelty[rows])

    def policy(self, task: Task, rate: float) -> Policy:
        """Return the policy that keeps this promise, as far as the record can tell.

        Parameters
        ----------
        task : Task
            Whose costs count.
        rate : float
            Share of the negatives that may be lost.
        """
        from chaffinch.performance.promise import promised

        return promised(task.policy, self.truth, self.score, rate)

    def calibrated(self, task: Task) -> Policy:
        """Return the policy that costs least by this record, whatever is promised.

        Parameters
        ----------
        task : Task
            Whose costs count.
        """
        from chaffinch.performance.promise import calibrated

        return calibrated(task.policy, self.truth, self.score)

    def at(self, policy: Policy) -> Judgements:
        """Return what was judged, by what the policy would have put into junk."""
        score = policy.slope * self.score + policy.offset
        return Judgements(self.truth, score, score >= policy.junk)
