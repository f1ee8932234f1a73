"""What a mailbox has to be able to do to be guarded, and how one on an IMAP server does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Protocol

from chaffinch.experience.mailbox import Folder, Place
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.servers.imap.accounts import Account
from chaffinch.servers.imap.mirror import Swept, look_again, sweep
from chaffinch.servers.imap.moving import move_to_junk, settle_moves
from chaffinch.servers.imap.session import Session


class Guarded(Protocol):
    """A mailbox that is to be guarded; the helps of `ACCOUNT` say what each setting is."""

    @property
    def name(self) -> str:
        """What it is called, in the log and where it is known what is in it."""
        ...

    @property
    def user(self) -> str:
        """Who says what its mail is."""
        ...

    @property
    def owner(self) -> str:
        """Whose taste judges its mail."""
        ...

    @property
    def folders(self) -> Sequence[str]:
        """The folders whose new mail is judged."""
        ...

    @property
    def junk(self) -> str:
        """The folder for junk; empty where it is found by its name."""
        ...

    @property
    def log_only(self) -> bool:
        """Whether nothing is moved."""
        ...

    @property
    def every(self) -> int:
        """Seconds between two looks at all folders."""
        ...


class Source(Protocol):
    """A mailbox that is open. What fails for a while is a ServerError, one thing a RefusedError."""

    @property
    def account(self) -> Guarded:
        """Whose it is."""
        ...

    def sweep(self, mailboxes: Mailboxes) -> Swept:
        """Look at all folders and write down what has changed."""
        ...

    def look_again(self, mailboxes: Mailboxes, swept: Swept) -> None:
        """Look at the folder for junk after mail was moved there."""
        ...

    def settle_moves(self, mailboxes: Mailboxes) -> None:
        """Settle moves that were begun and not finished, after a look at all folders."""
        ...

    def move_to_junk(self, mailboxes: Mailboxes, place: Place, junk: str) -> None:
        """Move a mail to the folder for junk."""
        ...

    def look(self, folder: Folder) -> Folder:
        """Open a folder to look at what is in it; return it as it is now."""
        ...

    def mail(self, uid: int, key: str) -> bytes | None:
        """Return a mail of the open folder; None where it is not there any more."""
        ...

    def wait(self, folder: Folder, stop: Event, seconds: float) -> None:
        """Wait until something happens in a folder, or for some seconds."""
        ...


class ImapSource:
    """A mailbox on an IMAP server, by a connection to it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.account = session.account
        self.look, self.mail, self.wait = session.look, session.mail, session.wait

    def sweep(self, mailboxes: Mailboxes) -> Swept:
        """Look at all folders and write down what has changed."""
        return sweep(self._session, mailboxes)

    def look_again(self, mailboxes: Mailboxes, swept: Swept) -> None:
        """Look at the folder for junk after mail was moved there."""
        look_again(self._session, mailboxes, swept)

    def settle_moves(self, mailboxes: Mailboxes) -> None:
        """Settle moves that were begun and not finished, after a look at all folders."""
        settle_moves(self._session, mailboxes)

    def move_to_junk(self, mailboxes: Mailboxes, place: Place, junk: str) -> None:
        """Move a mail to the folder for junk."""
        move_to_junk(self._session, mailboxes, place, junk)


@contextmanager
def connected(account: Account) -> Iterator[Source]:
    """Open the mailbox of an account on its server."""
    with Session(account) as session:
        yield ImapSource(session)
