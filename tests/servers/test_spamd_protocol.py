"""The parser of spamd's protocol; that it takes any bytes, in pieces of any size, is fuzzed."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.servers.spamd_protocol import (
    CODES,
    VERDICTS,
    Parser,
    Request,
    reply,
)
from fuzz.targets.spamd import LARGEST, Spamd


def parse(data: bytes) -> Request:
    parser = Parser(LARGEST)
    parser.feed(data)
    parser.end()
    assert parser.request is not None
    return parser.request


@settings(max_examples=100)
@given(st.binary(max_size=800), st.sampled_from(VERDICTS), st.booleans(), st.booleans())
def test_a_mail_arrives_as_it_was_sent(mail: bytes, command: str, packed: bool, told: bool) -> None:
    sent = zlib.compress(mail) if packed else mail
    head = f"{command} SPAMC/1.5\r\nUser: ada\r\n"
    head += "Compress: zlib\r\n" if packed else ""
    head += f"Content-length: {len(sent)}\r\n" if told else ""
    request = parse(f"{head}\r\n".encode() + sent)
    assert (request.command, request.headers["user"]) == (command, "ada")
    assert request.mail(LARGEST) == mail


def test_a_byte_at_a_time() -> None:
    data = b"TELL SPAMC/1.5\r\nMessage-class: spam\r\nSet: local\r\nContent-length: 2\r\n\r\nhi"
    parser = Parser(LARGEST)
    for number in range(len(data)):
        assert parser.request is None
        parser.feed(data[number : number + 1])
    assert parser.request == parse(data)


@pytest.mark.parametrize("data", [b"PING SPAMC/1.2\r\n", b"PING SPAMC/1.5\r\n\r\n"])
def test_ping_needs_no_empty_line(data: bytes) -> None:
    assert parse(data) == Request("PING")


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"", "EX_PROTOCOL", "ends before"),
        (b"CHECK SPAMC/1.5\r\n", "EX_PROTOCOL", "ends before"),
        (b"GET / HTTP/1.1\r\n\r\n", "EX_PROTOCOL", "no command"),
        (b"check SPAMC/1.5\r\n\r\n", "EX_PROTOCOL", "no command"),
        (b"CHECK SPAMC/1.5\r\nfree\r\n\r\n", "EX_PROTOCOL", "no name and colon"),
        (b"CHECK SPAMC/1.5\r\nUser: a\r\nUser: b\r\n\r\n", "EX_PROTOCOL", "came twice"),
        (b"CHECK SPAMC/1.5\r\nContent-length: 2x\r\n\r\n", "EX_PROTOCOL", "no number"),
        (b"CHECK SPAMC/1.5\r\nContent-length: 2001\r\n\r\n", "EX_DATAERR", "larger than 2000"),
        (b"CHECK SPAMC/1.5\r\nContent-length: 9\r\n\r\nhi", "EX_PROTOCOL", "Expected 9 bytes, got"),
        (b"CHECK SPAMC/1.5\r\n\r\n" + b"x" * 2001, "EX_DATAERR", "larger than 2000"),
        (b"CHECK SPAMC/1.5\r\n" + b"x" * 17_000, "EX_PROTOCOL", "longer than 16384 bytes"),
        (b"CHECK SPAMC/1.5\r\nCompress: lzma\r\n\r\n", "EX_PROTOCOL", "only zlib"),
        (b"CHECK SPAMC/1.5\r\nCompress: zlib\r\n\r\nhi", "EX_DATAERR", "no zlib stream"),
        (
            b"CHECK SPAMC/1.5\r\nCompress: zlib\r\n\r\n" + zlib.compress(bytes(10**6)),
            "EX_DATAERR",
            "larger than 2000",
        ),
        (
            b"CHECK SPAMC/1.5\r\nCompress: zlib\r\n\r\n" + zlib.compress(b"hello")[:-3],
            "EX_DATAERR",
            "cut short",
        ),
    ],
)
def test_what_is_no_request(data: bytes, code: str, said: str) -> None:
    number, told = Spamd().outcome([data])
    assert number == CODES[code]
    assert said in str(told)


def test_a_length_that_is_too_short_is_noticed() -> None:
    parser = Parser(LARGEST)
    parser.feed(b"PROCESS SPAMC/1.5\r\nContent-length: 2\r\n\r\nhi")
    assert not parser.surplus
    parser.feed(b", and good-bye")
    assert parser.surplus


def test_replies() -> None:
    assert reply("PONG") == b"SPAMD/1.5 0 PONG\r\n"
    assert reply("EX_OK", ("Spam", "True ; 1 / 2"), body=b"ab") == (
        b"SPAMD/1.5 0 EX_OK\r\nContent-length: 2\r\nSpam: True ; 1 / 2\r\n\r\nab"
    )
    assert reply("EX_TEMPFAIL", said="no model") == b"SPAMD/1.5 75 no model\r\n\r\n"
