"""What `chaffinch imap` knows of the mailboxes it guards: folders, mails, and its own moves.

A mail is known by its key, a digest of what is the same in every folder; where it is, is a matter
of its places. What a person did with it is read off the two: see `Mailboxes.turned`.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, exists, insert, select, update

from chaffinch.experience.mailbox import Changes, Folder, Place, Role, Side
from chaffinch.experience.mailbox_note import LEARNED, TO_LEARN, belong, note, remove
from chaffinch.experience.rows import Transaction, to_folder
from chaffinch.experience.schema import imap_folders as folders
from chaffinch.experience.schema import imap_mails as mails
from chaffinch.experience.schema import imap_moves as moves
from chaffinch.experience.schema import imap_places as places


class Mailboxes:
    """The mailboxes in an experience database.

    Parameters
    ----------
    read, write : callable
        Open a transaction that reads or writes.
    """

    def __init__(self, read: Transaction, write: Transaction) -> None:
        self._read = read
        self._write = write

    def folders(self, account: str) -> list[Folder]:
        """Return the folders of an account, by name."""
        statement = select(folders).where(folders.c.account == account).order_by(folders.c.name)
        with self._read() as connection:
            return [to_folder(row) for row in connection.execute(statement)]

    def uids(self, folder: int) -> dict[int, str]:
        """Return the keys of the mails in a folder, by their numbers."""
        statement = select(places.c.uid, places.c.key).where(places.c.folder == folder)
        with self._read() as connection:
            return {row.uid: row.key for row in connection.execute(statement)}

    def note(self, account: str, folder: Folder, changes: Changes) -> Folder:
        """Write down a folder as it is now, and what has changed in it, all or nothing.

        Returns
        -------
        Folder
            With its id.
        """
        with self._write() as connection:
            return note(connection, account, folder, changes)

    def rename(self, account: str, folder: Folder, name: str, role: Role) -> Folder:
        """Give a folder another name, another role, or both; what is in it belongs there."""
        renamed = replace(folder, name=name, role=role)
        with self._write() as connection:
            connection.execute(
                update(folders).where(folders.c.id == folder.id).values(name=name, role=role)
            )
            belong(connection, account, renamed)
        return renamed

    def drop(self, account: str, folder: Folder) -> None:
        """Forget a folder that is there no more."""
        with self._write() as connection:
            here = select(places.c.uid).where(places.c.folder == folder.id)
            remove(connection, account, folder.id, list(connection.execute(here).scalars()))
            connection.execute(delete(moves).where(moves.c.folder == folder.id))
            connection.execute(delete(folders).where(folders.c.id == folder.id))

    def waiting(self, account: str) -> list[Place]:
        """Return where mails are that are to be judged, in order of arrival in each folder."""
        statement = _places(account).where(places.c.waits > 0)
        with self._read() as connection:
            found = connection.execute(statement.order_by(places.c.folder, places.c.uid))
            return [_place(row) for row in found]

    def queue(self, account: str, most: int, names: Collection[str]) -> None:
        """Have the newest mails of some folders judged, at most so many of each."""
        with self._write() as connection:
            for folder in connection.execute(
                select(folders).where(folders.c.account == account, folders.c.name.in_(names))
            ).all():
                newest = (
                    select(places.c.uid)
                    .where(places.c.folder == folder.id, places.c.deleted.is_(False))
                    .order_by(places.c.uid.desc())
                    .limit(most)
                )
                connection.execute(
                    update(places)
                    .where(places.c.folder == folder.id, places.c.uid.in_(newest))
                    .where(places.c.waits == 0)
                    .values(waits=1)
                )

    def begin(self, place: Place) -> None:
        """Note that a mail is being judged: one that ends the process every time is let be."""
        self._wait(place, place.waits + 1)

    def wait_on(self, place: Place) -> None:
        """Note that a mail could not be judged for reasons that are not its own."""
        self._wait(place, place.waits)

    def settle(self, place: Place) -> None:
        """Note that a mail is judged and stays, or can never be judged."""
        self._wait(place, 0)

    def _wait(self, place: Place, waits: int) -> None:
        with self._write() as connection:
            connection.execute(
                update(places)
                .where(places.c.folder == place.folder.id, places.c.uid == place.uid)
                .values(waits=waits)
            )

    def begin_move(self, account: str, place: Place) -> None:
        """Write down that a mail is about to be moved to junk, before the server is asked."""
        with self._write() as connection:
            here = (moves.c.account == account) & (moves.c.key == place.key)
            connection.execute(delete(moves).where(here))
            connection.execute(
                insert(moves).values(
                    account=account, key=place.key, folder=place.folder.id, uid=place.uid
                )
            )

    def moves(self, account: str) -> list[Place]:
        """Return from where mails were about to be moved when something came between."""
        statement = (
            select(moves.c.key, moves.c.uid, folders)
            .join(folders, folders.c.id == moves.c.folder)
            .where(moves.c.account == account)
        )
        with self._read() as connection:
            return [
                Place(row.key, to_folder(row), row.uid) for row in connection.execute(statement)
            ]

    def finish_move(self, account: str, place: Place, *, left: bool = False) -> None:
        """Note that a mail is in junk now, by our own doing.

        Parameters
        ----------
        account : str
            Whose it is.
        place : Place
            Where it was.
        left : bool
            Whether it is still there, marked as deleted.
        """
        here = and_(places.c.folder == place.folder.id, places.c.uid == place.uid)
        with self._write() as connection:
            if left:
                connection.execute(update(places).where(here).values(waits=0, deleted=True))
            else:
                connection.execute(delete(places).where(here))
            _belongs(connection, account, place.key, "junk")
            self._end_move(connection, account, place.key)

    def give_up_move(self, account: str, place: Place) -> None:
        """Note that a mail was not moved: it is judged again, as it still waits."""
        with self._write() as connection:
            self._end_move(connection, account, place.key)

    def _end_move(self, connection: Connection, account: str, key: str) -> None:
        connection.execute(delete(moves).where(moves.c.account == account, moves.c.key == key))

    def places(self, account: str, key: str) -> list[Place]:
        """Return all places of a mail."""
        with self._read() as connection:
            rows = connection.execute(_places(account).where(places.c.key == key))
            return [_place(row) for row in rows]

    def turned(self, account: str, most: int) -> list[tuple[str, Side]]:
        """Return the mails that a person has moved to the other side, and to which.

        A mail has changed sides where all of its places, but for the trash and what is marked as
        deleted, are on the other side than it belongs. So a mail that is copied first and deleted
        then has changed them in the end, one that went to the trash has not, and neither has one
        that we moved ourselves: that belongs where it went.
        """
        live = (
            select(places.c.key)
            .join(folders, folders.c.id == places.c.folder)
            .where(
                places.c.account == mails.c.account,
                places.c.key == mails.c.key,
                places.c.deleted.is_(False),
            )
            .correlate(mails)
        )
        in_junk = exists(live.where(folders.c.role == "junk"))
        kept = exists(live.where(folders.c.role.in_(("kept", "sent"))))
        ours = exists().where(moves.c.account == mails.c.account, moves.c.key == mails.c.key)
        # What is in junk is little: it is looked through rather than all that is kept.
        in_a_junk_folder = (
            select(places.c.key)
            .join(folders, folders.c.id == places.c.folder)
            .where(places.c.account == account, folders.c.role == "junk")
        )
        turned: dict[Side, Any] = {
            "junk": and_(mails.c.side == "kept", in_junk, ~kept, mails.c.key.in_(in_a_junk_folder)),
            "kept": and_(mails.c.side == "junk", kept, ~in_junk),
        }
        found: list[tuple[str, Side]] = []
        with self._read() as connection:
            for side, has in turned.items():
                keys = select(mails.c.key).where(mails.c.account == account, has, ~ours)
                rows = connection.execute(keys.order_by(mails.c.key).limit(most))
                found += [(key, side) for key in rows.scalars()]
        return found

    def turn(self, account: str, key: str, side: Side) -> None:
        """Note where a mail belongs from now on."""
        with self._write() as connection:
            _belongs(connection, account, key, side)

    def answer(self, account: str, messages: Collection[str]) -> None:
        """Note that mails were answered, by the digests of their Message-IDs."""
        with self._write() as connection:
            connection.execute(
                update(mails)
                .where(mails.c.account == account, mails.c.message.in_(messages))
                .where(mails.c.reply == 0)
                .values(reply=TO_LEARN)
            )

    def answered(self, account: str, most: int) -> list[str]:
        """Return the keys of mails that were answered, which nothing was learned of yet."""
        statement = select(mails.c.key).where(mails.c.account == account, mails.c.reply == TO_LEARN)
        with self._read() as connection:
            return list(connection.execute(statement.order_by(mails.c.key).limit(most)).scalars())

    def learned(self, account: str, key: str) -> None:
        """Note that what is to be learned of a reply was learned."""
        with self._write() as connection:
            connection.execute(_mail(account, key).values(reply=LEARNED))

    def prune(self, account: str, before: float) -> None:
        """Forget mails that have been nowhere since a time, in seconds since 1970-01-01 UTC."""
        with self._write() as connection:
            here = exists().where(places.c.account == mails.c.account, places.c.key == mails.c.key)
            connection.execute(
                delete(mails).where(mails.c.account == account, mails.c.seen < before, ~here)
            )


def _places(account: str) -> Select[Any]:
    return (
        select(places.c.key, places.c.uid, places.c.deleted, places.c.waits, folders)
        .join(folders, folders.c.id == places.c.folder)
        .where(places.c.account == account)
    )


def _place(row: Row[Any]) -> Place:
    return Place(row.key, to_folder(row), row.uid, row.deleted, row.waits)


def _mail(account: str, key: str) -> Any:
    return update(mails).where(mails.c.account == account, mails.c.key == key)


def _belongs(connection: Connection, account: str, key: str, side: Side) -> None:
    connection.execute(_mail(account, key).values(side=side, seen=time.time()))
