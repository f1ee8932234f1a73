"""Flags held for review: kept in the log, but as if taken back until somebody decides."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Select, exists, func, insert, select

from chaffinch.errors import InputError
from chaffinch.experience.items import LEAST_DIGITS, is_too_short
from chaffinch.experience.rows import Transaction, standing_flags, to_flag
from chaffinch.experience.schema import flags, trust
from chaffinch.explain.readable import printable
from chaffinch.types import Flag

#: Who holds flags, and the doors of rows that hold, accept and reject one.
HOLDER, HELD_DOOR, ACCEPTED_DOOR, REJECTED_DOOR = "chaffinch", "held", "review", "rejected"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the flags of a flagger are held, since when and why.

    Parameters
    ----------
    by : str
        The flagger.
    held : bool
        Whether they are held.
    decided : float
        Since when, in seconds since 1970-01-01 UTC.
    reason : str
        Why, in words.
    """

    by: str
    held: bool
    decided: float
    reason: str


class Review:
    """What is held for review in one experience, and what was decided.

    To hold a flag is to append a row that takes it back, given by ``chaffinch``: all that a model
    learns from sees it as never given. To accept it is to give it again, in its flagger's name; to
    reject it is to take it back once more, for good.

    Parameters
    ----------
    read, write : callable
        Begin a transaction of the experience.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from chaffinch.experience.store import Experience
    >>> from chaffinch.types import Item
    >>> with TemporaryDirectory() as home, Experience(Path(home)) as experience:
    ...     _ = experience.flag("message", Item(b"Lunch?", "message"), "spam", by="mallory")
    ...     experience.review.distrust("message", "mallory", "for a joke")
    ...     experience.log.count("message"), [flag.by for flag in experience.review.held("message")]
    1
    ({}, ['mallory'])
    """

    def __init__(self, read: Transaction, write: Transaction) -> None:
        self._read = read
        self._write = write

    def standing(self, task: str) -> list[Flag]:
        """Return all flags that stand, in the order of the log."""
        with self._read() as connection:
            rows = connection.execute(standing_flags(task).order_by(flags.c.seq))
            return [to_flag(row) for row in rows]

    def held(self, task: str) -> list[Flag]:
        """Return the flags that are held and wait for a decision, in the order of the log."""
        with self._read() as connection:
            return _held(connection, task)

    def decisions(self, task: str) -> dict[str, Decision]:
        """Return the last decision on each flagger on whom there was one."""
        with self._read() as connection:
            return _decisions(connection, task)

    def distrust(self, task: str, by: str, reason: str, *, since: int | None = None) -> int:
        """Hold what a flagger says from now on, and what stands of it.

        Parameters
        ----------
        task, by, reason : str
            Of which task whose flags are held, and why.
        since : int, optional
            Hold only what was flagged from this place in the log on, and nothing that was held
            before and accepted; by default everything.

        Returns
        -------
        int
            How many flags that stood are held now.
        """
        with self._write() as connection:
            doubted = standing_flags(task).where(flags.c.by == by)
            if since is not None:
                doubted = doubted.where(flags.c.seq >= since, flags.c.door != ACCEPTED_DOOR)
            held = [to_flag(row) for row in connection.execute(doubted)]
            _decide(connection, task, by, reason, held=True)
            hold(connection, task, held)
        return len(held)

    def trust(self, task: str, by: str, reason: str) -> int:
        """Hold no more of what a flagger says, and give again what was held.

        What somebody has said otherwise since stays as that person said.

        Returns
        -------
        int
            How many flags were given again.
        """
        with self._write() as connection:
            _decide(connection, task, by, reason, held=False)
            waiting = [flag for flag in _held(connection, task) if flag.by == by]
            standing = _standing_on(connection, task, waiting)
            overruled: list[Flag] = []
            again: list[Flag] = []
            for flag in waiting:
                there = standing.get((flag.owner, flag.item))
                (overruled if there and there.seq > flag.seq else again).append(flag)
            _reject(connection, task, overruled)
            _accept(connection, task, again, standing)
        return len(again)

    def accept(
        self, task: str, prefixes: Collection[str], *, owner: str | None = None
    ) -> list[Flag]:
        """Give held flags again, in the names of their flaggers.

        Parameters
        ----------
        task : str
            The task's name.
        prefixes : collection of str
            Ids of items, or how they begin.
        owner : str, optional
            Whose items; by default anybody's.

        Raises
        ------
        InputError
            If no held flag, or flags on more than one item, are meant by one of them, or one is
            shorter than six digits; then nothing is changed.
        """
        with self._write() as connection:
            meant = _meant(_held(connection, task), prefixes, owner)
            _accept(connection, task, meant, _standing_on(connection, task, meant))
        return meant

    def reject(
        self, task: str, prefixes: Collection[str], *, owner: str | None = None
    ) -> list[Flag]:
        """Put held flags away for good; the log keeps them. Parameters and errors as `accept`."""
        with self._write() as connection:
            meant = _meant(_held(connection, task), prefixes, owner)
            _reject(connection, task, meant)
        return meant


def is_distrusted(connection: Connection, task: str, by: str) -> bool:
    """Return whether what a flagger says is held."""
    last = select(trust.c.held).where(trust.c.task == task, trust.c.by == by)
    return bool(connection.execute(last.order_by(trust.c.seq.desc()).limit(1)).scalar())


def may_undo(connection: Connection, task: str, standing: Flag, by: str) -> bool:
    """Return whether a flagger may take back a flag: their own, or anybody's while trusted.

    To take back is to say something, too, and what somebody who is not trusted says is not learned.
    """
    return by == standing.by or not is_distrusted(connection, task, by)


def check_may_undo(connection: Connection, task: str, standing: Flag, by: str) -> None:
    """Check that a flagger may take back a flag.

    Raises
    ------
    InputError
        If not.
    """
    if not may_undo(connection, task, standing, by):
        who, whose = printable(by) or "(no name)", printable(standing.by) or "(no name)"
        raise InputError(
            f"item {standing.item}: its flag is {whose}'s, and what {who} says is held for review: "
            f"let somebody else take it back, or trust {who} by `chaffinch review {task} --trust`"
        )


def hold(connection: Connection, task: str, held: Sequence[Flag]) -> None:
    """Take flags back until somebody decides."""
    _append(connection, task, held, label=False, by=HOLDER, door=HELD_DOOR)


def waiting_of(connection: Connection, task: str, by: str, items: Collection[str]) -> list[Flag]:
    """Return the flags that a flagger gave some items and that wait for a decision."""
    return _flags(connection, _waiting(task).where(flags.c.by == by, flags.c.item.in_(items)))


def _waiting(task: str) -> Select[tuple[int]]:
    holding, decided = flags.alias(), flags.alias()
    return (
        select(flags)
        .where(
            flags.c.task == task,
            exists().where(holding.c.retracts == flags.c.seq, holding.c.door == HELD_DOOR),
            ~exists().where(
                decided.c.retracts == flags.c.seq,
                decided.c.door.in_([ACCEPTED_DOOR, REJECTED_DOOR]),
            ),
        )
        .order_by(flags.c.seq)
    )


def _held(connection: Connection, task: str) -> list[Flag]:
    return _flags(connection, _waiting(task))


def _flags(connection: Connection, statement: Select[tuple[int]]) -> list[Flag]:
    return [replace(to_flag(row), held=True) for row in connection.execute(statement)]


def _decisions(connection: Connection, task: str) -> dict[str, Decision]:
    last = select(func.max(trust.c.seq)).where(trust.c.task == task).group_by(trust.c.by)
    rows = connection.execute(select(trust).where(trust.c.seq.in_(last)))
    return {row.by: Decision(row.by, row.held, row.decided, row.reason) for row in rows}


def _decide(connection: Connection, task: str, by: str, reason: str, *, held: bool) -> None:
    row = {"task": task, "by": by, "decided": time.time(), "held": held, "reason": reason}
    connection.execute(insert(trust).values(row))


def _standing_on(
    connection: Connection, task: str, wanted: Sequence[Flag]
) -> dict[tuple[str, str], Flag]:
    """Return the flags that stand on the items of some flags, by owner and id."""
    found: dict[tuple[str, str], Flag] = {}
    for start in range(0, len(wanted), _CHUNK):
        ids = {flag.item for flag in wanted[start : start + _CHUNK]}
        for row in connection.execute(standing_flags(task).where(flags.c.item.in_(ids))):
            found[row.owner, row.item] = to_flag(row)
    return found


def _accept(
    connection: Connection,
    task: str,
    accepted: Sequence[Flag],
    standing: dict[tuple[str, str], Flag],
) -> None:
    known: list[Flag] = []
    again: list[Flag] = []
    for flag in accepted:
        there = standing.get((flag.owner, flag.item))
        # What was said since need not be said again. What stood there before may be left out by
        # the model in force: the same would not have been stored, and held, otherwise.
        said = there is not None and there.label == flag.label and there.seq > flag.seq
        (known if said else again).append(flag)
    _append(connection, task, known, label=False, by=HOLDER, door=ACCEPTED_DOOR)
    _append(connection, task, again, label=True, by=None, door=ACCEPTED_DOOR)


def _reject(connection: Connection, task: str, rejected: Sequence[Flag]) -> None:
    _append(connection, task, rejected, label=False, by=HOLDER, door=REJECTED_DOOR)


def _append(
    connection: Connection,
    task: str,
    about: Sequence[Flag],
    *,
    label: bool,
    by: str | None,
    door: str,
) -> None:
    """Append a row about each of some flags, which gives its label again or takes it back."""
    rows = [
        {
            "task": task,
            "owner": flag.owner,
            "item": flag.item,
            "label": flag.label if label else None,
            "retracts": flag.seq,
            "by": flag.by if by is None else by,
            "door": door,
            "flagged": time.time(),
        }
        for flag in about
    ]
    if rows:
        connection.execute(insert(flags), rows)


def _meant(held: Sequence[Flag], prefixes: Collection[str], owner: str | None) -> list[Flag]:
    meant: dict[int, Flag] = {}
    for prefix in prefixes:
        if is_too_short(prefix):
            raise InputError(
                f"'{prefix}' is too little of an id: give at least {LEAST_DIGITS} digits of one "
                "that `chaffinch review` lists"
            )
        found = [
            flag for flag in held if flag.item.startswith(prefix) and owner in (None, flag.owner)
        ]
        items = {(flag.owner, flag.item) for flag in found}
        if not items:
            raise InputError(
                f"'{prefix}': no flag waits for review on an item whose id begins so: "
                "`chaffinch review` lists those that do"
            )
        if len(items) > 1:
            raise InputError(
                f"'{prefix}': flags on more than one item whose id begins so wait for review: "
                "give more of the id, or --owner"
            )
        meant.update((flag.seq, flag) for flag in found)
    return list(meant.values())
