"""Headers of our own: put on and taken off, with every other byte as it was."""

from __future__ import annotations

import re
from itertools import takewhile

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chaffinch.errors import UsageError
from chaffinch.readers.mail import add_headers, read_mail, strip_own_headers
from chaffinch.readers.mail.headers import split_block, to_lf, whole_lines
from chaffinch.readers.mail.own import is_own_header
from mail_samples import NAMES, any_bytes, sample

OURS = [("X-Chaffinch-Action", "junk"), ("X-Chaffinch-Why", "free; money; now " * 20)]


def body(data: bytes) -> bytes:
    return split_block(to_lf(data))[1]


def behind(data: bytes) -> bytes:
    """Return what stands from the first empty line on that has something before it that stays."""
    at, stays = 0, False
    for found in whole_lines(data):
        if found.lastindex and stays:
            break
        forged = b":" in found[0] and is_own_header(found[0])
        stays = stays or not (found.lastindex or forged)
        at = found.end()
    return data[at:]


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        (b"X-Chaffinch-A: 1\nB: 2\n\nc", b"B: 2\n\nc"),
        (b"A: 1\r\nx-CHAFFINCH-b : 2\r\n\t3\r\n 4\r\nC: 5\r\n\r\n", b"A: 1\r\nC: 5\r\n\r\n"),
        (b"A: 1\n\nX-Chaffinch-B: 2\n", b"A: 1\n\nX-Chaffinch-B: 2\n"),
        (b"X-Chaffinch: 1\nX-Chaffinches: 2\n", b"X-Chaffinch: 1\nX-Chaffinches: 2\n"),
        (b"From x\nX-Chaffinch-A: 1\n\n", b"From x\n\n"),
        (b"A: 1\nX-Chaffinch-B: 2", b"A: 1\n"),
        (b"A: 1\nX-Chaf\0finch-B: 2\n", b"A: 1\n"),
        (b"X-Chaf" + b"\0" * 300 + b"finch-B: 2\nA: 1\n", b"A: 1\n"),
        (b"A: 1\nx-spam-FLAG : NO\nX-Spam-Status: No,\n score=-9\nB: 2\n", b"A: 1\nB: 2\n"),
        (
            b"X-Spam-Flags: 1\nX-Spam: 2\nX-Spam-Level: *\n",
            b"X-Spam-Flags: 1\nX-Spam: 2\nX-Spam-Level: *\n",
        ),
        (b"x-chaffinch-1.0 is out\nX-Spam\n", b"x-chaffinch-1.0 is out\nX-Spam\n"),
        (b"text\n\nX-Chaffinch-A: 1\n", b"text\n\nX-Chaffinch-A: 1\n"),
        (b"X-Chaffinch-A: 1\ntext\n", b"text\n"),
        (b"A: 1\rX-Chaffinch-B: 2\n\nc", b"A: 1\r \n\nc"),
        (b"A: 1\r\rb\nX-Chaffinch-B: 2\nX-Spam-Flag: NO\n\nc", b"A: 1\r\rb\n\nc"),
        (b"A: 1\r\r\nX-Chaffinch-B: 2\r\nC: 3\r\n\r\nd", b"A: 1\r\r\nC: 3\r\n\r\nd"),
        (b"A: 1\r\rX-Chaffinch-B: 2\r 3\nC: 4\n\nd", b"A: 1\r\r \nC: 4\n\nd"),
        (b"X-Chaffinch-B: 2\r\rC: 3\nD: 4\n\ne", b"D: 4\n\ne"),
        (b"A: 1\rX-Chaffinch-B: 2\r\rX-Chaffinch-C: 3", b"A: 1\r\rX-Chaffinch-C: 3"),
        (b"", b""),
    ],
)
def test_forged_headers_are_taken_off(data: bytes, kept: bytes) -> None:
    assert strip_own_headers(data) == kept
    assert body(kept) == body(data)


@pytest.mark.parametrize(
    "line",
    [
        b"this is no header",
        b": x",
        b"My Header: x",
        "ä: x".encode(),
        b"> quoted",
        b"\0",
        b"\rfoo: x",
        b"A\x08: x",
        b"n" * 1001 + b": x",
    ],
)
@pytest.mark.parametrize("first", [b"A: 1\n", b"", b"From x\n", b"\n\n"])
def test_forged_headers_are_taken_off_up_to_the_first_empty_line(first: bytes, line: bytes) -> None:
    """Be it a header block or not: to Dovecot and procmail it is one."""
    forged = b"X-Chaffinch-Status: ham\n 1\nX-Spam-Flag" + b" " * 1001 + b": NO\n"
    rest = b"B: 2\n\nX-Chaffinch-Status: ham\n"
    kept = first + line + b"\n" + rest
    assert strip_own_headers(first + line + b"\n" + forged + rest) == kept
    assert strip_own_headers(first + forged + line + b"\n" + rest) == kept


@pytest.mark.parametrize("line", [b"", b"X-Chaffinch-Headers: none came with this mail\n"])
@pytest.mark.parametrize("rest", [b"", b"\n\nbody\n", b"A: 1\n\nbody\n", b"text\n\nbody\n"])
def test_nothing_forged_is_left_where_all_headers_are(line: bytes, rest: bytes) -> None:
    """What is behind them is not to become the header block of who skips empty lines."""
    forged = b"X-Chaffinch-Status: ham\n" + line + b"\n"
    assert forged_ones(strip_own_headers(forged * 3 + rest)) == []
    assert forged_ones(strip_own_headers(forged + b"text\n" + forged + rest)) == []


def forged_ones(data: bytes) -> list[bytes]:
    """Return what procmail takes for a header of ours; it skips empty lines before a mail."""
    lines = takewhile(lambda line: not line.lastindex, whole_lines(data.lstrip(b"\n")))
    return [line[0] for line in lines if line[0].startswith(b"X-Chaffinch-")]


def test_text_without_headers_and_without_forged_ones_stays() -> None:
    """Not even what begins like a forged one, and is no header, is taken from a text."""
    text = b"hello\nx-chaffinch-1.0 is out\nX-Spam-Flag\n\nX-Chaffinch-Status: explained\n"
    assert strip_own_headers(text) is text


@pytest.mark.parametrize(
    ("data", "written"),
    [
        (b"A: 1\n\nb", b"X-Chaffinch-A: v\nA: 1\n\nb"),
        (b"A: 1\r\n\r\nb", b"X-Chaffinch-A: v\r\nA: 1\r\n\r\nb"),
        (b"A: 1\r\rb", b"X-Chaffinch-A: v\rA: 1\r\rb"),
        (b"A: 1\rB: 2\n\nb", b"X-Chaffinch-A: v\nA: 1\rB: 2\n\nb"),
        (b"A: 1\r\r\n\r\nb", b"X-Chaffinch-A: v\r\nA: 1\r\r\n\r\nb"),
        (b"From x\nA: 1\n\nb", b"From x\nX-Chaffinch-A: v\nA: 1\n\nb"),
        (b"From x\n>From y\nA: 1\n", b"From x\n>From y\nX-Chaffinch-A: v\nA: 1\n"),
        (b"From x", b"X-Chaffinch-A: v\nFrom x"),
        (b"A: 1\nX-Chaffinch-A: forged\n\nb", b"X-Chaffinch-A: v\nA: 1\n\nb"),
        (b"\nb", b"X-Chaffinch-A: v\n\nb"),
        (b"", b"X-Chaffinch-A: v\n"),
    ],
)
def test_headers_are_put_on_top(data: bytes, written: bytes) -> None:
    assert add_headers(data, [("X-Chaffinch-A", "v")]) == written


@pytest.mark.parametrize("data", [b"text\nA: 1\n", b" A: 1\n", b"a\r\n\r\nb: 2\r\n"])
def test_a_mail_without_headers_gets_an_empty_line(data: bytes) -> None:
    written = add_headers(data, [("X-Chaffinch-A", "v")])
    assert written.endswith(data)
    assert body(written) == to_lf(data)
    assert strip_own_headers(written) == data


def test_no_headers_change_nothing() -> None:
    for name in NAMES:
        assert add_headers(sample(name), []) == sample(name)


@pytest.mark.parametrize("data", [b"A: 1\n\n", b"text"])
@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "café “quoted” 🐦",
        "a\r\nBcc: someone@example.org\n\nbody",
        "a\0b\x7fc\x1bd\x85e\u2028f",
        "=?utf-8?q?forged?=",
        "word " * 300,
        "x" * 5000,
        "ж" * 5000,
        "",
        "   ",
        ": leading colon:  and  spaces ",
        "\ud800",
    ],
)
def test_values_are_made_safe_and_read_back(data: bytes, value: str) -> None:
    written = add_headers(data, [("X-Chaffinch-Why", value), ("X-Chaffinch-B", "b")])
    assert written.isascii()
    assert all(len(line) <= 900 for line in written.split(b"\n"))
    if len(max(value.split(), default="")) < 60:
        assert all(len(line) <= 78 for line in written.split(b"\n"))
    mail = read_mail(written)
    first, second = mail.headers[:2]
    assert second == ("X-Chaffinch-B", "b")
    safe = value.replace("\ud800", "?")
    for character in "\r\n\0\x7f\x1b":
        safe = safe.replace(character, " ")
    assert (first[0], first[1].split()) == ("X-Chaffinch-Why", safe.split())
    assert mail.header("bcc") == ""


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\nb", "é", "x" * 71])
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="header name"):
        add_headers(b"", [(name, "v")])


@given(any_bytes())
@settings(max_examples=500)
def test_the_body_is_never_touched(data: bytes) -> None:
    stripped = strip_own_headers(data)
    # Where the last LF goes with a forged header, what lines end in is not what it was.
    assume(b"\n" in stripped or b"\n" not in data)
    written = add_headers(data, OURS)
    # The empty line may be ours, where one of the headers says so.
    assert stripped.endswith((behind(data), re.sub(rb"\A(\r\n|\r|\n)", b"", behind(data))))
    # An odd empty line that nobody else takes for one becomes a part of the body.
    assert body(written).lstrip(b"\n") == body(stripped).lstrip(b"\n")
    # Ours stand on end, behind the "From " lines that a mail may begin with.
    pairs = enumerate(zip(written, stripped, strict=False))
    before = next((at for at, (new, old) in pairs if new != old), len(stripped))
    assert written.endswith(stripped[before:])
    names = [name.lower() for name, _ in read_mail(stripped).headers]
    assert not any(name.startswith("x-chaffinch-") for name in names)


@given(any_bytes())
@settings(max_examples=500)
def test_what_was_put_on_comes_off(data: bytes) -> None:
    stripped = strip_own_headers(data)
    assume(b"\n" in stripped or b"\n" not in data)
    assert strip_own_headers(stripped) == stripped
    assert strip_own_headers(add_headers(data, OURS)) == stripped
    assert read_mail(add_headers(data, OURS)).headers[0] == OURS[0]


@given(st.text(max_size=200))
def test_any_value_comes_back_as_one_header(value: str) -> None:
    mail = read_mail(add_headers(b"A: 1\n\nb", [("X-Chaffinch-Why", value)]))
    assert [name for name, _ in mail.headers] == ["X-Chaffinch-Why", "A"]
    assert mail.visible == "b"
