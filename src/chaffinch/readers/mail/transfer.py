"""Content transfer encodings (RFC 2045), read as leniently as the laxest mail program would."""

from __future__ import annotations

import binascii
import re
import string

_BASE64 = (string.ascii_letters + string.digits + "+/").encode()
_NOT_BASE64 = bytes(set(range(256)).difference(_BASE64))
_PADDED_SOFT_BREAK = re.compile(rb"=[ \t]++\n")


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding; bytes of an unknown one stay as they are.

    Parameters
    ----------
    body : bytes
        The encoded bytes, lines ending in LF.
    encoding : str
        The encoding's name, lower case.

    Returns
    -------
    bytes
        The decoded bytes; junk between them is skipped.

    Examples
    --------
    >>> decode_transfer(b"SGVsbG8h!", "base64"), decode_transfer(b"a=3Db", "quoted-printable")
    (b'Hello!', b'a=b')
    """
    if encoding == "base64":
        return decode_base64(body)
    if encoding == "quoted-printable":
        return decode_quoted(body)
    if encoding in ("x-uuencode", "uuencode", "x-uue"):
        return _decode_uu(body)
    return body


def decode_base64(data: bytes) -> bytes:
    """Decode base64 with junk in it, padding missing, or several pieces on end (RFC 4648).

    What follows the padding and is not all base64 was put there on the way, such as the footer of a
    mailing list.
    """
    first, _, rest = data.partition(b"=")
    pieces = [first.translate(None, _NOT_BASE64)]
    for piece in rest.split(b"="):
        piece = piece.translate(None, b"\r\n")
        if piece.translate(None, _BASE64):
            break
        pieces.append(piece)
    return b"".join(map(_decode_piece, pieces))


def _decode_piece(piece: bytes) -> bytes:
    # One character over holds six bits: no byte.
    over = len(piece) % 4
    if over == 1:
        piece = piece[:-1]
    return binascii.a2b_base64(piece + b"=" * (4 - over) if over > 1 else piece)


def decode_quoted(data: bytes) -> bytes:
    """Decode quoted-printable; an equals sign that starts no code stays as it is (RFC 2045)."""
    return binascii.a2b_qp(_PADDED_SOFT_BREAK.sub(b"=\n", data))


def _decode_uu(data: bytes) -> bytes:
    lines: list[bytes] = []
    for line in data.split(b"\n"):
        if line.startswith(b"begin "):
            lines.clear()
        elif line == b"end":
            break
        else:
            lines.append(_decode_uu_line(line))
    return b"".join(lines)


def _decode_uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    # Its first character tells how many bytes a line holds; some encoders append more, and a line
    # cut short holds fewer.
    told = (line[0] - 32) & 63
    try:
        return binascii.a2b_uu(line[: (told * 4 + 5) // 3 + 1])[: (len(line) - 1) * 3 // 4]
    except binascii.Error:
        return b""


def decoded_size(body: bytes, encoding: str) -> int:
    """Estimate how many bytes `body` decodes to, without decoding it.

    Examples
    --------
    >>> decoded_size(b"SGVsbG8h", "base64"), decoded_size(b"a=3Db", "quoted-printable")
    (6, 3)
    """
    if encoding == "base64":
        return (len(body) - body.count(b"\n") - body.count(b"=")) * 3 // 4
    if encoding == "quoted-printable":
        return len(body) - 2 * body.count(b"=")
    if encoding in ("x-uuencode", "uuencode", "x-uue"):
        return len(body) * 45 // 62
    return len(body)
