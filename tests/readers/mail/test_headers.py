"""Header blocks, encoded words and parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.readers.mail.content import MailLimits
from chaffinch.readers.mail.headers import parse_fields, split_block
from chaffinch.readers.mail.parameters import parse_parameters
from chaffinch.readers.mail.words import decode_value
from chaffinch.readers.notes import Notes


def decoded(value: str) -> str:
    return decode_value(value, Notes())


@pytest.mark.parametrize(
    ("data", "block", "body"),
    [
        (b"A: 1\n\nb", b"A: 1", b"b"),
        (b"A: 1\n b\n\t c\n\nd", b"A: 1\n b\n\t c", b"d"),
        (b"A: 1\n \nB: 2\n\n", b"A: 1\n \nB: 2", b""),
        (b"A: 1", b"A: 1", b""),
        (b"A: 1\nno header\nB: 2\n", b"A: 1", b"no header\nB: 2\n"),
        (b"A : 1\nFrom x y\nB\t: 2\n\n", b"A : 1\nFrom x y\nB\t: 2", b""),
        (b"From x\n\nA: 1", b"From x", b"A: 1"),
        (b"\nA: 1", b"", b"A: 1"),
        (b": 1\n\nb", b"", b": 1\n\nb"),
        (b"a b: 1\n\nb", b"", b"a b: 1\n\nb"),
        (b"h\xc3\xa4: 1\n", b"", b"h\xc3\xa4: 1\n"),
        (b"x" * 2000 + b": 1\n\nb", b"", b"x" * 2000 + b": 1\n\nb"),
    ],
)
def test_where_a_header_block_ends(data: bytes, block: bytes, body: bytes) -> None:
    assert split_block(data) == (block, body)


def test_fields_keep_their_names_and_order() -> None:
    block = b"From x 12:30:00 2024\nb:2\nB : 3 \nFROM:\nFrom : me\n>From y\na:\tx\n  y\n\tz"
    assert parse_fields(block, MailLimits(), Notes()) == [
        *(("b", "2"), ("B", "3"), ("FROM", ""), ("From", "me"), ("a", "x  y\tz"))
    ]


@pytest.mark.parametrize(
    ("block", "limits", "fields", "note"),
    [
        (b"A: 1\nB: 2\nC: 3", MailLimits(headers=2), "A1B2", "only the first 2 headers were read"),
        (b"A: 12345", MailLimits(value=3), "A123", "header values cut at 3 characters"),
        (b"A: 12345\nB: 2", MailLimits(block=6), "A123", "header block cut at 6 of 13 bytes"),
    ],
)
def test_blocks_are_cut(block: bytes, limits: MailLimits, fields: str, note: str) -> None:
    notes = Notes()
    assert "".join(map("".join, parse_fields(block, limits, notes))) == fields
    assert notes.taken() == (note,)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?= au =?iso-8859-1?Q?lait_=E9?=", "café au lait é"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
        ("=?utf-8?b?w6?=\t=?UTF-8?b?k=?=", "\ufffd"),
        ("=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c"),
        ("=?utf-8?q?a?==?koi8-r?q?=C1?=", "aа"),
        ("=?utf-8*en?q?a?=", "a"),
        ("x=?utf-8?q?a?=y", "xay"),
        ("=?us-ascii?Q?Why_not??=", "Why not?"),
        ("=?utf-8?q?two words?=", "two words"),
        ("=?utf-8?q?a?b?c?=", "a?b?c"),
        ("=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?utf-8?q?line=0D=0Abreak?=", "line break"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("=??q?a?=", "=??q?a?="),
        ("=?", "=?"),
        ("caf\xc3\xa9 =?utf-8?q?=C3=A9?= caf\xe9", "café é café"),
        ("=?utf-8?q?caf\xe9?=", "caf\ufffd"),
        ("plain", "plain"),
    ],
)
def test_values_are_decoded(value: str, text: str) -> None:
    assert decoded(value) == text


def test_an_unknown_charset_in_a_header_is_noted() -> None:
    notes = Notes()
    assert decode_value("=?x-foo?q?=80?=", notes) == "€"
    assert notes.taken() == ("unknown charset 'x-foo' read as windows-1252",)


@pytest.mark.parametrize(
    ("value", "first", "parameters"),
    [
        ("text/plain", "text/plain", {}),
        (" TEXT/Plain (it is) ; Charset = UTF-8 ", "text/plain", {"charset": "UTF-8"}),
        ("a; x=\"1;2\"; y='3'", "a", {"x": "1;2", "y": "'3'"}),
        (r'a; x="say \"hi\" \\"', "a", {"x": r'say "hi" \ '.strip()}),
        ('a; x="open; y=1', "a", {"x": "open; y=1"}),
        ('a; x="open\\', "a", {"x": "open\\"}),
        ("a; x=1; X=2; ; y; =3;", "a", {"x": "1"}),
        ("a; name=two words.doc", "a", {"name": "two words.doc"}),
        ("a; x*0=b; x*1=c", "a", {"x": "bc"}),
        ("a; x*1=c; x*0=b", "a", {"x": "bc"}),
        ("a; x*=utf-8'en'%C3%A9", "a", {"x": "é"}),
        ("a; x*0*=iso-8859-1''%E9; x*1*=%E8; x*2=%41", "a", {"x": "éè%41"}),
        ("a; x*0*=utf-8''%C3; x*1*=%A9", "a", {"x": "é"}),
        ("a; x=old; x*=utf-8''new", "a", {"x": "new"}),
        ("a; x*=no-charset", "a", {"x": "no-charset"}),
        ('a; x="=?utf-8?q?=C3=A9?="', "a", {"x": "é"}),
        ("", "", {}),
        (";", "", {}),
    ],
)
def test_parameters_are_read(value: str, first: str, parameters: dict[str, str]) -> None:
    assert parse_parameters(value, Notes()) == (first, parameters)


@given(st.text(st.characters(max_codepoint=255)))
def test_any_value_has_a_reading(value: str) -> None:
    decoded(value).encode()
    for text in parse_parameters(value, Notes())[1].values():
        text.encode()
