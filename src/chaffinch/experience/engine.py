"""Open the experience database, bring it up to date, and turn its errors into ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from chaffinch.errors import ExperienceError, StorageError
from chaffinch.experience.light import BUSY_SECONDS, SCHEMA_VERSION, newer_version, translated
from chaffinch.experience.schema import (
    adaptations,
    forgettings,
    imap_folders,
    imap_mails,
    imap_moves,
    imap_places,
    metadata,
    refusals,
    schema,
    trust,
)


def _initial(connection: Connection) -> None:
    metadata.create_all(connection)


def _refusals(connection: Connection) -> None:
    # A database begun by this version has the table from the first.
    refusals.create(connection, checkfirst=True)


def _adapting(connection: Connection) -> None:
    for table in (adaptations, trust, forgettings):
        table.create(connection, checkfirst=True)


def _sources(connection: Connection) -> None:
    columns = {column["name"] for column in inspect(connection).get_columns("items")}
    if "source" not in columns:
        connection.exec_driver_sql(
            "ALTER TABLE items ADD COLUMN source VARCHAR NOT NULL DEFAULT ''"
        )


def _mailboxes(connection: Connection) -> None:
    for table in (imap_folders, imap_mails, imap_places, imap_moves):
        table.create(connection, checkfirst=True)


#: What brings a database from version n to version n + 1, for n = 0, 1 …; never changed once
#: released, only added to. There are `SCHEMA_VERSION` of them.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    _initial,
    _refusals,
    _adapting,
    _sources,
    _mailboxes,
)


def open_engine(name: str) -> Engine:
    """Open a SQLite database, making it or bringing it up to date where needed.

    Parameters
    ----------
    name : str
        The path of its file.

    Raises
    ------
    ExperienceError
        If it cannot be opened, is no experience database, or is of a newer version.
    """
    with guarded(name):
        engine = create_engine(URL.create("sqlite", database=name))
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        try:
            _migrate(engine, name)
        except BaseException:
            engine.dispose()
            raise
    return engine


def open_empty() -> Engine:
    """Open a database without anything in it, in memory, for who looks where none was begun."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
    return engine


def open_to_read(name: str) -> tuple[Engine, frozenset[str]]:
    """Open a SQLite database of this version or an earlier one as it is, only to be read.

    Parameters
    ----------
    name : str
        The path of its file, which need not be one that can be written.

    Returns
    -------
    Engine
        The database.
    frozenset of str
        Which tables it has: an earlier version has fewer.

    Raises
    ------
    ExperienceError
        If it cannot be opened, is no experience database, or is of a newer version.
    """
    # The second way is for a folder that may not be written: no other process writes there either.
    for way in ({"mode": "ro"}, {"immutable": "1"}):
        where = Path(name).resolve().as_uri()
        engine = create_engine(URL.create("sqlite", database=where, query={**way, "uri": "true"}))
        event.listen(engine, "connect", _wait)
        try:
            with guarded(name), engine.connect() as connection:
                version = _version(connection)
                tables = frozenset(inspect(connection).get_table_names())
        except (ExperienceError, StorageError):
            engine.dispose()
            if "immutable" in way:
                raise
            continue
        if version > SCHEMA_VERSION:
            engine.dispose()
            raise newer_version(name, version)
        break
    return engine, tables


def _wait(connection: Any, _: object) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    columns = {row[1] for row in connection.execute("PRAGMA table_info(items)")}
    if columns and "source" not in columns:
        # Of an earlier version: a view of this connection alone stands before its table.
        connection.execute("CREATE TEMP VIEW items AS SELECT *, '' AS source FROM main.items")


def _prepare(connection: Any, _: object) -> None:
    # We begin transactions ourselves: the driver's own way leaves DDL outside of them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # A flag acknowledged is a flag on disk, after a power cut too.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes its turn at once: two readers that both became writers would deadlock.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        version = _version(connection)
    if version > SCHEMA_VERSION:
        raise newer_version(name, version)
    if version == SCHEMA_VERSION:
        return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        # Read again: another process may have been quicker.
        for number in range(_version(connection), SCHEMA_VERSION):
            MIGRATIONS[number](connection)
            if number == 0:
                connection.execute(insert(schema).values(version=1))
            else:
                connection.execute(update(schema).values(version=number + 1))


def _version(connection: Connection) -> int:
    tables = inspect(connection).get_table_names()
    if not tables:
        return 0
    if "schema" not in tables:
        raise ExperienceError(
            f"database {connection.engine.url.database} is not Chaffinch's: move it away, or set "
            "CHAFFINCH_HOME to another folder"
        )
    version: int = connection.execute(select(schema.c.version)).scalar_one()
    return version


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """Turn the database driver's errors into ours, each with its remedy."""
    try:
        yield
    except DBAPIError as error:
        raise translated(name, str(error.orig)) from error
