"""The proxy among clients that mean harm: bounded memory, and others have their mail delivered."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from hostile import BOMBS, LARGEST, bounded
from opened import Opened, opened
from samples import mail
from sink import Sink, sink

_PATIENCE = 120.0
# The lines of SMTP are longer by a byte.
_MIB = 2 * LARGEST


@pytest.fixture(scope="module")
def next_hop() -> Iterator[Sink]:
    with sink() as server:
        yield server


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory, next_hop: Sink) -> Iterator[Opened]:
    home = tmp_path_factory.mktemp("hostile") / "home"
    there = f"smtp:127.0.0.1:{next_hop.port}"
    told: dict[str, Any] = {"smtp": "127.0.0.1:0", "next_hop": there, "largest_mail": _MIB}
    with opened(home, remember=False, **told) as found:
        # What comes with the first mails is no growth.
        for _ in range(3):
            send(found, mail("ham", 1))
        yield found


def connect(doors: Opened) -> socket.socket:
    host, _, port = doors.address("smtp").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_PATIENCE)


def send(doors: Opened, data: bytes) -> None:
    """Have a client of the standard library send a mail."""
    host, _, port = doors.address("smtp").rpartition(":")
    with smtplib.SMTP(host, int(port), "client.example", timeout=_PATIENCE) as client:
        mail = data.replace(b"\n", b"\r\n")
        assert client.sendmail("eve@example.org", ["ada@example.org"], mail) == {}


def begin(client: socket.socket) -> None:
    """Say all that stands before a mail."""
    for line in (b"EHLO x", b"MAIL FROM:<a@b>", b"RCPT TO:<c@d>", b"DATA"):
        client.sendall(line + b"\r\n")
        while client.recv(65_536).split(b"\r\n")[-2][3:4] == b"-":
            pass


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_judged_and_delivered(name: str, doors: Opened, next_hop: Sink) -> None:
    with bounded(doors):
        send(doors, BOMBS[name])
    assert next_hop.head.startswith(b"X-Chaffinch-Status: ")
    sent = BOMBS[name].replace(b"\n", b"\r\n").removesuffix(b"\r\n") + b"\r\n.\r\n"
    assert next_hop.tail.endswith(sent[-1000:])


def test_mails_of_hundred_megabytes_are_not_held(doors: Opened, next_hop: Sink) -> None:
    before = len(doors.events("unjudged"))
    forged, head = b"X-Spam-Flag: NO\r\n", b"Subject: 4U\r\n\r\n"
    piece = b"free money\r\n" * 87_000
    with bounded(doors), connect(doors) as client:
        assert client.recv(1000).startswith(b"220 chaffinch ESMTP ")
        for _ in range(2):
            begin(client)
            client.sendall(forged + head)
            for _ in range(100):
                client.sendall(piece)
            client.sendall(b".\r\n")
            assert client.recv(1000) == b"250 ok\r\n"
            assert next_hop.head.startswith(head)
            assert next_hop.size == len(head) + 100 * len(piece) + 3
            send(doors, mail("ham", 1))
    told = doors.events("unjudged")[before:]
    assert [line["reason"] for line in told] == [f"it is larger than {_MIB << 20} bytes"] * 2


def test_who_never_ends_is_in_nobodys_way(doors: Opened, next_hop: Sink) -> None:
    with bounded(doors), ExitStack() as held:
        for number in range(120):
            client = held.enter_context(connect(doors))
            client.recv(1000)
            # It may be sent away before it has said all.
            with suppress(OSError):
                if number % 4:
                    client.sendall(b"MAIL FROM:<" + b"x" * 4000)
                if number % 4 > 1:
                    client.sendall(b">\r\n" * 3)
                if number % 4 > 2:
                    client.sendall(b"EHLO x\r\n")
                    client.shutdown(socket.SHUT_WR)
        half = [held.enter_context(connect(doors)) for _ in range(30)]
        for client in half:
            client.recv(1000)
            begin(client)
            client.sendall(b"Subject: never\r\n\r\n" + b"x" * 200_000)
        before = next_hop.taken
        for number in range(5):
            send(doors, mail("ham", number))
            assert next_hop.head.startswith(b"X-Chaffinch-Status: ")
        assert next_hop.taken == before + 5
    # What was not ended was not delivered, whoever went away.
    doors.until(lambda: len(gone(doors)) >= 30, "they are told of")
    assert next_hop.taken == before + 5


def gone(doors: Opened) -> list[object]:
    return [line for line in doors.events("gone") if line["door"] == "smtp"]
