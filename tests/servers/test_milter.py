"""The milter door, at its socket, with a mail server that says what the test wants it to."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from chaffinch.errors import ModelError
from chaffinch.servers import door as door_module
from chaffinch.servers import milter as milter_module
from chaffinch.servers.milter import Milter
from chaffinch.servers.milter_protocol import go_on, packet, refuse
from doors import Served, closed, served

HEADERS = ((b"From", b" a@example.org"), (b"x-spam-flag", b" NO"), (b"Subject", b" 4U"))
BODY = b"free \xff\0\r\n.\r\nmoney"
MAIL = b"From: a@example.org\r\nx-spam-flag: NO\r\nSubject: 4U\r\n\r\n" + BODY
OPTIONS = packet(b"O", struct.pack(">3I", 6, 0x1FF, 0x1FFFFF))
LATER = refuse(451, "4.7.1 It cannot be judged now: try again later")
STRIPPED = packet(b"m", b"\0\0\0\1x-spam-flag\0\0")


def handed(
    *before: bytes, subject: bytes = b" 4U", body: bytes = BODY, queue: bytes = b"4F2A"
) -> bytes:
    """Return how a server hands over a mail."""
    packets = [packet(b"D", b"M"), packet(b"M", b"<eve@example.org>\0"), *before]
    for name, value in (*HEADERS[:-1], (b"Subject", subject)):
        packets.append(packet(b"L", name + b"\0" + value + b"\0"))
    packets += [packet(b"B", body[at : at + 65_535]) for at in range(0, len(body), 65_535)]
    return b"".join([*packets, packet(b"D", b"Ei\x004F2A\0"), packet(b"E")])


@dataclass
class Server:
    """A mail server's connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def packet(self) -> tuple[bytes, bytes]:
        length = int.from_bytes(await self.reader.readexactly(4))
        data = await self.reader.readexactly(length)
        return data[:1], data[1:]

    async def answer(self) -> list[tuple[bytes, bytes]]:
        """Return all packets up to the one that decides."""
        found = [await self.packet()]
        while found[-1][0] not in b"cyO":
            found.append(await self.packet())
        return found

    async def hand(self, mail: bytes) -> list[tuple[bytes, bytes]]:
        self.writer.write(mail)
        return await self.answer()


@asynccontextmanager
async def connected(to: Served) -> AsyncIterator[Server]:
    reader, writer = await asyncio.open_connection(*to.address)
    server = Server(reader, writer)
    try:
        writer.write(OPTIONS)
        await server.answer()
        yield server
    finally:
        await closed(writer)


def serving(
    work: Callable[[Served], Awaitable[None]],
    door: Milter | None = None,
    *,
    users: str = "one",
    largest: int = 10_000,
) -> Served:
    return served(door or Milter(), work, users=users, largest=largest)


def answered(mail: bytes, door: Milter | None = None) -> list[tuple[bytes, bytes]]:
    """Return what a server is told of a mail."""
    found = []

    async def work(served: Served) -> None:
        async with connected(served) as server:
            found.extend(await server.hand(mail))

    serving(work, door)
    return found


def as_bytes(answer: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(packet(*one) for one in answer)


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_mail_is_tagged_and_stays_as_it_is() -> None:
    stripped, *tags, last = answered(handed())
    assert packet(*stripped) == STRIPPED
    assert last == (b"c", b"")
    # Nothing but headers is touched, and what comes first is put on top last.
    assert {command for command, _ in tags} == {b"i"}
    assert tags[-1] == (b"i", b"\0\0\0\0X-Chaffinch-Status\0 spam\0")
    assert (b"i", b"\0\0\0\0X-Spam-Flag\0 YES\0") in tags
    assert (b"i", b"\0\0\0\0X-Chaffinch-Reasons\0 subject '4U' +1.00\0") in tags


def test_what_is_judged_is_the_mail() -> None:
    async def work(served: Served) -> None:
        async with connected(served) as server:
            await server.hand(handed())
        assert served.desk.asked == [("judge", MAIL, "", "milter", None)]

    serving(work)


def test_junk_is_refused_where_that_is_wished() -> None:
    assert answered(handed(), Milter("reject")) == [
        (b"y", b"550 5.7.1 Not taken: it looks like junk (52f7)\0")
    ]
    assert answered(handed(subject=b" lunch"), Milter("reject"))[-1] == (b"c", b"")


def test_junk_is_set_aside_where_that_is_wished() -> None:
    *tags, aside, last = answered(handed(), Milter("quarantine"))
    assert (aside, last) == ((b"q", b"junk\0"), (b"c", b""))
    assert (b"i", b"\0\0\0\0X-Chaffinch-Status\0 spam\0") in tags
    kept = answered(handed(subject=b" lunch"), Milter("quarantine"))
    assert b"q" not in {command for command, _ in kept}


def test_many_mails_of_one_connection() -> None:
    async def work(served: Served) -> None:
        async with connected(served) as server:
            for number in range(20):
                subject = b" 4U" if number % 2 else b" lunch"
                answer = await server.hand(handed(subject=subject, body=b"%d" % number))
                status = b" spam" if number % 2 else b" ham"
                assert answer[-2] == (b"i", b"\0\0\0\0X-Chaffinch-Status\0" + status + b"\0")
                server.writer.write(handed().removesuffix(packet(b"E")) + packet(b"A"))
            server.writer.write(packet(b"Q"))
            assert await server.reader.read() == b""
        assert served.count("judged") == 20

    serving(work)


def test_abort_in_the_middle_of_a_mail() -> None:
    async def work(served: Served) -> None:
        async with connected(served) as server:
            server.writer.write(packet(b"M", b"<>\0") + packet(b"B", bytes(9000)) + packet(b"A"))
            await server.hand(handed())
            assert served.house.room_taken == 0
        assert [asked[1] for asked in served.desk.asked] == [MAIL]

    serving(work)


@pytest.mark.parametrize("unjudged", ["pass", "wait"])
@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (ModelError("model file m is missing: go back"), "model file m is missing: go back"),
        (ValueError("free money: 4U"), "ValueError at doors.py:"),
    ],
)
def test_what_cannot_be_judged_passes_or_waits(
    error: Exception, logged: str, unjudged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(served: Served) -> None:
        served.desk.error = error
        async with connected(served) as server:
            answer = as_bytes(await server.hand(handed()))
            assert answer == (LATER if unjudged == "wait" else STRIPPED + go_on())
            # It is the mail's failure, and not the connection's.
            served.desk.error = None
            assert (await server.hand(handed()))[-1] == (b"c", b"")
        assert (served.count("unjudged"), served.count("judged")) == (1, 1)

    serving(work, Milter(unjudged=unjudged))
    first, _ = events(capsys)
    assert (first["event"], first["level"], first["queue"]) == ("unjudged", "warning", "4F2A")
    assert str(first["reason"]).startswith(logged)
    assert "money" not in str(first)


@pytest.mark.parametrize("unjudged", ["pass", "wait"])
def test_a_verdict_that_does_not_come(unjudged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milter_module, "_JUDGING", 0.1)

    async def work(served: Served) -> None:
        served.desk.waits = asyncio.Event()
        async with connected(served) as server:
            answer = as_bytes(await server.hand(handed()))
            assert answer == (LATER if unjudged == "wait" else STRIPPED + go_on())

    serving(work, Milter(unjudged=unjudged))


def test_a_mail_that_is_too_large_passes_untagged_whatever_is_wished(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mail = handed(body=b"4U" * 10_000)
    assert as_bytes(answered(mail, Milter("reject", "wait"))) == STRIPPED + go_on()
    (line,) = events(capsys)
    assert (line["event"], line["reason"]) == ("unjudged", "it is larger than 10000 bytes")


def test_mail_of_who_has_logged_in_is_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    mail = packet(b"D", b"M{auth_authen}\0ada\0") + handed().removeprefix(packet(b"D", b"M"))
    assert as_bytes(answered(mail, Milter("reject"))) == STRIPPED + go_on()
    (line,) = events(capsys)
    assert (line["event"], line["level"]) == ("passed", "info")


def test_too_many_forged_headers_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    forged = packet(b"L", b"X-Chaffinch-Status\0 ham\0") * 1001
    ((command, said),) = answered(handed(forged))
    assert command == b"y"
    assert said.startswith(b"550 5.7.1 ")
    assert events(capsys)[0]["event"] == "refused"


@pytest.mark.parametrize(
    ("users", "recipients", "owner"),
    [
        ("one", [b"<ada@example.org>"], ""),
        # Who asks over TCP is not known, so that nobody's taste is shown.
        ("checked", [b"<ada@example.org>"], ""),
        ("believed", [b"<Ada@Example.org>"], "ada@example.org"),
        ("believed", [b"<ada@example.org>", b"<bob@example.org>"], ""),
        ("believed", [b"<ada lovelace@example.org>"], ""),
        ("believed", [], ""),
    ],
)
def test_whose_taste_judges(users: str, recipients: list[bytes], owner: str) -> None:
    async def work(served: Served) -> None:
        async with connected(served) as server:
            await server.hand(handed(*(packet(b"R", one + b"\0") for one in recipients)))
        assert served.desk.asked[0][2] == owner

    serving(work, users=users)


def test_the_log_holds_the_queue_id_and_nothing_of_the_mail(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answered(handed())
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["queue"], told["bytes"]) == ("judged", "4F2A", len(MAIL))
    assert "4U" not in line
    assert "example.org" not in line


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xff\xff\xffB",
        packet(b"E"),
        OPTIONS + OPTIONS,
        OPTIONS + packet(b"B", b"x"),
        OPTIONS + packet(b"M") + packet(b"L", b"x"),
        packet(b"O", struct.pack(">3I", 6, 0, 0)),
    ],
)
def test_what_is_not_the_protocol_is_one_line_of_the_log(
    data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(served: Served) -> None:
        async with connected(served) as other:
            await served.ask(data, end=False)
            assert len(await other.hand(handed())) > 1
        assert served.count("invalid") == 1

    serving(work)
    (bad,) = (line for line in events(capsys) if line["level"] != "info")
    assert (bad["event"], bool(bad["reason"])) == ("invalid", True)


def test_silent_and_slow_servers_go_and_others_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milter_module, "PATIENCE", 3.0)
    monkeypatch.setattr(milter_module, "_COMING_IN", 3.0)

    async def work(served: Served) -> None:
        silent = [await asyncio.open_connection(*served.address) for _ in range(20)]
        slow = [await asyncio.open_connection(*served.address) for _ in range(20)]

        async def drip(writer: asyncio.StreamWriter) -> None:
            writer.write(OPTIONS)
            for byte in handed():
                writer.write(bytes([byte]))
                await asyncio.sleep(0.1)

        async def one() -> None:
            async with connected(served) as server:
                assert len(await server.hand(handed())) > 1

        drips = [asyncio.create_task(drip(writer)) for _, writer in slow]
        await asyncio.gather(*(one() for _ in range(64)))
        for reader, writer in silent:
            assert await reader.read() == b""
            await closed(writer)
        while served.count("timeout") < 40:
            await asyncio.sleep(0.01)
        for task in drips:
            task.cancel()
        for _, writer in slow:
            await closed(writer)
        assert served.count("judged") == 64

    serving(work)


def test_between_mails_a_server_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milter_module, "PATIENCE", 1.5)

    async def work(served: Served) -> None:
        async with connected(served) as server:
            server.writer.write(packet(b"M", b"<eve@example.org>\0"))
            await asyncio.sleep(2.0)
            assert len(await server.hand(handed())) > 1
        assert served.count("timeout") == 0

    serving(work)


def test_a_server_that_goes_away_harms_nobody() -> None:
    async def work(served: Served) -> None:
        async with connected(served) as server:
            server.writer.write(handed()[:-20])
            await server.writer.drain()
            server.writer.transport.abort()
        async with connected(served) as server:
            server.writer.write(handed()[:-20])
            server.writer.write_eof()
            assert await server.reader.read() == b""
        while served.count("gone") < 2:
            await asyncio.sleep(0.01)
        async with connected(served) as server:
            assert len(await server.hand(handed())) > 1

    serving(work)


@pytest.mark.parametrize("unjudged", ["pass", "wait"])
def test_where_there_is_no_room_the_mail_passes_or_waits(
    unjudged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "MOST_BYTES", 150_000)

    async def work(served: Served) -> None:
        served.desk.waits = asyncio.Event()
        large = handed(body=bytes(100_000))
        async with connected(served) as one, connected(served) as other:
            one.writer.write(large)
            while not served.desk.asked:
                await asyncio.sleep(0.01)
            answer = as_bytes(await other.hand(large))
            assert answer == (LATER if unjudged == "wait" else STRIPPED + go_on())
            served.desk.waits.set()
            assert (await one.answer())[-1] == (b"c", b"")
            assert len(await other.hand(large)) > 2
        assert (served.count("unjudged"), served.count("judged")) == (1, 2)

    serving(work, Milter(unjudged=unjudged), largest=200_000)
