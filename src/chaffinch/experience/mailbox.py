"""The words for mailboxes: folders, mails in them, and what has changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

#: What a folder is to the guard; mail in the trash belongs where it was before.
Role = Literal["kept", "junk", "trash", "sent"]
#: Where a mail belongs.
Side = Literal["kept", "junk"]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it was seen last.

    Parameters
    ----------
    name : str
        Its name.
    role : {"kept", "junk", "trash", "sent"}
        What it is to the guard.
    uidvalidity, uidnext, messages, modseq : int
        As the server told them; ``modseq`` is 0 where it does not.
    id : int
        Its id in the database; 0 while it is not there.
    """

    name: str
    role: Role
    uidvalidity: int = 0
    uidnext: int = 0
    messages: int = 0
    modseq: int = 0
    id: int = 0

    @property
    def side(self) -> Side:
        """Where a mail belongs that is first seen here."""
        return "junk" if self.role == "junk" else "kept"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A mail in a folder, as the server tells of it.

    Parameters
    ----------
    uid : int
        Its number in the folder.
    key : str
        Digest of what is the same in every folder.
    message : str
        Digest of its Message-ID; empty where it has none.
    deleted, answered : bool
        Whether it is marked so.
    """

    uid: int
    key: str
    message: str = ""
    deleted: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail is: its key, the folder, and its number there."""

    key: str
    folder: Folder
    uid: int
    deleted: bool = False
    waits: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new in a folder since it was seen last.

    Parameters
    ----------
    added : sequence of Sighting
        Mails that are new there.
    gone : collection of int
        The numbers of those that are not there any more.
    deleted, restored : collection of int
        The numbers of those that are marked as deleted now, and that are not any more.
    answered : collection of int
        The numbers of those that are marked as answered.
    again : bool
        Whether ``added`` is all there is, under new numbers: what was known of the folder is
        replaced.
    first : bool
        Whether the folder was not known: what is in it is taken as it is.
    judged : bool
        Whether mails that nobody has seen before are to be judged.
    belongs : bool
        Whether all that is in the folder belongs there, wherever it belonged before.
    """

    added: Sequence[Sighting] = ()
    gone: Collection[int] = ()
    deleted: Collection[int] = ()
    restored: Collection[int] = ()
    answered: Collection[int] = ()
    again: bool = False
    first: bool = False
    judged: bool = False
    belongs: bool = False
