"""Mails that were made to harm, over the wire: bounded memory, an answer, and others are served."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from chaffinch.servers.milter_protocol import go_on, packet
from hostile import BOMBS, LARGEST, bounded
from opened import Opened, opened
from samples import mail

_MANY = LARGEST << 20


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    home = tmp_path_factory.mktemp("hostile") / "home"
    with opened(home, milter="127.0.0.1:0", largest_mail=LARGEST, remember=False) as doors:
        # What comes with the first mails is no growth.
        for _ in range(3):
            assert b"X-Chaffinch-Status" in doors.check(mail("spam", 1))
        yield doors


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_judged_and_others_are_served(name: str, doors: Opened) -> None:
    assert len(BOMBS[name]) < LARGEST << 20
    with bounded(doors), others_served(doors):
        assert b"X-Chaffinch-Status" in handed(doors, [BOMBS[name]])
        assert b"X-Chaffinch-Status" in doors.check(BOMBS[name])


def test_mails_of_hundred_megabytes_pass_untagged(doors: Opened) -> None:
    before = len(doors.events("unjudged"))
    with bounded(doors), others_served(doors):
        piece = b"Subject: 4U\n\n" + b"free money\n" * 95_000
        for _ in range(2):
            assert handed(doors, (piece for _ in range(100))) == go_on()
        assert b"EX_DATAERR" not in doors.check(mail("ham", 1))
    told = doors.events("unjudged")[before:]
    assert [line["reason"] for line in told] == [f"it is larger than {_MANY} bytes"] * 2


def handed(doors: Opened, pieces: Iterator[bytes] | list[bytes]) -> bytes:
    """Hand a mail to the milter, its headers in pieces and its body as it is; return the answer."""
    host, _, port = doors.address("milter").rpartition(":")
    with (
        socket.create_connection((host, int(port)), timeout=120) as server,
        server.makefile("rb") as back,
    ):
        server.sendall(packet(b"O", struct.pack(">3I", 6, 0x1FF, 0x1FFFFF)))
        _packet(back.read)
        server.sendall(packet(b"D", b"M") + packet(b"M", b"<>\0"))
        in_head = True
        for piece in pieces:
            if in_head:
                head, _, piece = piece.partition(b"\n\n")
                for name, value in re.findall(rb"^([^:\n]+):(.*)", head, re.MULTILINE):
                    server.sendall(packet(b"L", name + b"\0" + value + b"\0"))
                in_head = False
            for at in range(0, len(piece), 65_535):
                server.sendall(packet(b"B", piece[at : at + 65_535]))
        server.sendall(packet(b"E"))
        answer = b""
        while answer[-5:] != go_on():
            answer += _packet(back.read)
        server.sendall(packet(b"Q"))
        return answer


def _packet(read: Callable[[int], bytes]) -> bytes:
    length = read(4)
    return length + read(int.from_bytes(length))


@contextmanager
def others_served(doors: Opened) -> Iterator[None]:
    """Have another client ask all the while."""
    done = Event()
    served: list[bool] = []

    def ask() -> None:
        while not done.is_set() or not served:
            served.append(b"X-Chaffinch-Status" in doors.check(mail("ham", 1)))

    other = Thread(target=ask)
    other.start()
    try:
        yield
    finally:
        done.set()
        other.join(120)
    assert all(served)
