"""A Maildir that is guarded: what is in it, what has changed, and how mail is moved."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from chaffinch.errors import InputError, ServerError
from chaffinch.experience.mailbox import Folder, Place, Sighting
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.explain.readable import printable
from chaffinch.readers.mail.headers import FIELD
from chaffinch.readers.mail.own import name_of_field
from chaffinch.servers.guard.keys import FIELDS, LONGEST, answered_by, key_of, message_of
from chaffinch.servers.guard.source import RefusedError, Swept
from chaffinch.servers.log import say
from chaffinch.servers.maildir import mirror
from chaffinch.servers.maildir.folders import File, Seen, files_of, path_of, read, rename, stamp_of

# Bytes that are read of a mail to know it by, and of one that is too large to be read whole.
_HEAD, _PART = 1 << 16, 1 << 20
# Bytes of a path that is told as it is.
_LONGEST = 64
# Seconds between two looks at whether anything has changed.
_BETWEEN = 1.0
_FIELDS = frozenset(name.lower().encode() for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Maildir:
    """A Maildir to guard.

    Parameters
    ----------
    root : Path
        Where it is.
    largest : int
        Bytes of the largest mail that is read whole.
    owner : str
        Whose taste judges its mail.
    folders : tuple of str
        The folders whose new mail is judged.
    junk : str
        The folder for junk; empty for the one that is called Junk or Spam.
    log_only : bool
        Whether nothing is moved.
    every : int
        Seconds between two looks at all folders.
    user : str
        Who says what its mail is; empty for whoever runs this.
    """

    root: Path
    largest: int
    owner: str = ""
    folders: tuple[str, ...] = ("INBOX",)
    junk: str = ""
    log_only: bool = True
    every: int = 60
    user: str = ""

    def remedy(self, missing: str) -> str:
        """Return what to do where a folder is not there."""
        option = "--junk" if missing == "junk" else "--folder"
        name = self.junk or "Junk" if missing == "junk" else "NAME"
        return (
            f"name another with {option}, or make the folder .{name} in the Maildir, with cur, new "
            "and tmp in it"
        )

    @property
    def name(self) -> str:
        """What it is called, in the log and where it is known what is in it."""
        path = os.fsencode(self.root)
        # It may be no text, and longer than the name of a file, which is made of it, may be.
        text = path.decode("utf-8", "backslashreplace")
        if len(path) > _LONGEST:
            text = f"{text[: _LONGEST // 2]}…{hashlib.sha256(path).hexdigest()[:16]}"
        return f"maildir:{text}"


class MaildirSource:
    """A Maildir that is open.

    Parameters
    ----------
    account : Maildir
        Which.

    Raises
    ------
    InputError
        If there is none.
    """

    def __init__(self, account: Maildir) -> None:
        if not (account.root / "cur").is_dir():
            raise InputError(
                f"{account.root} is no Maildir: it has no folder cur; name the folder that holds "
                "new, cur and tmp"
            )
        self.account = account
        self.seen: dict[str, Seen] = {}
        self._open = ""

    def sweep(self, mailboxes: Mailboxes) -> Swept:
        """Look at all folders and write down what has changed."""
        try:
            return mirror.sweep(self, mailboxes)
        except OSError as error:
            raise self._trouble(error) from error

    def look_again(self, mailboxes: Mailboxes, swept: Swept) -> None:
        """Look at the folder for junk after mail was moved there."""
        try:
            mirror.look_again(self, mailboxes, swept)
        except OSError as error:
            raise self._trouble(error) from error

    def settle_moves(self, mailboxes: Mailboxes) -> None:
        """Settle moves that were begun and not finished: a file is where it was, or it is not."""
        account = self.account.name
        for begun in mailboxes.moves(account):
            stayed = begun.uid in mailboxes.uids(begun.folder.id)
            if stayed:
                mailboxes.give_up_move(account, begun)
            else:
                mailboxes.finish_move(account, begun)
            say("move settled", account=account, moved=not stayed)

    def move_to_junk(self, mailboxes: Mailboxes, place: Place, junk: str) -> None:
        """Move a mail to the folder for junk.

        Raises
        ------
        RefusedError
            If it could not be moved: it is where it was, or where a person has moved it.
        """
        account = self.account.name
        mailboxes.begin_move(account, place)
        try:
            self._rename(place, junk)
        except OSError as error:
            mailboxes.give_up_move(account, place)
            raise RefusedError(
                f"{account}: a mail could not be moved to {printable(junk)}: {error.strerror}"
            ) from error
        mailboxes.finish_move(account, place)

    def _rename(self, place: Place, junk: str) -> None:
        folder = place.folder.name
        for file in self._candidates(folder, place.uid):
            try:
                rename(self.account.root, folder, file, junk)
            except FileNotFoundError:
                # Its flags have just been changed, and so its name.
                continue
            return
        raise FileNotFoundError(0, "it has gone meanwhile")

    def look(self, folder: Folder) -> Folder:
        """Open a folder to look at what is in it; return it as it is now."""
        self._open = folder.name
        return folder

    def mail(self, uid: int, key: str) -> bytes | None:
        """Return a mail of the open folder, or the beginning of one that is very large."""
        found = self._read(self._open, uid, self.account.largest + 1)
        if found is None:
            return None
        data, told = found
        if _key(_fields(data[:_HEAD]), told) != key:
            return None
        return data if len(data) <= self.account.largest else data[:_PART]

    def _read(self, folder: str, uid: int, most: int) -> tuple[bytes, os.stat_result] | None:
        for file in self._candidates(folder, uid):
            path = path_of(self.account.root, folder) / file.place / file.name
            found = read(path, most)
            if found is not None:
                return found
            if os.path.lexists(path):
                # It is no mail.
                return None
        return None

    def _candidates(self, folder: str, uid: int) -> Iterator[File]:
        """Yield where a mail's file was at the last look, and where it is now."""
        known = self.seen.get(folder, Seen()).files.get(uid)
        if known is not None:
            yield known
        try:
            again = files_of(path_of(self.account.root, folder)).get(uid)
        except OSError:
            return
        if again is not None and again != known:
            yield again

    def sightings(self, folder: Folder, uids: Iterable[int]) -> list[tuple[Sighting, list[str]]]:
        """Return what mails are known by, and what each of them answers."""
        found = []
        files = self.seen[folder.name].files
        for uid in uids:
            head = self._read(folder.name, uid, _HEAD)
            if head is None:
                continue
            data, told = head
            fields, flags = _fields(data), files[uid].flags
            sighting = Sighting(
                uid, _key(fields, told), message_of(fields), "T" in flags, "R" in flags
            )
            found.append((sighting, answered_by(fields) if folder.role == "sent" else []))
        return found

    def wait(self, folder: Folder, stop: Event, seconds: float) -> None:
        """Wait until anything changes in any folder, or for some seconds.

        The times of folders are looked at once a second: that costs next to nothing, and works
        where the system cannot tell of changes, as on network file systems.
        """
        del folder
        until = time.monotonic() + seconds
        while time.monotonic() < until and not stop.wait(_BETWEEN):
            if any(self.is_changed(name) for name in self.seen):
                return

    def is_changed(self, name: str) -> bool:
        """Return whether anything may have changed in a folder since it was looked at."""
        stamp = self.seen[name].stamp if name in self.seen else None
        return stamp is None or stamp != self.stamp(name)

    def stamp(self, name: str) -> tuple[int, ...] | None:
        """Return what changes when anything in a folder does."""
        return stamp_of(path_of(self.account.root, name), time.time_ns())

    def _trouble(self, error: OSError) -> ServerError:
        return ServerError(
            f"{self.account.name} cannot be read: {error.strerror}: it is tried again"
        )


@contextmanager
def opened(account: Maildir) -> Iterator[MaildirSource]:
    """Open a Maildir."""
    yield MaildirSource(account)


def _fields(head: bytes) -> bytes:
    """Return the headers that a mail is known by."""
    kept, at, size = [], 0, 0
    while size < LONGEST and (line := FIELD.match(head, at)):
        at = line.end()
        if name_of_field(line[0]) in _FIELDS:
            kept.append(line[0])
            size += len(line[0])
    return b"".join(kept)[:LONGEST]


def _key(fields: bytes, told: os.stat_result) -> str:
    return key_of(fields, told.st_size, told.st_mtime)
