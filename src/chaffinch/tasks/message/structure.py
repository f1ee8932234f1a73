"""How a message is written, in a few words: what its grams cannot tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chaffinch.readers.message import MessageContent

# Characters that are looked at; the messages that people write are shorter.
_MOST = 4000
#: The least lengths that are told apart, in characters.
LENGTHS = (0, 20, 40, 60, 80, 100, 120, 140, 165, 320, 640)
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MONEY = re.compile(r"[$£€¥₹₽₺₩₦₱]|\b(?:rp|rs|usd|eur|gbp|idr|inr)\b\.? ?\d", re.IGNORECASE)
_EMOJI = re.compile(r"[\u2600-\u27bf\U0001f300-\U0001faff]")
#: From so many on, more are told as these.
MANY_DIGITS, MANY_NUMBERS, MANY_LINKS = 12, 5, 3


def structure(message: MessageContent) -> Iterator[str]:
    """Yield words on length, numbers, links, capitals and tricks.

    Parameters
    ----------
    message : MessageContent
        What was read.

    Yields
    ------
    str
        As in ``"length-140"``: 140 characters or more, up to the next bound.

    Examples
    --------
    >>> list(structure(MessageContent(plain="CALL 09061 NOW for £500!", urls=("a.example",))))
    ['length-20', 'digits-5', 'numbers-2', 'links-1', 'capitals-most', 'money']
    """
    text = message.plain[:_MOST]
    yield f"length-{max(bound for bound in LENGTHS if bound <= len(text))}"
    runs = _DIGITS.findall(text)
    yield f"digits-{min(MANY_DIGITS, max(map(len, runs), default=0))}"
    yield f"numbers-{min(MANY_NUMBERS, len(runs))}"
    yield f"links-{min(MANY_LINKS, len(message.urls))}"
    yield f"capitals-{_capitals(text)}"
    if _MONEY.search(text):
        yield "money"
    if _EMOJI.search(text):
        yield "emoji"
    yield from message.tricks


def _capitals(text: str) -> str:
    words = _WORD.findall(text)
    shouted = sum(word.isupper() for word in words)
    if not shouted:
        return "none"
    if shouted == len(words):
        return "all"
    return "most" if 2 * shouted > len(words) else "some"
