"""A model's record: what it said of each example before it learned it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.models.files import read_model
from chaffinch.models.multiclass import labels_of, labels_tensor
from chaffinch.performance.promise import negatives_needed

if TYPE_CHECKING:
    from chaffinch.performance.answers import Answers
    from chaffinch.performance.judged import Judgements
    from chaffinch.scheme import Target
    from chaffinch.task import Task
    from chaffinch.types import Policy

# What the tensors of a model file that hold it are called.
_PREFIX = "record_"
# The newest verdicts that it keeps: enough for any comparison, 17 bytes each.
_RECORD = 100_000
_NONE = np.empty(0, np.str_)


@dataclass(frozen=True, slots=True)
class Record:
    """What a model said of each example before it learned it: the evidence of its worth.

    Parameters
    ----------
    seq : ndarray of int64, shape (n,)
        The flags' places in the log, ascending.
    truth : ndarray of bool or str, shape (n,)
        Whether the true label was the positive one; of many labels the true label.
    score : ndarray of float64, shape (n,)
        The model's log-odds at the time.
    novelty : ndarray of float32, shape (n,)
        The share of each item that the model had learned nothing of; NaN where that is not known.
    guess : ndarray of str, shape (n,)
        Of many labels the one that the model gave; of two, shape (0,): the score tells.
    """

    seq: NDArray[np.int64]
    truth: NDArray[Any]
    score: NDArray[np.float64]
    novelty: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    guess: NDArray[np.str_] = field(default_factory=lambda: _NONE)

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
        seq, score = tensors.pop("record_seq"), tensors.pop("record_score")
        truth = tensors.pop("record_truth")
        # Files of an earlier version have none.
        novelty = tensors.pop("record_novelty", np.empty(0, np.float32))
        if "record_labels" not in tensors:
            return cls(seq, truth.astype(np.bool_), score, novelty)
        names = np.array(labels_of(tensors.pop("record_labels")), np.str_)
        return cls(seq, names[truth], score, novelty, names[tensors.pop("record_guess")])

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the record as tensors of a model file."""
        kept: dict[str, NDArray[Any]] = {
            "record_seq": self.seq,
            "record_score": self.score,
            "record_novelty": self.novelty,
        }
        if not self.guess.size:
            return kept | {"record_truth": self.truth.astype(np.uint8)}
        names, codes = np.unique(np.stack((self.truth, self.guess)), return_inverse=True)
        codes = codes.reshape(2, -1).astype(np.uint16)
        return kept | {
            "record_truth": codes[0],
            "record_guess": codes[1],
            "record_labels": labels_tensor(names.tolist()),
        }

    def followed_by(
        self,
        seq: list[int],
        truth: list[Target],
        score: list[float],
        novelty: list[float],
        guess: list[str],
    ) -> Record:
        """Return the record with later verdicts at its end."""
        if not seq:
            return self
        # Of two labels the score tells which was given.
        guess = [] if isinstance(truth[0], bool) else guess
        # An empty record does not know yet of how many labels it is.
        said = np.array(truth) if not self.seq.size else np.concatenate((self.truth, truth))
        return Record(
            np.concatenate((self.seq, np.array(seq, np.int64)))[-_RECORD:],
            said[-_RECORD:],
            np.concatenate((self.score, np.array(score, np.float64)))[-_RECORD:],
            np.concatenate((self.novelty, np.array(novelty, np.float32)))[-_RECORD:],
            np.concatenate((self.guess, np.array(guess, np.str_)))[-_RECORD:],
        )

    @property
    def so(self) -> NDArray[np.bool_]:
        """Whether what each score speaks of was so: a positive label, or of many the one given."""
        return np.asarray(self.truth == self.guess if self.guess.size else self.truth)

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Whether each label given was wrong."""
        said = self.guess if self.guess.size else self.score > 0
        return np.asarray(said != self.truth)

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
        guess = self.guess[rows] if self.guess.size else self.guess
        return Record(self.seq[rows], self.truth[rows], self.score[rows], self.novelty[rows], guess)

    def policy(self, task: Task, rate: float, before: Record | None = None) -> Policy:
        """Return the policy that keeps this promise, as far as the record can tell.

        Parameters
        ----------
        task : Task
            Whose costs count.
        rate : float
            Share of the negatives that may be lost, or of accepted labels that may be wrong.
        before : Record, optional
            What was measured elsewhere of what the model began from: it counts until this record
            alone could keep the promise.
        """
        known = self
        if before is not None and self.seq.size < negatives_needed(rate):
            known = before if not self.seq.size else before.then(self)
        return task.scheme.promised(known.truth, known.score, known.guess, rate)

    def then(self, later: Record) -> Record:
        """Return this record, and a later one at its end."""
        return Record(
            *(
                np.concatenate(pair)
                for pair in (
                    (self.seq, later.seq),
                    (self.truth, later.truth),
                    (self.score, later.score),
                    (self.novelty, later.novelty),
                    (self.guess, later.guess),
                )
            )
        )

    def calibrated(self, task: Task) -> Policy:
        """Return the policy that costs least by this record, whatever is promised.

        Parameters
        ----------
        task : Task
            Whose costs count.
        """
        return task.scheme.calibrated(self.truth, self.score, self.guess)

    def at(self, task: Task, policy: Policy) -> Judgements | Answers:
        """Return what was judged, by what the policy would have put into junk, or accepted."""
        return task.scheme.acted(self.truth, self.score, self.guess, policy)


def read_record(path: Path) -> Record:
    """Return the record of a stored model.

    Raises
    ------
    ModelError
        If its file is missing or damaged.
    """
    _, tensors = read_model(path, lambda name: name.startswith(_PREFIX))
    return Record.of(tensors)
