"""What comes from a server is read within bounds, however it is cut to pieces."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.servers.imap.answers import glimpse_of
from chaffinch.servers.imap.bounded import BoundedClient

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


def outcome(pieces: Sequence[bytes]) -> list[object]:
    """Return what is understood of what a server says in these pieces."""
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
        except RecursionError:
            raise
        except Exception as error:  # noqa: BLE001 (a session makes of all of them that it makes no sense)
            found.append(f"{type(error).__name__}: {error}")
    return found


def test_what_makes_sense_is_understood() -> None:
    capabilities, folders, numbers, uids, glimpses = outcome([TALK])
    assert capabilities == (b"IMAP4REV1", b"UIDPLUS")
    assert folders == [((b"\\Junk",), b"/", "Junk")]
    assert isinstance(numbers, dict)
    assert (numbers[b"EXISTS"], numbers[b"UIDNEXT"]) == (3, 4)
    assert uids == [1, 2, 3]
    assert isinstance(glimpses, dict)
    assert glimpses[1].size == 9


@given(
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=20).map(b"".join),
    st.integers(0, len(TALK)),
    st.lists(st.integers(0, 3000), max_size=6),
)
def test_however_it_is_cut_it_is_the_same(noise: bytes, kept: int, cuts: list[int]) -> None:
    data = TALK[:kept] + noise + TALK[kept:]
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    pieces = [data[begin:end] for begin, end in pairwise(places)]
    assert outcome(pieces) == outcome([data])


@pytest.mark.parametrize(
    "line", [b"* OK " + b"a" * (1 << 17), b"* OK x {70000}\r\n" + b"a" * 70_000]
)
def test_more_than_is_allowed_is_not_taken(line: bytes) -> None:
    said = Said([line[at : at + 1000] for at in range(0, len(line), 1000)])
    with pytest.raises(BoundedClient.AbortError):
        BoundedClient(lambda: said, "imap.example.org", 143, tls=False)
    # Of what the greeting may have, no more than one piece too many was read.
    assert sum(map(len, said.pieces)) >= len(line) - (1 << 16) - 1000
