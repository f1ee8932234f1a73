"""A connection to an account's server: what is asked of it, within bounds, and how it fails."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from imaplib import IMAP4
from threading import Event
from typing import Self

from chaffinch.errors import ChaffinchError, ServerError, UsageError
from chaffinch.experience.mailbox import Folder
from chaffinch.explain.readable import printable
from chaffinch.servers.guard.keys import FIELDS, LONGEST
from chaffinch.servers.guard.source import Listed, LoginError, RefusedError
from chaffinch.servers.imap.accounts import Account
from chaffinch.servers.imap.answers import (
    HIGHEST,
    Glimpse,
    glimpse_of,
    of_name,
    with_numbers,
)
from chaffinch.servers.imap.secret import secret_of

_CONNECT = 30.0
# Bytes and seconds of an answer of any kind, of a list of folders or numbers, and of a mail's rest.
_SMALL, _LARGE, _SECONDS = 1 << 16, 8 << 20, 60.0
# Seconds that a mail may take, and how many are asked about at once.
_MAIL_SECONDS, _AT_ONCE = 600.0, 200
# Bytes that are read of a mail that is too large to be read whole.
_PART = 1 << 20
_SAID = 200
_FIELDS = f"BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})]<0.{LONGEST}>"


class Session:
    """A connection to the server of an account, logged in.

    Parameters
    ----------
    account : Account
        Whose server it is.

    Raises
    ------
    LoginError
        If the server does not let us in.
    ServerError
        If it cannot be reached, or what it says makes no sense. That every call may raise.
    """

    def __init__(self, account: Account) -> None:
        from chaffinch.servers.imap.bounded import BoundedClient

        self.account = account
        secret = secret_of(account)
        tls = _context(account) if account.security in ("tls", "starttls") else None
        with self._asking("connecting"):
            self._client = BoundedClient(
                lambda: _connected(account, tls), account.host, account.port, tls=_at_once(account)
            )
        try:
            self._log_in(secret, tls)
            with self._asking("CAPABILITY"):
                told = {one.decode("ascii", "replace") for one in self._client.capabilities()}
        except BaseException:
            self.close()
            raise
        #: What the server can do.
        self.has_move = "MOVE" in told
        self.has_uidplus = "UIDPLUS" in told
        self.has_idle = "IDLE" in told
        self.has_modseq = "CONDSTORE" in told
        self._has_namespaces = "NAMESPACE" in told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # Of a server that fails nothing more is asked.
        if kind is None:
            with suppress(Exception):
                self._client.allow(_SMALL, 5.0)
                self._client.logout()
        self.close()

    def close(self) -> None:
        """End the connection at once."""
        with suppress(Exception):
            self._client.shutdown()

    def _log_in(self, secret: str, tls: ssl.SSLContext | None) -> None:
        account = self.account
        with self._asking("logging in"):
            if account.security == "starttls":
                self._client.starttls(tls)
            told = self._client.capabilities()
        try:
            with self._asking("logging in"):
                if account.login == "xoauth2":
                    self._client.oauth2_login(account.user, secret)
                elif account.login == "oauthbearer":
                    self._client.oauthbearer_login(account.user, secret)
                elif b"AUTH=PLAIN" in told:
                    # Unlike LOGIN it takes any character.
                    self._client.plain_login(account.user, secret)
                else:
                    self._client.login(account.user, secret)
        except RefusedError as error:
            raise LoginError(
                f"{self._subject} {account} is not let in ({_said(error.__cause__)}): check user, "
                "secret and login"
            ) from error

    def folders(self) -> list[Listed]:
        """Return the folders that can hold mail and are one's own."""
        with self._asking("LIST", _LARGE):
            listed = self._client.listed()
            foreign = self._foreign()
            found = [
                Listed(
                    # It may be written in any case.
                    "INBOX" if name.upper() == "INBOX" else name,
                    frozenset(one.decode("ascii", "replace").lower() for one in attributes),
                    (delimiter or b"").decode("ascii", "replace"),
                )
                for attributes, delimiter, name in listed
            ]
        able = [one for one in found if not one.attributes & {"\\noselect", "\\nonexistent"}]
        own = [one for one in able if not one.name.startswith(foreign)]
        if not any(one.name == "INBOX" for one in own):
            raise self._trouble("LIST names no INBOX")
        return own

    def _foreign(self) -> tuple[str, ...]:
        if not self._has_namespaces:
            return ()
        told = self._client.namespace()
        return tuple(
            prefix
            for kind in (told.other, told.shared)
            for prefix, _ in kind or ()
            # Of servers that call everything shared.
            if prefix and not "INBOX".startswith(prefix.upper())
        )

    def status(self, folder: Folder) -> Folder:
        """Return a folder as the server tells it is now."""
        wanted = ["MESSAGES", "UIDNEXT", "UIDVALIDITY"]
        if self.has_modseq:
            wanted.append("HIGHESTMODSEQ")
        with self._asking(f"STATUS of {folder.name}"):
            told = self._client.folder_status(folder.name, wanted)
            return with_numbers(folder, told, b"MESSAGES")

    def look(self, folder: Folder) -> Folder:
        """Open a folder only to look at what is in it; return it as it is now."""
        return self._open(folder, readonly=True)

    def open(self, folder: Folder) -> None:
        """Open a folder in which something is to be changed.

        Raises
        ------
        RefusedError
            If its numbers mean other mails than they did.
        """
        if self._open(folder, readonly=False).uidvalidity != folder.uidvalidity:
            raise RefusedError(f"{self._subject} {printable(folder.name)} has new numbers")

    def _open(self, folder: Folder, *, readonly: bool) -> Folder:
        with self._asking(f"opening {folder.name}"):
            told = self._client.select_folder(folder.name, readonly=readonly)
            return with_numbers(folder, told, b"EXISTS")

    def search(self, *criteria: str) -> set[int]:
        """Return the numbers of those mails of the open folder that fit."""
        with self._asking("SEARCH", _LARGE):
            found = self._client.search(list(criteria))
            return {uid for uid in found if 0 < uid <= HIGHEST}

    def glimpses(self, uids: Sequence[int]) -> Iterator[Glimpse]:
        """Yield what is known of mails of the open folder without reading them."""
        wanted = ["FLAGS", "RFC822.SIZE", "INTERNALDATE", _FIELDS]
        for start in range(0, len(uids), _AT_ONCE):
            some = uids[start : start + _AT_ONCE]
            with self._asking("FETCH", _SMALL + len(some) * (LONGEST + 1024)):
                told = self._client.fetch(some, wanted)
                found = [glimpse_of(uid, told[uid]) for uid in some if uid in told]
            # One that was not told of has gone meanwhile.
            yield from (one for one in found if one is not None)

    def mail(self, uid: int, key: str) -> bytes | None:
        """Return a mail of the open folder, or the beginning of one that is very large.

        Returns
        -------
        bytes or None
            None where there is no such mail any more, or another one.
        """
        for glimpse in self.glimpses([uid]):
            if glimpse.sighting.key != key:
                return None
            whole = glimpse.size <= self.account.largest
            wanted = "BODY.PEEK[]" if whole else f"BODY.PEEK[]<0.{_PART}>"
            most = glimpse.size if whole else _PART
            with self._asking("FETCH", most + _SMALL, _MAIL_SECONDS):
                told = self._client.fetch([uid], [wanted]).get(uid, {})
                data = of_name(told, b"BODY[]")
            return data if isinstance(data, bytes) else None
        return None

    def move(self, uid: int, to: str) -> None:
        """Move a mail of the open folder in one step, where the server can."""
        with self._asking("MOVE"):
            self._client.move([uid], to)

    def copy(self, uid: int, to: str) -> None:
        """Copy a mail of the open folder."""
        with self._asking("COPY"):
            self._client.copy([uid], to)

    def remove(self, uid: int) -> bool:
        """Take a mail out of the open folder, and no other.

        Returns
        -------
        bool
            Whether it is gone. Where the server can only take out all that are marked as deleted,
            and somebody has marked others, it is marked and stays.
        """
        with self._asking("STORE"):
            self._client.add_flags([uid], [rb"\Deleted"], silent=True)
        if self.has_uidplus:
            with self._asking("UID EXPUNGE"):
                self._client.uid_expunge([uid])
            return True
        if self.search("DELETED") != {uid}:
            return False
        with self._asking("EXPUNGE"):
            self._client.expunge()
        return True

    def wait(self, folder: Folder, stop: Event, seconds: float) -> None:
        """Wait until the server tells that something happens in a folder, or for some seconds.

        Parameters
        ----------
        folder : Folder
            The folder; a server that cannot tell is asked again after the time.
        stop : Event
            Ends it within a second.
        seconds : float
            How long at most; servers end what is silent for half an hour.
        """
        until = time.monotonic() + seconds
        if not self.has_idle:
            stop.wait(seconds)
            return
        now = self.look(folder)
        if (now.uidnext, now.messages) != (folder.uidnext, folder.messages):
            # It has happened since.
            return
        with self._asking("IDLE", _LARGE, seconds + _SECONDS):
            self._client.idle()
            while not stop.is_set() and (left := until - time.monotonic()) > 0:
                if self._client.hear(min(left, 1.0)):
                    break
            self._client.idle_done()

    @property
    def _subject(self) -> str:
        return f"account {self.account.name}:"

    def _trouble(self, said: str) -> ServerError:
        where = f"{self.account.host}, port {self.account.port}"
        return ServerError(
            f"{self._subject} the server at {where}: {said}: check host, port and security, or try "
            "again later"
        )

    @contextmanager
    def _asking(self, what: str, most: int = _SMALL, seconds: float = 0.0) -> Iterator[None]:
        """Bound what an answer may be, and turn whatever goes wrong into our errors."""
        client = getattr(self, "_client", None)
        if client is not None:
            client.allow(most, seconds or _SECONDS)
        what = printable(what)
        try:
            yield
        except ChaffinchError:
            raise
        except IMAP4.abort as error:
            raise self._trouble(f"{what}: {_said(error)}") from error
        except IMAP4.error as error:
            if type(error).__name__ == "ProtocolError":
                raise self._trouble(f"{what}: its answer makes no sense") from error
            raise RefusedError(f"{self._subject} {what}: the server said {_said(error)}") from error
        except ssl.SSLCertVerificationError as error:
            raise ServerError(
                f"{self._subject} {self.account.host} cannot prove who it is "
                f"({error.verify_message}): if it signed its own certificate, name the file of it "
                "as ca"
            ) from error
        except TimeoutError as error:
            raise self._trouble(f"{what}: no answer in time") from error
        except OSError as error:
            raise self._trouble(f"{what}: {error.strerror or type(error).__name__}") from error
        except Exception as error:
            # What a server says is parsed by others, who fail at nonsense in many ways.
            raise self._trouble(f"{what}: its answer makes no sense") from error


def _at_once(account: Account) -> bool:
    return account.security == "tls"


def _context(account: Account) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=account.ca or None)
    except OSError as error:
        raise UsageError(
            f"account {account.name}: ca {account.ca} cannot be used: name a file of certificates "
            "in PEM"
        ) from error


def _connected(account: Account, tls: ssl.SSLContext | None) -> socket.socket:
    plain = socket.create_connection((account.host, account.port), _CONNECT)
    try:
        if tls is None or not _at_once(account):
            return plain
        return tls.wrap_socket(plain, server_hostname=account.host)
    except BaseException:
        plain.close()
        raise


def _said(error: BaseException | None) -> str:
    said = error.args[0] if error and error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    # Of bytes that a library has made text of.
    text = text[2:-1] if text.startswith("b'") else text
    return printable(text)[:_SAID]
