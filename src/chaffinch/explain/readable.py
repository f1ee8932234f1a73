"""Pieces of an item as people can read them, and what the others are called."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import pairwise

# Characters of a piece that are shown, and that are looked at.
_LONGEST, _LONGEST_RANDOM, _MOST = 60, 30, 1200
# Longer words are looked at: people's own are shorter, or hold a sign between their parts.
_RANDOM_FROM = 12
_LETTERS = re.compile(r"[A-Za-z0-9+=]{12,}")
_NO_VOWEL = re.compile(r"[b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ]{7,}")
_SHOWN = 8
#: Reasons weaker than this, in log-odds, would be shown as nothing.
LEAST_SHOWN = 0.005
_LARGE = 100  # of a number from here on what is behind the point is not shown


def readable(text: str) -> tuple[str, bool]:
    r"""Return a piece as people can read it, and whether it is the piece itself.

    Parameters
    ----------
    text : str
        The piece: words with single spaces.

    Returns
    -------
    str
        The piece, cut to 60 characters; or what it is, where nobody can read it.
    bool
        Whether it is the piece, and not a description of it.

    Examples
    --------
    >>> readable("credit card"), readable("\ufffd\ufffd\ufffdx\ufffd")
    (('credit card', True), ('unreadable characters', False))
    >>> readable("_________"), readable("xkqpwzrtbd71h3Kq9")
    (("a row of '_'", False), ("random letters 'xkqpwzrt…'", False))
    """
    if not text or text.isspace():
        return "blank space", False
    if _is_unreadable(text):
        return "unreadable characters", False
    signs = set(text.replace(" ", ""))
    if len(signs) == 1 and len(text) > 1 and not text[0].isalnum():
        return f"a row of '{text[0]}'", False
    text = text[:_MOST]
    shown = " ".join(_word(word) for word in text.split(" "))
    is_random = shown != text and " " not in text and 2 * len(shown) < len(text) + _RANDOM_FROM
    shown = printable(shown)
    if is_random:
        return f"random letters '{_cut(shown, _LONGEST_RANDOM)}'", False
    return _cut(shown, _LONGEST), True


def short_id(id_: str) -> str:
    """Return what people are shown of an item's id: enough to tell it from a billion others.

    Examples
    --------
    >>> short_id("52f75c8e8668bc6a7beec9202b3cc102")
    '52f75c8e8668'
    """
    return id_[:12]


def counted(count: int, one: str) -> str:
    """Return so many of something in words.

    Examples
    --------
    >>> counted(1, "flag"), counted(1200, "flag")
    ('1 flag', '1,200 flags')
    """
    return f"{count:,} {one}" + ("" if count == 1 else "s")


def labelled(count: int, label: str) -> str:
    """Return so many items of a label in words; a label that is a number is told from the count.

    Examples
    --------
    >>> labelled(1200, "spam"), labelled(48, "0")
    ('1,200 spam', "48 × '0'")
    """
    return f"{count:,} × {quoted_label(label)}" if label[:1].isdigit() else f"{count:,} {label}"


def quoted_label(label: str) -> str:
    """Return a label in quotes where it would be taken for a count.

    Examples
    --------
    >>> quoted_label("spam"), quoted_label("0")
    ('spam', "'0'")
    """
    return f"'{label}'" if label[:1].isdigit() else label


def flagged_as(label: str, by: str) -> str:
    """Return which label was given, and by whom where that is known.

    Examples
    --------
    >>> flagged_as("three", "ada"), flagged_as("three", "")
    ('three by ada', 'three')
    """
    return f"{printable(label)} by {printable(by)}" if by else printable(label)


def listed(names: Iterable[str], *, most: int | None = None) -> str:
    """Return names in words: all, or the first and how many others there are.

    Examples
    --------
    >>> listed(["six"]), listed(["six", "two"]), listed(["six", "two", "ten", "one"], most=2)
    ('six', 'six and two', 'six, two and 2 others')
    """
    all_ = [printable(name) for name in names]
    if most is not None and len(all_) > most + 1:
        all_ = [*all_[:most], f"{len(all_) - most:,} others"]
    *first, last = all_
    return f"{', '.join(first)} and {last}" if first else last


def ending(text: str, most: int) -> str:
    """Return the end of a text of so many letters: of a path what tells it from its neighbours.

    Examples
    --------
    >>> ending("recordings/3_theo_5.wav", 13), ending("3_theo_5.wav", 13)
    ('…3_theo_5.wav', '3_theo_5.wav')
    """
    return text if len(text) <= most else f"…{text[len(text) + 1 - most :]}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _is_unreadable(text: str) -> bool:
    if text.isascii() and text.isprintable():
        return False
    # Text in a charset that was not declared shows as signs and accented letters, without others.
    bad = sum(letter == "\ufffd" or not letter.isprintable() for letter in text)
    odd = sum("\x80" <= letter <= "\xff" for letter in text)
    size = len(text)
    return 5 * bad > size or (odd > 3 and 5 * odd > 3 * size)


def _word(word: str) -> str:
    """Cut the random letters in a word short."""
    if len(word) < _RANDOM_FROM:
        return word
    return _LETTERS.sub(lambda run: _shortened(run[0]), word)


def _shortened(run: str) -> str:
    return f"{run[:_SHOWN]}…" if _is_random(run) else run


def _is_random(run: str) -> bool:
    if len(run) > 40 or _NO_VOWEL.search(run):
        return not run.isdigit()
    # Words change between small letters, capitals and digits a few times; dates and sums hold
    # digits alone.
    kinds = [0 if sign.isdigit() else 1 if sign.islower() else 2 for sign in run]
    changes = sum(a != b for a, b in pairwise(kinds))
    return 20 * changes > 9 * len(run)


def printable(text: str) -> str:
    r"""Return a text from outside as it may be shown: it must not steer what it is shown on.

    Examples
    --------
    >>> printable("4U\x1b[31m")
    '4U·[31m'
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "·" for letter in text)


def floored(probability: float) -> str:
    """Return a probability in three digits, rounded down: only what is certain is told as 1.

    Examples
    --------
    >>> floored(0.9972), floored(0.99996), floored(1.0)
    ('0.997', '0.999', '1.000')
    """
    return f"{math.floor(1000 * probability) / 1000:.3f}"


def short(number: float) -> str:
    """Return a number in five letters.

    Examples
    --------
    >>> short(0.126), short(3.0), short(1234.56)
    ('0.13', '3', '1235')
    """
    return f"{number:.0f}" if abs(number) >= _LARGE else f"{round(number, 2):g}"
