"""What a pattern cannot say: how long a text is and what it is made of, or what was measured."""

from __future__ import annotations

import operator
import re
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chaffinch.errors import did_you_mean

# Characters of a part that are measured.
_MOST = 50_000
_CAPITALS, _SMALL = string.ascii_uppercase.encode(), string.ascii_lowercase.encode()
_ASCII = re.compile(r"[\x00-\x7f]+")
_WORD = re.compile(r"\w+")
_PREDICATE = re.compile(r"\s*([a-z]+(?:\.[a-z_]+)?)\s*(<=|>=|<|>|==)\s*(-?[0-9]+(?:\.[0-9]+)?)\s*")


def _share(count: int, whole: int) -> float:
    return count / whole if whole else 0.0


def _capitals(text: str) -> float:
    # Letters of ASCII are counted apart, by taking them out, which is many times as fast.
    plain = text.encode("ascii", "ignore")
    foreign = "" if len(plain) == len(text) else _ASCII.sub("", text)
    small = len(plain) - len(plain.translate(None, _SMALL))
    capitals = len(plain) - len(plain.translate(None, _CAPITALS))
    return _share(
        capitals + sum(map(str.isupper, foreign)),
        capitals + small + sum(map(str.isalpha, foreign)),
    )


def _distinct(text: str) -> float:
    words = _WORD.findall(text.lower())
    return _share(len(set(words)), len(words))


#: What can be measured of a text, by name. Shares lie in [0, 1].
MEASURES: dict[str, tuple[str, Callable[[str], float]]] = {
    "characters": ("how many characters it has", len),
    "words": ("how many words it has", lambda text: len(_WORD.findall(text))),
    "lines": (
        "how many lines it has that are not empty",
        lambda text: sum(1 for line in text.splitlines() if line.strip()),
    ),
    "longest": (
        "how many characters its longest word has",
        lambda text: max(map(len, text.split()), default=0),
    ),
    "capitals": (
        "which share of its letters are capitals",
        _capitals,
    ),
    "digits": (
        "which share of its characters are digits",
        lambda text: _share(sum(map(str.isdigit, text)), len(text)),
    ),
    "foreign": (
        "which share of its characters are outside of ASCII",
        lambda text: _share(sum(character > "\x7f" for character in text), len(text)),
    ),
    "distinct": ("how many different words it has, as a share of its words", _distinct),
}
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A measure compared to a number: of a text, or one that the task takes of an item.

    Parameters
    ----------
    measure : str
        A name of `MEASURES`, or of what the task measures.
    comparison : {"<", "<=", ">", ">=", "=="}
        How it is compared.
    number : float
        To what.

    Examples
    --------
    >>> shouts = parse_predicate("capitals > 0.5")
    >>> shouts.holds("BUY NOW, ok?"), shouts.holds("BUY now, or not")
    (True, False)
    """

    measure: str
    comparison: str
    number: float

    def holds(self, text: str) -> bool:
        """Return whether it is true of the first 50,000 characters of a text."""
        return self.compares(MEASURES[self.measure][1](text[:_MOST]))

    def compares(self, measured: float) -> bool:
        """Return whether it is true of what was measured; of NaN nothing is."""
        return _OPERATORS[self.comparison](measured, self.number)

    def __str__(self) -> str:
        return f"{self.measure} {self.comparison} {self.number:g}"


def parse_predicate(
    text: str, measures: Iterable[str] = MEASURES, *, example: str = "capitals >= 0.5"
) -> Predicate:
    """Return the predicate that is written so: a measure, a comparison, a number.

    Parameters
    ----------
    text : str
        What is written.
    measures : iterable of str
        What there is to measure.
    example : str
        How one is written.

    Raises
    ------
    ValueError
        If it is none; the message says why.

    Examples
    --------
    >>> str(parse_predicate("words>=40"))
    'words >= 40'
    """
    found = _PREDICATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no predicate: write one as in '{example}'")
    measure, comparison, number = found.groups()
    known = list(measures)
    if measure not in known:
        raise ValueError(
            f"'{measure}' is no measure{did_you_mean(measure, known)}: use {', '.join(known)}"
        )
    return Predicate(measure, comparison, float(number))
