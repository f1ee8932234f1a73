"""Seeing through disguise: what a person reads, whatever characters it is written in."""

from __future__ import annotations

import re
from unicodedata import normalize

# What leaves no trace on a screen: controls, soft hyphen, joiners and spaces of no width, marks of
# direction, fillers, variation selectors and tags (Unicode's Default_Ignorable_Code_Point).
_NO_TRACE = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Those of ASCII, for most texts have no others; finding none is far faster so.
_CONTROLS = bytes(code for code in range(128) if re.match(f"[{_NO_TRACE}]", chr(code)))
_INVISIBLE = re.compile(f"[{_NO_TRACE}]+")
# Scripts that have no use for them inside of a word; others, such as Persian and Hindi, do.
_LETTER = r"[0-9A-Za-z\u00c0-\u024f\u0370-\u052f]"
_INVISIBLE_INSIDE = re.compile(f"{_LETTER}[{_NO_TRACE}]++{_LETTER}")
# Mathematical and circled letters. Full-width ones are common in Chinese and Japanese.
_STYLED = re.compile(r"[\U0001d400-\U0001d7ff\u249c-\u24e9\U0001f110-\U0001f12b]{2}")
_MARKS = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")
# What strikes letters out or is heaped on them; one accent that joins with no letter is innocent.
_HEAPED = re.compile(r"[\u0334-\u0338\u20d0-\u20dc]|[\u0300-\u036f]{3}")
# Cyrillic and Greek letters that look like Latin ones (Unicode TR 39, confusables).
_LIKE = str.maketrans(
    "аеорсухіјѕԁһԛԝвкмнтАВЕКМНОРСТУХІЈЅҮ",
    "aeopcyxijsdhqwbkmhtABEKMHOPCTYXIJSY",
) | str.maketrans(
    "ονρικτυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "ovpiktuABEZHIKMNOPTYX",
)
_LOOKALIKE = re.compile(f"[{''.join(map(chr, _LIKE))}]")
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[A-Za-z]")
# Putting marks in order takes time quadratic in how many follow each other, so in few at a time.
_AT_A_TIME = 1024


def undisguise(text: str) -> tuple[str, tuple[str, ...]]:
    r"""Return a text as a person reads it, and by what tricks that was kept from programs.

    Characters without a trace are dropped, styled and full-width letters become plain ones (Unicode
    NFKC), marks that join with no letter are dropped, and Cyrillic and Greek letters in a word with
    Latin ones become the Latin letters that they look like.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        The plain text.
    tuple of str
        Of ``"invisible-characters"``, ``"styled-letters"``, ``"heaped-marks"`` and
        ``"mixed-script"`` those that were met; each in places where no language needs it.

    Examples
    --------
    >>> undisguise("fr\u200bee \uff37\uff29\uff2e, c\u0430sh")
    ('free WIN, cash', ('invisible-characters', 'mixed-script'))
    """
    tricks = []
    if text.isascii() and len(text.encode().translate(None, _CONTROLS)) == len(text):
        return text, ()
    if _INVISIBLE_INSIDE.search(text):
        tricks.append("invisible-characters")
    text = _INVISIBLE.sub("", text)
    if text.isascii():
        return text, tuple(tricks)
    if _STYLED.search(text):
        tricks.append("styled-letters")
    pieces = (text[at : at + _AT_A_TIME] for at in range(0, len(text), _AT_A_TIME))
    text = "".join([normalize("NFKC", piece) for piece in pieces])
    if _HEAPED.search(text):
        tricks.append("heaped-marks")
    text = _MARKS.sub("", text)
    if _LOOKALIKE.search(text):
        alone = _WORD.sub(_in_latin, text)
        if alone != text:
            tricks.append("mixed-script")
            text = alone
    return text, tuple(tricks)


def _in_latin(word: re.Match[str]) -> str:
    return word[0].translate(_LIKE) if _LATIN.search(word[0]) else word[0]
