"""What SMTP says, in pieces of any size: nothing is lost, added, or taken for what it is not."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.readers.mail import strip_own_headers
from chaffinch.servers.faults import DeferredError, InvalidError
from chaffinch.servers.marks import marked
from chaffinch.servers.smtp_protocol import (
    Client,
    Command,
    Replies,
    Reply,
    SmugglingError,
    Stuffing,
)
from chaffinch.types import Policy, Reason, Verdict

PIECES = (
    b"\r\n",
    b"\r",
    b"\n",
    b".",
    b"..",
    b"\0",
    b"a",
    b"X-Spam-Flag: NO\r\n",
    b"A: 1\n",
    b"\xff",
)
#: Mails as SMTP knows them: whatever is in them, their last line ends.
mails = st.lists(st.sampled_from(PIECES) | st.binary(max_size=5), max_size=30).map(
    lambda pieces: b"".join([*pieces, b"\r\n"])
)
cuts = st.lists(st.integers(0, 60), max_size=6)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = [0, *sorted(places), len(data)]
    return [data[begin:end] for begin, end in pairwise(ends)]


def taken(client: Client) -> tuple[bytes, bool]:
    mail, ended = b"", False
    while not ended:
        piece, ended = client.mail()
        mail += piece
        if not piece:
            break
    return mail, ended


def stuffed(mail: bytes) -> bytes:
    """Return a mail as any client of RFC 5321 sends it."""
    return (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


@settings(max_examples=200)
@given(mails, cuts)
def test_a_mail_comes_out_as_it_was_and_what_follows_is_a_command(
    mail: bytes, places: list[int]
) -> None:
    client, came, ended = Client(), b"", False
    for piece in cut(stuffed(mail) + b"QUIT\r\n", places):
        client.feed(piece)
        if not ended:
            more, ended = taken(client)
            came += more
    assert ended
    assert came == mail
    assert client.command() == b"QUIT"
    assert client.command() is None


@settings(max_examples=400)
@given(mails, cuts)
def test_a_mail_is_sent_so_that_nobody_takes_it_for_two(mail: bytes, places: list[int]) -> None:
    stuffing, sent, refused = Stuffing(), b"", False
    try:
        for piece in cut(mail, places):
            sent += stuffing.write(piece)
        sent += stuffing.end()
    except SmugglingError:
        refused = True
    ends = lenient_ends(stuffed(mail)[:-3])
    assert refused == bool(ends)
    if not refused:
        assert sent == stuffed(mail)


def lenient_ends(sent: bytes) -> list[int]:
    """Return the lines, as the most lenient of servers cuts them, that are a dot alone."""
    lines = re.split(rb"\r\n|\r|\n", sent.replace(b"\0", b""))
    # The last is not ended.
    return [place for place, line in enumerate(lines[:-1]) if line == b"."]


@pytest.mark.parametrize(
    ("pieces", "refused"),
    [
        ((b"a", b".\r\n"), False),
        ((b"a\r\n", b"b", b".", b"\r\n"), False),
        ((b"a\r\n", b".", b"b\n"), False),
        ((b"a\n", b".", b"\n"), True),
        ((b"a\n\0", b"\0.\0", b"\0\r"), True),
        ((b"\0", b".\n"), True),
    ],
)
def test_the_end_of_a_mail_is_seen_in_pieces(pieces: tuple[bytes, ...], refused: bool) -> None:
    stuffing = Stuffing()
    if refused:
        with pytest.raises(SmugglingError):
            [stuffing.write(piece) for piece in pieces]
    else:
        assert b"".join(map(stuffing.write, pieces)) == stuffed(b"".join(pieces))[:-3]


@settings(max_examples=200)
@given(mails, st.text(max_size=60), st.text(max_size=60))
def test_a_verdict_is_headers_on_top_and_nothing_else_whatever_it_says(
    mail: bytes, text: str, where: str
) -> None:
    told = Verdict("52f7", "spam", 0.9, 2.2, "junk", "m", (Reason(text, where, 1.0),))
    stuffing, client = Stuffing(), Client()
    with suppress(SmugglingError):
        sent = stuffing.write(marked(mail, told, Policy(junk=1.0))) + stuffing.end()
        client.feed(sent)
        came, ended = taken(client)
        assert ended
        assert came.startswith(b"X-Chaffinch-Status: spam")
        assert strip_own_headers(came) == strip_own_headers(mail)


@pytest.mark.parametrize("mail", [b"", b".\r\n", b"\r\n", b"..\r\n", b"a\r\n"])
def test_short_mails(mail: bytes) -> None:
    client = Client()
    client.feed(stuffed(mail) + b"NOOP\r\n")
    assert client.mail() == (mail, True)
    assert client.command() == b"NOOP"


def test_a_mail_that_does_not_end_its_last_line_is_ended() -> None:
    stuffing = Stuffing()
    assert stuffing.write(b"a") + stuffing.end() == b"a\r\n.\r\n"


def test_two_mails_by_one_client() -> None:
    client = Client()
    client.feed(b"one\r\n.\r\nRSET\r\n.two\r\n.\r\n")
    assert client.mail() == (b"one\r\n", True)
    assert client.command() == b"RSET"
    assert client.mail() == (b"two\r\n", True)


@settings(max_examples=200)
@given(st.binary(max_size=200), cuts)
def test_whatever_comes_is_a_command_or_a_fault(data: bytes, places: list[int]) -> None:
    client = Client()
    with suppress(InvalidError):
        for piece in cut(data, places):
            client.feed(piece)
            while (line := client.command()) is not None:
                command = Command.parse(line)
                assert command.line == line
                assert b"\n" not in line
                if command.verb:
                    # It goes to the next hop as it is.
                    assert not re.search(rb"[\0-\x1f\x7f]", line)
                assert isinstance(command.path, str)


answers = st.lists(
    st.sampled_from((b"250", b"250-", b"421 ", b"5", b"\r\n", b"\n", b"\r", b"x", b"\0"))
    | st.binary(max_size=4),
    max_size=30,
).map(b"".join)


def heard(pieces: list[bytes]) -> list[Reply]:
    replies, found = Replies(), []
    with suppress(DeferredError):
        for piece in pieces:
            replies.feed(piece)
            while reply := replies.next():
                found.append(reply)
    return found


@settings(max_examples=400)
@given(answers, cuts)
def test_whatever_a_next_hop_says_is_a_reply_or_a_fault(data: bytes, places: list[int]) -> None:
    found = heard([data])
    assert heard(cut(data, places)) == found
    for reply in found:
        sent = reply.sent()
        assert 200 <= reply.code < 600
        assert re.fullmatch(
            rb"(?:\d{3}-[^\0-\x08\n-\x1f\x7f]*\r\n)*\d{3} [^\0-\x08\n-\x1f\x7f]*\r\n", sent
        )
        assert heard([sent]) == [reply]


def test_what_is_too_long_is_not_waited_for() -> None:
    client = Client()
    client.feed(b"x" * 4095)
    assert client.command() is None
    client.feed(b"x")
    with pytest.raises(InvalidError, match="longer than 4096 bytes"):
        client.command()
    replies = Replies()
    replies.feed(b"250 " + b"x" * 4092)
    with pytest.raises(DeferredError, match="longer than 4096 bytes"):
        replies.next()


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        (b"TO:<ada@example.org>", "ada@example.org"),
        (b'to: <"a>b"@example.org> NOTIFY=NEVER', '"a>b"@example.org'),
        (b"FROM:<>", ""),
        ("TO:<zoë@example.org>".encode(), "zoë@example.org"),
        (b"TO:ada@example.org", ""),
        (b"TO:<a@b", ""),
        (b"TO:<a@b>x", ""),
        (b'TO:<"' + b"\\" * 4000, ""),
    ],
)
def test_the_address_of_a_command(argument: bytes, path: str) -> None:
    assert Command.parse(b"RCPT " + argument).path == path


@pytest.mark.parametrize(
    ("said", "queue"),
    [
        ("2.0.0 Ok: queued as 4F1B2C", "4F1B2C"),
        (
            "2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4dKxYz0z1Jz2",
            "4dKxYz0z1Jz2",
        ),
        ("OK id=1rABCd-00000000123-0xYz", "1rABCd-00000000123-0xYz"),
        ("2.0.0 <ada@example.org> IEbXGg0i+WLzAQAA0J78UA:2 Saved", "IEbXGg0i+WLzAQAA0J78UA:2"),
        ("2.0.0 4AB1cdEF012345 Message accepted for delivery", "4AB1cdEF012345"),
        ("2.0.0 taken", ""),
        ("2.0.0 queued as ada@example.org", ""),
        ("2.0.0 queued as " + "4" * 65, ""),
        ("2.0.0 queued as \N{BELL}", ""),
    ],
)
def test_as_what_a_mail_is_queued(said: str, queue: str) -> None:
    assert Reply.of(250, "first", said).queued_as == queue
    assert Reply.of(450, said).queued_as == ""


@pytest.mark.parametrize(
    ("line", "queue"),
    [
        (b"XFORWARD NAME=a.example IDENT=4F1B2C SOURCE=REMOTE", "4F1B2C"),
        (b"xforward ident=4F1B2C", "4F1B2C"),
        (b"XFORWARD IDENT=[UNAVAILABLE]", ""),
        (b"XFORWARD IDENT=ada@example.org", ""),
        (b"XFORWARD NAME=IDENT=1", ""),
        (b"XFORWARD IDENT=" + b"4" * 65, ""),
    ],
)
def test_what_the_client_calls_a_mail(line: bytes, queue: str) -> None:
    assert Command.parse(line).queue == queue
