"""What the request path needs of the experience, without importing SQLAlchemy.

SQLAlchemy takes 0.4 seconds to import, more than all the rest of judging one mail from the shell.
These few statements do the same as `Experience`, and a test holds them against it. A database that
has to be brought up to date first goes through `Experience`.
"""

from __future__ import annotations

import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, Self

from chaffinch.errors import ExperienceError, StorageError
from chaffinch.settings import home_folder
from chaffinch.types import Example, Item, Launch, Verdict

#: The version of the schema that this Chaffinch writes: the number of migrations.
SCHEMA_VERSION = 5
#: The door of flags that were stored many at a time.
BULK_DOOR = "learn"
#: The door of labels that no person gave: see `chaffinch.loop.self_label`.
SELF_DOOR = "self"
#: Seconds that a writer waits for another one.
BUSY_SECONDS = 30
# Remembering a verdict must not hold up the mail it is about.
_PATIENCE_SECONDS = 2
# Of zlib: a third quicker than its default, and 6% larger.
_EFFORT = 1
# Bytes of the largest item that is kept though nobody flagged it.
_LARGEST_KEPT = 1 << 20
# Of a flag f: that it was not taken back, and is the last of its item.
_STANDS = (
    "f.label IS NOT NULL AND NOT EXISTS (SELECT 1 FROM flags t WHERE t.retracts = f.seq) "
    "AND NOT EXISTS (SELECT 1 FROM flags n WHERE n.task = f.task "
    "AND n.owner = f.owner AND n.item = f.item AND n.seq > f.seq AND n.label IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM flags t WHERE t.retracts = n.seq))"
)


class RequestStore(Protocol):
    """What loading a model asks of the experience."""

    home: Path

    def champion(self, task: str) -> Launch | None:
        """Return the launch in force, or None."""
        ...

    def examples(self, task: str, *, after: int = 0, bulk: bool = True) -> Iterator[Example]:
        """Yield the examples whose flags stand and are later than ``after``, in order."""
        ...


def open_for_requests(home: Path | None = None) -> LightExperience | None:
    """Open the store of a home folder, in the quickest way there is.

    Returns
    -------
    LightExperience or None
        None where there is no experience yet: judging is no reason to begin one.
    """
    home = home or home_folder()
    if not (home / "experience.db").exists():
        return None
    light = LightExperience(home)
    if light.version != SCHEMA_VERSION:
        light.close()
        from chaffinch.experience.store import Experience

        Experience.open(home).close()
        light = LightExperience(home)
    return light


class LightExperience:
    """The experience in a SQLite database of this version, as the request path sees it.

    Parameters
    ----------
    home : Path
        The folder that holds the database.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._name = str(home / "experience.db")
        self._frozen = False
        with self._guarded():
            try:
                self._connect(self._name)
            except sqlite3.OperationalError:
                # The disk is full or may not be written: what stands there can still be read.
                self._connect(f"{home.resolve().as_uri()}/experience.db?immutable=1")
                self._frozen = True
        if self.version > SCHEMA_VERSION:
            self.close()
            raise newer_version(self._name, self.version)

    def _connect(self, where: str) -> None:
        self._connection = sqlite3.connect(
            where, timeout=_PATIENCE_SECONDS, uri=where.startswith("file:")
        )
        self._connection.isolation_level = None
        # What is written here are verdicts: the last of them may be lost with the power, where a
        # flag may not, and syncing each to disk costs more than judging.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self.version = self._version()

    def _version(self) -> int:
        found = self._connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema'"
        ).fetchone()
        if found is None:
            return 0
        version: int = self._connection.execute("SELECT version FROM schema").fetchone()[0]
        return version

    def _keep(self, item: Item) -> None:
        self._connection.execute(
            # What was kept before its source was known gets it now.
            "INSERT INTO items (owner, id, kind, received, size, data, source) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner, id) "
            "DO UPDATE SET source = excluded.source "
            "WHERE items.source = '' AND excluded.source <> ''",
            (
                item.owner,
                item.id,
                item.kind,
                item.received,
                len(item.data),
                zlib.compress(item.data, _EFFORT),
                item.source,
            ),
        )

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translated(self._name, str(error)) from error

    def close(self) -> None:
        """Let the database go."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def champion(self, task: str) -> Launch | None:
        """Return the launch in force, or None."""
        with self._guarded():
            row = self._connection.execute(
                "SELECT l.task, l.model, m.rung, l.launched, l.reason, l.replaced, l.flags_from, "
                "l.rollback, l.seq FROM launches l JOIN models m ON m.id = l.model "
                "WHERE l.task = ? ORDER BY l.seq DESC LIMIT 1",
                (task,),
            ).fetchone()
        if row is None:
            return None
        name, model, rung, launched, reason, replaced, flags_from, rollback, seq = row
        return Launch(
            name, model, rung, launched, reason, replaced, flags_from, bool(rollback), seq
        )

    def examples(self, task: str, *, after: int = 0, bulk: bool = True) -> Iterator[Example]:
        """Yield the examples whose flags stand and are later than ``after``, in order.

        Parameters
        ----------
        task : str
            The task's name.
        after : int
            Only flags later than this place in the log.
        bulk : bool
            Whether flags count that were stored many at a time.
        """
        with self._guarded():
            rows = self._connection.execute(
                "SELECT f.seq, f.label, f.door, f.by, i.id, i.kind, i.owner, i.received, "  # noqa: S608 (our own words)
                "i.data, i.source FROM flags f JOIN items i ON i.owner = f.owner AND i.id = f.item "
                f"WHERE f.task = ? AND f.seq > ? AND f.door <> ? AND {_STANDS} ORDER BY f.seq",
                (task, after, "" if bulk else BULK_DOOR),
            ).fetchall()
        for seq, label, door, by, id_, kind, owner, received, data, source in rows:
            item = Item(unpacked(id_, data), kind, owner, received, source)
            yield Example(item, label, source or id_, seq, given=door != SELF_DOOR, by=by)

    def place(self) -> tuple[int, int]:
        """Return the places of the newest flag and of the newest launch, of any task."""
        with self._guarded():
            flag, launch = self._connection.execute(
                "SELECT (SELECT max(seq) FROM flags), (SELECT max(seq) FROM launches)"
            ).fetchone()
        return flag or 0, launch or 0

    def known(self, task: str, owner: str, ids: Sequence[str]) -> set[str]:
        """Return those of some ids under which an owner's items were judged or flagged."""
        marks = ", ".join("?" * len(ids))
        with self._guarded():
            rows = self._connection.execute(
                f"SELECT id FROM items WHERE owner = ? AND id IN ({marks}) UNION "  # noqa: S608 (marks)
                f"SELECT item FROM verdicts WHERE task = ? AND owner = ? AND item IN ({marks})",
                (owner, *ids, task, owner, *ids),
            ).fetchall()
        return {id_ for (id_,) in rows}

    def is_flagged(self, task: str, owner: str, id_: str) -> bool:
        """Return whether a flag stands on an owner's item."""
        with self._guarded():
            found = self._connection.execute(
                "SELECT 1 FROM flags f "  # noqa: S608 (our own words)
                f"WHERE f.task = ? AND f.owner = ? AND f.item = ? AND {_STANDS}",
                (task, owner, id_),
            ).fetchone()
        return found is not None

    def remember(self, task: str, judged: Sequence[tuple[Item, Verdict]], *, door: str) -> None:
        """Keep what was decided about items, and those that are not very large: all, or nothing.

        To commit costs more than to judge, so that whoever judges much keeps much at a time.
        """
        if self._frozen:
            raise StorageError(f"experience database {self._name} cannot be written at present")
        with self._guarded():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for item, verdict in judged:
                    if kept(item):
                        self._keep(item)
                    row = verdict_row(task, item, verdict, door)
                    self._connection.execute(
                        f"INSERT INTO verdicts ({', '.join(row)}) "  # noqa: S608 (our own names)
                        f"VALUES ({', '.join(':' + name for name in row)})",
                        row,
                    )
                self._connection.execute("COMMIT")
            except BaseException:
                # Some failures, as that of a full disk, have rolled back by themselves.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def kept(item: Item) -> bool:
    """Return whether an item that was only judged is kept with its verdict."""
    return len(item.data) <= _LARGEST_KEPT


def verdict_row(task: str, item: Item, verdict: Verdict, door: str) -> dict[str, str | float]:
    """Return the row of the table of verdicts for this verdict, given now."""
    return {
        "task": task,
        "owner": item.owner,
        "item": item.id,
        "label": verdict.label,
        "probability": verdict.probability,
        "score": verdict.score,
        # What was done, and where something else would have been but for `log_only`, what.
        "action": f"would-{verdict.would_be}" if verdict.would_be else verdict.action,
        "model": verdict.model,
        "door": door,
        "judged": time.time(),
    }


def unpacked(id_: str, data: bytes) -> bytes:
    """Return the bytes of a stored item."""
    try:
        return zlib.decompress(data)
    except zlib.error as error:
        raise ExperienceError(
            f"item {id_} in the experience database is damaged: `chaffinch verify` lists what else "
            "is; restore a backup"
        ) from error


def newer_version(name: str, version: int) -> ExperienceError:
    """Return the error for a database of a version to come."""
    return ExperienceError(
        f"experience database {name} is of version {version}, this Chaffinch knows up to "
        f"{SCHEMA_VERSION}: upgrade Chaffinch, or set CHAFFINCH_HOME to another folder"
    )


def translated(name: str, said: str) -> ExperienceError | StorageError:
    """Return our error for what the database said."""
    subject = f"experience database {name}"
    if "full" in said or "disk I/O error" in said:
        return StorageError(f"{subject}: {said}: free some space and try again; nothing is lost")
    if "readonly" in said or "read-only" in said:
        return StorageError(f"{subject} cannot be written: make it and its folder writable")
    if "locked" in said:
        return ExperienceError(
            f"{subject} was locked by another process for longer than this one waits: try again"
        )
    if "unable to open" in said:
        folder = Path(name).parent
        return ExperienceError(f"{subject} cannot be opened: check that {folder} may be written")
    if "not a database" in said or "malformed" in said or "disk image" in said:
        return ExperienceError(
            f"{subject} is damaged ({said}): restore it from a backup, or move it away and learn "
            "again"
        )
    return ExperienceError(f"{subject}: {said}")
