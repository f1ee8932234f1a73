"""How the parts of a message are told to people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from chaffinch.explain.wording import Wording, tell_links
from chaffinch.tasks.message.structure import LENGTHS, MANY_DIGITS, MANY_LINKS, MANY_NUMBERS

_CAPITALS = {
    "all": "all words in capitals",
    "most": "most words in capitals",
    "some": "some words in capitals",
    "none": "no words in capitals",
}
_SAID = {
    "money": "names a sum of money",
    "emoji": "has emoji",
    "html": "is written in HTML",
    "hidden-text": "hides text",
    "invisible-characters": "has invisible characters",
    "styled-letters": "has letters in disguise: circled, bold or the like",
    "heaped-marks": "has marks heaped on its letters",
    "mixed-script": "has letters of other scripts that look alike",
}


def tell_structure(words: Sequence[str]) -> list[str]:
    """Return what words on a message's structure say.

    Examples
    --------
    >>> tell_structure(["length-140", "digits-11", "numbers-1", "links-0", "capitals-all"])[:3]
    ['text of 140–164 characters', 'longest number has 11 digits', 'one number']
    """
    return [_told(word) for word in words]


def _told(word: str) -> str:
    kind, _, value = word.partition("-")
    if word in _SAID:
        return _SAID[word]
    if kind == "capitals":
        return _CAPITALS.get(value, word)
    if not value.isdecimal():
        return word
    count = int(value)
    if kind == "length":
        ends = dict(pairwise(LENGTHS))
        return f"text of {count}" + (
            f"–{ends[count] - 1} characters" if count in ends else " characters or more"
        )
    if kind == "digits":
        many = " or more" if count == MANY_DIGITS else ""
        return f"longest number has {_counted(count, 'digit', many)}" if count else "has no digits"
    most = {"numbers": MANY_NUMBERS, "links": MANY_LINKS}.get(kind)
    if most is None:
        return word
    return _counted(count, kind[:-1], " or more" if count == most else "")


def _counted(count: int, noun: str, many: str) -> str:
    if count < 2:
        return f"{('no', 'one')[count]} {noun}" + ("s" if count == 0 else "")
    return f"{count}{many} {noun}s"


def tell_numbers(words: Sequence[str]) -> list[str]:
    """Return how words with digits are written, each of which stands as a 0.

    Examples
    --------
    >>> tell_numbers(["0000000", "£000!", "0"])
    ['a number of 7 digits', "a number written as '£000!'", 'a number of one digit']
    """
    return [
        f"a number of {_counted(len(word), 'digit', '')}"
        if word.strip("0") == "" and word
        else f"a number written as '{word}'"
        for word in words
    ]


WORDING = Wording(
    names={"hidden": "hidden text"},
    tell={"structure": tell_structure, "link": tell_links, "number": tell_numbers},
)
