"""The log of flags, as those who learn of it ask: how much there is, and what has changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, and_, between, exists, func, not_, or_, select

from chaffinch.experience.light import BULK_DOOR, SELF_DOOR
from chaffinch.experience.rows import Transaction, standing_flag, standing_flags
from chaffinch.experience.schema import flags
from chaffinch.types import Flag


class Log:
    """The log of flags in an experience database, to look at.

    Parameters
    ----------
    read : callable
        Begin a transaction that reads.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from chaffinch.experience.store import Experience
    >>> from chaffinch.types import Item
    >>> with TemporaryDirectory() as home, Experience(Path(home)) as experience:
    ...     _ = experience.flag("message", Item(b"Lunch?", "message"), "ham")
    ...     _ = experience.flag("message", Item(b"4U", "message"), "spam")
    ...     experience.log.count("message"), experience.log.places("message", upto=1)
    ({'ham': 1, 'spam': 1}, [1])
    """

    def __init__(self, read: Transaction) -> None:
        self._read = read

    def standing(self, task: str, item: str, *, owner: str = "") -> Flag | None:
        """Return the flag that stands on an item, or None."""
        with self._read() as connection:
            return standing_flag(connection, task, owner, item)

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

    def given_since_self(self, task: str) -> int:
        """Return how many flags people gave since the models last labelled something themselves."""
        mine = select(func.max(flags.c.seq)).where(flags.c.task == task, flags.c.door == SELF_DOOR)
        since = func.coalesce(mine.scalar_subquery(), 0)
        standing = standing_flags(task).where(flags.c.door != SELF_DOOR, flags.c.seq > since)
        with self._read() as connection:
            return connection.execute(
                select(func.count()).select_from(standing.subquery())
            ).scalar_one()

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
        statement = _disturbed(task, upto, after, gaps).limit(1)
        with self._read() as connection:
            return connection.execute(statement).first() is not None

    def disturbed_places(
        self, task: str, upto: int, *, after: int = 0, gaps: Iterable[tuple[int, int]] = ()
    ) -> list[int]:
        """Return the places of the flags of which `disturbed` tells whether there are any."""
        statement = _disturbed(task, upto, after, gaps).distinct()
        with self._read() as connection:
            return list(connection.execute(statement).scalars("seq"))

    def by_flagger(self, task: str, *, after: int) -> dict[str, int]:
        """Return how many standing flags later than ``after`` each flagger gave one by one."""
        standing = (
            standing_flags(task)
            .where(flags.c.seq > after, flags.c.door.not_in([BULK_DOOR, SELF_DOOR]))
            .subquery()
        )
        with self._read() as connection:
            rows = connection.execute(
                select(standing.c.by, func.count()).group_by(standing.c.by)
            ).all()
        return {row[0]: row[1] for row in rows}


def _disturbed(task: str, upto: int, after: int, gaps: Iterable[tuple[int, int]]) -> Select[Any]:
    earlier, later, taken = flags.alias(), flags.alias(), flags.alias()
    return select(earlier.c.seq).where(
        earlier.c.task == task,
        later.c.task == task,
        earlier.c.owner == later.c.owner,
        earlier.c.item == later.c.item,
        earlier.c.label.is_not(None),
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
