"""What the words of a mail do not tell: where it leads, how it is made, when it was sent."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from chaffinch.readers.disguise import undisguise
from chaffinch.readers.links import host_of
from chaffinch.readers.mail import MailContent
from chaffinch.tasks.mail.authenticated import authentication_facts
from chaffinch.tasks.mail.manners import link_tricks, sender_facts, style_facts

# Headers whose value is one of a few, and says something of the program that sent the mail.
_TELLING = frozenset(
    "x-mailer user-agent precedence importance x-priority x-msmail-priority content-type "
    "content-transfer-encoding mime-version list-id errors-to auto-submitted".split()
)
_MOST_HEADERS, _MOST_LINKS, _LONGEST = 200, 50, 60
_MOST_OF_A_DATE = 120
_LINKS = (2, 5, 10, 20, 50)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def facts(mail: MailContent) -> Iterator[tuple[str, str]]:
    """Yield (part, fact) pairs.

    Examples
    --------
    >>> mail = MailContent(urls=("http://203.0.113.7/a",), structure=("text/html",))
    >>> list(facts(mail))[:3]
    [('link', '203.0.113.7'), ('link', 'a number instead of a name'), ('links', '1 link')]
    """
    yield from _links(mail)
    yield from sender_facts(mail)
    yield from authentication_facts(mail)
    yield from style_facts(mail)
    yield from _structure(mail)
    for part in ("subject", "visible"):
        text = mail.visible[:20_000] if part == "visible" else mail.header(part)
        for trick in undisguise(text)[1]:
            yield "disguise", f"{trick} in the {'text' if part == 'visible' else part}"
    if mail.hidden:
        yield "disguise", "hidden text"
    yield from _headers(mail)
    yield from _time(mail)


def _links(mail: MailContent) -> Iterator[tuple[str, str]]:
    for url in mail.urls[:_MOST_LINKS]:
        host = host_of(url)
        if not host:
            continue
        yield "link", host[:_LONGEST]
        if host.replace(".", "").isdigit():
            yield "link", "a number instead of a name"
        else:
            yield "link", f"to .{host.rpartition('.')[2][:_LONGEST]}"
        for trick in link_tricks(url, host):
            yield "link", trick
    yield "links", _counted(len(mail.urls))


def _structure(mail: MailContent) -> Iterator[tuple[str, str]]:
    kinds = mail.structure
    for kind in dict.fromkeys(kinds):
        yield "structure", kind[:_LONGEST]
    if "text/html" in kinds and "text/plain" not in kinds:
        yield "structure", "HTML without plain text"
    for part in mail.attachments:
        ending = part.name.rpartition(".")[2].lower()
        if ending and "." in part.name:
            yield "attachment", f".{ending[:_LONGEST]}"


def _headers(mail: MailContent) -> Iterator[tuple[str, str]]:
    for name, value in mail.headers[:_MOST_HEADERS]:
        known = name.lower()[:_LONGEST]
        if known.startswith("x-chaffinch-"):
            continue
        yield "header", known
        if known in _TELLING:
            plain = " ".join(value[:200].split()).lower()
            yield "header", f"{known}: {plain.partition(';')[0][:_LONGEST]}"
            charset = plain.partition("charset=")[2].strip("\"' ").partition(";")[0]
            if charset:
                yield "header", f"charset {charset[:_LONGEST]}"


def _time(mail: MailContent) -> Iterator[tuple[str, str]]:
    """Yield facts of the Date header, in the sender's own zone (RFC 5322, section 3.3)."""
    from email.utils import parsedate_tz

    date = mail.header("date")
    if not date:
        yield "time", "no date"
        return
    parsed: Any = parsedate_tz(date[:_MOST_OF_A_DATE])
    if parsed is None:
        yield "time", "a date that cannot be read"
        return
    hour, zone = parsed[3], parsed[9]
    if 0 <= hour < 24:
        yield "time", f"sent between {hour // 4 * 4:02}:00 and {hour // 4 * 4 + 3:02}:59"
    if zone is not None and abs(zone) < 24 * 3600:
        sign = "-" if zone < 0 else "+"
        yield "time", f"zone {sign}{abs(zone) // 3600:02}{abs(zone) // 60 % 60:02}"
    day = _weekday(parsed)
    if day is not None:
        yield "time", f"sent on a {_DAYS[day]}"


def _weekday(parsed: tuple[Any, ...]) -> int | None:
    from datetime import date

    try:
        return date(*parsed[:3]).weekday()
    except (ValueError, TypeError, OverflowError):
        return None


def _counted(links: int) -> str:
    if links < 2:
        return "1 link" if links else "no link"
    for least, following in pairwise(_LINKS):
        if links < following:
            return f"{least} to {following - 1} links"
    return f"{_LINKS[-1]} links or more"
