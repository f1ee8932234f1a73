"""Ways to sort that are set beside each other: rungs of the ladder, and bogofilter."""

from __future__ import annotations

import math
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers.bogofilter import PROGRAM, Bogofilter
from peers.peer import CrashError
from streams import Message

from chaffinch.features.rows import Row
from chaffinch.models.base import Learner
from chaffinch.task import Rung, Task
from chaffinch.types import Action

_SECONDS = 60.0  # that bogofilter may take for one call
_BOGOFILTER: dict[str, Action] = {"Spam": "junk", "Unsure": "unsure", "Ham": "deliver"}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a way makes of a mail.

    Parameters
    ----------
    spam : bool
        Its verdict.
    action : {"deliver", "unsure", "junk"}
        What is done with it.
    """

    spam: bool
    action: Action


def action_of(task: Task, score: float) -> Action:
    """Return what is done with an item of this score, at the task's costs and nothing else.

    No policy of an installation: none was chosen on flags of the stream.
    """
    if score >= math.log(task.binary.cost_false_positive / task.binary.cost_false_negative):
        return "junk"
    return "unsure" if score > 0 else "deliver"


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
    """A rung of a task's ladder, from nothing unless a learner is given."""

    def __init__(self, task: Task, rung: Rung, learner: Learner | None = None) -> None:
        self.title = rung.title
        self._task, self._rung = task, rung
        self._learner = learner or rung.start()

    def judge(self, mails: Sequence[Message]) -> list[Judged]:
        """Judge mails."""
        scores = [self._learner.score(self._row(mail)) for mail in mails]
        return [Judged(score > 0, action_of(self._task, score)) for score in scores]

    def learn(self, mail: Message) -> None:
        """Learn a mail."""
        self._learner.learn(self._row(mail), self._task.is_positive(mail.label))

    def branch(self) -> RungWay:
        """Return a copy."""
        return RungWay(self._task, self._rung, copy_of(self._learner))

    def _row(self, mail: Message) -> Row:
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
            return [Judged(spam=False, action="deliver")] * len(mails)
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
        return [Judged(action == "junk", action) for action in actions]

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
