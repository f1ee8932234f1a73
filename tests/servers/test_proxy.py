"""The proxy's doors at their sockets: what they pass on, judge and acknowledge."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.errors import ModelError, UsageError
from chaffinch.servers import caller, next_hop, passing
from chaffinch.servers import door as door_module
from chaffinch.servers.plan import Plan
from proxied import Proxied, proxied
from scripted_hop import ScriptedHop

HEAD = b"From: a@example.org\r\nX-Spam-Flag: NO\r\nSubject: lunch\r\n\r\n"
BODY = b"Hi\r\n..\r\n..dots\r\n\r\n\0\xff\r and " + b"x" * 3000 + b"\r\n"
MAIL = HEAD + BODY
CLEAN = MAIL.replace(b"X-Spam-Flag: NO\r\n", b"")
JUNK = b"Subject: 4U\r\n\r\nfree\r\n"


def tagged(sent: bytes, mail: bytes, status: bytes = b"ham") -> bool:
    """Tell whether what was sent is the mail with its verdict on top, and the final dot."""
    return sent.startswith(b"X-Chaffinch-Status: " + status) and sent.endswith(mail + b".\r\n")


def test_a_mail_goes_on_with_its_verdict_and_every_byte() -> None:
    async def work(served: Proxied) -> None:
        assert await served.send(MAIL) == ["250 2.0.0 taken"]
        assert tagged(served.hop.mails[0], CLEAN)
        assert b"X-Spam-Flag" not in served.hop.mails[0]
        # It is judged as it was written, not as it was sent.
        assert served.desk.asked[0][1] == MAIL.replace(b"\r\n.", b"\r\n")
        assert served.count("judged") == 1

    proxied(work)


def test_what_the_next_hop_says_is_passed_on_and_so_is_what_it_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hop = ScriptedHop(
        answers={
            "RCPT TO:<nobody@example.org> NOTIFY=NEVER ORCPT=rfc822;NoBody@example.org": (
                b"550-5.1.1 no\r\n550 5.1.1 such user\r\n"
            ),
            "end": b"250 2.0.0 queued as 4711\r\n",
        }
    )

    async def work(served: Proxied) -> None:
        talk = await served.open()
        assert await talk.hear() == "220 chaffinch ESMTP"
        assert await talk.say("EHLO client.example") == (
            "250-chaffinch\n250-PIPELINING\n250-8BITMIME\n250-SMTPUTF8\n250-DSN\n"
            "250-XFORWARD NAME ADDR\n250 SIZE 1000000"
        )
        lines = [
            "XFORWARD NAME=[UNAVAILABLE] ADDR=192.0.2.1 IDENT=4F1B2C",
            "MAIL FROM:<A@b.example> RET=HDRS ENVID=QqQ SIZE=10 BODY=8BITMIME",
            'RCPT TO:<"a>b"@example.org>',
            "RCPT TO:<nobody@example.org> NOTIFY=NEVER ORCPT=rfc822;NoBody@example.org",
        ]
        # At once, as the door lets clients do.
        assert await talk.say(*lines, "DATA") == (
            "250 2.0.0 yes\n250 2.0.0 yes\n250 2.0.0 yes\n550-5.1.1 no\n550 5.1.1 such user\n"
            "354 end with <CR><LF>.<CR><LF>"
        )
        assert await talk.end(MAIL) == ["250 2.0.0 queued as 4711"]
        assert served.hop.lines == ["EHLO client.example", *lines, "DATA"]
        assert await talk.say("RSET", "QUIT") == "250 2.0.0 yes\n221 2.0.0 bye"
        assert await talk.hear() == ""
        await served.until(lambda: served.hop.lines[-2:] == ["RSET", "QUIT"])

    proxied(work, hop)
    judged, passed = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (judged["event"], judged["queue"]) == ("judged", "4F1B2C")
    assert (passed["event"], passed["queue"]) == ("passed on", "4F1B2C")
    assert (passed["item"], passed["queued_as"]) == (judged["item"], "4711")
    assert not {"A@b.example", "a>b"} & {*f"{judged} {passed}".split("'")}, "and no address"


def test_a_next_hop_that_knows_no_extension_is_asked_for_none() -> None:
    hop = ScriptedHop(answers={"EHLO": b"502 5.5.1 what?\r\n"})

    async def work(served: Proxied) -> None:
        talk = await served.open()
        await talk.hear()
        assert await talk.say("EHLO x") == "250-chaffinch\n250 PIPELINING"
        assert served.hop.lines == ["EHLO x", "HELO x"]

    proxied(work, hop)


def test_lmtp_answers_for_each_recipient() -> None:
    replies = [b"250 2.0.0 ada has it\r\n", b"452 4.2.2 full\r\n", b"550-5.2.0 no\r\n550 never\r\n"]
    hop = ScriptedHop("lmtp", {"end": b"".join(replies)})

    async def work(served: Proxied) -> None:
        names = ["ada@example.org", "bob@example.org", "eve@example.org"]
        assert await served.send(MAIL, *names) == [
            "250 2.0.0 ada has it",
            "452 4.2.2 full",
            "550-5.2.0 no\n550 never",
        ]
        assert len(served.hop.mails) == 1
        assert served.hop.count("LHLO") == 1

    proxied(work, hop, name="lmtp")


def test_lmtp_to_smtp_tells_each_recipient_the_one_answer() -> None:
    async def work(served: Proxied) -> None:
        assert await served.send(MAIL, "a@example.org", "b@example.org") == ["250 2.0.0 taken"] * 2
        assert served.hop.count("EHLO") == 1

    proxied(work, name="lmtp")


def test_several_mails_go_by_one_connection(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(served: Proxied) -> None:
        talk = await served.open()
        assert await talk.begin() == "354 end with <CR><LF>.<CR><LF>"
        for number in range(5):
            mail = b"Subject: %d\r\n\r\n" % number
            assert await talk.end(mail) == ["250 2.0.0 taken"]
            assert tagged(served.hop.mails[-1], mail)
            ident = ["XFORWARD IDENT=4F1B2C"] if number == 2 else []
            await talk.say(*ident, "MAIL FROM:<>", "RCPT TO:<a@example.org>", "DATA")
        assert served.hop.connections == 1

    proxied(work)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["queue"] for one in told if one["event"] == "judged"] == ["", "", "", "4F1B2C", ""]


@pytest.mark.parametrize("name", ["smtp", "lmtp"])
def test_junk_is_refused_where_that_is_wanted(name: str) -> None:
    async def work(served: Proxied) -> None:
        answers = await served.send(JUNK, "a@example.org", "b@example.org")
        assert answers == ["550 5.7.1 refused as junk: 52f7"] * (2 if name == "lmtp" else 1)
        assert not served.hop.mails
        assert served.hop.count("DATA") == 0
        await served.until(lambda: served.hop.count("RSET"))
        assert (await served.send(MAIL))[0].startswith("250 ")

    proxied(work, name=name, junk="reject")


def test_junk_goes_on_with_its_verdict_by_default() -> None:
    async def work(served: Proxied) -> None:
        assert await served.send(JUNK) == ["250 2.0.0 taken"]
        assert tagged(served.hop.mails[0], JUNK, b"spam")
        assert b"\r\nX-Spam-Flag: YES\r\n" in served.hop.mails[0]

    proxied(work)


@pytest.mark.parametrize("error", [ModelError("no model"), ValueError("free money: 4U")])
def test_what_cannot_be_judged_goes_on_untagged(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    async def work(served: Proxied) -> None:
        served.desk.error = error
        assert await served.send(MAIL) == ["250 2.0.0 taken"]
        assert served.hop.mails == [CLEAN + b".\r\n"], "and without forged headers"
        assert served.count("unjudged") == 1

    proxied(work)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in told] == ["unjudged", "passed on"]
    assert "money" not in str(told)


def test_what_cannot_be_judged_waits_where_that_is_wanted() -> None:
    async def work(served: Proxied) -> None:
        served.desk.error = ModelError("no model")
        answers = await served.send(MAIL, "a@example.org", "b@example.org")
        assert answers == ["451 4.3.0 it cannot be judged now: try again"] * 2
        assert served.hop.mails == []
        served.desk.error = None
        assert (await served.send(MAIL))[0].startswith("250 ")

    proxied(work, name="lmtp", unjudged="wait")


def test_a_verdict_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passing, "_JUDGING", 0.1)

    async def work(served: Proxied) -> None:
        served.desk.waits = asyncio.Event()
        assert await served.send(MAIL) == ["250 2.0.0 taken"]
        assert served.hop.mails == [CLEAN + b".\r\n"]

    proxied(work)


def test_a_larger_mail_goes_on_unjudged_and_is_not_held() -> None:
    rest = b"line after line\r\n" * 200_000

    async def work(served: Proxied) -> None:
        assert await served.send(HEAD + rest) == ["250 2.0.0 taken"]
        head = HEAD.replace(b"X-Spam-Flag: NO\r\n", b"")
        assert served.hop.mails == [head + rest + b".\r\n"]
        assert served.desk.asked == []

    # What waits must go on although it can never be judged.
    proxied(work, largest=100_000, unjudged="wait")


def test_a_larger_mail_is_no_larger_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is streamed, no more of it is taken from the client than goes to the next hop."""
    hop = ScriptedHop(waits=asyncio.Event())

    async def work(served: Proxied) -> None:
        assert hop.waits
        talk = await served.open()
        await talk.begin()
        sent = 0
        # Until nobody takes more.
        with suppress(TimeoutError):
            while sent < 40_000_000:
                talk.writer.write(bytes(1 << 16))
                sent += 1 << 16
                async with asyncio.timeout(1):
                    await talk.writer.drain()
        assert sent < 30_000_000
        assert served.house.room_taken <= 300_000
        hop.waits.set()
        assert await talk.end(b"\r\n") == ["250 2.0.0 taken"]

    proxied(work, hop)


@pytest.mark.parametrize(("unjudged", "answer"), [("pass", "250"), ("wait", "451 4.3.0 ")])
def test_where_there_is_no_room(
    unjudged: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "MOST_BYTES", 100_000)
    mail = HEAD + b"x" * 170_000 + b"\r\n"

    async def work(served: Proxied) -> None:
        served.desk.waits = asyncio.Event()
        first = asyncio.create_task(served.send(mail[:140_000] + b"\r\n"))
        await served.until(lambda: served.desk.asked)
        (said,) = await served.send(mail)
        assert said.startswith(answer)
        served.desk.waits.set()
        assert (await first)[0].startswith("250 ")
        assert len(served.hop.mails) == 1 + (unjudged == "pass")

    proxied(work, unjudged=unjudged)


def test_what_would_outgrow_the_next_hop_goes_without_its_verdict() -> None:
    hop = ScriptedHop(can=(f"SIZE {len(MAIL)}",))

    async def work(served: Proxied) -> None:
        assert await served.send(MAIL) == ["250 2.0.0 taken"]
        assert served.hop.mails == [CLEAN + b".\r\n"]

    proxied(work, hop)


def owner_asked(users: str, *recipients: str) -> str:
    async def work(served: Proxied) -> None:
        await served.send(MAIL, *recipients)

    asked = proxied(work, users=users, name="lmtp", hop=ScriptedHop("lmtp")).desk.asked
    return str(asked[0][2])


def test_each_is_judged_by_their_own_taste_where_that_is_known() -> None:
    assert owner_asked("believed", "Ada@example.org") == "ada@example.org"
    # One verdict goes to several, so it is nobody's alone.
    assert owner_asked("believed", "ada@example.org", "bob@example.org") == ""
    # Over TCP it is not known who speaks, and it may not choose a taste.
    assert owner_asked("checked", "ada@example.org") == ""
    assert owner_asked("one", "ada@example.org") == ""
    # What is no name of a user has the mail judged all the same.
    assert owner_asked("believed", "a" * 300 + "@example.org") == ""
    assert owner_asked("believed", '"a b"@example.org') == ""


# ---- the next hop


@pytest.mark.parametrize("name", ["smtp", "lmtp"])
def test_a_next_hop_that_is_down_is_waited_for(name: str) -> None:
    async def work(served: Proxied) -> None:
        door = served.hop.where
        object.__setattr__(door, "port", 1)
        talk = await served.open()
        await talk.hear()
        assert (await talk.say("LHLO x" if name == "lmtp" else "EHLO x")).startswith("421 4.4.1 ")
        assert await talk.hear() == ""
        assert served.count("deferred") == 1

    proxied(work, name=name)


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("greeting", b"554 no mail here\r\n"),
        ("greeting", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("greeting", None),
        ("EHLO", b"421 busy\r\n"),
        ("EHLO", b"451 busy\r\n"),
        ("EHLO", None),
        ("MAIL", b"421 4.3.2 going down\r\n"),
        ("MAIL", None),
        ("MAIL", b"354 go on\r\n"),
        ("MAIL", b"250 ok\r\n250 twice\r\n"),
        ("RCPT", b"\xff\xfe\x00 what?\r\n"),
        ("RCPT", b"250-a\r\n550 b\r\n"),
        ("RCPT", b"999 x\r\n"),
        ("RCPT", b"250 " + b"x" * 5000 + b"\r\n"),
        ("RCPT", b"250-x\r\n" * 300 + b"250 x\r\n"),
        ("RCPT", None),
        ("DATA", None),
        ("DATA", b"250 what?\r\n"),
        ("DATA", b"354 go on\r\n250 taken, without a look\r\n"),
        ("end", None),
        ("end", b"354 more\r\n"),
        ("end", b"2"),
        ("end", b"421 4.3.2 going down\r\n"),
    ],
)
@pytest.mark.parametrize("name", ["smtp", "lmtp"])
def test_whatever_a_next_hop_does_the_mail_is_kept(
    name: str, stage: str, answer: bytes | None
) -> None:
    """No answer ever says that a mail was taken, or must not be sent again."""
    if name == "lmtp" and stage == "EHLO":
        stage = "LHLO"
    hop = ScriptedHop(name, {stage: answer}, closes_after="end" if answer == b"2" else "")

    async def work(served: Proxied) -> None:
        talk = await served.open()
        hello = "LHLO" if name == "lmtp" else "EHLO"
        await talk.hear()
        said = []
        for line in (f"{hello} x", "MAIL FROM:<a@b>", "RCPT TO:<a@c>", "RCPT TO:<b@c>", "DATA"):
            said.append(await talk.say(line))
            if not said[-1] or said[-1].startswith("421"):
                break
        else:
            said += await talk.end(MAIL, 2 if name == "lmtp" else 1)
            for reply in said[5:]:
                assert reply.startswith(("421 ", "451 ")), said
        assert not any(reply.startswith("5") for reply in said), said
        assert await talk.hear() == ""
        assert served.count("deferred") == 1

    proxied(work, hop, name=name)


@pytest.mark.parametrize("name", ["smtp", "lmtp"])
def test_a_next_hop_that_refuses_the_mail_as_a_whole(name: str) -> None:
    async def work(served: Proxied) -> None:
        answers = await served.send(MAIL, "a@c.example", "b@c.example")
        assert answers == ["554 5.5.1 no valid recipients"] * (2 if name == "lmtp" else 1)

    proxied(work, ScriptedHop(name, {"DATA": b"554 5.5.1 no valid recipients\r\n"}), name=name)


def test_lmtp_recipients_that_were_not_answered_are_sent_again() -> None:
    hop = ScriptedHop("lmtp", {"end": b"250 2.0.0 a has it\r\n"}, closes_after="end")

    async def work(served: Proxied) -> None:
        first, second, third = await served.send(MAIL, "a@c", "b@c", "d@c")
        assert first == "250 2.0.0 a has it"
        assert second.startswith("451 4.4.1 ")
        assert third == second

    proxied(work, hop, name="lmtp")


def test_a_next_hop_that_dies_within_a_mail(capsys: pytest.CaptureFixture[str]) -> None:
    hop = ScriptedHop(dies_at=2_000_000)

    async def work(served: Proxied) -> None:
        (answer,) = await served.send(HEAD + b"x" * 8_000_000 + b"\r\n")
        assert answer.startswith("421 4.4.1 ")
        assert served.hop.mails == []

    proxied(work, hop)
    told = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert told["event"] == "deferred"
    assert re.fullmatch(r"smtp:127.0.0.1:\d+: it went away", told["reason"])


def test_a_next_hop_that_is_silent_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(next_hop, "_ANSWER", 0.2)

    async def work(served: Proxied) -> None:
        talk = await served.open()
        await talk.hear()
        assert (await talk.say("EHLO x")).startswith("250-")
        assert (await talk.say("MAIL FROM:<a@b>")).startswith("421 4.4.1 ")

    proxied(work, ScriptedHop(answers={"MAIL": b""}))
    assert "no answer to a command in 0 seconds" in capsys.readouterr().err


# ---- the client


@pytest.mark.parametrize("stage", range(8))
def test_who_goes_away_before_the_answer_has_sent_nothing(stage: int) -> None:
    """It would send the mail again, and it would come twice."""

    async def work(served: Proxied) -> None:
        served.desk.waits = asyncio.Event()
        talk = await served.open()
        lines = ["EHLO x", "MAIL FROM:<a@b>", "RCPT TO:<a@c>", "RCPT TO:<b@c>", "DATA"]
        for line in lines[: min(stage, 5)]:
            await talk.say(line)
        if stage == 6:
            talk.writer.write(MAIL)
        if stage == 7:
            talk.writer.write(MAIL + b".\r\n")
            await served.until(lambda: served.desk.asked)
        await talk.hang_up()
        served.desk.waits.set()
        assert (await served.send(MAIL))[0].startswith("250 "), "others are served"
        assert served.hop.mails == served.hop.mails[-1:]

    proxied(work)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "500 5.5.2 it begins with no command of SMTP"),
        (b"EHLO x\nMAIL FROM:<a@b>\n", "500 5.5.2 a command ends in LF alone: write CR LF"),
        (b"x" * 5000, "500 5.5.2 a command is longer than 4096 bytes"),
        (b"\r\n", "500 5.5.2 it begins with no command of SMTP"),
        (b"\0\0\0\r\n", "500 5.5.2 it begins with no command of SMTP"),
    ],
)
def test_what_is_no_smtp_is_told_so_and_sent_away(said: bytes, answer: str) -> None:
    async def work(served: Proxied) -> None:
        talk = await served.open()
        await talk.hear()
        talk.writer.write(said)
        assert await talk.hear() == answer
        assert served.hop.connections == 0
        await talk.hang_up()
        await served.until(lambda: served.count("invalid"))

    proxied(work)


def test_commands_out_of_order() -> None:
    async def work(served: Proxied) -> None:
        talk = await served.open()
        await talk.hear()
        for line in ("MAIL FROM:<a@b>", "RCPT TO:<a@b>", "DATA", "LHLO x"):
            assert await talk.say(line) == "503 5.5.1 say EHLO first"
        assert await talk.say("EHLO") == "501 5.5.4 who are you?"
        assert await talk.say("HELO x") == "250 chaffinch"
        assert await talk.say("DATA") == "503 5.5.1 there is no recipient"
        assert await talk.say("STARTTLS") == "500 5.5.1 no such command"
        assert await talk.say("MAIL FROM:<a@b>\rRCPT TO:<c@d>") == "500 5.5.1 no such command"
        assert await talk.say("BDAT 5 LAST") == "500 5.5.1 no such command"
        assert await talk.say("NOOP", "VRFY a") == "250 2.0.0 ok\n252 2.1.5 send some mail and see"
        for _ in range(20 - 9):
            await talk.say("DATA now")
        assert await talk.say("DATA now") == "500 5.5.2 more than 20 commands in vain"
        assert await talk.hear() == ""
        assert served.hop.lines == ["EHLO x"]

    proxied(work)


def test_a_hello_in_between_forgets_what_was_begun() -> None:
    async def work(served: Proxied) -> None:
        talk = await served.open()
        await talk.begin()
        await talk.end(MAIL)
        await talk.say("MAIL FROM:<a@b>", "RCPT TO:<a@c>", "EHLO y")
        assert await talk.say("DATA") == "503 5.5.1 there is no recipient"

    proxied(work)


def test_ten_thousand_recipients() -> None:
    hop = ScriptedHop("lmtp")

    async def work(served: Proxied) -> None:
        talk = await served.open()
        await talk.hear()
        await talk.say("LHLO x", "MAIL FROM:<a@b>")
        lines = [b"RCPT TO:<%d@example.org>\r\n" % number for number in range(10_000)]
        talk.writer.write(b"".join(lines))
        for _ in lines:
            assert (await talk.hear()).startswith("250 ")
        assert (await talk.say("DATA")).startswith("354 ")
        assert await talk.end(MAIL, 10_000) == ["250 2.0.0 taken"] * 10_000

    proxied(work, hop, name="lmtp")


def test_silent_and_slow_clients_go_and_others_are_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "_NEXT", 0.5)
    monkeypatch.setattr(caller, "_MAIL", 1.0)

    async def work(served: Proxied) -> None:
        silent = [await served.open() for _ in range(20)]
        slow = await served.open()
        await slow.begin()
        assert (await served.send(MAIL))[0].startswith("250 ")

        async def drip() -> None:
            while True:
                slow.writer.write(b"x")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert await slow.hear() == "421 4.4.2 that took too long"
        dripping.cancel()
        for talk in silent:
            await talk.hear()
            assert await talk.hear() == "421 4.4.2 that took too long"
            await talk.hang_up()
        await slow.hang_up()
        await served.until(lambda: served.count("timeout") == 21)

    proxied(work)


def test_who_waits_for_nothing_is_sent_away_when_it_stops() -> None:
    async def work(served: Proxied) -> None:
        served.desk.waits = asyncio.Event()
        idle, busy = await served.open(), await served.open()
        await idle.hear()
        await idle.say("EHLO x")
        await busy.begin()
        answers = asyncio.create_task(busy.end(MAIL))
        await served.until(lambda: served.desk.asked)
        served.house.stopping.set()
        assert await idle.hear() == "421 4.3.2 Chaffinch stops: come again"
        late = await served.open()
        assert await late.hear() == "421 4.3.2 Chaffinch stops: come again"
        served.desk.waits.set()
        assert await answers == ["250 2.0.0 taken"]
        assert await busy.hear() == "421 4.3.2 Chaffinch stops: come again"

    proxied(work)


SAID = (
    ("MAIL FROM:<a@b>", "RCPT TO:<a@c>", "DATA"),
    ("RCPT TO:<b@c>", "DATA"),
    *((line,) for line in ("DATA", "RSET", "EHLO y", "HELO y", "MAIL FROM:<>", "RCPT TO:<a@c>")),
    *((line,) for line in ("NOOP", "XFORWARD NAME=x", "VRFY a", "EXPN a", "", "\0", "x y")),
)
ANSWERED = (
    b"250 ok\r\n",
    b"451 later\r\n",
    b"550 no\r\n",
    b"421 bye\r\n",
    b"250-a\r\n250 b\r\n",
    None,
)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(SAID), max_size=15),
    st.just({})
    | st.dictionaries(st.sampled_from(("MAIL", "RCPT", "RSET", "end")), st.sampled_from(ANSWERED)),
    st.sampled_from(("tag", "reject")),
)
def test_whatever_is_said_as_many_mails_are_taken_as_are_acknowledged(
    said: list[tuple[str, ...]], answers: dict[str, bytes | None], junk: str
) -> None:
    hop = ScriptedHop(answers=answers)

    async def work(served: Proxied) -> None:
        talk = await served.open()
        await talk.hear()
        acknowledged = 0
        for line in ("EHLO x", *chain.from_iterable(said)):
            answer = await talk.say(line)
            if not answer or answer.startswith("421"):
                break
            if answer.startswith("354"):
                (answer,) = await talk.end(JUNK if acknowledged % 2 else MAIL)
                acknowledged += answer.startswith("250")
        takes = (answers.get("end", b"250 ok") or b"").startswith(b"250")
        assert acknowledged == (len(served.hop.mails) if takes else 0)

    proxied(work, hop, junk=junk)


# ---- SMTP smuggling


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\n.\r", b"\r\n\0.\r\n", b"\n.\0\n", b"\r\n..\n.\n"]
)
def test_no_mail_is_two_for_a_lenient_next_hop(end: bytes, streamed: bool) -> None:
    second = b"MAIL FROM:<boss@c>\r\nRCPT TO:<d@c>\r\nDATA\r\nSubject: 2\r\n\r\nforged\r\n"
    first = HEAD + b"one\r\n" * (50_000 if streamed else 1)

    async def work(served: Proxied) -> None:
        (answer,) = await served.send(first + b"end" + end + second)
        assert answer == "550 5.5.2 refused: a line ends in CR or LF alone, and a dot follows"
        assert served.hop.mails == []
        for sent in served.hop.cut_off:
            assert b"forged" not in sent

    proxied(work)


@pytest.mark.parametrize("end", [b"\r\n.\n", b"\r\n.\r"])
def test_a_dot_that_is_of_the_transport_is_taken_out_and_ends_nothing(end: bytes) -> None:
    async def work(served: Proxied) -> None:
        assert await served.send(HEAD + end + b"MAIL FROM:<a@b>\r\n") == ["250 2.0.0 taken"]
        assert served.hop.mails[0].endswith(b"\r\n\r\n" + end[-1:] + b"MAIL FROM:<a@b>\r\n.\r\n")

    proxied(work)


def test_what_is_taken_out_leaves_no_end_of_a_mail_behind() -> None:
    """A forged header between a bare LF and a dot kept them apart."""

    async def work(served: Proxied) -> None:
        (answer,) = await served.send(b"A: 1\nX-Spam-Flag: NO\r\n..\r\nMAIL FROM:<a@b>\r\n")
        assert answer.startswith("550 5.5.2 ")
        assert served.hop.mails == []

    proxied(work)


# ---- settings


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('smtp = "127.0.0.1:0"', "smtp needs a next hop, and next_hop = '' is none"),
        ('lmtp = "127.0.0.1:0"\nnext_hop = "127.0.0.1:24"', "it begins with neither smtp: nor"),
        ('lmtp = "127.0.0.1:0"\nnext_hop = "smtp:a b:25"', "there is no host in it"),
        ('lmtp = "127.0.0.1:0"\nnext_hop = "smtp:mx.example:0"', "no port: 0"),
        ('smtp = "127.0.0.1:0"\nnext_hop = "lmtp:unix:/x"', "open the door lmtp instead of smtp"),
        ('smtp = "127.0.0.1:9"\nnext_hop = "smtp:localhost:9"', "mail would go round for ever"),
        ('smtp = "[::1]:9"\nnext_hop = "smtp:localhost:9"', "mail would go round for ever"),
        ('smtp = "0.0.0.0:9"\nnext_hop = "smtp:127.0.0.1:9"', "mail would go round for ever"),
        ('lmtp = "unix:/a/b"\nnext_hop = "lmtp:unix:/a/b"', "mail would go round for ever"),
        ('lmtp = "127.0.0.1:9"\njunk = "quarantine"', "is for milters alone: with the door lmtp"),
        ('smtp = "127.0.0.1:9"\nunjudged = "drop"', "'drop' cannot be read"),
    ],
)
def test_settings_that_cannot_be(home: Path, lines: str, said: str) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(lines, encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(said)):
        Plan.read(home)


def test_what_the_end_cuts_off_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "_FAREWELL", 0.05)
    hop = ScriptedHop(answers={"end": b""})

    async def work(served: Proxied) -> None:
        talk = await served.open()
        await talk.hear()
        for line in ("EHLO a.example", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA"):
            await talk.say(line)
        talk.writer.write(b"Subject: lunch\r\n\r\nHi\r\n.\r\n")
        while not hop.mails:
            await asyncio.sleep(0.01)

    assert proxied(work, hop).count("cut off") == 1
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (mail,) = (one for one in told if one["event"] == "not acknowledged")
    assert mail["item"] == "52f7"
    assert "it may come twice" in mail["reason"]
    (visit,) = (one for one in told if one["event"] == "cut off")
    assert visit["reason"] == "serve stops before it was over"
