"""Who sends a mail: names, addresses, and what about them is odd."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chaffinch.readers.mail import MailContent

_MOST = 400  # characters of a header that are looked at
_IN_BRACKETS = re.compile(r"<([^<>]*)>\s*$")
_AN_ADDRESS = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")


def name_of(header: str) -> str:
    """Return what stands before the address of a From header.

    Examples
    --------
    >>> name_of('"Ann" <ann@example.org>'), name_of("ann@example.org")
    ('Ann', 'ann@example.org')
    """
    return _IN_BRACKETS.sub("", header).strip(' "')


def address_of(header: str) -> str:
    """Return the address of a From header, or all of it where it has no brackets.

    Examples
    --------
    >>> address_of('"Ann" <ann@example.org>'), address_of("ann@example.org")
    ('ann@example.org', 'ann@example.org')
    """
    found = _IN_BRACKETS.search(header)
    return found[1] if found else header


def sender_oddities(mail: MailContent) -> Iterator[tuple[str, str]]:
    """Yield what is odd about who sends, to whom, and who gets the answers, as (part, fact) pairs.

    Examples
    --------
    >>> mail = MailContent(headers=(("From", "ann@shop.example <x@example.net>"),))
    >>> list(sender_oddities(mail))
    [('sender', 'a name that is another address')]
    """
    sent = mail.header("from")[:_MOST]
    address = address_of(sent).strip().lower()
    domain = address.rpartition("@")[2].strip(".")
    if "@" not in address:
        return
    # Without brackets the name may stand behind the address: "ann@example.org (Ann)".
    named = _AN_ADDRESS.search(name_of(sent)) if ">" in sent else None
    if named is not None and not is_related(named[1].lower(), domain):
        yield "sender", "a name that is another address"
    replies = _AN_ADDRESS.search(address_of(mail.header("reply-to")[:_MOST]))
    if replies is not None and not is_related(replies[1].lower(), domain):
        yield "sender", "replies go elsewhere"
    if address_of(mail.header("to")[:_MOST]).strip().lower() == address:
        yield "sender", "writes to itself"


def is_related(one: str, other: str) -> bool:
    """Return whether two domains are the same, or one is below the other.

    Examples
    --------
    >>> is_related("example.org", "mail.example.org"), is_related("example.org", "anexample.org")
    (True, False)
    """
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
