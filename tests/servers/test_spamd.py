"""The spamd door, at its socket, with a desk that judges as the test wants it."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chaffinch.errors import InputError, ModelError
from chaffinch.servers import door as door_module
from chaffinch.servers.spamd import Spamd
from doors import Served, closed, served

MAIL = b"From: a@example.org\r\nX-Spam-Flag: NO\r\nSubject: 4U\r\n\r\nfree \xff\0\n.\r\nmoney"
TOLD = MAIL.replace(b"X-Spam-Flag: NO\r\n", b"")


def serving(work: Callable[[Served], Awaitable[None]], users: str = "believed") -> Served:
    return served(Spamd(), work, users=users)


def request(command: str, *headers: str, mail: bytes = MAIL) -> bytes:
    lines = [f"{command} SPAMC/1.5", *headers, f"Content-length: {len(mail)}", "", ""]
    return "\r\n".join(lines).encode() + mail


def parted(answer: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    if "Content-length" in headers:
        assert int(headers["Content-length"]) == len(body)
    return first, headers, body


def answered(data: bytes, **options: Any) -> tuple[str, dict[str, str], bytes]:
    found = []

    async def work(served: Served) -> None:
        found.append(await served.ask(data, **options))

    serving(work)
    return parted(found[0])


SPAM = {"Spam": "True ; 7.000 / 4.600"}


@pytest.mark.parametrize("end", [True, False])
def test_check_tells_the_verdict_alone(end: bool) -> None:
    # Some clients keep their side open until they have the answer.
    assert answered(request("CHECK"), end=end) == ("SPAMD/1.5 0 EX_OK", SPAM, b"")


def test_process_gives_the_mail_back_byte_for_byte() -> None:
    first, headers, body = answered(request("PROCESS"))
    assert (first, headers["Spam"]) == ("SPAMD/1.5 0 EX_OK", SPAM["Spam"])
    assert body.endswith(TOLD)
    assert body.startswith(b"X-Chaffinch-Status: spam\r\n")
    assert b"X-Spam-Flag: YES\r\n" in body
    assert b"X-Chaffinch-Reasons: subject '4U' +1.00\r\n" in body


def test_headers_gives_what_stands_before_the_body() -> None:
    whole = answered(request("PROCESS"))[2]
    block = answered(request("HEADERS"))[2]
    assert block + TOLD.partition(b"\r\n\r\n")[2] == whole


@pytest.mark.parametrize(
    ("command", "mail", "body"),
    [
        ("SYMBOLS", MAIL, b"CHAFFINCH_SPAM"),
        ("SYMBOLS", b"Subject: lunch\n\n", b"CHAFFINCH_HAM"),
        ("REPORT_IFSPAM", b"Subject: lunch\n\n", b""),
    ],
)
def test_what_is_said_of_it(command: str, mail: bytes, body: bytes) -> None:
    assert answered(request(command, mail=mail))[2] == body


@pytest.mark.parametrize("command", ["REPORT", "REPORT_IFSPAM"])
def test_a_report_says_why(command: str) -> None:
    body = answered(request(command))[2].decode()
    assert body.startswith("Chaffinch: spam, probability of spam 0.9000, action junk\n")
    assert "subject  '4U'" in body


def test_a_compressed_mail_is_judged_as_itself() -> None:
    async def work(served: Served) -> None:
        await served.ask(request("CHECK", "Compress: zlib", mail=zlib.compress(MAIL)))
        assert served.desk.asked[0][1] == MAIL

    serving(work)


def test_reasons_are_looked_for_only_where_they_are_seen() -> None:
    async def work(served: Served) -> None:
        for command in ("CHECK", "SYMBOLS", "PROCESS", "REPORT"):
            await served.ask(request(command))
        # Of headers the desk knows how many reasons they tell.
        assert [asked[-1] for asked in served.desk.asked] == [0, 0, None, 20]

    serving(work)


def test_users_are_owners() -> None:
    async def work(served: Served) -> None:
        await served.ask(request("CHECK", "User: ada"))
        await served.ask(request("TELL", "User: ada", "Message-class: ham", "Set: local"))
        assert served.desk.asked[0][2:4] == ("ada", "spamd")
        assert served.desk.asked[1] == ("teach", MAIL, "ham", "ada", "ada", "spamd")

    serving(work)


@pytest.mark.parametrize("users", ["one", "checked"])
def test_who_is_not_known_teaches_nothing(users: str) -> None:
    async def work(served: Served) -> None:
        tell = request("TELL", "User: ada", "Message-class: ham", "Set: local")
        assert (await served.ask(tell)).startswith(b"SPAMD/1.5 77 ")
        undo = request("TELL", "User: ada", "Remove: local")
        assert (await served.ask(undo)).startswith(b"SPAMD/1.5 77 ")
        await served.ask(request("CHECK", "User: ada"))
        assert [asked[0] for asked in served.desk.asked] == ["judge"]
        assert served.desk.asked[0][2] == ""
        assert (served.count("refused"), served.count("judged")) == (2, 1)

    serving(work, users)


@pytest.mark.parametrize(
    ("headers", "asked", "did"),
    [
        (["Message-class: spam", "Set: local,remote"], "teach", {"DidSet": "local"}),
        (["Remove: local"], "take back", {"DidRemove": "local"}),
        (["Message-class: ham", "Set: local", "Remove: remote"], "teach", {"DidSet": "local"}),
        (["Message-class: spam", "Set: remote"], "", {}),
    ],
)
def test_tell_says_what_was_done(headers: list[str], asked: str, did: dict[str, str]) -> None:
    async def work(served: Served) -> None:
        first, told, _ = parted(await served.ask(request("TELL", *headers)))
        assert first == "SPAMD/1.5 0 EX_OK"
        assert {k: v for k, v in told.items() if k.startswith("Did")} == did
        assert [one[0] for one in served.desk.asked] == ([asked] if asked else [])

    serving(work)


def test_what_is_known_already_is_no_refusal() -> None:
    async def work(served: Served) -> None:
        tell = request("TELL", "Message-class: spam", "Set: local")
        answers = [parted(await served.ask(tell)) for _ in range(2)]
        assert [first for first, _, _ in answers] == ["SPAMD/1.5 0 EX_OK"] * 2
        assert ["DidSet" in told for _, told, _ in answers] == [True, True]
        assert (served.count("taught"), served.count("answered")) == (1, 1)

    serving(work)


def test_nothing_to_take_back() -> None:
    async def work(served: Served) -> None:
        served.desk.error = InputError("item 52f7 has no flag to take back")
        _, told, _ = parted(await served.ask(request("TELL", "Remove: local")))
        assert "DidRemove" not in told
        assert served.count("answered") == 1

    serving(work)


def test_a_class_that_is_none() -> None:
    first, _, _ = answered(request("TELL", "Message-class: eggs", "Set: local"))
    assert first.startswith("SPAMD/1.5 76 Message-class")


@pytest.mark.parametrize("end", [True, False])
def test_ping(end: bool) -> None:
    async def work(served: Served) -> None:
        answer = await served.ask(b"PING SPAMC/1.5\r\n\r\n", end=end)
        assert answer == b"SPAMD/1.5 0 PONG\r\n"
        assert served.count("answered") == 1

    serving(work)


def test_skip_and_nothing_at_all() -> None:
    async def work(served: Served) -> None:
        assert await served.ask(b"SKIP SPAMC/1.5\r\n\r\n") == b""
        assert await served.ask(b"") == b""
        assert served.count("invalid") == 0

    serving(work)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"76"),
        (request("CHECK")[:-1], b"76"),
        (request("PROCESS") + b"and more", b"76"),
        (b"CHECK SPAMC/1.5\r\nContent-length: 10001\r\n\r\n", b"65"),
        (request("CHECK", "User: a b"), b"77"),
        (request("CHECK", "Compress: zlib", mail=zlib.compress(bytes(10**6))), b"65"),
    ],
)
def test_what_cannot_be_answered_is_one_line_of_the_log(
    data: bytes, code: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(served: Served) -> None:
        assert (await served.ask(data)).startswith(b"SPAMD/1.5 " + code + b" ")
        assert (await served.ask(request("CHECK"))).startswith(b"SPAMD/1.5 0 ")

    serving(work)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (bad,) = (line for line in lines if line["level"] != "info")
    assert bad["event"] in ("invalid", "refused")
    assert bad["reason"]


@pytest.mark.parametrize(
    ("error", "code", "logged"),
    [
        (ModelError("model file m is missing: go back"), b"75", "model file m is missing: go back"),
        (ValueError("free money: 4U"), b"70", "ValueError at doors.py:"),
    ],
)
def test_a_failure_is_told_without_the_mail(
    error: Exception, code: bytes, logged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(served: Served) -> None:
        served.desk.error = error
        answer = await served.ask(request("PROCESS"))
        assert answer.startswith(b"SPAMD/1.5 " + code + b" ")
        assert b"money" not in answer
        assert served.count("failed") == 1

    serving(work)
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "failed"
    assert json.loads(line)["reason"].startswith(logged)
    assert "money" not in line


def test_what_would_be_done_is_counted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(served: Served) -> None:
        served.desk.log_only = True
        first, told, _ = parted(await served.ask(request("CHECK")))
        assert first == "SPAMD/1.5 0 EX_OK"
        # Exim looks at the two numbers alone.
        said, score, limit = re.split(" [;/] ", told["Spam"])
        assert (said, float(score) < float(limit)) == ("False", True)

    served = serving(work)
    labels = {"door": "spamd", "action": "deliver", "would_be": "junk"}
    assert served.house.counters.total("verdicts_total", **labels) == 1
    assert labels.items() <= json.loads(capsys.readouterr().err).items()
    told = 'chaffinch_verdicts_total{door="spamd",action="deliver",would_be="junk"} 1\n'
    assert told in served.house.counters.text()


def test_the_log_holds_nothing_of_the_mail(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(served: Served) -> None:
        await served.ask(request("PROCESS"))

    serving(work)
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["action"], told["bytes"]) == ("judged", "junk", len(MAIL))
    assert "4U" not in line
    assert "example.org" not in line


def test_slow_and_silent_clients_go_and_others_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chaffinch.servers import spamd

    monkeypatch.setattr(spamd, "PATIENCE", 0.3)

    async def work(served: Served) -> None:
        silent = [await asyncio.open_connection(*served.address) for _ in range(20)]
        slow = [await asyncio.open_connection(*served.address) for _ in range(20)]
        for _, writer in slow:
            writer.write(request("CHECK")[:40])
        # Meanwhile, 64 at a time.
        answers = await asyncio.gather(*(served.ask(request("CHECK")) for _ in range(64)))
        assert all(answer.startswith(b"SPAMD/1.5 0 ") for answer in answers)
        for reader, writer in [*silent, *slow]:
            assert (await reader.read()).startswith(b"SPAMD/1.5 79 ")
            await closed(writer)
        assert served.count("timeout") == 40
        assert served.count("judged") == 64

    serving(work)


def test_a_client_that_goes_away_harms_nobody() -> None:
    async def work(served: Served) -> None:
        served.desk.waits = asyncio.Event()
        _, writer = await asyncio.open_connection(*served.address)
        writer.write(request("PROCESS", mail=MAIL + bytes(9000)))
        while not served.desk.asked:
            await asyncio.sleep(0.01)
        writer.transport.abort()
        await closed(writer)
        served.desk.waits.set()
        assert (await served.ask(request("CHECK"))).startswith(b"SPAMD/1.5 0 ")

    serving(work)


def test_there_is_room_for_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "MOST_CONNECTIONS", 3)

    async def work(served: Served) -> None:
        served.desk.waits = asyncio.Event()
        waiting = [asyncio.create_task(served.ask(request("CHECK"))) for _ in range(3)]
        while len(served.desk.asked) < 3:
            await asyncio.sleep(0.01)
        assert await served.ask(b"PING SPAMC/1.5\r\n\r\n") == b""
        served.desk.waits.set()
        answers = await asyncio.gather(*waiting)
        assert all(answer.startswith(b"SPAMD/1.5 0 ") for answer in answers)
        assert served.count("refused") == 1

    serving(work)


def test_there_is_room_for_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "MOST_BYTES", 12_000)

    async def work(served: Served) -> None:
        served.desk.waits = asyncio.Event()
        large = request("CHECK", mail=bytes(9000))
        first = asyncio.create_task(served.ask(large))
        while not served.desk.asked:
            await asyncio.sleep(0.01)
        second = await served.ask(large)
        assert b"room for mails is in use" in second
        served.desk.waits.set()
        assert (await first).startswith(b"SPAMD/1.5 0 ")
        assert (await served.ask(large)).startswith(b"SPAMD/1.5 0 ")

    serving(work)


def test_stopping_finishes_what_was_begun() -> None:
    async def work(served: Served) -> None:
        served.desk.waits = asyncio.Event()
        begun = asyncio.create_task(served.ask(request("CHECK")))
        while not served.desk.asked:
            await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_later(0.1, served.desk.waits.set)
        served.desk.asked.append(("begun", begun))

    done = serving(work)
    assert done.count("judged") == 1
