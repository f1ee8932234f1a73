"""The experience store: an append-only log of flags on items, and what was made of it."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, and_, between, exists, func, insert, not_, or_, select, update
from sqlalchemy.exc import IntegrityError

from chaffinch.errors import ExperienceError, InputError, StorageError
from chaffinch.experience.adaptations import Adaptations
from chaffinch.experience.engine import guarded, open_engine
from chaffinch.experience.light import BULK_DOOR, SELF_DOOR, kept, verdict_row
from chaffinch.experience.review import Review, hold, is_distrusted, waiting_of
from chaffinch.experience.rows import (
    StoredModel,
    judged_unflagged,
    keep_items,
    latest_launch,
    model_row,
    newest_refusals,
    settled,
    standing_flags,
    to_flag,
    to_item,
    to_launch,
    to_model,
    to_refusal,
)
from chaffinch.experience.schema import flags, items, launches, models, refusals, verdicts
from chaffinch.settings import home_folder, read_settings
from chaffinch.types import Example, Flag, Item, Launch, Refusal, Verdict

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Added:
    """How many examples were new, known with their label, known with another one, and held."""

    new: int = 0
    known: int = 0
    changed: int = 0
    held: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(
            self.new + other.new,
            self.known + other.known,
            self.changed + other.changed,
            self.held + other.held,
        )


class Experience:
    r"""Experience E of one installation, in a SQLite database.

    Parameters
    ----------
    home : Path
        The folder that holds the database and the models; made if it is missing.

    Raises
    ------
    ExperienceError
        If the database cannot be used.
    StorageError
        If the folder cannot be made.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as home, Experience(Path(home)) as experience:
    ...     flag = experience.flag("mail", Item(b"Subject: 4U\n\nfree\n"), "spam", by="ada")
    ...     [(example.label, example.seq) for example in experience.examples("mail")]
    [('spam', 1)]
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        try:
            # Other people's eyes have no business in here: these are whole mails.
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            (home / "models").mkdir(mode=0o700, exist_ok=True)
            (home / "experience.db").touch(mode=0o600)
        except OSError as error:
            raise StorageError(
                f"home folder {home} cannot be made ({error.strerror}): "
                "set CHAFFINCH_HOME to a folder that can be written"
            ) from error
        self.name = str(home / "experience.db")
        self._engine = open_engine(self.name)
        #: What the adapting loop did.
        self.adaptations = Adaptations(self._read, self._write)
        #: What is held for review, and who is trusted.
        self.review = Review(self._read, self._write)

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

    # Flags

    def flag(self, task: str, item: Item, label: str, *, by: str = "", door: str = "flag") -> Flag:
        """Store an item and the label that a person gave it; on disk when this returns.

        A flag that says what is already known is not stored again. That of a flagger who is not
        trusted is held for review.

        Returns
        -------
        Flag
            The flag that now stands, or is held.
        """
        with self._write() as connection:
            self._add(connection, task, [Example(item, label)], by, door)
            given = self._standing(connection, task, item.owner, item.id)
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
            chunk = list(islice(pending, _CHUNK))
            if not chunk:
                return added
            with self._write() as connection:
                added += self._add(connection, task, chunk, by, BULK_DOOR)

    def _add(
        self, connection: Connection, task: str, chunk: Sequence[Example], by: str, door: str
    ) -> Added:
        keep_items(connection, [example.item for example in chunk])
        # A person who says the same as the models did is a person who said it.
        labels = self._labels(
            connection, task, [example.item for example in chunk], given=door != SELF_DOOR
        )
        held = is_distrusted(connection, task, by)
        waiting = self._waiting(connection, task, by, chunk) if held else set()
        added, rows = Added(), []
        for example in chunk:
            key = (example.item.owner, example.item.id)
            before = labels.get(key)
            known = before == example.label or (before is not None and door == SELF_DOOR)
            if known or (*key, example.label) in waiting:
                added += Added(known=1)
                continue
            if held:
                added += Added(held=1)
                waiting.add((*key, example.label))
            else:
                added += Added(new=1) if before is None else Added(changed=1)
                labels[key] = example.label
            rows.append(
                {
                    "task": task,
                    "owner": example.item.owner,
                    "item": example.item.id,
                    "label": example.label,
                    "by": by,
                    "door": door,
                    "flagged": time.time(),
                }
            )
        if rows:
            last = connection.execute(select(func.max(flags.c.seq))).scalar() or 0
            connection.execute(insert(flags), rows)
            if held:
                written = select(flags).where(flags.c.seq > last).order_by(flags.c.seq)
                hold(connection, task, [to_flag(row) for row in connection.execute(written)])
        return added

    def _waiting(
        self, connection: Connection, task: str, by: str, chunk: Sequence[Example]
    ) -> set[tuple[str, str, str]]:
        """Return what a flagger has said of some items that waits for review."""
        ids = [example.item.id for example in chunk]
        found = waiting_of(connection, task, by, ids)
        return {(flag.owner, flag.item, flag.label) for flag in found}

    def _labels(
        self, connection: Connection, task: str, wanted: Sequence[Item], *, given: bool
    ) -> dict[tuple[str, str], str]:
        """Return the labels that stand on some items, perhaps those that people gave alone."""
        standing = standing_flags(task).where(flags.c.item.in_([item.id for item in wanted]))
        if given:
            standing = standing.where(flags.c.door != SELF_DOOR)
        return {(row.owner, row.item): row.label for row in connection.execute(standing)}

    def undo(self, task: str, item: str, *, owner: str = "", by: str = "") -> Flag:
        """Take back the flag that stands on an item; the log keeps both.

        Returns
        -------
        Flag
            The flag that was taken back.

        Raises
        ------
        InputError
            If no flag stands on the item.
        """
        with self._write() as connection:
            standing = self._standing(connection, task, owner, item)
            if standing is None:
                raise InputError(f"item {item} has no flag to take back")
            connection.execute(
                insert(flags).values(
                    task=task,
                    owner=owner,
                    item=item,
                    label=None,
                    retracts=standing.seq,
                    by=by,
                    door="undo",
                    flagged=time.time(),
                )
            )
        return standing

    def standing(self, task: str, item: str, *, owner: str = "") -> Flag | None:
        """Return the flag that stands on an item, or None."""
        with self._read() as connection:
            return self._standing(connection, task, owner, item)

    def _standing(self, connection: Connection, task: str, owner: str, item: str) -> Flag | None:
        found = connection.execute(
            standing_flags(task).where(flags.c.owner == owner, flags.c.item == item)
        ).first()
        return None if found is None else to_flag(found)

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
            .add_columns(items.c.kind, items.c.received, items.c.data)
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
                    to_item(row), row.label, row.item, row.seq, given=row.door != SELF_DOOR
                )
            if len(rows) < _CHUNK:
                return
            after = rows[-1].seq

    def places(self, task: str, *, upto: int) -> list[int]:
        """Return the places in the log, up to one of them, of the flags that stand."""
        statement = standing_flags(task).where(flags.c.seq <= upto).order_by(flags.c.seq)
        with self._read() as connection:
            return list(connection.execute(statement).scalars("seq"))

    def item_ids(self, task: str) -> list[str]:
        """Return the ids of the items whose flags stand."""
        with self._read() as connection:
            return list(connection.execute(standing_flags(task)).scalars("item"))

    def count(self, task: str, *, after: int = 0) -> dict[str, int]:
        """Return how many standing flags later than ``after`` there are of each label."""
        standing = standing_flags(task).where(flags.c.seq > after).subquery()
        with self._read() as connection:
            rows = connection.execute(
                select(standing.c.label, func.count()).group_by(standing.c.label)
            ).all()
        return {row[0]: row[1] for row in rows}

    def last_seq(self, task: str) -> int:
        """Return the place of the newest row of the log; 0 if there is none."""
        with self._read() as connection:
            last = connection.execute(
                select(func.max(flags.c.seq)).where(flags.c.task == task)
            ).scalar()
        return last or 0

    def place(self) -> tuple[int, int]:
        """Return the places of the newest flag and of the newest launch, of any task."""
        newest = [select(func.max(table.c.seq)).scalar_subquery() for table in (flags, launches)]
        with self._read() as connection:
            flag, launch = connection.execute(select(*newest)).one()
        return flag or 0, launch or 0

    def disturbed(
        self, task: str, upto: int, *, after: int = 0, gaps: Iterable[tuple[int, int]] = ()
    ) -> bool:
        """Return whether a flag that was learned has been taken back or changed since.

        A later flag that was itself taken back, or held, has changed nothing.

        Parameters
        ----------
        task : str
            The task's name.
        upto : int
            Flags were learned up to this place in the log; what came later changed them, or not.
        after : int
            Only flags later than this place were learned.
        gaps : iterable of (int, int)
            Flags later than the first and up to the second place were not.
        """
        earlier, later, taken = flags.alias(), flags.alias(), flags.alias()
        statement = select(
            exists().where(
                earlier.c.task == task,
                later.c.task == task,
                earlier.c.owner == later.c.owner,
                earlier.c.item == later.c.item,
                earlier.c.seq <= upto,
                earlier.c.seq > after,
                *(not_(between(earlier.c.seq, start + 1, end)) for start, end in gaps),
                later.c.seq > upto,
                or_(
                    later.c.retracts <= upto,
                    and_(
                        later.c.label.is_not(None),
                        ~exists().where(taken.c.retracts == later.c.seq),
                    ),
                ),
            )
        )
        with self._read() as connection:
            return bool(connection.execute(statement).scalar())

    # Items and verdicts

    def item(self, prefix: str, *, owner: str = "") -> Item:
        """Return the item whose id begins so.

        Raises
        ------
        InputError
            If there is none, or more than one.
        """
        with self._read() as connection:
            rows = connection.execute(
                select(items)
                .where(items.c.owner == owner, items.c.id.startswith(prefix, autoescape=True))
                .limit(2)
            ).all()
        if len(rows) != 1:
            what = "more than one item has" if rows else "there is no file and no item with"
            raise InputError(
                f"'{prefix}': {what} an id that begins so: give a path, or more of the id that "
                "`chaffinch predict` printed"
            )
        return to_item(rows[0])

    def unflagged(self, task: str, most: int) -> Iterator[Item]:
        """Yield the items that were judged and kept but never flagged, latest judged first.

        Parameters
        ----------
        task : str
            The task's name.
        most : int
            How many to yield at most.
        """
        for start in range(0, most, _CHUNK):
            statement = judged_unflagged(task).limit(min(_CHUNK, most - start)).offset(start)
            with self._read() as connection:
                rows = connection.execute(statement).all()
            for row in rows:
                yield to_item(row)
            if len(rows) < _CHUNK:
                return

    def never_flagged(self, task: str, before: float, most: int) -> list[tuple[str, str]]:
        """Return owners and ids of the items first judged before a time and never flagged.

        Those judged latest come first. A flag that was taken back was one, too.

        Parameters
        ----------
        task : str
            The task's name.
        before : float
            When, in seconds since 1970-01-01 UTC.
        most : int
            How many to return at most.
        """
        with self._read() as connection:
            rows = connection.execute(settled(task, before).limit(most)).all()
        return [(row.owner, row.id) for row in rows]

    def given_since_self(self, task: str) -> int:
        """Return how many flags people gave since the models last labelled something themselves."""
        mine = select(func.max(flags.c.seq)).where(flags.c.task == task, flags.c.door == SELF_DOOR)
        since = func.coalesce(mine.scalar_subquery(), 0)
        standing = standing_flags(task).where(flags.c.door != SELF_DOOR, flags.c.seq > since)
        with self._read() as connection:
            return connection.execute(
                select(func.count()).select_from(standing.subquery())
            ).scalar_one()

    def remember(self, task: str, item: Item, verdict: Verdict, *, door: str) -> None:
        """Keep what was decided about an item, and the item unless it is very large."""
        with self._write() as connection:
            if kept(item):
                keep_items(connection, [item])
            connection.execute(insert(verdicts).values(verdict_row(task, item, verdict, door)))

    # Models and launches

    def add_model(self, model: StoredModel) -> None:
        """Enter a model whose file is already in place."""
        with self._write() as connection:
            connection.execute(insert(models).values(model_row(model, kept=True)))

    def model(self, id_: str) -> StoredModel:
        """Return the model of this id."""
        with self._read() as connection:
            row = connection.execute(select(models).where(models.c.id == id_)).first()
        if row is None:
            raise ExperienceError(f"experience database {self.name} knows no model '{id_}'")
        return to_model(row)

    def models(self, task: str, *, rung: str | None = None) -> list[StoredModel]:
        """Return the models whose files are kept, newest first."""
        statement = select(models).where(models.c.task == task, models.c.kept == 1)
        if rung is not None:
            statement = statement.where(models.c.rung == rung)
        with self._read() as connection:
            rows = connection.execute(statement.order_by(models.c.made.desc())).all()
        return [to_model(row) for row in rows]

    def kept_models(self) -> set[str]:
        """Return the ids of all models, of every task, whose files are kept."""
        with self._read() as connection:
            return set(connection.execute(select(models.c.id).where(models.c.kept == 1)).scalars())

    def forget_model(self, id_: str) -> None:
        """Note that a model's file is no longer kept."""
        with self._write() as connection:
            connection.execute(update(models).where(models.c.id == id_).values(kept=0))

    def launch(
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

    def champion(self, task: str) -> Launch | None:
        """Return the launch in force, or None."""
        with self._read() as connection:
            row = connection.execute(latest_launch(task)).first()
        return None if row is None else to_launch(row)

    def launches(self, task: str) -> list[Launch]:
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

    def refusals(self, task: str) -> list[Refusal]:
        """Return the history of challengers that were refused, newest first."""
        with self._read() as connection:
            return [to_refusal(row) for row in connection.execute(newest_refusals(task))]

    def verify(self) -> Iterator[str]:
        """Yield a line for each thing that is not as it should be."""
        from chaffinch.experience.verify import verify

        with self._read() as connection:
            yield from verify(connection, self.home)
