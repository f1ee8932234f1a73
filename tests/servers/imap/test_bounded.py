"""What comes from a server is read within bounds; tests/fuzz says it of any bytes."""

from __future__ import annotations

import pytest

from chaffinch.servers.imap.bounded import BoundedClient
from fuzz.targets.imap import TALK, Imap, Said


def test_what_makes_sense_is_understood() -> None:
    capabilities, folders, numbers, uids, glimpses = Imap().outcome([TALK])
    assert capabilities == (b"IMAP4REV1", b"UIDPLUS")
    assert folders == [((b"\\Junk",), b"/", "Junk")]
    assert isinstance(numbers, dict)
    assert (numbers[b"EXISTS"], numbers[b"UIDNEXT"]) == (3, 4)
    assert uids == [1, 2, 3]
    assert isinstance(glimpses, dict)
    assert glimpses[1].size == 9


@pytest.mark.parametrize(
    "line", [b"* OK " + b"a" * (1 << 17), b"* OK x {70000}\r\n" + b"a" * 70_000]
)
def test_more_than_is_allowed_is_not_taken(line: bytes) -> None:
    said = Said([line[at : at + 1000] for at in range(0, len(line), 1000)])
    with pytest.raises(BoundedClient.AbortError):
        BoundedClient(lambda: said, "imap.example.org", 143, tls=False)
    # Of what the greeting may have, no more than one piece too many was read.
    assert sum(map(len, said.pieces)) >= len(line) - (1 << 16) - 1000
