"""The words of a message's structure, as people say them."""

from __future__ import annotations

from itertools import pairwise

from chaffinch.tasks.message.structure import LENGTHS, MOST_DIGITS, MOST_LINKS, MOST_NUMBERS

_LAST = dict(pairwise(LENGTHS))
_KINDS = {
    "digits": ("a number of {} digits", MOST_DIGITS),
    "numbers": ("{} numbers", MOST_NUMBERS),
    "links": ("{} links", MOST_LINKS),
}
_SAID = {
    "digits-0": "no number",
    "digits-1": "a number of 1 digit",
    "numbers-0": "no number",
    "numbers-1": "1 number",
    "links-0": "no link",
    "links-1": "1 link",
    "capitals-none": "no word in capitals",
    "capitals-some": "some words in capitals",
    "capitals-most": "most words in capitals",
    "capitals-all": "all words in capitals",
    "money": "a sum of money",
}


def in_words(word: str) -> str:
    """Return what a word of `chaffinch.tasks.message.structure.structure` means.

    Examples
    --------
    >>> [in_words(word) for word in ("length-140", "digits-12", "links-1", "mixed-script")]
    ['140 to 164 characters', 'a number of 12 digits or more', '1 link', 'mixed script']
    """
    if word in _SAID:
        return _SAID[word]
    kind, _, number = word.partition("-")
    if kind == "length" and number.isdigit():
        return _length(int(number))
    if kind in _KINDS and number.isdigit():
        text, most = _KINDS[kind]
        return text.format(number) + (" or more" if int(number) >= most else "")
    return word.replace("-", " ")


def _length(least: int) -> str:
    following = _LAST.get(least)
    if following is None:
        return f"{least} characters or more"
    return (
        f"{least} to {following - 1} characters" if least else f"fewer than {following} characters"
    )
