"""Forget: bound the experience by count and age, and keep a sample of what is old."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chaffinch.experience import forget_statements as sql
from chaffinch.experience.light import BUSY_SECONDS, translated
from chaffinch.experience.retention import Bounds, Forgotten

#: Of each item that stays its newest verdicts, so many.
VERDICTS_KEPT = 10
# Units of one transaction: some tens of milliseconds, for which nobody else can write.
_BATCH = 200
_LONGEST_REST = 0.2
# The file is written anew where so great a share of it is free; less is used up by what comes.
_FREE_SHARE = 0.25
# For readers to let go of what the file was.
_PATIENCE_SECONDS = 2
# Beyond every place in the log.
_NEVER = 2**62
_DAY = 86_400
_EVER = -1e300


def forget(
    name: str,
    task: str,
    bounds: Bounds,
    *,
    learned: int | None = None,
    dry_run: bool = False,
    frozen: bool = False,
    now: float | None = None,
) -> Forgotten:
    """Forget what of a task's experience is beyond the bounds.

    An item goes with all its flags, those taken back too, its verdicts, and, where no other task
    has a flag of it or a verdict on it, its bytes. Of what stays at most the newest ten verdicts
    an item do. Places in the log are never given anew.

    The sample of the old is a *bottom-k sketch*: ids are hashes, so those of the lowest ids are a
    uniform sample, of which no state must be kept (Broder, "On the resemblance and containment of
    documents", SEQUENCES 1997; Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC
    2007). Forgetting twice is forgetting once, and forgetting again and again while the log grows
    leaves what forgetting once at the end would; but not where age takes items out of the sample,
    whose places then go to later ones, nor where a flag on an item in it is changed.

    It is done in transactions of some hundred items; killed at any moment the rest is a valid
    experience, and the next call finishes. What is flagged or judged meanwhile stays. Where a
    quarter of the file is free afterwards it is written anew: readers go on meanwhile, writers
    wait, and where it cannot be done the file stays as it is.

    Parameters
    ----------
    name : str
        The path of the database, which is of this version.
    task : str
        The task's name.
    bounds : Bounds
        What to keep.
    learned : int, optional
        The place in the log that the stored models have learned up to: what was flagged, or taken
        back, after it stays until they have. By default nothing waits.
    dry_run : bool
        Whether only to say what would go.
    frozen : bool
        Whether the file cannot be written: then only to say so.
    now : float, optional
        The time that age is counted to, in seconds since 1970-01-01 UTC; by default now.

    Returns
    -------
    Forgotten

    Raises
    ------
    ExperienceError, StorageError
        If the database cannot be read or written; what was forgotten by then is.
    """
    now = time.time() if now is None else now
    with _opened(name, frozen=frozen) as connection:
        before = _size(connection)
        _plan(connection, task, bounds, learned, now)
        told = _counted(connection, task)
        if told and not dry_run:
            rows = _carry_out(connection, task, f"kept {bounds}", now)
            told = replace(_counted(connection, task), **asdict(rows))
            _shrink(connection)
        told.bytes_before, told.bytes_after = before, _size(connection)
    return told


@dataclass(frozen=True, slots=True)
class _Rows:
    """How many rows went."""

    flags: int = 0
    items: int = 0
    verdicts: int = 0

    def __add__(self, other: _Rows) -> _Rows:
        return _Rows(
            self.flags + other.flags, self.items + other.items, self.verdicts + other.verdicts
        )


@contextmanager
def _opened(name: str, *, frozen: bool) -> Iterator[sqlite3.Connection]:
    where = f"{Path(name).resolve().as_uri()}?immutable=1" if frozen else name
    how: dict[str, Any] = {"isolation_level": None, "uri": frozen}
    try:
        with closing(sqlite3.connect(where, BUSY_SECONDS, **how)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = FULL")
            # What is forgotten is overwritten, not only no longer listed.
            connection.execute("PRAGMA secure_delete = ON")
            # To check them SQLite would search the whole log for each item; `FORGET_ITEM` looks.
            connection.execute("PRAGMA foreign_keys = OFF")
            yield connection
    except sqlite3.Error as error:
        raise translated(name, str(error)) from error


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Where the disk is full SQLite may have done so itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _plan(
    connection: sqlite3.Connection, task: str, bounds: Bounds, learned: int | None, now: float
) -> None:
    connection.execute(sql.UNITS)
    connection.execute(sql.SURPLUS)
    known = {
        **asdict(bounds),
        "task": task,
        "since": now - bounds.days * _DAY if bounds.days else _EVER,
        "learned": _NEVER if learned is None else learned,
        "verdicts": VERDICTS_KEPT,
    }
    # One transaction, so that all of it is of one moment; it takes no turn from any writer.
    connection.execute("BEGIN")
    connection.execute(sql.FIND_UNITS, known)
    connection.execute(sql.LABEL_UNITS)
    for part, places in sql.PARTS.items():
        connection.execute(
            f"UPDATE units SET part = :part WHERE place IN ({places})",  # noqa: S608 (our own)
            known | {"part": part},
        )
    connection.execute(sql.FIND_SURPLUS, known)
    connection.execute("COMMIT")


def _counted(connection: sqlite3.Connection, task: str) -> Forgotten:
    told = Forgotten()
    told.verdicts = connection.execute(sql.COUNT_SURPLUS).fetchone()[0]
    told.verdicts_kept = -told.verdicts
    told.items = connection.execute(sql.COUNT_ITEMS, {"task": task}).fetchone()[0]
    by_part = {None: told.gone, "newest": told.newest, "reservoir": told.reservoir}
    for row in connection.execute(sql.COUNT_UNITS):
        label, part, units = row["label"], row["part"], row["units"]
        if part is None:
            told.flags += row["flags"]
            told.verdicts += row["verdicts"]
        else:
            told.verdicts_kept += row["verdicts"]
        if part == "waiting":
            told.waiting += units
        elif label is not None:
            by_part[part][label] = units
        elif part is None:
            told.unflagged_gone = units
        else:
            told.unflagged = units
    return told


def _carry_out(connection: sqlite3.Connection, task: str, reason: str, now: float) -> _Rows:
    total = _Rows()
    note: int | None = None
    for step in (_forget_units, _forget_surplus):
        after: int | None = 0
        while after is not None:
            began = time.monotonic()
            with _transaction(connection):
                after, rows = step(connection, {"task": task, "after": after, "most": _BATCH})
                if rows != _Rows() and note is None:
                    noted = {"task": task, "now": now, "reason": reason}
                    note = connection.execute(sql.NOTE, noted).lastrowid
                connection.execute(sql.COUNT_UP, {**asdict(rows), "seq": note})
            total += rows
            # Whoever waits to write gets a turn, since the lock is free as long as it was held.
            time.sleep(min(time.monotonic() - began, _LONGEST_REST))
    return total


def _forget_units(
    connection: sqlite3.Connection, known: dict[str, Any]
) -> tuple[int | None, _Rows]:
    """Forget the next units; return where to go on, if there may be more, and what went."""
    units = connection.execute(sql.NEXT_UNITS, known).fetchall()
    rows = _Rows()
    for unit in units:
        one = {**unit, **known}
        if connection.execute(sql.UNTOUCHED, one).fetchone():
            flags = connection.execute(sql.FORGET_FLAGS, one).rowcount
            verdicts = connection.execute(sql.FORGET_VERDICTS, one).rowcount
            items = connection.execute(sql.FORGET_ITEM, one).rowcount
            rows += _Rows(flags, items, verdicts)
        else:
            connection.execute(sql.STAYS, one)
    return (units[-1]["place"] if units else None), rows


def _forget_surplus(
    connection: sqlite3.Connection, known: dict[str, Any]
) -> tuple[int | None, _Rows]:
    found = connection.execute(sql.NEXT_SURPLUS, known).fetchall()
    went = connection.executemany(sql.FORGET_VERDICT, map(tuple, found)).rowcount if found else 0
    return (found[-1]["seq"] if found else None), _Rows(verdicts=went)


def _shrink(connection: sqlite3.Connection) -> None:
    free, pages = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("freelist_count", "page_count")
    )
    if free < _FREE_SHARE * pages:
        return
    # What was forgotten is forgotten in any case: without room or a turn the file stays large.
    with suppress(sqlite3.Error):
        connection.execute("VACUUM")
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_SECONDS * 1000}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _size(connection: sqlite3.Connection) -> int:
    pages, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    return int(pages * size)
