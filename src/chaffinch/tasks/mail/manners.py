"""How a mail presents itself: who says to have sent it, how its subject and its links are spelt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from chaffinch.readers.mail import MailContent
from chaffinch.tasks.mail.sender import sender_oddities

# Bounds: characters of an address header, of a subject, and of a text that are looked at.
_MOST_ADDRESS, _MOST_SUBJECT = 500, 500
_LONGEST = 60
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^{|}~-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){0,9})")
_MANY_DIGITS = re.compile(r"\d\D{0,2}\d\D{0,2}\d\D{0,2}\d")
_MANY_RECIPIENTS = 5

_REPLY = re.compile(r"(?:re|aw|sv|fwd?)(?:\[\d{1,3}\])?:", re.IGNORECASE)
_CAPITALS = re.compile(r"[A-Z]{3}")
_PRICE = re.compile(r"[$£€¥₹]\s?\d|\d\s?%")
_CODE_AT_END = re.compile(r"\s{3,}\S{3,}$")

_DIGITS_AMONG_LETTERS = re.compile(r"[a-z]{2,}[013457]+[a-z]")
_ENDING_INSIDE = re.compile(r"\.(?:com|net|org|gov|edu)\.(?!\w{2}$)")
_PORT = re.compile(r":\d{1,5}$")
_TEXT_LENGTHS = (0, 1, 100, 300, 1_000, 3_000, 10_000, 30_000)


def sender_name(mail: MailContent) -> str:
    """Return what the sender calls itself, without any address.

    Examples
    --------
    >>> sender_name(MailContent(headers=(("From", "ann@a.example (Ann Archer)"),))).split()
    ['(Ann', 'Archer)']
    """
    return _ADDRESS.sub(" ", mail.header("from")[:_MOST_ADDRESS])


def sender_address(mail: MailContent) -> str:
    """Return the sender's address, or an empty string: of several in the From header the last."""
    found = list(_ADDRESS.finditer(mail.header("from")[:_MOST_ADDRESS]))
    return found[-1][0] if found else ""


def sender_facts(mail: MailContent) -> Iterator[tuple[str, str]]:
    """Yield what the headers of addresses say beside their words (RFC 5322, section 3.6).

    Examples
    --------
    >>> mail = MailContent(headers=(("From", '"bank@bank.example" <x9417@cheap.example>'),))
    >>> [fact for _, fact in sender_facts(mail)][:3]
    ['from .example', 'a name that is another address', 'four digits or more in the address']
    """
    sender = mail.header("from")[:_MOST_ADDRESS]
    found = list(_ADDRESS.finditer(sender))
    if not found:
        yield "sender", "no address" if sender else "no From header"
        return
    own = found[-1]
    domain = own[1].lower()
    yield "sender", f"from .{domain.rpartition('.')[2][:_LONGEST]}"
    yield from sender_oddities(mail)
    if not sender.replace(own[0], "").strip(" <>\"'()"):
        yield "sender", "an address without a name"
    if _MANY_DIGITS.search(own[0].partition("@")[0]):
        yield "sender", "four digits or more in the address"
    to = f"{mail.header('to')},{mail.header('cc')}"[: 20 * _MOST_ADDRESS]
    recipients = to.count("@")
    if own[0] in to:
        yield "recipients", "the sender among them"
    if recipients == 0:
        yield "recipients", "none named"
    elif recipients >= _MANY_RECIPIENTS:
        yield "recipients", f"{_MANY_RECIPIENTS} or more"


def style_facts(mail: MailContent) -> Iterator[tuple[str, str]]:
    """Yield how the subject is spelt, and how long the text is.

    Examples
    --------
    >>> mail = MailContent(headers=(("Subject", "RE: CASH NOW!!"),), visible="Hello")
    >>> for part, fact in style_facts(mail):
    ...     print(f"{part}: {fact}")
    style: subject in capitals
    style: subject with exclamation marks
    style: answers a mail that it does not name
    length: 1 to 99 characters
    """
    subject = mail.header("subject")[:_MOST_SUBJECT]
    if not subject.strip():
        yield "style", "no subject"
    if _CAPITALS.search(subject) and subject.upper() == subject:
        yield "style", "subject in capitals"
    if "!" in subject:
        several = subject.count("!") > 1
        yield "style", f"subject with {'exclamation marks' if several else 'an exclamation mark'}"
    if "?" in subject:
        yield "style", "subject asks"
    if _PRICE.search(subject):
        yield "style", "subject with a price or per cent"
    if _CODE_AT_END.search(subject):
        yield "style", "subject ends in a code after a gap"
    if _REPLY.match(subject):
        answers = mail.header("references") or mail.header("in-reply-to")
        yield "style", "answers a mail" if answers else "answers a mail that it does not name"
    yield "length", _length(len(mail.visible.strip()))


def link_tricks(url: str, host: str) -> Iterator[str]:
    """Yield how a link hides where it leads, or looks like another.

    Examples
    --------
    >>> url = "http://bank.example.com.b4nk0nline.example:8080/@a"
    >>> list(link_tricks(url, "bank.example.com.b4nk0nline.example"))
    ['a port of its own', 'digits among letters', 'an ending inside the name']
    """
    authority = url.partition("://")[2].partition("/")[0][:300]
    if "@" in authority:
        yield "a name before the host"
    if _PORT.search(authority):
        yield "a port of its own"
    host = host[:300]
    if "xn--" in host or not host.isascii():
        yield "a name in foreign letters"
    if _DIGITS_AMONG_LETTERS.search(host):
        yield "digits among letters"
    if _ENDING_INSIDE.search(host):
        yield "an ending inside the name"


def _length(characters: int) -> str:
    for least, following in pairwise(_TEXT_LENGTHS):
        if characters < following:
            return f"{least:,} to {following - 1:,} characters" if least else "no text"
    return f"{_TEXT_LENGTHS[-1]:,} characters or more"
