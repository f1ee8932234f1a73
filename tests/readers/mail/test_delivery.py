from __future__ import annotations

import pytest

from chaffinch.readers.mail import before_delivery

MAIL = b"From: a@b.example\nSubject: 4U\n\nfree\n"
RESULTS = b"Authentication-Results: filter.example; dkim=none\n"


def forms(data: bytes) -> list[bytes]:
    return list(before_delivery(data))


def in_crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "top",
    [
        b"",
        b"Return-Path: <a@b.example>\n",
        b"Delivered-To: ada\nReceived: from a\n\tby b\n (for c);\n Mon\nX-Original-To: ada\n",
        b"From a@b.example Mon Nov  2 07:00:00 2026\nDelivered-To: ada\n",
        b">From a@b.example Mon Nov  2 07:00:00 2026\n",
    ],
)
@pytest.mark.parametrize("mail", [MAIL, b"\nno headers came with it\n"])
def test_whole_fields_are_taken_off_whatever_lines_end_with(top: bytes, mail: bytes) -> None:
    whole = top + mail
    for data, other in ((whole, in_crlf(whole)), (in_crlf(whole), whole)):
        found = forms(data)
        assert found[:2] == [data, other]
        assert {mail, in_crlf(mail)} <= set(found)
        assert len(found) == len(set(found))
        # Never a part of a field, nor any of the body.
        assert all(one.startswith((b"\n", b"\r\n")) or b":" in one.split()[0] for one in found[2:])
        assert all(one.endswith((mail, in_crlf(mail))) for one in found)


@pytest.mark.parametrize(
    "data", [b"", b"no headers at all", b" folded: from the first\n\nx", b"\r"]
)
def test_what_has_no_headers_stays(data: bytes) -> None:
    assert {one.replace(b"\r\n", b"\n") for one in forms(data)} == {data}


@pytest.mark.parametrize(
    "field", [b"Subject: 4U", b"from : a", b"CONTENT-TYPE: text/html", b"MIME-Version: 1.0"]
)
def test_what_people_see_is_not_taken_off(field: bytes) -> None:
    data = b"X: 1\n" + field + b"\n" + MAIL
    assert MAIL not in forms(data)
    assert data.removeprefix(b"X: 1\n") in forms(data)


def test_no_more_than_is_bounded() -> None:
    assert MAIL in forms(b"X: 1\n" * 32 + MAIL)
    assert MAIL not in forms(b"X: 1\n" * 33 + MAIL)
    assert MAIL in forms(b"X: %s\n" % (b"x" * 60_000) + MAIL)
    assert forms(b"X: %s\n" % (b"x" * 70_000) + MAIL)[2:] == []
    # Found of signatures by however many.
    assert len(forms(RESULTS * 500 + MAIL)) <= 2 * (1 + 32 * 5)


def test_what_was_found_of_signatures_stays_on_top_of_what_was_judged() -> None:
    assert RESULTS + MAIL in forms(b"X: 1\n" + RESULTS + b"Received: by us\n" + MAIL)
