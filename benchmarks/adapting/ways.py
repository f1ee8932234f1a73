"""Ways to sort that are set beside each other: rungs of the ladder, and bogofilter."""

from __future__ import annotations

import math
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers.bogofilter import PROGRAM, Bogofilter
from peers.peer import CrashError
from streams import Message

from chaffinch.features.rows import Row
from chaffinch.models.base import Learner
from chaffinch.performance.promise import promised
from chaffinch.task import Rung, Task
from chaffinch.types import Action

_SECONDS = 60.0  # that bogofilter may take for one call
_ROWS = 128  # mails read last, which may be judged again
_CHECKPOINT = 50  # flags after which an installation stores its model, and settles its policy anew
_BOGOFILTER: dict[str, Action] = {"Spam": "junk", "Unsure": "unsure", "Ham": "deliver"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a way makes of a mail.

    Parameters
    ----------
    spam : bool
        Its verdict.
    action : {"deliver", "unsure", "junk"}
        What is done with it at the task's costs and nothing else.
    promised : {"deliver", "unsure", "junk"}
        What an installation does with it, whose policy keeps its promise on the flags so far.
    """

    spam: bool
    action: Action
    promised: Action


def action_of(task: Task, score: float) -> Action:
    """Return what is done with an item of this score, at the task's costs and nothing else."""
    if score >= math.log(task.binary.cost_false_positive / task.binary.cost_false_negative):
        return "junk"
    return "unsure" if score > 0 else "deliver"


class Promise:
    """The policy of an installation, which settles it anew with each model that it stores.

    Parameters
    ----------
    task : Task
        Whose costs count.
    said : iterable of (bool, float)
        Of each flag so far whether it was positive, and the score before it was learned.
    """

    def __init__(self, task: Task, said: Iterable[tuple[bool, float]] = ()) -> None:
        self._task = task
        self.said = list(said)
        self._settle(len(self.said) - len(self.said) % _CHECKPOINT)

    def _settle(self, upto: int) -> None:
        truth, score = [one[0] for one in self.said[:upto]], [one[1] for one in self.said[:upto]]
        self._policy = promised(self._task.policy, truth, score)

    def flagged(self, positive: bool, score: float) -> None:
        """Note a flag, and the score that was given before it."""
        self.said.append((positive, score))
        if len(self.said) % _CHECKPOINT == 0:
            self._settle(len(self.said))

    def action(self, score: float) -> Action:
        """Return what is done with an item of this score."""
        return self._policy.action(self._policy.calibrated(score))


class Way(ABC):
    """Something that judges and learns mails, and of which a copy can go on by itself."""

    title: str

    @abstractmethod
    def judge(self, mails: Sequence[Message]) -> list[Judged]:
        """Judge mails, learning nothing."""

    @abstractmethod
    def learn(self, mail: Message) -> None:
        """Learn a mail with its label."""

    @abstractmethod
    def branch(self) -> Self:
        """Return a copy that learns nothing of what this one learns from now on."""


def copy_of(learner: Learner) -> Learner:
    """Return a copy that shares nothing with the original."""
    tensors = {name: tensor.copy() for name, tensor in learner.tensors.items()}
    return type(learner)(learner.params, tensors)


class RungWay(Way):
    """A rung of a task's ladder, from nothing unless a learner is given, and what it said so far.

    Parameters
    ----------
    task, rung : Task, Rung
        Which rung of which ladder.
    learner : Learner, optional
        What has learned already.
    said : iterable of (bool, float)
        Of each flag that it learned whether it was positive, and the score before it was learned.
    """

    def __init__(
        self,
        task: Task,
        rung: Rung,
        learner: Learner | None = None,
        said: Iterable[tuple[bool, float]] = (),
    ) -> None:
        self.title = rung.title
        self._task, self._rung = task, rung
        self._learner = learner or rung.start()
        self._row = lru_cache(_ROWS)(self._read)
        self._promise = Promise(task, said)

    def judge(self, mails: Sequence[Message]) -> list[Judged]:
        """Judge mails."""
        return [self._judged(self._learner.score(self._row(mail))) for mail in mails]

    def _judged(self, score: float) -> Judged:
        return Judged(score > 0, action_of(self._task, score), self._promise.action(score))

    def learn(self, mail: Message) -> None:
        """Learn a mail."""
        row, positive = self._row(mail), self._task.is_positive(mail.label)
        self._promise.flagged(positive, self._learner.score(row))
        self._learner.learn(row, positive)

    def branch(self) -> RungWay:
        """Return a copy."""
        return RungWay(self._task, self._rung, copy_of(self._learner), self._promise.said)

    def _read(self, mail: Message) -> Row:
        return self._rung.features.row(self._task.reader(mail.data))


class BogofilterWay(Way):
    """bogofilter by its own defaults, in a folder below the given one."""

    title = "bogofilter"

    def __init__(self, folder: Path, learned_in: Path | None = None) -> None:
        self._folder = folder
        self._own = Path(mkdtemp(dir=folder))
        if learned_in is not None:
            shutil.copytree(learned_in, self._own, dirs_exist_ok=True)
        self._peer = Bogofilter(self._own, _SECONDS)

    def judge(self, mails: Sequence[Message]) -> list[Judged]:
        """Judge mails, all in one process."""
        if not (self._own / "wordlist.db").exists():
            return [Judged(spam=False, action="deliver", promised="deliver")] * len(mails)
        files = [f"{number}.eml" for number in range(len(mails))]
        for file, mail in zip(files, mails, strict=True):
            (self._own / file).write_bytes(mail.data)
        said = self._peer.run(
            *PROGRAM,
            *("-b", "-v", "--header-format=%c"),
            data="\n".join([*files, ""]).encode(),
            allowed=(0, 1, 2),
        )
        actions = [_BOGOFILTER[line.split()[1].decode()] for line in said.splitlines()]
        return [Judged(action == "junk", action, action) for action in actions]

    def learn(self, mail: Message) -> None:
        """Learn a mail."""
        with suppress(CrashError):
            self._peer.learn(mail.data, mail.label)

    def branch(self) -> BogofilterWay:
        """Return a copy."""
        return BogofilterWay(self._folder, self._own)

    def versions(self) -> dict[str, str]:
        """Return its version."""
        return self._peer.versions()
