"""Spelling variants: one spelling for "4U", "For U", "f0r u" and "F O R  U"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from chaffinch.readers.disguise import undisguise

# Digits and signs that stand for letters they look like; what may stand for two says both.
_LOOKS = {
    "0": "o",
    "1": "il",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "€": "e",
    "£": "l",
    "!": "il",
    "|": "li",
    "¡": "i",
}
# Words written by their sound, as people write them in short messages.
_SOUNDS = {
    "u": "you",
    "ur": "your",
    "b4": "before",
    "be4": "before",
    "gr8": "great",
    "l8": "late",
    "l8r": "later",
    "m8": "mate",
    "w8": "wait",
    "h8": "hate",
    "2day": "today",
    "2nite": "tonight",
    "2night": "tonight",
    "2moro": "tomorrow",
    "2morrow": "tomorrow",
    "any1": "anyone",
    "some1": "someone",
    "every1": "everyone",
}
# A 4 or a 2 is a word before one of these: "4 u", "2 you", "4free"; never by itself, as in "4 pm",
# nor where it is likely a number, as in "2 free tickets".
_NUMBERS = {"4": "for", "2": "to"}
_PERSONS = frozenset("u ur you your me him her us them".split())
_BEFORE = {"4": _PERSONS | frozenset("all ever free sale life".split()), "2": _PERSONS}

# Bounds: characters of a spelling, readings tried, disguised words found in a text.
_LONGEST, _READINGS, _MOST = 100, 16, 200
_LETTER = r"[^\W_]"
# Letters with one and the same sign or space between each two: three at least, two are initials.
_APART = rf"(?:{_LETTER}(?P<gap>[ .*~/_-])(?:{_LETTER}(?P=gap)){{1,23}}{_LETTER})"
_LETTERS_APART = re.compile(rf"(?<!\w){_APART}(?!\w)")
# The same in running text, which has addresses and lists too, and wider gaps between words.
_SIGNED = rf"{_LETTER}(?P<sign>[.*~_-])(?:{_LETTER}(?P=sign)){{1,23}}{_LETTER}"
_SPACED = rf"{_LETTER}(?: {_LETTER}){{2,25}}(?: {{2,4}}{_LETTER}(?: {_LETTER}){{0,25}}){{0,4}}"
_HIDDEN_APART = re.compile(rf"(?<![\w.*~/@'-])(?:{_SIGNED}|{_SPACED})(?![\w*~/@'-]|[.]\w)")
_HIDDEN_BY_SIGNS = re.compile(
    r"(?<![\w@$€£!|¡.:/=&?+-])[a-z]{1,20}(?:[@€£!|¡]{1,2}[a-z]{1,20}){1,3}(?![\w@€£|=&/-]|[.:]\w)"
)
# What every text with such words has, and which is soon looked for.
_HINT_APART = re.compile(rf"[ .*~_-]{_LETTER}[ .*~_-]{_LETTER}[ .*~_-]")
_HINT_SIGNS = re.compile(r"[a-z][@€£!|¡]{1,2}[a-z]")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_GAP = re.compile(r"\s{2,}")
# Letters of the shortest word with a hyphen, and distinct ones of the shortest with repetitions:
# "M-F" and "IEEE" are other words than "MF" and "IE".
_SHORT, _DISTINCT = 4, 3
_STAND_INS = frozenset(_LOOKS)
# Digits at an end are a number more often than letters ("mp3", "win95", "1st"), but for these.
_LETTERS_OUTSIDE = re.compile(r"(?=0[a-z]{2}|1[a-z]{3}|\D).*(?:\D|(?<=[a-z])(?:00|33|0))")
# What stands for itself: most words of any text, but for repetitions and "ur".
_PLAIN_WORD = r"(?:[a-tv-z]|[a-z]{2,}(?:'[a-z]+)?|\d{2,}|[0135-9])"
_PLAIN = re.compile(rf"(?!.*([a-z])\1\1)(?!.*\bur\b){_PLAIN_WORD}(?: {_PLAIN_WORD})?")


def canonical(text: str, known: Mapping[str, int] | None = None) -> str:
    r"""Return the one spelling that stands for all variants of a word or phrase.

    Disguise is taken away (`chaffinch.readers.disguise`), letters that stand apart are joined,
    digits and signs within a word become the letters that they look like ("leet"), words written by
    their sound become words, as in the normalisation of short messages (Han and Baldwin, "Lexical
    normalisation of short text messages", ACL 2011), and a letter that is repeated three times or
    more is taken for one or two. Numbers stay numbers, and a 4 or a 2 is a word only before a few
    words such as "u" and "free". Two different words that people use remain two: letters are
    changed nowhere but in place of digits, signs and repetitions.

    Parameters
    ----------
    text : str
        A word or a phrase; what follows 100 characters does not count.
    known : mapping of str to int, optional
        How often each word or phrase is met. Where a spelling can be read in two ways, the word
        that is met most often is meant: "1oan" is "loan" only where that is known, and "u" is no
        "you" where it is mostly followed by "s", as in "U.S.", but beside "for" or "to".

    Examples
    --------
    >>> {canonical(text) for text in ("4U", "For U", "f0r u", "F O R  U", "4 you", "fo\u200br u")}
    {'for you'}
    >>> [canonical(text) for text in ("v1agra", "v.i.a.g.r.a", "fr€e", "4 pm", "2002", "mp3")]
    ['viagra', 'viagra', 'free', '4 pm', '2002', 'mp3']
    >>> [canonical(text, {"loan": 9, "win": 9}) for text in ("1oan", "winnn", "4th")]
    ['loan', 'win', '4th']
    """
    text = text[:_LONGEST].lower()
    if stands_for_itself(text):
        return text
    plain = undisguise(text)[0].lower().strip()
    words = [
        word
        for stretch in _GAP.split(plain)
        for word in _LETTERS_APART.sub(_joined, stretch).split()
    ]
    return " ".join(_read(words, place, known or {}) for place in range(len(words)))


def stands_for_itself(text: str) -> bool:
    """Return whether a word or phrase in small letters can be seen to be its own canonical one."""
    return _PLAIN.fullmatch(text) is not None


def disguised_words(plain: str) -> Iterator[str]:
    """Yield the words of a text that are hidden from who looks for words, as they are written.

    They have their letters apart, or signs in place of letters. Two letters apart are initials, and
    what has an ``@`` before a dot is an address.

    Parameters
    ----------
    plain : str
        The text without disguise, in small letters.

    Examples
    --------
    >>> list(disguised_words("cheap v.i.a.g.r.a, fr€e! mail a@b.example at 9 a.m."))
    ['v.i.a.g.r.a', 'fr€e']
    >>> list(disguised_words("all  f o r  u  and 1 2 3"))
    ['f o r  u']
    """
    found = 0
    spaced = f" {plain} "
    for hint, pattern in ((_HINT_APART, _HIDDEN_APART), (_HINT_SIGNS, _HIDDEN_BY_SIGNS)):
        if not hint.search(spaced):
            continue
        for match in pattern.finditer(plain):
            if sum(map(str.isalpha, match[0])) < 3:
                continue
            yield match[0]
            found += 1
            if found == _MOST:
                return


def _joined(match: re.Match[str]) -> str:
    whole = match[0].replace(match["gap"], "")
    return match[0] if whole.isdigit() else whole


def _read(words: list[str], place: int, known: Mapping[str, int]) -> str:
    word = words[place]
    if word in _NUMBERS:
        before = place + 1 < len(words) and words[place + 1] in _BEFORE[word]
        return _NUMBERS[word] if before else word
    if word == "u" and 2 * known.get("u s", 0) > known.get("u", 0):
        # The U of "U.S."
        to_you = place > 0 and _read(words, place - 1, known) in _NUMBERS.values()
        return "you" if to_you else word
    if word in _SOUNDS:
        return _SOUNDS[word]
    if word[0] in _NUMBERS and word[1:] in _BEFORE[word[0]]:
        return f"{_NUMBERS[word[0]]} {_SOUNDS.get(word[1:], word[1:])}"
    if len(word) > _SHORT:
        word = _HYPHEN.sub("", word)
    return _unrepeated(_unleet(word, known), known)


def _unleet(word: str, known: Mapping[str, int]) -> str:
    """Return a word with letters in place of the digits and signs that look like them."""
    standing_in = [letter for letter in word if not letter.isalpha()]
    letters = len(word) - len(standing_in)
    if not standing_in or letters < 2 or not _STAND_INS.issuperset(standing_in):
        return word
    if not _LETTERS_OUTSIDE.fullmatch(word):
        return word
    readings = _readings(word)
    best = max(readings, key=lambda reading: known.get(reading, 0))
    if known.get(best, 0):
        return best
    outside = word[0].isdigit() or word[-1].isdigit()
    return word if outside or letters < 2 * len(standing_in) else best


def _readings(word: str) -> list[str]:
    choices = [_LOOKS.get(letter, letter) for letter in word]
    readings = []
    for reading in product(*choices):
        readings.append("".join(reading))
        if len(readings) == _READINGS:
            break
    return readings


def _unrepeated(word: str, known: Mapping[str, int]) -> str:
    """Return a word in which no letter stands three times in a row, but for abbreviations."""
    if len(set(word)) < _DISTINCT or not _RUN.search(word):
        return word
    twice, once = _RUN.sub(r"\1\1", word), _RUN.sub(r"\1", word)
    return once if known.get(once, 0) > known.get(twice, 0) else twice
