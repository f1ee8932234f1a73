"""Chaffinch's own headers: put on top of a mail, and forged ones taken off.

No other byte is touched, or the signatures on a mail would no longer hold.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Sequence

from chaffinch.errors import UsageError
from chaffinch.readers.mail.headers import BEHIND_CR, FIELD, STARTS, as_they_stand, whole_lines

_OWN = b"x-chaffinch-"
# What Sieve rules look for that were written for SpamAssassin: we write these, so nobody else may.
# X-Spam-Level and the like we do not, and they may be those of a filter before us.
_OWN_NAMES = frozenset({b"x-spam-flag", b"x-spam-status"})
# Says that the empty line behind it is ours too: the mail had no headers to stand before it.
_SEPARATED = b"X-Chaffinch-Headers: none came with this mail"
_LINE_END = re.compile(rb"\r\n|\r|\n")
# As servers see it; lines end in CR alone only where nothing ends in LF.
_EMPTY_LINE = re.compile(rb"\r?\n|\r(?![^\n]*+\n)")
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
        The same bytes without the headers whose name begins with ``X-Chaffinch-`` or is
        ``X-Spam-Flag`` or ``X-Spam-Status``, in any case, their continuation lines included. What
        Dovecot and procmail take for no header stays.

    Examples
    --------
    >>> strip_own_headers(b"A: 1\nx-chaffinch-score: 0\n 1\nB: 2\n\nX-Chaffinch-C: 3\n")
    b'A: 1\nB: 2\n\nX-Chaffinch-C: 3\n'
    """
    return strip_headers(data, is_own_header)


def strip_headers(data: bytes, unwanted: Callable[[bytes], bool]) -> bytes:
    r"""Return a mail without some of its headers.

    Parameters
    ----------
    data : bytes
        The mail, or anything else.
    unwanted : callable
        Is given a header as it stands there, its continuation lines included, or a "From " line of
        an mbox; returns whether it is to go.

    Examples
    --------
    >>> strip_headers(b"A: 1\nB: 2\n\nHi\n", lambda field: field.startswith(b"A:"))
    b'B: 2\n\nHi\n'
    """
    head = bytearray()
    at = 0
    # Whether something stays; and whether there were only fields that go, and "From " lines.
    stays, goes = False, True
    last = b""
    for found in whole_lines(data):
        line = found[0]
        if found.lastindex:
            if goes and last.rstrip(b"\r\n") == _SEPARATED:
                text = _LINE_END.sub(b"", data[at:], count=1)
                if _is_bare(text) and not (head and text.startswith((b" ", b"\t"))):
                    # Without the empty line its beginning is taken for headers.
                    return strip_headers(bytes(head) + text, unwanted)
            if stays:
                break
            # Who skips empty lines before a mail, as procmail does, finds headers behind them.
            goes = False
            head += line
        elif b":" in line and unwanted(line):
            goes = goes and FIELD.match(line) is not None
            last = line
        else:
            goes = goes and STARTS.match(line) is not None and not FIELD.match(line)
            stays = True
            if b"\r" in line and b"\r" in line[:-2]:
                line = _without_hidden(line, unwanted)
            head += line
        at = found.end()
    return data if len(head) == at else bytes(head) + data[at:]


def _without_hidden(line: bytes, unwanted: Callable[[bytes], bool]) -> bytes:
    """Return a header without what some take for headers, as they stand behind a CR in it."""
    # A space stays: nothing at all would be an empty line to them.
    return BEHIND_CR.sub(lambda found: b" " if unwanted(found[0]) else found[0], line)


def name_of_field(field: bytes) -> bytes:
    """Return the name of a header, in small letters."""
    return field.partition(b":")[0].replace(b"\0", b"").rstrip(b" \t").lower()


def is_own_header(field: bytes) -> bool:
    """Tell whether only Chaffinch may write a header, given as a whole or as its name."""
    # A NUL may stand before its name. Most are told by this, which takes a third of the time.
    if field[:1] not in b"Xx\0":
        return False
    name = name_of_field(field)
    return name.startswith(_OWN) or name in _OWN_NAMES


def _is_bare(text: bytes) -> bool:
    """Tell whether this is text that follows no header block, not even an empty one."""
    return not (STARTS.match(text) or _EMPTY_LINE.match(text)) and text != b""


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
    end = _line_end_of(data)
    at = 0
    for line in as_they_stand(data):
        if FIELD.match(line) or not line.endswith(end[-1:]):
            break
        at += len(line)
    lines = [line for name, value in headers for line in write_header(name, value)]
    if lines and _is_bare(data[at:]):
        lines += [_SEPARATED, b""]
    return b"".join([data[:at], *[line + end for line in lines], data[at:]])


def _line_end_of(data: bytes) -> bytes:
    """Return what lines end with: those with a CR alone only where there is no LF."""
    feed = data.find(b"\n")
    if feed < 0:
        return b"\r" if b"\r" in data else b"\n"
    return b"\r\n" if data.endswith(b"\r", 0, feed) else b"\n"


def write_header(name: str, value: str) -> list[bytes]:
    r"""Return a header's lines, folded and without their ends.

    Parameters
    ----------
    name, value : str
        As `add_headers` takes them.

    Raises
    ------
    UsageError
        If the name is no header name.

    Examples
    --------
    >>> write_header("X-Chaffinch-Reasons", "subject 'free\nmoney' +1.05")
    [b"X-Chaffinch-Reasons: subject 'free money' +1.05"]
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"header name {name!r} cannot be written: use 1 to 70 printable ASCII characters, "
            "no space and no colon"
        )
    words = _CONTROLS.sub(" ", value).split(" ")
    plain = value.isascii() and "=?" not in value
    if not plain or max(map(len, words)) > _LONGEST_WORD:
        words = _encode(" ".join(words).strip())
    lines = [f"{name}:"]
    for place, word in enumerate(filter(None, words)):
        if place and len(lines[-1]) + 1 + len(word) > _LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return [line.encode("ascii") for line in lines]


def _encode(text: str) -> list[str]:
    """Return a text as encoded words (RFC 2047), none of which splits a character."""
    words = []
    chunk = b""
    for character in text:
        data = character.encode("utf-8", "replace")
        if len(chunk) + len(data) > _CHUNK:
            words.append(chunk)
            chunk = b""
        chunk += data
    words.append(chunk)
    return [f"=?utf-8?b?{binascii.b2a_base64(word, newline=False).decode()}?=" for word in words]
