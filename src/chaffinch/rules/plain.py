"""Conditions in plain words, which mean the same to Chaffinch and to other programs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chaffinch.explain.terms import Term
from chaffinch.rules.rule import Condition

_NAME = r"[A-Za-z0-9!$*'-]+"
_HEADER = re.compile(rf"\(\?im\)\^({_NAME}):\.\*(?!\*)(.+)", re.DOTALL)
_THERE = re.compile(rf"\(\?im\)\^({_NAME}):")
_TYPE = re.compile(r"\(\?im\)\^(.+)\$", re.DOTALL)
_ENDING = re.compile(r"\(\?im\)\\\.([a-z0-9]+)\$")
_NUMBER = "(?i)://[0-9]"
_SPECIAL = frozenset(r".^$*+?{}[]|()")
# What a suggestion may look for: longer than a syllable, and the same in every charset.
_SHORTEST = 3
_WORDS = {"subject": "subject", "body": "visible", "text": "text"}
_SAID = {"subject": "subject", "visible": "text", "text": "text", "urls": "a link"}


@dataclass(frozen=True, slots=True)
class Plain:
    r"""A condition that needs no patterns: something is there, or holds a text, in any case.

    Parameters
    ----------
    kind : {"contains", "header", "there", "type", "ending", "number"}
        A part contains a text; a header of a name does; a header is there; the mail has a part of
        a content type; an attachment's name has an ending; a link leads to a number.
    where : str
        The part, or the header's name in small letters; empty where the kind says all.
    text : str
        What is looked for, in small letters; empty where the kind says all.
    negated : bool
        Whether it must not be so instead.

    Examples
    --------
    >>> plain = Plain("contains", "subject", "4u?")
    >>> plain.condition.pattern, str(plain)
    ('(?i)4u\\?', "subject has '4u?'")
    >>> plain_of(plain.condition) == plain
    True
    """

    kind: str
    where: str = ""
    text: str = ""
    negated: bool = False

    @property
    def condition(self) -> Condition:
        """The same as a condition of a rule."""
        part, pattern = {
            "contains": (self.where, f"(?i){_escaped(self.text)}"),
            "header": ("headers", f"(?im)^{self.where}:.*{_escaped(self.text)}"),
            "there": ("headers", f"(?im)^{self.where}:"),
            "type": ("structure", f"(?im)^{_escaped(self.text)}$"),
            "ending": ("attachments", rf"(?im)\.{self.text}$"),
            "number": ("urls", _NUMBER),
        }[self.kind]
        return Condition(part, pattern, negated=self.negated)

    def __str__(self) -> str:
        no = "no " if self.negated else ""
        if self.kind == "there":
            return f"{no or 'a '}header {self.where}"
        if self.kind == "type":
            return f"{no or 'a '}part {self.text}"
        if self.kind == "ending":
            return f"{no or 'an '}attachment .{self.text}"
        if self.kind == "number":
            return f"{no or 'a '}link to a number"
        what = f"header {self.where}" if self.kind == "header" else _SAID[self.where]
        return f"{what} has {'not ' if self.negated else ''}'{self.text}'"


def plain_of(condition: Condition) -> Plain | None:
    """Return a condition in plain words, or None where it takes a pattern or a predicate."""
    part, pattern, negated = condition.part, condition.pattern, condition.negated
    if condition.predicate is not None:
        return None
    if part == "urls" and pattern == _NUMBER:
        return Plain("number", negated=negated)
    if part in _SAID and pattern.startswith("(?i)"):
        text = _unescaped(pattern[4:])
        return Plain("contains", part, text.lower(), negated) if text else None
    if part == "headers":
        if found := _THERE.fullmatch(pattern):
            return Plain("there", found[1].lower(), negated=negated)
        found = _HEADER.fullmatch(pattern)
        text = _unescaped(found[2]) if found else None
        return Plain("header", found[1].lower(), text.lower(), negated) if found and text else None
    if part == "structure" and (found := _TYPE.fullmatch(pattern)):
        text = _unescaped(found[1])
        return Plain("type", text=text.lower(), negated=negated) if text else None
    if part == "attachments" and (found := _ENDING.fullmatch(pattern)):
        return Plain("ending", text=found[1], negated=negated)
    return None


def plain_of_term(term: Term) -> Plain | None:
    """Return a term as a condition, or None where other programs could not say the same.

    They look for texts anywhere, so words have three letters or more. Phrases are left out, for
    a line may break in them, and so are times of day, counts and disguises.

    Examples
    --------
    >>> str(plain_of_term(Term("header", "precedence: bulk")))
    "header precedence has 'bulk'"
    >>> plain_of_term(Term("time", "sent on a Monday")) is None
    True
    """
    part, text = term
    if not text.isascii() or not text.isprintable():
        return None
    if part in _WORDS:
        fits = len(text) >= _SHORTEST and " " not in text
        return Plain("contains", _WORDS[part], text) if fits else None
    if part == "from":
        fits = len(text) >= _SHORTEST and " " not in text
        return Plain("header", "from", text) if fits else None
    if part == "link":
        if text == "a number instead of a name":
            return Plain("number")
        return None if text.startswith("to ") else Plain("contains", "urls", text)
    if part == "header":
        return _header(text)
    if part == "structure" and re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", text):
        return Plain("type", text=text)
    if part == "attachment" and re.fullmatch(r"\.[a-z0-9]+", text):
        return Plain("ending", text=text[1:])
    if part == "time" and text.startswith("zone "):
        return Plain("header", "date", text[5:])
    return None


def _header(text: str) -> Plain | None:
    name, valued, value = text.partition(": ")
    if name.startswith("charset "):
        return Plain("header", "content-type", name[8:])
    if not re.fullmatch(_NAME, name):
        return None
    if not valued:
        return Plain("there", name)
    return Plain("header", name, value) if value else None


def _escaped(text: str) -> str:
    return "".join(
        f"\\{letter}" if letter in _SPECIAL or letter == "\\" else letter for letter in text
    )


def _unescaped(pattern: str) -> str | None:
    """Return the text that a pattern stands for; None where it stands for more than one."""
    text, letters = [], iter(pattern)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters, "")
            if not escaped or escaped.isalnum():
                return None
            text.append(escaped)
        elif letter in _SPECIAL:
            return None
        else:
            text.append(letter)
    return "".join(text)
