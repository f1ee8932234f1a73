"""Chaffinch's own headers: put on top of a mail, and forged ones taken off, no other byte touched.

Nothing else of the mail changes, or its signatures would no longer hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chaffinch.errors import UsageError
from chaffinch.readers.mail.headers import ENVELOPE, FIELD, NAME

_OWN = re.compile(rb"\0*x\0*-\0*c\0*h\0*a\0*f\0*f\0*i\0*n\0*c\0*h\0*-", re.IGNORECASE)
_LINE_END = re.compile(rb"\r\n|\n|\r")
_UNSAFE = re.compile(r"[^ -~]+")
_WIDTH = 76


def strip_own_headers(data: bytes) -> bytes:
    r"""Return a mail without the headers that claim to be ours; every other byte stays.

    Parameters
    ----------
    data : bytes
        The mail.

    Examples
    --------
    >>> strip_own_headers(b"X-Chaffinch-Status: ham\n forged\nSubject: a\n\nHi\n")
    b'Subject: a\n\nHi\n'
    """
    kept: list[bytes] = []
    at = start = 0
    while found := FIELD.match(data, at) or ENVELOPE.match(data, at):
        if _OWN.match(data, at):
            kept.append(data[start:at])
            start = found.end()
        if found.end() == at:
            break
        at = found.end()
    return b"".join([*kept, data[start:]])


def add_headers(data: bytes, headers: Sequence[tuple[str, str]]) -> bytes:
    r"""Return a mail with headers of ours on top, in place of any forged ones.

    Parameters
    ----------
    data : bytes
        The mail.
    headers : sequence of (str, str)
        Names, which must begin with ``X-Chaffinch-``, and values. What is not printable ASCII in
        a value becomes a question mark, so that no value can add a line; long ones are folded.

    Raises
    ------
    UsageError
        If a name is not one of ours.

    Examples
    --------
    >>> add_headers(b"Subject: a\n\nHi\n", [("X-Chaffinch-Status", "ham")])
    b'X-Chaffinch-Status: ham\nSubject: a\n\nHi\n'
    """
    stripped = strip_own_headers(data)
    line_end = _LINE_END.search(stripped)
    end = line_end[0] if line_end else b"\n"
    lines = [line for name, value in headers for line in _field(name, value)]
    ours = b"".join(line.encode("ascii") + end for line in lines)
    envelope = ENVELOPE.match(stripped)
    at = envelope.end() if envelope else 0
    if at == len(stripped) and at and not stripped.endswith((b"\n", b"\r")):
        ours = end + ours
    # What follows must not be read as a header of the mail that it was not before.
    gap = b"" if FIELD.match(stripped, at) or _LINE_END.match(stripped, at) else end
    return stripped[:at] + ours + gap + stripped[at:]


def _field(name: str, value: str) -> list[str]:
    if not (_OWN.match(name.encode()) and re.fullmatch(NAME, name.encode() + b":")):
        raise UsageError(f"header '{name}' is not ours: begin its name with X-Chaffinch-")
    lines = [f"{name}:"]
    for word in _UNSAFE.sub("?", value).split():
        if len(lines[-1]) + 1 + len(word) > _WIDTH and lines[-1] != f"{name}:":
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return lines
