"""What a mailbox has to be able to do to be guarded, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from chaffinch.errors import ServerError
from chaffinch.experience.mailbox import Folder, Place
from chaffinch.experience.mailboxes import Mailboxes


class LoginError(ServerError):
    """The server does not let us in."""


class RefusedError(ServerError):
    """The server says no to one thing; the connection goes on."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as it is listed: its name, its attributes, and what parts its name."""

    name: str
    attributes: frozenset[str]
    delimiter: str


@dataclass(frozen=True, slots=True)
class Swept:
    """An account's folders after a look at all of them.

    Parameters
    ----------
    folders : list of Folder
        Those that could be looked at.
    junk : str
        The one for junk; empty where there is none.
    """

    folders: list[Folder]
    junk: str

    @property
    def inbox(self) -> Folder:
        """The folder in which the server tells what happens."""
        return next(one for one in self.folders if one.name == "INBOX")


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

    def remedy(self, missing: str) -> str:
        """Return what to do where a folder is not there: one of ``folders``, or ``junk``."""
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
