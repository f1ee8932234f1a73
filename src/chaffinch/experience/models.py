"""Models that are stored: which there are, and whose files are kept."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from chaffinch.errors import ExperienceError
from chaffinch.experience.rows import StoredModel, Transaction, model_row, to_model
from chaffinch.experience.schema import models


class Models:
    """The stored models in an experience database.

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
    ...     experience.models.kept(), experience.models.get("m1").rung
    ({'m1'}, 'bayes')
    """

    def __init__(self, read: Transaction, write: Transaction) -> None:
        self._read = read
        self._write = write

    def add(self, model: StoredModel) -> None:
        """Enter a model whose file is already in place."""
        with self._write() as connection:
            connection.execute(insert(models).values(model_row(model, kept=True)))

    def get(self, id_: str) -> StoredModel:
        """Return the model of this id."""
        with self._read() as connection:
            row = connection.execute(select(models).where(models.c.id == id_)).first()
            name = connection.engine.url.database
        if row is None:
            raise ExperienceError(f"experience database {name} knows no model '{id_}'")
        return to_model(row)

    def all(self, task: str, *, rung: str | None = None) -> list[StoredModel]:
        """Return the models whose files are kept, newest first."""
        statement = select(models).where(models.c.task == task, models.c.kept == 1)
        if rung is not None:
            statement = statement.where(models.c.rung == rung)
        with self._read() as connection:
            rows = connection.execute(statement.order_by(models.c.made.desc())).all()
        return [to_model(row) for row in rows]

    def kept(self) -> set[str]:
        """Return the ids of all models, of every task, whose files are kept."""
        with self._read() as connection:
            return set(connection.execute(select(models.c.id).where(models.c.kept == 1)).scalars())

    def forget(self, id_: str) -> None:
        """Note that a model's file is no longer kept."""
        with self._write() as connection:
            connection.execute(update(models).where(models.c.id == id_).values(kept=0))
