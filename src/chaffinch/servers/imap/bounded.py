"""IMAPClient with bounds: so many bytes and so many seconds for each thing that is asked.

imaplib reads literals of any size that a server announces, as slowly as it sends them, and holds
all of it. Here each command has an allowance; what goes beyond ends the connection.
"""

from __future__ import annotations

import imaplib
import ssl
import time
from collections.abc import Callable
from typing import Any

from imapclient import IMAPClient
from imapclient.imap_utf7 import decode, encode

_CHUNK = 1 << 16
# Until the first command: the greeting, and what the server can do.
_GREETING = (1 << 16, 60.0)


class _Bounded(imaplib.IMAP4):
    """Reads from its socket itself, and no more than is allowed."""

    def __init__(self, make: Callable[[], Any], host: str, port: int) -> None:
        self._make = make
        self._came = bytearray()
        self.allow(*_GREETING)
        super().__init__(host, port)

    def allow(self, most: int, seconds: float) -> None:
        """Say how many bytes may come from now on, and how long that may take."""
        self._left = most
        self._until = time.monotonic() + seconds

    @property
    def has_line(self) -> bool:
        """Whether a line has come in that nobody has read yet."""
        return b"\n" in self._came

    def _create_socket(self, timeout: float | None = None) -> Any:  # noqa: ARG002
        return self._make()

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        done = super().starttls(ssl_context)
        if self._came:
            # Somebody on the way would have it taken for what the server says over TLS.
            raise self.abort("bytes came before TLS began")
        return done

    def read(self, size: int) -> bytes:
        if size > self._left + len(self._came):
            raise self.abort(f"a literal of {size} bytes is more than was asked for")
        while len(self._came) < size:
            self._more()
        return self._taken(size)

    def readline(self) -> bytes:
        looked = 0
        while (end := self._came.find(b"\n", looked)) < 0:
            looked = len(self._came)
            self._more()
        return self._taken(end + 1)

    def send(self, data: Any) -> None:
        self.sock.settimeout(self._remains())
        super().send(data)

    def _remains(self) -> float:
        remains = self._until - time.monotonic()
        if remains <= 0:
            raise self.abort("it took too long")
        return remains

    def _more(self) -> None:
        # While it idles it is only looked whether something came.
        if self.sock.gettimeout() != 0.0:
            self.sock.settimeout(self._remains())
        data = self.sock.recv(_CHUNK)
        if not data:
            raise self.abort("the server ended the connection")
        self._left -= len(data)
        if self._left < 0:
            raise self.abort("more bytes came than were asked for")
        self._came += data

    def _taken(self, size: int) -> bytes:
        taken = bytes(self._came[:size])
        del self._came[:size]
        return taken


class BoundedClient(IMAPClient):  # type: ignore[misc]
    """An IMAPClient that reads no more than it is allowed, over sockets that `make` opens.

    Parameters
    ----------
    make : callable
        Opens a connected socket, with TLS round it where that is wanted from the first byte.
    host, port : str, int
        What it is connected to.
    tls : bool
        Whether there is TLS round it.
    """

    def __init__(self, make: Callable[[], Any], host: str, port: int, *, tls: bool) -> None:
        self._make = make
        super().__init__(host, port, ssl=tls)

    def _create_IMAP4(self) -> _Bounded:  # noqa: N802 (its parent's)
        return _Bounded(self._make, self.host, self.port)

    def allow(self, most: int, seconds: float) -> None:
        """Say how many bytes may come from now on, and how long that may take."""
        self._imap.allow(most, seconds)

    def _set_read_timeout(self) -> None:
        # Each reading has its own.
        pass

    def listed(self) -> list[tuple[Any, Any, str]]:
        """Return attributes, delimiters and names of folders; but for names that are none."""
        # The library gives up at the first name that is not as it should be.
        self.folder_encode = False
        try:
            found = self.list_folders()
        finally:
            self.folder_encode = True
        named = ((attributes, delimiter, _named(name)) for attributes, delimiter, name in found)
        return [one for one in named if one[2]]

    def hear(self, seconds: float) -> bool:
        """Return whether the server tells something while it idles, within some seconds."""
        # What came with the answer to IDLE is here already, and makes no socket ready.
        heard = self._imap.has_line
        while self._imap.has_line:
            self._imap.readline()
        return heard or bool(self.idle_check(seconds))


def _named(name: bytes | str) -> str:
    """Return a folder's name in letters; empty where it could not be named to the server again."""
    raw = name if isinstance(name, bytes) else name.encode()
    try:
        text: str = decode(raw)
        text.encode()
    except ValueError:
        return ""
    return text if encode(text) == raw and min(text, default=" ") >= " " else ""
