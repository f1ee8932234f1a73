"""Chaffinch's own headers: put on top of a mail, and forged ones taken off.

No other byte is touched, or the signatures on a mail would no longer hold.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence

from chaffinch.errors import UsageError
from chaffinch.readers.mail.headers import ENVELOPE, FIELD, STARTS

_OWN = b"x-chaffinch-"
# Says that the empty line behind it is ours too: the mail had no headers to stand before it.
_SEPARATED = b"X-Chaffinch-Headers: none came with this mail"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_NAME = re.compile("[!-9;-~]{1,70}")
_CONTROLS = re.compile(r"[\x00-\x20\x7f]+")
# RFC 5322 asks for 78 characters a line and forbids more than 998.
_LINE = 78
_LONGEST_WORD = 900
# Bytes that make an encoded word of at most 75 characters (RFC 2047, section 2).
_CHUNK = 42


def strip_own_headers(data: bytes) -> bytes:
    r"""Return a mail without the headers that only Chaffinch may write.

    Parameters
    ----------
    data : bytes
        The mail, or anything else.

    Returns
    -------
    bytes
        The same bytes without the headers whose name begins with ``X-Chaffinch-``, in any case,
        their continuation lines included. What is not in the header block stays.

    Examples
    --------
    >>> strip_own_headers(b"A: 1\nx-chaffinch-score: 0\n 1\nB: 2\n\nX-Chaffinch-C: 3\n")
    b'A: 1\nB: 2\n\nX-Chaffinch-C: 3\n'
    """
    kept: list[bytes] = []
    others = separated = False
    at = 0
    for field, is_own in _fields(data):
        at += len(field)
        if is_own:
            separated = separated or field.rstrip(b"\r\n") == _SEPARATED
        else:
            kept.append(field)
            others = True
    head, rest = b"".join(kept), data[at:]
    if len(head) == at:
        return data
    if separated and not others:
        bare = _without_first_line_end(rest)
        if not _has_headers(bare):
            return bare
    if head.endswith(b"\r") and rest.startswith(b"\n"):
        # The line ends of two lines must not become one: the empty line would be lost.
        head += b"\n"
    return head + rest


def add_headers(data: bytes, headers: Sequence[tuple[str, str]]) -> bytes:
    r"""Return a mail with headers put on its top, and without forged own ones.

    Parameters
    ----------
    data : bytes
        The mail, or anything else.
    headers : sequence of (str, str)
        Names and values, in order. White space and control characters in a value become one space;
        what is not ASCII is written in encoded words (RFC 2047). Lines are folded at 78 characters.

    Returns
    -------
    bytes
        The mail with these headers, written with its own line ending, behind an mbox "From " line
        where there is one. Where it has no headers, an empty line sets them off from the text.

    Raises
    ------
    UsageError
        If a name is no header name.

    Examples
    --------
    >>> add_headers(b"A: 1\r\n\r\nHi\r\n", [("X-Chaffinch-Action", "junk")])
    b'X-Chaffinch-Action: junk\r\nA: 1\r\n\r\nHi\r\n'
    """
    data = strip_own_headers(data)
    found = _LINE_END.search(data)
    end = found[0] if found else b"\n"
    at = _end_of_envelope(data)
    lines = [line for name, value in headers for line in _write(name, value)]
    rest = data[at:]
    if lines and rest and not (STARTS.match(rest) or rest.startswith((b"\r", b"\n"))):
        lines += [_SEPARATED, b""]
    return b"".join([data[:at], *[line + end for line in lines], rest])
