"""Items that are known in an earlier form: as they were judged, before delivery added to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from chaffinch.task import Task
from chaffinch.types import Item

# Bytes of all forms of an item that are looked for at most, but for the item as it is: hashing this
# much takes a fraction of a second.
_MOST_BYTES = 1 << 28


class Knows(Protocol):
    """What tells which items are known."""

    def known(self, task: str, owner: str, ids: Sequence[str]) -> Collection[str]:
        """Return those of some ids under which an owner's items were judged or flagged."""
        ...

    def is_flagged(self, task: str, owner: str, id_: str) -> bool:
        """Return whether a flag stands on an owner's item."""
        ...


def known(task: Task, experience: Knows, item: Item) -> Item:
    r"""Return the item that is meant: the nearest form of it that was judged or flagged before.

    A mail in a mailbox has header fields on top that delivery put there after a door had judged it.
    An id is a hash of all bytes, so that no field has to be believed: what is known without the
    first fields is that very mail. Of an image whose ink was cut into several signs it is the one
    sign that it is, where a flag that stands says so.

    Parameters
    ----------
    task : Task
        The task.
    experience : Knows
        What tells which items are known.
    item : Item
        As a person hands it in, clean.

    Returns
    -------
    Item
        The known one, with this owner; where none is, the item as it is.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from chaffinch.experience.store import Experience
    >>> from chaffinch.task import get_task
    >>> delivered = Item(b"Delivered-To: ada@b.example\nSubject: 4U\n\nfree\n")
    >>> with TemporaryDirectory() as home, Experience(Path(home)) as experience:
    ...     flag = experience.flag("mail", Item(b"Subject: 4U\n\nfree\n"), "spam")
    ...     known(get_task("mail"), experience.items, delivered).data
    b'Subject: 4U\n\nfree\n'
    """
    uncut = task.uncut(item.data)
    if uncut is not item.data:
        one = replace(item, data=uncut)
        if experience.is_flagged(task.name, item.owner, one.id):
            return one
    if task.earlier is None:
        return item
    ids: list[str] = []
    size = 0
    for data in task.earlier(item.data):
        size += len(data)
        if ids and size > _MOST_BYTES:
            break
        ids.append(replace(item, data=data).id)
    there = experience.known(task.name, item.owner, ids)
    # Made anew: to hold all forms of a large one would take much more room than this takes time.
    for data, id_ in zip(task.earlier(item.data), ids, strict=False):
        if id_ in there:
            return item if id_ == item.id else replace(item, data=data)
    return item
