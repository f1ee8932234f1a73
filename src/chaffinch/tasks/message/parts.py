"""Which parts of a message count, for grams, for rules and for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from chaffinch.features.text import Part
from chaffinch.readers.message import MessageContent
from chaffinch.tasks.message.facts import facts
from chaffinch.tasks.message.structure import structure

# Bytes of each kind of part that grams are counted on.
_STRUCTURE, _LINKS, _NUMBERS, _TEXT, _HIDDEN = 400, 600, 300, 4000, 600
_DIGIT = re.compile(r"\d")


def _numbers(text: str) -> str:
    """Return the words that hold digits, every digit a 0: how long a number is says more."""
    return _DIGIT.sub("0", " ".join(filter(_DIGIT.search, text.split())))


def gram_parts(message: MessageContent) -> Iterator[Part]:
    """Yield the parts of a message whose grams the learned models count."""
    yield Part("structure", " ".join(structure(message)), _STRUCTURE)
    yield Part("link", " ".join(message.urls), _LINKS)
    yield Part("number", _numbers(message.plain[:_TEXT]), _NUMBERS)
    yield Part("text", message.plain, _TEXT)
    yield Part("hidden", message.hidden, _HIDDEN)


#: The parts that a hand-written rule may look in.
RULE_PARTS: dict[str, Callable[[MessageContent], str]] = {
    "text": lambda message: message.plain,
    "hidden": lambda message: message.hidden,
    "urls": lambda message: "\n".join(message.urls),
    "tricks": lambda message: "\n".join(message.tricks),
    "facts": lambda message: "\n".join(f"{part}: {fact}" for part, fact in facts(message)),
}


def vocabulary(message: MessageContent) -> list[tuple[str, str]]:
    """Return the parts whose words and phrases people are shown."""
    return [("text", message.plain), ("hidden", message.hidden)]
