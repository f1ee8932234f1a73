"""What the adapting loop did: begun before it works, finished with what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, insert, select, update

from chaffinch.experience.rows import Transaction
from chaffinch.experience.schema import adaptations
from chaffinch.types import Adaptation, Trigger


class Adaptations:
    """The history of the adapting loop in an experience database.

    Parameters
    ----------
    read, write : callable
        Open a transaction that reads or writes.
    """

    def __init__(self, read: Transaction, write: Transaction) -> None:
        self._read = read
        self._write = write

    def begin(self, task: str, upto: int, triggers: Sequence[Trigger]) -> Adaptation:
        """Note that the loop goes to work, and what set it off.

        Parameters
        ----------
        task : str
            The task's name.
        upto : int
            The newest place in the log that it looks at.
        triggers : sequence of Trigger
            What set it off.
        """
        row = {
            "task": task,
            "began": time.time(),
            "upto": upto,
            "triggers": json.dumps([one.as_json() for one in triggers]),
            "outcome": "",
            "reason": "",
        }
        with self._write() as connection:
            connection.execute(insert(adaptations).values(row))
            newest = select(adaptations).order_by(adaptations.c.seq.desc()).limit(1)
            return _of(connection.execute(newest.where(adaptations.c.task == task)).one())

    def finish(self, seq: int, outcome: str, reason: str) -> None:
        """Note what came of it.

        Parameters
        ----------
        seq : int
            Which adaptation.
        outcome : {"launched", "refused", "given up"}
            What came of it.
        reason : str
            Why, in words.
        """
        with self._write() as connection:
            connection.execute(
                update(adaptations)
                .where(adaptations.c.seq == seq)
                .values(finished=time.time(), outcome=outcome, reason=reason)
            )

    def newest(self, task: str) -> Adaptation | None:
        """Return the last adaptation of a task, finished or not; None where there was none."""
        found = self.all(task, most=1)
        return found[0] if found else None

    def all(self, task: str, *, most: int = 1000) -> list[Adaptation]:
        """Return the history of a task, newest first."""
        statement = (
            select(adaptations)
            .where(adaptations.c.task == task)
            .order_by(adaptations.c.seq.desc())
            .limit(most)
        )
        with self._read() as connection:
            return [_of(row) for row in connection.execute(statement)]


def _of(row: Row[Any]) -> Adaptation:
    triggers = tuple(Trigger.of(one) for one in json.loads(row.triggers))
    return Adaptation(
        row.task, row.began, row.upto, triggers, row.finished, row.outcome, row.reason, row.seq
    )
