"""Items that were kept: found by id, or because nobody has flagged them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select, union

from chaffinch.errors import InputError
from chaffinch.experience.rows import Transaction, judged_unflagged, settled, standing_flag, to_item
from chaffinch.experience.schema import items, verdicts
from chaffinch.types import Item

_CHUNK = 500
#: Hex digits of an id that must be given: shorter ones are words too, such as the name of a file
#: that is not there, and begin some id in any large experience.
LEAST_DIGITS = 6


def is_too_short(prefix: str) -> bool:
    """Return whether this is the beginning of an id, but less of one than is believed.

    Examples
    --------
    >>> is_too_short("fee"), is_too_short("52f75c8e8668"), is_too_short("spam.eml")
    (True, False, False)
    """
    return len(prefix) < LEAST_DIGITS and not set(prefix) - set("0123456789abcdef")


class Items:
    """The items in an experience database.

    Parameters
    ----------
    read : callable
        Begin a transaction that reads.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from chaffinch.experience.store import Experience
    >>> with TemporaryDirectory() as home, Experience(Path(home)) as experience:
    ...     flag = experience.flag("message", Item(b"Lunch?", "message"), "ham")
    ...     experience.items.get(flag.item[:8]).data
    b'Lunch?'
    """

    def __init__(self, read: Transaction) -> None:
        self._read = read

    def get(self, prefix: str, *, owner: str = "") -> Item:
        """Return the item whose id begins so.

        Raises
        ------
        InputError
            If there is none, or more than one, or fewer than `LEAST_DIGITS` are given.
        """
        if is_too_short(prefix):
            raise InputError(
                f"'{prefix}': there is no file of this name, and it is too little of an id: give "
                f"a path, or at least {LEAST_DIGITS} digits of the id that `chaffinch predict` "
                "printed"
            )
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

    def known(self, task: str, owner: str, ids: Sequence[str]) -> set[str]:
        """Return those of some ids under which an owner's items were judged or flagged.

        Parameters
        ----------
        task : str
            The task's name.
        owner : str
            Whose items they are.
        ids : sequence of str
            The ids, some thousands at most.
        """
        # Very large items are not kept with their verdicts.
        kept = select(items.c.id).where(items.c.owner == owner, items.c.id.in_(ids))
        judged = select(verdicts.c.item).where(
            verdicts.c.task == task, verdicts.c.owner == owner, verdicts.c.item.in_(ids)
        )
        with self._read() as connection:
            return set(connection.execute(union(kept, judged)).scalars())

    def is_flagged(self, task: str, owner: str, id_: str) -> bool:
        """Return whether a flag stands on an owner's item."""
        with self._read() as connection:
            return standing_flag(connection, task, owner, id_) is not None

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
