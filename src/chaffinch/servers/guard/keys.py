"""What a mail is known by in every folder, read off a few of its headers."""

from __future__ import annotations

import hashlib
import re

#: The headers that are asked for, of which so many bytes are read.
FIELDS = ("MESSAGE-ID", "DATE", "FROM", "SUBJECT", "RECEIVED", "IN-REPLY-TO")
LONGEST = 8192
# Mails that one answers, at most.
_ANSWERS = 8
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_ID = re.compile(rb"<([^<>\s]{1,998})>")


def key_of(fields: bytes, size: int, when: float | None) -> str:
    """Return the key of a mail: it is the same wherever the mail is moved to.

    Parameters
    ----------
    fields : bytes
        Its headers of `FIELDS`, as the server gives them.
    size : int
        How many bytes it has.
    when : float or None
        When the server took it in, in seconds since 1970-01-01 UTC; it only counts where the
        headers tell mails of the same size apart no better than by what any mail may have.
    """
    digest = hashlib.sha256(b"chaffinch/imap\0%d\0" % size)
    digest.update(fields)
    if not _values(fields, b"message-id") and not _values(fields, b"received"):
        digest.update(b"%.0f" % when if when is not None else b"")
    return digest.hexdigest()[:32]


def message_of(fields: bytes) -> str:
    r"""Return the digest of a mail's Message-ID; empty where it has none.

    Examples
    --------
    >>> message_of(b"Message-ID: <1@mail.example>\r\n\r\n")
    'ed44dc00cfd6b887f9efdb15f1b9155b'
    """
    found = [id_ for value in _values(fields, b"message-id") for id_ in _ID.findall(value)]
    return _digest(found[0]) if found else ""


def answered_by(fields: bytes) -> list[str]:
    r"""Return the digests of the Message-IDs of the mails that this one answers.

    Examples
    --------
    >>> fields = b"In-Reply-To: an old one,\r\n <1@mail.example>\r\n\r\n"
    >>> answered_by(fields) == [message_of(b"Message-ID: <1@mail.example>\r\n\r\n")]
    True
    """
    found = [id_ for value in _values(fields, b"in-reply-to") for id_ in _ID.findall(value)]
    return [_digest(id_) for id_ in found[:_ANSWERS]]


def _values(fields: bytes, name: bytes) -> list[bytes]:
    lines = _FOLDED.sub(b" ", fields[:LONGEST]).split(b"\n")
    parted = (line.partition(b":") for line in lines)
    return [value.strip() for key, _, value in parted if key.strip().lower() == name]


def _digest(id_: bytes) -> str:
    return hashlib.sha256(b"chaffinch/message-id\0" + id_).hexdigest()[:32]
