"""A trained model that is not launched: what it learned, how, and what it said before it did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import reduce
from pathlib import Path

import numpy as np

from chaffinch.loop.evaluate import report
from chaffinch.loop.fitting import fitted
from chaffinch.loop.recipe import Recipe
from chaffinch.models.base import Learner
from chaffinch.models.files import ModelCard, read_model, save_model
from chaffinch.performance.progressive import Run, is_due, judge, learn
from chaffinch.performance.record import Record
from chaffinch.task import Rung, Task
from chaffinch.types import Example, Report

#: What was measured of a rung on other items than those of the experience, which it knew before.
ELSEWHERE = "elsewhere"
#: Gives the examples of the log later than one place and up to another.
Again = Callable[[int, int], Iterable[Example]]


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
    recipe : Recipe
        Which flags it learns, and how.
    trained_to : int
        The place in the log up to which it has learned.
    examples : int
        How many flags it has learned.
    since : int
        The place up to which it had before this training.
    judged : int
        How many examples it has judged in this training.
    cpu_seconds : float
        Processor time that took.
    starter : str
        The id of the starter it began from in this training, if it did.
    unlearned : int
        How many flags it goes on knowing though they were taken back or changed, since too much
        of what else it has learned was forgotten to make it again.
    untuned : str
        Why its net could not be trained on, where that is so.
    """

    rung: Rung
    learner: Learner
    record: Record
    recipe: Recipe = field(default_factory=Recipe)
    trained_to: int = 0
    examples: int = 0
    since: int = 0
    judged: int = 0
    cpu_seconds: float = 0.0
    starter: str = ""
    unlearned: int = 0
    untuned: str = ""

    def learned_one(self) -> None:
        """Count one more example, and let what was learned fade where its time has come."""
        self.examples += 1
        if self.recipe.half_life and self.examples % self.recipe.half_life == 0:
            self.learner.fade()

    def report(self, task: Task, record: Record, *, data: str = "experience") -> Report:
        """Return performance P by a part of its record, or by one from elsewhere.

        The processor time is that of as many examples as in this training took it.
        """
        return report(
            task,
            self.rung.name,
            record.truth,
            record.score,
            record.guess,
            cpu_seconds=self.cpu_seconds * record.seq.size / max(1, self.judged),
            protocol="immediate",
            data=data,
        )

    def store(self, path: Path, id_: str, task: Task, ham_loss: float) -> None:
        """Write the model's file.

        Parameters
        ----------
        path : Path
            Where to.
        id_ : str
            What the model is to be called.
        task : Task
            What it judges.
        ham_loss : float
            Share of the negatives that may be lost, for its policy.

        Raises
        ------
        StorageError
            If it cannot be written.
        """
        card = ModelCard(
            id_,
            task.name,
            self.rung.name,
            self.rung.features.signature,
            self.trained_to,
            self.examples,
            self.learner.params,
            asdict(self.record.policy(task, ham_loss, self.rung.measured())),
            asdict(self.recipe),
        )
        save_model(path, card, self.learner.tensors | self.record.tensors())


def restored(path: Path, rung: Rung, recipe: Recipe, since: int) -> Trained:
    """Read a model's file, to train it further.

    Parameters
    ----------
    path : Path
        The file.
    rung : Rung
        The rung that the model stands on.
    recipe : Recipe
        How it is trained on.
    since : int
        The place in the log up to which it has learned, or is not to learn.

    Raises
    ------
    ModelError
        If the file is missing or damaged.
    """
    card, tensors = read_model(path)
    record = Record.of(tensors)
    learner = rung.learner(card.params, tensors) if rung.learner.learns else rung.start()
    return Trained(rung, learner, record, recipe, since, card.examples, since)


def comparable(trained: Sequence[Trained]) -> list[tuple[Record, str]]:
    """Return what the rungs are compared on, and whence: the flags that all of them have judged.

    A rung that begins from what has learned some of these flags elsewhere is shown on the others,
    and what it has not seen does not count against the rest. Where it has seen all of them it is
    shown on what was measured elsewhere, if anything was.

    Parameters
    ----------
    trained : sequence of Trained
        The ladder.

    Returns
    -------
    list of (Record, str)
        One for each rung. Whence is ``"experience"``, or `ELSEWHERE`.
    """
    most = max(one.record.seq.size for one in trained)
    knew = [one.rung.pretrained is not None and one.record.seq.size < most for one in trained]
    full = [one for one, knows in zip(trained, knew, strict=True) if not knows]
    common = reduce(np.intersect1d, [one.record.seq for one in full])
    found = []
    for one in trained:
        record, whence = one.record.among(common), "experience"
        if not record.seq.size and common.size:
            measured = one.rung.measured()
            record, whence = (record, whence) if measured is None else (measured, ELSEWHERE)
        found.append((record, whence))
    return found


def taught(
    task: Task,
    trained: Sequence[Trained],
    examples: Iterable[Example],
    upto: int,
    *,
    again: Again | None = None,
) -> Iterator[int]:
    """Let each model judge and learn, by its recipe, the examples that it has not learned yet.

    Parameters
    ----------
    task : Task
        The task.
    trained : sequence of Trained
        The models; they are trained in place, and share the work of reading.
    examples : iterable of Example
        In the order of the log.
    upto : int
        The place in the log that the examples reach to.
    again : callable
        Gives the examples of the log later than one place and up to another, for models that are
        fitted to all of them at once; without it they are not.

    Yields
    ------
    int
        The place of each example, once it was judged and learned.
    """
    runs = [Run(one.rung, one.learner, keeps=False) for one in trained]
    seqs: list[list[int]] = [[] for _ in trained]
    novelties: list[list[float]] = [[] for _ in trained]
    for example in examples:
        target = task.target(example.label)
        at_work = [
            number
            for number, one in enumerate(trained)
            if example.seq > one.since and one.recipe.learns(example.seq)
        ]
        working = [runs[number] for number in at_work]
        rows = judge(task, working, example.item, target)
        for number in at_work:
            if not example.given or trained[number].rung.has_seen(example.item):
                # What nobody said is no evidence of anybody's worth, nor what was known before.
                runs[number].forget_last()
                continue
            one = trained[number]
            seqs[number].append(example.seq)
            novelties[number].append(one.learner.novelty(rows[one.rung.features]))
        learn(working, target, rows)
        for number in at_work:
            one = trained[number]
            one.learned_one()
            one.judged += 1
        due = [one for one in map(trained.__getitem__, at_work) if is_due(one.examples)]
        if again:
            fitted(task, due, example.seq, again)
        yield example.seq
    for one, run, seq, novelty in zip(trained, runs, seqs, novelties, strict=True):
        one.record = one.record.followed_by(seq, run.truth, run.scores, novelty, run.guesses)
        one.trained_to = max(one.trained_to, upto)
        one.cpu_seconds += run.cpu_seconds
