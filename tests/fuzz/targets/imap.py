"""What IMAP servers say to the guard: any bytes are answers or an error."""

from __future__ import annotations

import io
from collections.abc import Sequence
from unittest.mock import patch

from chaffinch.servers.guard import keys
from chaffinch.servers.imap import answers, bounded
from chaffinch.servers.imap.answers import glimpse_of
from chaffinch.servers.imap.bounded import BoundedClient
from fuzz.target import Target

# imaplib draws the beginning of its tags.
TAG = b"BAAA"
PIECES = (
    b"* OK ready\r\n",
    b"* PREAUTH\r\n",
    b"* BYE\r\n",
    b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n",
    b'* LIST (\\Junk) "/" "Junk"\r\n',
    b"* LIST () NIL {5}\r\nINBOX\r\n",
    b"* 3 EXISTS\r\n",
    b"* OK [UIDVALIDITY 7] x\r\n",
    b"* OK [UIDNEXT 4] x\r\n",
    b"* SEARCH 1 2 3\r\n",
    b"* 1 FETCH (UID 1 FLAGS (\\Seen) RFC822.SIZE 9 BODY[HEADER.FIELDS (DATE)]<0> {4}\r\na: b)\r\n",
    b"* 1 FETCH (",
    b"(((",
    b")\r\n",
    b"{3}\r\n",
    b"{99999999999}\r\n",
    b"+ go on\r\n",
    *(TAG + b"%d OK done\r\n" % number for number in range(6)),
    *(TAG + b"%d NO\r\n" % number for number in range(6)),
    b"\0\xff",
    b"\r\n",
)
TALK = b"".join(PIECES[at] for at in (0, 3, 17, 4, 18, 6, 7, 8, 19, 3, 20, 9, 21, 10, 22))


class Said(io.BytesIO):
    """A connected socket from which these pieces come."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        super().__init__()
        self.pieces = [piece for piece in pieces if piece]
        self.asked = 0

    def recv(self, most: int) -> bytes:
        return self.pieces.pop(0)[:most] if self.pieces else b""

    def sendall(self, data: bytes) -> None:
        self.asked += len(data)

    def gettimeout(self) -> float:
        return 1.0

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO()

    def shutdown(self, how: int) -> None:
        pass


class Imap(Target):
    """What a server says to who logs in, looks into a folder and asks what is in it."""

    name = "imap"
    modules = (bounded, answers, keys)
    seeds = (TALK, TALK[:-30], TALK.replace(b"(UID 1", b"(UID 2"), PIECES[0] + PIECES[12] * 50)
    words = PIECES

    def outcome(self, pieces: Sequence[bytes]) -> list[object]:
        """Return what is understood, and what ended it."""
        found: list[object] = []
        with patch("imaplib.random.randint", return_value=4096):
            try:
                client = BoundedClient(lambda: Said(pieces), "imap.example.org", 143, tls=False)
                found.append(client.capabilities())
                client._imap.state = "AUTH"
                found.append(client.listed())
                found.append(client.select_folder("INBOX", readonly=True))
                found.append(list(client.search("ALL")))
                told = client.fetch([1], ["FLAGS", "RFC822.SIZE"])
                found.append({uid: glimpse_of(uid, one) for uid, one in told.items()})
            # A session makes of all of them that it makes no sense.
            except Exception as error:  # noqa: BLE001
                found.append(f"{type(error).__name__}: {error}")
        return found
