"""Writes down what has changed in a folder of a mailbox."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from chaffinch.experience.mailbox import Changes, Folder
from chaffinch.experience.rows import to_folder
from chaffinch.experience.schema import imap_folders as folders
from chaffinch.experience.schema import imap_mails as mails
from chaffinch.experience.schema import imap_moves as moves
from chaffinch.experience.schema import imap_places as places

#: Of `reply`: answered, and answered and learned from.
TO_LEARN, LEARNED = 1, 2
_CHUNK = 500


def note(connection: Connection, account: str, folder: Folder, changes: Changes) -> Folder:
    """Write down a folder as it is now, and what has changed in it.

    Parameters
    ----------
    connection : Connection
        A transaction that writes.
    account : str
        Whose folder it is.
    folder : Folder
        As it is now.
    changes : Changes
        What has changed.

    Returns
    -------
    Folder
        With its id.
    """
    folder = _upserted(connection, account, folder)
    gone, waiting = list(changes.gone), dict[str, int]()
    if changes.again:
        inside = select(places).where(places.c.folder == folder.id)
        before = connection.execute(inside.order_by(places.c.waits)).all()
        gone = [row.uid for row in before]
        # Of several that are the same, the one that waits.
        waiting = {row.key: row.waits for row in before}
    remove(connection, account, folder.id, gone)
    waiting |= _met(connection, account, folder, changes)
    here = [
        {
            "folder": folder.id,
            "uid": one.uid,
            "account": account,
            "key": one.key,
            "deleted": one.deleted,
            # The first of several that are the same.
            "waits": waiting.pop(one.key, 0) if changes.judged and not one.deleted else 0,
        }
        for one in changes.added
    ]
    if here:
        connection.execute(insert(places), here)
    _mark(connection, folder.id, changes.deleted, deleted=True)
    _mark(connection, folder.id, changes.restored, deleted=False)
    if folder.role == "kept":
        _answer(connection, account, folder.id, changes.answered)
    if changes.again:
        _renumber_moves(connection, folder.id)
    if changes.belongs:
        belong(connection, account, folder)
    return folder


def belong(connection: Connection, account: str, folder: Folder) -> None:
    """Note that all mails in a folder belong where it is."""
    inside = select(places.c.key).where(places.c.folder == folder.id)
    connection.execute(
        update(mails)
        .where(mails.c.account == account, mails.c.key.in_(inside))
        .values(side=folder.side)
    )


def _renumber_moves(connection: Connection, folder: int) -> None:
    """Have moves that were begun go on under the mails' new numbers."""
    inside = and_(places.c.folder == folder, places.c.key == moves.c.key)
    number = select(func.min(places.c.uid)).where(inside).scalar_subquery()
    connection.execute(
        update(moves).where(moves.c.folder == folder).values(uid=func.coalesce(number, 0))
    )


def _upserted(connection: Connection, account: str, folder: Folder) -> Folder:
    values = {
        "role": folder.role,
        "uidvalidity": folder.uidvalidity,
        "uidnext": folder.uidnext,
        "messages": folder.messages,
        "modseq": folder.modseq,
    }
    if folder.id:
        connection.execute(update(folders).where(folders.c.id == folder.id).values(values))
    else:
        connection.execute(insert(folders).values(account=account, name=folder.name, **values))
    found = select(folders).where(folders.c.account == account, folders.c.name == folder.name)
    return to_folder(connection.execute(found).one())


def remove(connection: Connection, account: str, folder: int, gone: Sequence[int]) -> None:
    """Note that mails are not in a folder any more."""
    now = time.time()
    for some in _chunks(gone):
        here = and_(places.c.folder == folder, places.c.uid.in_(some))
        keys = select(places.c.key).where(here)
        connection.execute(
            update(mails).where(mails.c.account == account, mails.c.key.in_(keys)).values(seen=now)
        )
        connection.execute(delete(places).where(here))


def _met(connection: Connection, account: str, folder: Folder, changes: Changes) -> dict[str, int]:
    """Write down mails that were never seen; return that each of them waits."""
    first = {one.key: one for one in reversed(changes.added)}
    known: set[str] = set()
    for some in _chunks(list(first)):
        rows = select(mails.c.key).where(mails.c.account == account, mails.c.key.in_(some))
        known.update(connection.execute(rows).scalars())
    new = [one for key, one in first.items() if key not in known]
    # What was answered before we looked says nothing of what was done with it here.
    answered = LEARNED if changes.first else TO_LEARN
    if folder.role != "kept":
        answered = 0
    if new:
        rows_of = [
            {
                "account": account,
                "key": one.key,
                "message": one.message,
                "side": folder.side,
                "reply": answered if one.answered else 0,
                "seen": time.time(),
            }
            for one in new
        ]
        connection.execute(insert(mails), rows_of)
    again = [one.key for one in changes.added if one.answered and one.key in known]
    if folder.role == "kept":
        _answered(connection, account, again)
    return dict.fromkeys((one.key for one in new), 0 if changes.first else 1)


def _mark(connection: Connection, folder: int, uids: Collection[int], *, deleted: bool) -> None:
    for some in _chunks(list(uids)):
        connection.execute(
            update(places)
            .where(places.c.folder == folder, places.c.uid.in_(some))
            .values(deleted=deleted)
        )


def _answer(connection: Connection, account: str, folder: int, uids: Collection[int]) -> None:
    for some in _chunks(list(uids)):
        keys = select(places.c.key).where(places.c.folder == folder, places.c.uid.in_(some))
        _answered(connection, account, list(connection.execute(keys).scalars()))


def _answered(connection: Connection, account: str, keys: Sequence[str]) -> None:
    if keys:
        connection.execute(
            update(mails)
            .where(mails.c.account == account, mails.c.key == bindparam("which"))
            .where(mails.c.reply == 0)
            .values(reply=TO_LEARN),
            [{"which": key} for key in keys],
        )


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
