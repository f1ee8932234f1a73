"""Chaffinch itself: the top rung of the mail task's ladder, from nothing, in this process."""

from __future__ import annotations

import time
from pathlib import Path

from peers.peer import Judgement, Peer

import chaffinch
from chaffinch.features.rows import Row
from chaffinch.task import get_task


class Chaffinch(Peer):
    """The top rung, taught every mail."""

    name = "chaffinch"
    title = "Chaffinch"

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._task = get_task("mail")
        self._rung = self._task.ladder[-1]
        self._learner = self._rung.start()
        self._last: tuple[bytes, Row] | None = None
        self._cpu = 0.0

    def _row(self, data: bytes) -> Row:
        # A mail that is learned right after it was judged is read once, as in `evaluate`.
        if self._last is None or self._last[0] != data:
            self._last = data, self._rung.features.row(self._task.reader(data))
        return self._last[1]

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        started = time.process_time()
        score = self._learner.score(self._row(data))
        self._cpu += time.process_time() - started
        return Judgement(score > 0, score)

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        started = time.process_time()
        self._learner.learn(self._row(data), self._task.is_positive(label))
        self._cpu += time.process_time() - started

    def cpu_seconds(self) -> float:
        """Return the processor time of judging and learning."""
        return self._cpu

    def versions(self) -> dict[str, str]:
        """Return its version and rung."""
        return {"chaffinch": chaffinch.__version__, "rung": self._rung.name}
