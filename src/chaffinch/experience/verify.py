"""Is the experience as it should be? Every item, flag, model and launch is looked at."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, exists, select

from chaffinch.errors import ChaffinchError, UsageError
from chaffinch.experience.schema import flags, items, launches, models
from chaffinch.models.files import model_path, read_model
from chaffinch.task import TASKS, get_task
from chaffinch.types import Item


def verify(connection: Connection, home: Path) -> Iterator[str]:
    """Yield a line for each thing that is not as it should be.

    Parameters
    ----------
    connection : Connection
        To the experience database.
    home : Path
        The folder that holds the model files.
    """
    if connection.dialect.name == "sqlite":
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if said != "ok":
                yield f"database: {said}"
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"database: row {row[1]} of {row[0]} refers to a missing row of {row[2]}"
    yield from _items(connection)
    yield from _flags(connection)
    yield from _models(connection, home)


def _items(connection: Connection) -> Iterator[str]:
    for row in connection.execution_options(yield_per=500).execute(select(items)):
        try:
            data = zlib.decompress(row.data)
        except zlib.error as error:
            yield f"item {row.id}: cannot be unpacked: {error}"
            continue
        if Item(data, row.kind).id != row.id:
            yield f"item {row.id}: its bytes have changed"
        if len(data) != row.size:
            yield f"item {row.id}: has {len(data)} bytes, not {row.size}"


def _flags(connection: Connection) -> Iterator[str]:
    for task, label in connection.execute(select(flags.c.task, flags.c.label).distinct()):
        if task not in TASKS:
            yield f"flags: '{task}' is no task"
        elif label is not None:
            try:
                get_task(task).check(label)
            except UsageError as error:
                yield f"flags: {error}"
    taken = flags.alias()
    statement = select(flags.c.seq).where(
        flags.c.label.is_(None),
        ~exists().where(taken.c.seq == flags.c.retracts, taken.c.label.is_not(None)),
    )
    for (seq,) in connection.execute(statement):
        yield f"flags: row {seq} takes back nothing"


def _models(connection: Connection, home: Path) -> Iterator[str]:
    kept = select(models.c.id).where(models.c.kept == 1)
    for (id_,) in connection.execute(kept.order_by(models.c.made)).all():
        try:
            read_model(model_path(home, id_))
        except ChaffinchError as error:
            yield str(error)
    for task in TASKS:
        row: Any = connection.execute(
            select(launches.c.model, models.c.kept)
            .outerjoin(models, models.c.id == launches.c.model)
            .where(launches.c.task == task)
            .order_by(launches.c.seq.desc())
        ).first()
        if row is not None and not row.kept:
            yield f"launches: the champion of {task}, model {row.model}, is not kept"
