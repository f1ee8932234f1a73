"""The experience store: an append-only log of flags on items, and what was made of it."""

from __future__ import annotations

import os
import pwd
import shlex
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, and_, func, insert, select

from chaffinch.errors import ExperienceError, InputError, StorageError
from chaffinch.experience.adaptations import Adaptations
from chaffinch.experience.engine import guarded, open_empty, open_engine, open_to_read
from chaffinch.experience.flagging import Added, append
from chaffinch.experience.items import Items
from chaffinch.experience.launches import Launches
from chaffinch.experience.light import BULK_DOOR, SELF_DOOR, kept, verdict_row
from chaffinch.experience.log import Log
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.experience.models import Models
from chaffinch.experience.review import Review, check_may_undo, may_undo, waiting_of
from chaffinch.experience.rows import keep_items, standing_flag, standing_flags, to_item
from chaffinch.experience.schema import flags, items, launches, metadata, verdicts
from chaffinch.settings import home_folder, read_settings
from chaffinch.types import Example, Flag, Item, Launch, Verdict

# Items of a transaction at most, and bytes of them: the last may be more.
_CHUNK, _CHUNK_BYTES = 500, 1 << 25


def _taken(examples: Iterator[Example]) -> list[Example]:
    taken: list[Example] = []
    size = 0
    for example in islice(examples, _CHUNK):
        taken.append(example)
        size += len(example.item.data)
        if size >= _CHUNK_BYTES:
            break
    return taken


def check_owner(home: Path) -> None:
    """Refuse to write as root where somebody else could not read it.

    Raises
    ------
    StorageError
        If the home folder is somebody else's and we are root.
    """
    if os.geteuid() or not home.exists() or not (uid := home.stat().st_uid):
        return
    try:
        owner = pwd.getpwuid(uid).pw_name
    except KeyError:
        owner = f"'#{uid}'"
    raise StorageError(
        f"home folder {home} belongs to {owner}, who could not read what root writes there: run "
        f"`sudo -u {owner} CHAFFINCH_HOME={shlex.quote(str(home.absolute()))} chaffinch …`"
    )


def _make(home: Path) -> None:
    try:
        check_owner(home)
        # Other people's eyes have no business in here: these are whole mails.
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "models").mkdir(mode=0o700, exist_ok=True)
        (home / "experience.db").touch(mode=0o600)
    except OSError as error:
        raise StorageError(
            f"home folder {home} cannot be made ({error.strerror}): "
            "set CHAFFINCH_HOME to a folder that can be written"
        ) from error


class Experience:
    r"""Experience E of one installation, in a SQLite database.

    Parameters
    ----------
    home : Path
        The folder that holds the database and the models; made if it is missing.
    begins : bool
        Whether the folder and the database are made where they are missing. Without it they are
        only looked at: where there are none, as if they were empty, and where they cannot be
        written, as they are.

    Raises
    ------
    ExperienceError
        If the database cannot be used.
    StorageError
        If the folder cannot be made, or is somebody else's and we are root.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as home, Experience(Path(home)) as experience:
    ...     flag = experience.flag("mail", Item(b"Subject: 4U\n\nfree\n"), "spam", by="ada")
    ...     [(example.label, example.seq) for example in experience.examples("mail")]
    [('spam', 1)]
    """

    def __init__(self, home: Path, *, begins: bool = True) -> None:
        self.home = home
        self.name = str(home / "experience.db")
        #: Whether it cannot be written, and is only looked at.
        self.frozen = False
        if begins:
            _make(home)
            self._engine = open_engine(self.name)
        else:
            self._engine = self._as_it_is()
        #: How much was flagged, and what has changed.
        self.log = Log(self._read)
        #: Items by id, and those that nobody has flagged.
        self.items = Items(self._read)
        #: The models that are stored.
        self.models = Models(self._read, self._write)
        #: Which of them went into force, and which were refused.
        self.launches = Launches(self._read, self._write)
        #: What the adapting loop did.
        self.adaptations = Adaptations(self._read, self._write)
        #: What is held for review, and who is trusted.
        self.review = Review(self._read, self._write)
        #: What is known of the mailboxes that `chaffinch imap` guards.
        self.mailboxes = Mailboxes(self._read, self._write)

    def _as_it_is(self) -> Engine:
        if not Path(self.name).exists():
            return open_empty()
        try:
            return open_engine(self.name)
        except (ExperienceError, StorageError):
            engine, tables = open_to_read(self.name)
            self.frozen = True
            if tables >= metadata.tables.keys():
                return engine
            # Of an earlier version, and to be brought up to date by who may write.
            engine.dispose()
            raise

    @classmethod
    def look(cls, home: Path | None = None) -> Self:
        """Open the store of a home folder only to look at what is there; nothing is begun.

        Raises
        ------
        UsageError
            If the folder's settings cannot be read.
        """
        home = home or home_folder()
        read_settings(home)
        return cls(home, begins=False)

    @classmethod
    def open(cls, home: Path | None = None) -> Self:
        """Open the store of a home folder, by default the one that the settings name.

        Raises
        ------
        UsageError
            If the folder's settings cannot be read.
        """
        home = home or home_folder()
        read_settings(home)
        return cls(home)

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with guarded(self.name), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with (
            guarded(self.name),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield connection

    def flag(
        self,
        task: str,
        item: Item,
        label: str,
        *,
        by: str = "",
        door: str = "flag",
        gaps: Collection[tuple[int, int]] = (),
    ) -> Flag:
        """Store an item and the label that a person gave it; on disk when this returns.

        A flag that says what is already known is not stored again. That of a flagger who is not
        trusted is held for review.

        Parameters
        ----------
        task : str
            The task's name.
        item : Item
            What is flagged.
        label : str
            Its label.
        by, door : str
            Who said so, and through which door.
        gaps : collection of (int, int)
            Flags later than the first and up to the second place in the log are left out by the
            model in force: what one of these says is stored again, so that it is learned.

        Returns
        -------
        Flag
            The flag that now stands, or is held.
        """
        with self._write() as connection:
            append(connection, task, [Example(item, label)], by, door, gaps=gaps)
            given = standing_flag(connection, task, item.owner, item.id)
            if given and any(start < given.seq <= end for start, end in gaps):
                # Had it been stored again, that would stand: so it is held.
                given = None
            # What a person said stands against what models say.
            if given is None or (given.label != label and door != SELF_DOOR):
                held = waiting_of(connection, task, by, [item.id])
                own = [one for one in held if (one.owner, one.label) == (item.owner, label)]
                given = own[-1] if own else None
        if given is None:
            raise ExperienceError(f"flag of {item.id}: the log does not hold what was written")
        return given

    def add(self, task: str, examples: Iterable[Example], *, by: str = "") -> Added:
        """Store examples in the given order, some hundreds a transaction.

        Stopped at any moment, the store holds a beginning of them; adding them again adds the rest.

        Returns
        -------
        Added
            How many were new, already known with this label, known with another one, and held for
            review because their flagger is not trusted.
        """
        added = Added()
        pending = iter(examples)
        while True:
            # Taken before the transaction begins, so that a slow source does not lock others out.
            chunk = _taken(pending)
            if not chunk:
                return added
            with self._write() as connection:
                added += append(connection, task, chunk, by, BULK_DOOR)

    def undo(self, task: str, item: str, *, owner: str = "", by: str = "") -> Flag:
        """Take back the flag that stands on an item; the log keeps both.

        Where the same was said before it, since a roll back had left that out, both are taken back.

        Returns
        -------
        Flag
            The flag that was taken back.

        Raises
        ------
        InputError
            If no flag stands on the item, or somebody else's does and what this flagger says is
            held for review.
        """
        with self._write() as connection:
            standing = standing_flag(connection, task, owner, item)
            if standing is None:
                raise InputError(f"item {item} has no flag to take back")
            check_may_undo(connection, task, standing, by)
            taken: Flag | None = standing
            while taken is not None:
                connection.execute(
                    insert(flags).values(
                        task=task,
                        owner=owner,
                        item=item,
                        label=None,
                        retracts=taken.seq,
                        by=by,
                        door="undo",
                        flagged=time.time(),
                    )
                )
                below = standing_flag(connection, task, owner, item)
                # What models said by themselves was not said by whoever takes this back.
                same = below and below.label == standing.label and below.door != SELF_DOOR
                taken = below if below and same and may_undo(connection, task, below, by) else None
        return standing

    def examples(
        self,
        task: str,
        *,
        after: int = 0,
        upto: int | None = None,
        bulk: bool = True,
        among: Collection[int] | None = None,
        given: bool = False,
    ) -> Iterator[Example]:
        """Yield the examples whose flags stand, in the order of the log.

        Parameters
        ----------
        task : str
            The task's name.
        after : int
            Only flags later than this place in the log.
        upto : int, optional
            Only flags up to this place in the log.
        bulk : bool
            Whether flags count that `add` stored, many at a time.
        among : collection of int, optional
            Only flags at these places in the log, a few hundred at most.
        given : bool
            Whether only flags count that people gave.
        """
        statement = (
            standing_flags(task)
            .add_columns(items.c.kind, items.c.received, items.c.data, items.c.source)
            .join(items, and_(items.c.owner == flags.c.owner, items.c.id == flags.c.item))
            .order_by(flags.c.seq)
            .limit(_CHUNK)
        )
        if not bulk:
            statement = statement.where(flags.c.door != BULK_DOOR)
        if upto is not None:
            statement = statement.where(flags.c.seq <= upto)
        if given:
            statement = statement.where(flags.c.door != SELF_DOOR)
        if among is not None:
            statement = statement.where(flags.c.seq.in_(among))
        while True:
            with self._read() as connection:
                rows = connection.execute(statement.where(flags.c.seq > after)).all()
            for row in rows:
                yield Example(
                    to_item(row),
                    row.label,
                    row.source or row.item,
                    row.seq,
                    given=row.door != SELF_DOOR,
                    by=row.by,
                )
            if len(rows) < _CHUNK:
                return
            after = rows[-1].seq

    def place(self) -> tuple[int, int]:
        """Return the places of the newest flag and of the newest launch, of any task."""
        newest = [select(func.max(table.c.seq)).scalar_subquery() for table in (flags, launches)]
        with self._read() as connection:
            flag, launch = connection.execute(select(*newest)).one()
        return flag or 0, launch or 0

    def remember(self, task: str, item: Item, verdict: Verdict, *, door: str) -> None:
        """Keep what was decided about an item, and the item unless it is very large."""
        with self._write() as connection:
            if kept(item):
                keep_items(connection, [item])
            connection.execute(insert(verdicts).values(verdict_row(task, item, verdict, door)))

    def champion(self, task: str) -> Launch | None:
        """Return the launch in force, or None."""
        return self.launches.newest(task)

    def verify(self) -> Iterator[str]:
        """Yield a line for each thing that is not as it should be."""
        from chaffinch.experience.verify import verify

        with self._read() as connection:
            yield from verify(connection, self.home)
