"""Which models went into force, and which were refused it: two histories, only added to."""

from __future__ import annotations

import json
import time

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from chaffinch.errors import ExperienceError
from chaffinch.experience.rows import (
    StoredModel,
    Transaction,
    latest_launch,
    model_row,
    newest_refusals,
    to_launch,
    to_refusal,
)
from chaffinch.experience.schema import launches, models, refusals
from chaffinch.types import Launch, Refusal


class Launches:
    """The history of launches, and of refusals, in an experience database.

    Parameters
    ----------
    read, write : callable
        Begin a transaction that reads or writes.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from chaffinch.experience.store import Experience
    >>> with TemporaryDirectory() as home, Experience(Path(home)) as experience:
    ...     experience.models.add(StoredModel("m1", "mail", "bayes", 0.0, 0, 0, report={}))
    ...     _ = experience.launches.add("mail", "m1", "the first", flags_from=0)
    ...     [launch.model for launch in experience.launches.all("mail")]
    ['m1']
    """

    def __init__(self, read: Transaction, write: Transaction) -> None:
        self._read = read
        self._write = write

    def add(
        self, task: str, model: str, reason: str, *, flags_from: int, rollback: bool = False
    ) -> Launch:
        """Make a model the champion, in one transaction."""
        with self._write() as connection:
            before = connection.execute(latest_launch(task)).first()
            try:
                connection.execute(
                    insert(launches).values(
                        task=task,
                        model=model,
                        launched=time.time(),
                        reason=reason,
                        replaced=before.model if before else "",
                        rollback=rollback,
                        flags_from=flags_from,
                    )
                )
            except IntegrityError as error:
                raise ExperienceError(
                    f"model '{model}' cannot be launched: the store does not know it"
                ) from error
            return to_launch(connection.execute(latest_launch(task)).one())

    def newest(self, task: str) -> Launch | None:
        """Return the launch in force, or None."""
        with self._read() as connection:
            row = connection.execute(latest_launch(task)).first()
        return None if row is None else to_launch(row)

    def all(self, task: str) -> list[Launch]:
        """Return the history of launches, newest first."""
        statement = latest_launch(task).limit(None)
        with self._read() as connection:
            return [to_launch(row) for row in connection.execute(statement)]

    def refuse(
        self,
        task: str,
        model: StoredModel | str,
        reason: str,
        *,
        champion: str,
        evidence: dict[str, object],
    ) -> None:
        """Note that a model did not become champion, and why.

        Parameters
        ----------
        task : str
            The task's name.
        model : StoredModel or str
            The id of a stored model; or a model of which no file is kept.
        reason : str
            Why, in words.
        champion : str
            The id of the model that stayed, or went in, in its place.
        evidence : dict
            What was measured, JSON-ready.
        """
        with self._write() as connection:
            if isinstance(model, StoredModel):
                connection.execute(insert(models).values(model_row(model, kept=False)))
                model = model.id
            try:
                connection.execute(
                    insert(refusals).values(
                        task=task,
                        model=model,
                        champion=champion,
                        refused=time.time(),
                        reason=reason,
                        evidence=json.dumps(evidence),
                    )
                )
            except IntegrityError as error:
                raise ExperienceError(
                    f"model '{model}' cannot be refused: the store does not know it"
                ) from error

    def refused(self, task: str) -> list[Refusal]:
        """Return the history of challengers that were refused, newest first."""
        with self._read() as connection:
            return [to_refusal(row) for row in connection.execute(newest_refusals(task))]
