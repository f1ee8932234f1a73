"""Mail as it may have been on its way, before delivery put header fields on its top."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from chaffinch.readers.mail.headers import as_they_stand
from chaffinch.readers.mail.own import name_of_field

# Header fields that are taken off at most, and bytes of them.
_MOST, _MOST_BYTES = 32, 1 << 16
# What people see of a mail, or see it by: delivery adds none of it, and more of it makes another.
_SEEN = frozenset(
    {b"from", b"sender", b"reply-to", b"to", b"cc", b"date", b"subject", b"mime-version"}
)
_SEEN_BY = b"content-"
# What a door that verifies signatures puts on top of a mail before it judges it.
_RESULTS, _MOST_RESULTS = b"authentication-results", 4


def before_delivery(data: bytes) -> Iterator[bytes]:
    r"""Yield what a mail may have been before something was put on its top, the nearest first.

    That is the mail as it is, then without its first header field, its first two, and so on, up to
    a field that people see. Each comes with other ends of lines, too, as a mailbox may keep in LF
    what came in CR LF; and below what was found of its signatures, as a mail server may have put
    fields of its own between the two.

    Parameters
    ----------
    data : bytes
        The mail, or anything else.

    Examples
    --------
    >>> for mail in before_delivery(b"Return-Path: <a@b>\nX: 1\n 2\nSubject: Hi\n\n"):
    ...     print(mail)
    b'Return-Path: <a@b>\nX: 1\n 2\nSubject: Hi\n\n'
    b'Return-Path: <a@b>\r\nX: 1\r\n 2\r\nSubject: Hi\r\n\r\n'
    b'X: 1\n 2\nSubject: Hi\n\n'
    b'X: 1\r\n 2\r\nSubject: Hi\r\n\r\n'
    b'Subject: Hi\n\n'
    b'Subject: Hi\r\n\r\n'
    """
    yield from _with_other_ends(data)
    at, results = 0, list[bytes]()
    for field in islice(as_they_stand(data), _MOST):
        at += len(field)
        name = name_of_field(field)
        if at > _MOST_BYTES or name in _SEEN or name.startswith(_SEEN_BY):
            return
        for top in (b"", *results):
            yield from _with_other_ends(top + data[at:])
        if name == _RESULTS and len(results) < _MOST_RESULTS:
            results.append(field)


def _with_other_ends(data: bytes) -> Iterator[bytes]:
    """Yield a mail as it is, with LF behind each line, and with CR LF, where these are others."""
    in_lf = data.replace(b"\r\n", b"\n")
    yield from dict.fromkeys((data, in_lf, in_lf.replace(b"\n", b"\r\n")))
