"""The milter protocol; that it takes any bytes, in pieces of any size, is fuzzed."""

from __future__ import annotations

import re
import struct
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.readers.mail import strip_own_headers
from chaffinch.servers.dkim import Signatures
from chaffinch.servers.faults import InvalidError
from chaffinch.servers.marks import headers
from chaffinch.servers.milter_mail import Mail
from chaffinch.servers.milter_protocol import (
    Action,
    Conversation,
    Step,
    go_on,
    packet,
    refuse,
    set_aside,
)
from chaffinch.types import Policy, Reason, Verdict
from fuzz.targets.milter import LARGEST, NOW, ONCE, PIECES, Milter, offer


def steps(
    *packets: bytes, first: bytes = offer(NOW), recipients: bool = False
) -> list[bytes | Mail]:
    """Return what becomes of packets that follow the options, without the answer to these."""
    talk = Conversation(LARGEST, recipients=recipients)
    talk.feed(first + b"".join(packets))
    return list(talk.steps())[1:]


def mail_of(*packets: bytes, recipients: bool = False) -> Mail:
    (mail,) = steps(packet(b"M", b"<>\0"), *packets, packet(b"E"), recipients=recipients)
    assert isinstance(mail, Mail)
    return mail


def header(name: str, value: str) -> bytes:
    return packet(b"L", f"{name}\0{value}\0".encode())


def options(
    given: tuple[int, int, int], *, recipients: bool = False, quarantine: bool = False
) -> tuple[int, Action, Step, bytes]:
    talk = Conversation(LARGEST, recipients=recipients, quarantine=quarantine)
    talk.feed(offer(given))
    (answer,) = talk.steps()
    assert isinstance(answer, bytes)
    assert answer[4:5] == b"O"
    version, actions, granted = struct.unpack_from(">3I", answer, 5)
    return version, Action(actions), Step(granted), answer[17:]


def test_of_a_new_server_as_little_as_can_be_is_asked_for() -> None:
    version, actions, granted, macros = options(NOW)
    assert version == 6
    assert actions == Action.ADD_HEADERS | Action.CHANGE_HEADERS | Action.LIST_MACROS
    assert granted == Step(sum(Step))
    assert macros == b"\0\0\0\2{auth_authen}\0\0\0\0\5i\0"
    assert Step.NO_RECIPIENT not in options(NOW, recipients=True)[2]
    assert Action.QUARANTINE in options(NOW, quarantine=True)[1]


def test_a_server_that_cannot_set_mail_aside_is_not_taken_for_one_that_can() -> None:
    with pytest.raises(InvalidError, match="QUARANTINE"):
        options((6, 0x11, 0), quarantine=True)


def test_sender_headers_and_body_are_always_asked_for() -> None:
    assert not options((6, 0x1FF, 0xFFFFFFFF))[2] & (0x4 | 0x10 | 0x20)


def test_of_an_old_server_no_more_is_asked_for_than_it_has() -> None:
    version, actions, granted, macros = options(ONCE)
    assert (version, macros) == (2, b"")
    assert actions == Action.ADD_HEADERS | Action.CHANGE_HEADERS
    assert int(granted) & ~0x7F == 0
    assert options((9, 0x1FF, 0))[0] == 6


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packet(b"O", struct.pack(">3I", 1, 0x1FF, 0)), "version 1 of the protocol is too old"),
        (packet(b"O", struct.pack(">3I", 6, 0x1, 0)), "CHANGE_HEADERS"),
        (packet(b"O", b"\0\0\0\6"), "cut short"),
        (PIECES[0] + PIECES[0], "came twice"),
        (packet(b"M", b"<>\0"), "before the options"),
        (PIECES[0] + packet(b"L", b"A\0b\0"), "before its sender"),
        (PIECES[0] + packet(b"R", b"<a>\0"), "before its sender"),
        (PIECES[0] + packet(b"E"), "before its sender"),
        (
            PIECES[0] + packet(b"M") + packet(b"B", b"x") + packet(b"L", b"A\0b\0"),
            "behind the body",
        ),
        (PIECES[0] + packet(b"M") + packet(b"L", b"A\0b"), "no name and value"),
        (PIECES[0] + packet(b"M") + packet(b"L", b"\0b\0"), "no name and value"),
        (PIECES[0] + packet(b"M") + packet(b"L", bytes(1000)), "no name and value"),
        (PIECES[0] + packet(b"?"), "no such command"),
        (b"\0\0\0\0", "a packet of 0 bytes"),
        (b"\x7f\xff\xff\xffB", "a packet of 2147483647 bytes"),
        (b"GET / HTTP/1.1\r\n\r\n", "a packet of 1195725856 bytes"),
        (b"EHLO example.org\r\n", "a packet of 1162366031 bytes"),
    ],
)
def test_what_is_not_the_protocol(data: bytes, said: str) -> None:
    assert said in str(Milter().outcome([data])[-2])


def test_a_mail_comes_as_its_bytes() -> None:
    mail = mail_of(
        packet(b"D", b"Mi\x004F2A\0"),
        header("Subject", "\thello\n folded"),
        header("X", ""),
        packet(b"B", b"caf\xe9\r\n\0"),
        packet(b"B", b".\r\n"),
    )
    assert bytes(mail.data) == b"Subject:\thello\r\n folded\r\nX:\r\n\r\ncaf\xe9\r\n\0.\r\n"
    assert mail.queue == "4F2A"


def test_an_old_server_waits_for_each_answer() -> None:
    packets = [packet(b"M", b"<>\0"), packet(b"R", b"<a>\0"), header("A", "b"), packet(b"B", b"c")]
    *answers, mail = steps(packet(b"C"), packet(b"H"), *packets, packet(b"E"), first=offer(ONCE))
    assert answers == [go_on()] * 6
    assert isinstance(mail, Mail)
    assert mail.data == b"A: b\r\n\r\nc"


def test_a_new_one_waits_for_none() -> None:
    assert steps(packet(b"C"), packet(b"H"), packet(b"M"), packet(b"T"), packet(b"N")) == []


def test_a_mail_that_is_given_up_leaves_nothing_behind() -> None:
    begun = packet(b"D", b"Mi\0one\0{auth_authen}\0eve\0") + packet(b"M") + header("A", "b")
    for end in (b"A", b"K"):
        mail = mail_of(begun, packet(end), packet(b"M"), header("C", "d"))
        assert (bytes(mail.data), mail.queue) == (b"C:d\r\n\r\n", "")
        assert not mail.authenticated


def test_each_mail_of_a_connection_is_its_own() -> None:
    first = [packet(b"D", b"M{auth_authen}\0ada\0"), packet(b"M"), header("A", "b"), packet(b"E")]
    second = [packet(b"D", b"Mi\0two\0"), packet(b"M"), header("C", "d"), packet(b"E", b"e")]
    one, two = steps(*first, *second)
    assert isinstance(one, Mail)
    assert isinstance(two, Mail)
    assert (one.authenticated, bytes(one.data)) == (True, b"")
    assert (two.authenticated, two.queue, bytes(two.data)) == (False, "two", b"C:d\r\n\r\ne")


def test_another_client_may_bring_other_options() -> None:
    talk = Conversation(LARGEST)
    talk.feed(PIECES[0] + packet(b"K") + PIECES[1] + packet(b"Q") + packet(b"M"))
    assert len(list(talk.steps())) == 2
    assert talk.is_over


def test_for_whom_it_is() -> None:
    ada, bob = packet(b"R", b"<Ada@Example.org>\0NOTIFY=NEVER\0"), packet(b"R", b"<bob>\0")
    assert mail_of(ada, ada, recipients=True).recipient == "ada@example.org"
    assert mail_of(ada, bob, ada, recipients=True).recipient == ""


def test_ten_thousand_recipients_are_not_held() -> None:
    talk = Conversation(LARGEST, recipients=True)
    talk.feed(PIECES[0] + packet(b"M"))
    list(talk.steps())
    for number in range(10_000):
        talk.feed(packet(b"R", b"<%d@example.org>\0" % number))
        assert not list(talk.steps())
    assert talk.coming is not None
    assert sys.getsizeof(talk.coming.data) < 100
    talk.feed(packet(b"E"))
    (mail,) = talk.steps()
    assert isinstance(mail, Mail)
    assert mail.recipient == ""


def test_of_a_mail_that_is_too_large_nothing_is_held_but_forged_headers_are_known() -> None:
    body = packet(b"B", b"x" * LARGEST)
    mail = mail_of(header("x-spam-flag", "NO"), body, body)
    assert mail.data == b""
    assert mail.why_not == "it is larger than 2000 bytes"
    assert not mail.may_wait
    assert mail.forged == [(b"x-spam-flag", 1)]
    headers = [header("A", "x" * 900)] * 3
    mail = mail_of(*headers, header("X-Chaffinch-Status", "ham"))
    assert mail.why_not == "it is larger than 2000 bytes"
    assert mail.forged == [(b"X-Chaffinch-Status", 1)], "behind more headers than are held, too"


def test_of_a_header_that_others_write_too_the_forged_one_is_known_by_its_place() -> None:
    talk = Conversation(LARGEST, is_ours=Signatures("here.example.org", lookup=never).is_ours)
    results = [header("Authentication-Results", f"{host}; dkim=none") for host in ("a", "b")]
    forged = header("Authentication-results", " here.example.org; dkim=pass header.d=bank.example")
    packets = [packet(b"M", b"<>\0"), *results, forged, *results, packet(b"E")]
    talk.feed(offer(NOW) + b"".join(packets))
    mail = list(talk.steps())[-1]
    assert isinstance(mail, Mail)
    assert mail.forged == [(b"Authentication-results", 3)]


def never(name: str, seconds: float) -> bytes | None:
    raise AssertionError((name, seconds))


def test_more_forged_headers_than_are_remembered() -> None:
    many = [header(f"X-Chaffinch-{number}", "") for number in range(1100)]
    assert mail_of(*many).is_forged_beyond_measure
    assert len(mail_of(*many).forged) == 1000
    assert not mail_of(*many[:999]).is_forged_beyond_measure
    assert mail_of(header("X-Chaffinch-" + "x" * 70_000, "")).is_forged_beyond_measure


def test_answers() -> None:
    assert refuse(550, "5.7.1 100% junk") == packet(b"y", b"550 5.7.1 100%% junk\0")
    assert set_aside("junk") == packet(b"q", b"junk\0")


# What a mail server makes of an answer: the headers that a mail has then.
Headers = list[tuple[bytes, bytes]]


def edited(mail_headers: Headers, answer: bytes) -> Headers:
    """Return headers as a server has them that does what it is told, deleting at once."""
    found = list(mail_headers)
    at = 0
    while at < len(answer):
        length = int.from_bytes(answer[at : at + 4])
        command, payload = answer[at + 4 : at + 5], answer[at + 5 : at + 4 + length]
        at += 4 + length
        index, (name, value, end) = int.from_bytes(payload[:4]), payload[4:].split(b"\0")
        assert end == b""
        if command == b"m":
            assert value == b""
            places = [place for place, one in enumerate(found) if one[0].lower() == name.lower()]
            del found[places[index - 1]]
        else:
            assert command == b"i"
            found.insert(index, (name, value))
    return found


texts = st.text(max_size=60) | st.lists(
    st.sampled_from(
        ["\r\n", "\n", "\r", "\0", ":", "X-Spam-Flag: NO", "=?utf-8?b?", " ", "é", "\x85", "\u2028"]
    ),
    max_size=8,
).map("".join)
names = st.sampled_from(
    [
        "X-Chaffinch-Status",
        "x-chaffinch-status",
        "X-CHAFFINCH-A",
        "X-Spam-Flag",
        "x-spam-status",
        "Subject",
        "X-Spam",
        "X",
    ]
)


@settings(max_examples=300)
@given(
    texts,
    texts,
    texts,
    st.lists(st.tuples(names, st.sampled_from(["", " a", "b\n c"])), max_size=12),
    st.booleans(),
)
def test_no_text_makes_a_header_and_no_forged_one_stays(
    text: str, where: str, model: str, came: list[tuple[str, str]], spaces: bool
) -> None:
    first = offer((6, 0x1FF, 0x1FFFFF if spaces else 0x0FFFFF))
    packets = [header(name, value) for name, value in came]
    (mail,) = steps(packet(b"M"), *packets, packet(b"E", b"body"), first=first)
    assert isinstance(mail, Mail)
    talk = Conversation(LARGEST)
    talk.feed(first)
    list(talk.steps())
    verdict = Verdict("52f7", "spam", 0.9, 7.0, "junk", model, (Reason(text, where, 1.0),))
    ours = headers(verdict, Policy(junk=4.6))
    original = [(name.encode(), value.encode()) for name, value in came]
    found = edited(original, talk.tags(mail, ours))
    # Ours are on top, in their order, and each is one header whatever stands in it.
    assert [name.decode() for name, _ in found[: len(ours)]] == [name for name, _ in ours]
    for _, value in found[: len(ours)]:
        assert re.fullmatch(rb"[ -~]*(\n [ -~]+)*", value)
        assert value.startswith(b" ") is spaces or not value
    # What is left is what the pipe leaves, too.
    left = b"".join(b"%s:%s\n" % one for one in found[len(ours) :])
    whole = b"".join(b"%s:%s\n" % one for one in original)
    assert left + b"\nbody" == strip_own_headers(whole + b"\nbody")
