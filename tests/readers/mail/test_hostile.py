"""Hostile mail costs no more than its size: twice the mail, twice the work."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType

import pytest

from chaffinch.readers.html.tags import MOST_REMEMBERED, REMEMBERED
from chaffinch.readers.mail import DEFAULT, add_headers, read_mail, strip_own_headers

HTML = b"Content-Type: text/html\n\n"
MULTIPART = b"Content-Type: multipart/mixed; boundary=b\n\n"

HOSTILE: dict[str, Callable[[int], bytes]] = {
    "headers": lambda n: b"A: 1\n" * n,
    "continuation lines": lambda n: b"A: 1" + b"\n b" * n,
    "spaces before a colon": lambda n: b"A" + b" " * n + b": 1\n",
    "starts of encoded words": lambda n: b"A: " + b"=?utf-8?q?" * n,
    "encoded words": lambda n: b"A: " + b"=?utf-8?q?a?= " * n,
    "question marks": lambda n: b"A: =?utf-8?q?" + b"?" * n,
    "parameters": lambda n: b"Content-Type: a/b" + b"; a*0=b" * n,
    "open quotes": lambda n: b"Content-Type: a/b" + b'; a="\\' * n,
    "parts": lambda n: MULTIPART + b"--b\n\nx\n" * n,
    "boundaries": lambda n: MULTIPART + b"--b\n" * n,
    "near boundaries": lambda n: MULTIPART + b"--bb\n" * n,
    "mails in mails": lambda n: b"Content-Type: message/rfc822\n\n" * n,
    "multiparts in multiparts": lambda n: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%06d\n\n--b%06d\n" % (i, i) for i in range(n)
    ),
    "pieces of base64": lambda n: b"Content-Transfer-Encoding: base64\n\n" + b"YQ==" * n,
    "soft breaks": lambda n: b"Content-Transfer-Encoding: quoted-printable\n\n=" + b" " * n,
    "lines of uuencode": lambda n: b"Content-Transfer-Encoding: x-uue\n\n" + b"M\n" * n,
    "open elements": lambda n: HTML + b"<div>" * n,
    "open hidden elements": lambda n: HTML + b"<div style='display:none'>" * n,
    "colours": lambda n: HTML + b"".join(b"<font color=#%06x>" % i for i in range(n)),
    "end tags": lambda n: HTML + b"<p>" * 99 + b"</x></p><p>" * n,
    "angle brackets": lambda n: HTML + b"<" * n,
    "angle brackets apart": lambda n: HTML + b"< " * n,
    "starts of comments": lambda n: HTML + b"<!--" * n,
    "comments": lambda n: HTML + b"<!-- --><!-->" * n,
    "dashes": lambda n: HTML + b"<!-" + b"-" * n,
    "titles": lambda n: HTML + b"<title>" * n,
    "scripts": lambda n: HTML + b"<script></script>" * n,
    "quotes": lambda n: HTML + b"<a='" * n,
    "quotes and brackets": lambda n: HTML + b"<a=\"'>" * n,
    "attributes": lambda n: HTML + b"<a " + b"a=b " * n + b">",
    "rules": lambda n: HTML + b"<style>" + b".a{color:red}" * n + b"</style><p class=a>" * n,
    "style comments": lambda n: HTML + b"<style>" + b"/*" * n,
    "ampersands": lambda n: HTML + b"&a" * n,
    "digits": lambda n: HTML + b"&#" + b"9" * n + b";",
    "spaces": lambda n: HTML + b"a" + b" \n" * n,
    "links": lambda n: HTML + b"".join(b"<a href=/%d>" % i for i in range(n)),
    "URLs": lambda n: b"\n" + b"".join(b"http://%d " % i for i in range(n)),
    "marks of URLs": lambda n: b"\n" + b"://" * n,
    "NULs": lambda n: b"\0" * n,
    "returns": lambda n: b"\r" * n,
    "one line": lambda n: b"a" * n,
}  # fmt: skip


def work(data: bytes) -> int:
    """Count the calls of functions, Python's and C's, that reading a mail takes."""
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read_mail(data)
        add_headers(data, [("X-Chaffinch-A", "b")])
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", HOSTILE)
def test_twice_the_mail_is_at_most_twice_the_work(name: str) -> None:
    once, twice = work(HOSTILE[name](1000)), work(HOSTILE[name](2000))
    assert twice <= 2.1 * once + 100
    assert once <= 60 * 1000 + 2000


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_kept_is_bounded(name: str) -> None:
    data = HOSTILE[name](60_000)
    mail = read_mail(data)
    assert len(mail.headers) <= DEFAULT.headers
    assert sum(len(value) for _, value in mail.headers) <= DEFAULT.block
    assert max(map(len, (mail.visible, mail.hidden))) <= DEFAULT.text
    assert len(mail.structure) <= DEFAULT.parts
    assert len(mail.urls) <= DEFAULT.urls
    assert len(mail.notes) <= 20
    assert all(len(note) < 200 for note in mail.notes)
    stripped = strip_own_headers(data)
    assert strip_own_headers(add_headers(data, [("X-Chaffinch-A", "b")])) == stripped


def test_fifty_megabytes_in_one_line_are_cut_before_they_are_looked_at() -> None:
    data = b"a" * (50 << 20)
    tracemalloc.start()
    try:
        mail = read_mail(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * DEFAULT.raw
    assert len(mail.visible) == DEFAULT.text
    assert mail.notes[0] == "mail cut at 1048576 of 52428800 bytes"


def test_a_header_block_of_a_megabyte_still_has_a_body() -> None:
    mail = read_mail(b"A: 1\n" + b"B: " + b"x" * 900_000 + b"\n\nbody")
    assert mail.visible == "body"
    assert len(mail.headers[1][1]) == DEFAULT.value
    assert mail.notes == (
        "header block cut at 262144 of 900008 bytes",
        "header values cut at 65536 characters",
    )


def test_what_is_remembered_of_tags_is_bounded() -> None:
    many = b"".join(b"<b x%d>" % number for number in range(MOST_REMEMBERED + 100))
    read_mail(HTML + many + b"<b " + b"x" * 1000 + b">")
    assert 0 < len(REMEMBERED) <= MOST_REMEMBERED
    assert max(map(len, REMEMBERED)) <= 200
