"""A mailbox on an IMAP server, as the guard wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chaffinch.experience.mailbox import Place
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.servers.guard.guard import Done
from chaffinch.servers.guard.run import guard_all
from chaffinch.servers.guard.source import Source, Swept
from chaffinch.servers.imap.accounts import Account
from chaffinch.servers.imap.mirror import look_again, sweep
from chaffinch.servers.imap.moving import move_to_junk, settle_moves
from chaffinch.servers.imap.session import Session


def guard(
    home: Path, accounts: Sequence[Account], *, once: bool = False, backlog: int = 0
) -> dict[str, Done]:
    """Guard mailboxes on IMAP servers, as `guard_all` does."""
    return guard_all(home, accounts, connected, "imap", once=once, backlog=backlog)


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
