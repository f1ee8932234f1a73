"""Charsets, transfer encodings, and the parts of a multipart."""

from __future__ import annotations

import binascii
import codecs
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.readers.charset import _CODECS, decode
from chaffinch.readers.mail import MailLimits, read_mail
from chaffinch.readers.mail.transfer import decode_transfer, decoded_size
from chaffinch.readers.notes import Notes


@pytest.mark.parametrize(
    ("data", "charset", "text", "note"),
    [
        (b"plain", "us-ascii", "plain", ""),
        (b"caf\xc3\xa9", "", "café", ""),
        (b"caf\xe9", "", "café", ""),
        (b"caf\xe9", "us-ascii", "café", ""),
        (b"caf\xc3\xa9 \xc3", "", "café \ufffd", ""),
        (b"\x93a\x94", "iso-8859-1", "“a”", ""),
        (b"\xe9\x81", "iso-8859-1", "é\ufffd", "some bytes are not iso-8859-1"),
        (b"caf\xe9", "UTF-8", "caf\ufffd", "some bytes are not utf-8"),
        (b"\xc4\xe3\xba\xc3", "GB2312", "你好", ""),
        (b"\x83n", "Shift_JIS", "ハ", ""),
        (b"\x1b$BF|K\\\x1b(B", "iso-2022-jp", "日本", ""),
        (b"+AOk-", "utf-7", "é", ""),
        (b"+2AA-", "utf-7", "?", ""),
        (b"a\0b\0", "utf-16le", "ab", ""),
        (b"a\0b", "utf-8", "ab", ""),
        (b"\xc1", "x-koi8-r", "а", ""),
        (b"\xc1", "'KOI8-R'", "а", ""),
        (b"caf\xe9", "x-foo", "café", "unknown charset 'x-foo' read as windows-1252"),
        (b"ab", "x-foo", "ab", "unknown charset 'x-foo' read as utf-8"),
        (b"xn--a", "idna", "xn--a", "unknown charset 'idna' read as utf-8"),
        (b"a-b", "punycode", "a-b", "unknown charset 'punycode' read as utf-8"),
        (b"\\u0041", "unicode_escape", "\\u0041", "unknown charset 'unicode_escape' read as utf-8"),
        (b"41", "hex", "41", "unknown charset 'hex' read as utf-8"),
        (b"nop", "rot13", "nop", "unknown charset 'rot13' read as utf-8"),
        (b"a", "x" + "é" * 99, "a", f"unknown charset 'x{'?' * 59}' read as utf-8"),
    ],
)
def test_bytes_become_text(data: bytes, charset: str, text: str, note: str) -> None:
    notes = Notes()
    assert decode(data, charset, notes) == text
    assert notes.taken() == ((note,) if note else ())


def test_every_codec_is_one_of_pythons_text_encodings() -> None:
    for codec in set(_CODECS.values()):
        assert codecs.lookup(codec)._is_text_encoding, codec
    assert len(_CODECS) > 200


@given(st.binary(max_size=60), st.sampled_from(sorted(_CODECS)))
def test_any_bytes_are_text_in_any_charset(data: bytes, charset: str) -> None:
    decode(data, charset, Notes()).encode()


@pytest.mark.parametrize(
    ("body", "encoding", "data"),
    [
        (b"SGVs\nbG8=\n", "base64", b"Hello"),
        (b"SGVsbG8", "base64", b"Hello"),
        (b"S*G V!s\tbG8=", "base64", b"Hello"),
        (b"SGVsbG8hX", "base64", b"Hello!"),
        (b"SGk=\nSGk=\n", "base64", b"HiHi"),
        (b"SGk=\n__\nmailing list of finches\n", "base64", b"Hi"),
        (b"=", "base64", b""),
        (b"", "base64", b""),
        (b"a=3Db=\nc =C3=A9", "quoted-printable", b"a=bc \xc3\xa9"),
        (b"a= \t\nb", "quoted-printable", b"ab"),
        (b"50% = x=ZZ =", "quoted-printable", b"50% = x=ZZ "),
        (b"begin 644 a\n#0V%T\n`\nend\nrest", "x-uuencode", b"Cat"),
        (b"#0V%T\njunk \xff\n\n", "uuencode", b"Cat"),
        (b"as it is", "x-none", b"as it is"),
        (b"as it is", "8bit", b"as it is"),
    ],
)
def test_transfer_encodings_are_undone(body: bytes, encoding: str, data: bytes) -> None:
    assert decode_transfer(body, encoding) == data


@given(st.binary(max_size=200), st.sampled_from(["base64", "quoted-printable"]))
def test_what_python_encodes_comes_back(data: bytes, encoding: str) -> None:
    encode = binascii.b2a_base64 if encoding == "base64" else quopri.encodestring
    body = encode(data)
    if encoding == "quoted-printable":
        data = data.replace(b"\r\n", b"\n")
        body = body.replace(b"\r\n", b"\n")
    assert decode_transfer(body, encoding) == data
    assert decoded_size(body, encoding) == len(data)


@given(st.binary(), st.sampled_from(["base64", "quoted-printable", "uuencode", ""]))
def test_any_body_can_be_decoded_and_grows_little(body: bytes, encoding: str) -> None:
    decoded = decode_transfer(body, encoding)
    assert len(decoded) <= 2 * len(body) + 45
    assert isinstance(decoded_size(body, encoding), int)


def parts(body: bytes, kind: bytes = b"multipart/mixed; boundary=b") -> tuple[str, ...]:
    mail = read_mail(b"Content-Type: " + kind + b"\n\n" + body)
    return (*mail.structure[1:], mail.visible)


PLAIN = "text/plain"


@pytest.mark.parametrize(
    ("body", "kind", "found"),
    [
        (b"pre\n--b\n\none\n--b\n\ntwo\n--b--\nepi", b"b", (PLAIN, PLAIN, "one\ntwo")),
        (b"--b \t\n\none\n--b--  ", b"b", (PLAIN, "one")),
        (b"--b\n\none\n", b"b", (PLAIN, "one")),
        (b"--b\n\none --b\n--bc\n --b\n", b"b", (PLAIN, "one --b\n--bc\n --b")),
        (b"--b\nno headers\n--b--", b"b", (PLAIN, "no headers")),
        (b"--b\n--b\n\none\n--b--", b"b", (PLAIN, PLAIN, "one")),
        (b"--c\n\none\n--c--", b"b", ("--c\n\none\n--c--",)),
        (b"--b--\nafter", b"b", ("--b--\nafter",)),
        (b"--\n\none", b'""', ("--\n\none",)),
        (b"--\n\none", b"", ("--\n\none",)),
        (b"--a b\n\none\n--a b--", b'"a b "', (PLAIN, "one")),
        (b"--\xc3\xa9\n\none", b'"\xc3\xa9"', (PLAIN, "one")),
    ],
)
def test_where_parts_begin_and_end(body: bytes, kind: bytes, found: tuple[str, ...]) -> None:
    assert parts(body, b"multipart/mixed; boundary=" + kind) == found


def test_an_inner_part_ends_where_the_outer_does() -> None:
    inner = b"--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--"
    assert parts(inner) == ("multipart/mixed", PLAIN, PLAIN, "one\ntwo")


def test_parts_nested_too_deep_are_read_as_text() -> None:
    level = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    levels = b"".join(level % (number, number) for number in range(9))
    mail = read_mail(levels + b"\nend", MailLimits(depth=3))
    assert mail.structure == ("multipart/mixed",) * 4
    assert mail.visible.endswith("end")
    assert mail.notes == ("parts nested more than 3 deep read as text",)
    mail = read_mail(b"Content-Type: message/rfc822\n\n" * 9 + b"end", MailLimits(depth=3))
    assert mail.structure == ("message/rfc822",) * 4
    assert mail.visible.endswith("end")


def test_only_so_many_parts_are_read() -> None:
    head = b"Content-Type: multipart/mixed; boundary=b\n\n"
    mail = read_mail(head + b"--b\n\nx\n" * 9, MailLimits(parts=4))
    assert (mail.structure[1:], mail.visible) == ((PLAIN,) * 3, "x\nx\nx")
    assert mail.notes == ("only the first 4 parts were read",)
    assert read_mail(head + b"--b\n\nx\n" * 3, MailLimits(parts=4)).notes == ()
