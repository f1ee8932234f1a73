"""The terms of an item: the words, phrases and facts by which people tell one from another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Any, NamedTuple

from chaffinch.explain.variants import disguised_words
from chaffinch.readers.disguise import undisguise
from chaffinch.task import Task

_WORD = re.compile(r"[^\W_](?:[\w$'%-]*[^\W_])?")
# Bounds: characters of a part that count, length of a word, terms of an item.
_CHARACTERS = 20_000
_LONGEST_WORD = 25
_MOST = 8_000


class Term(NamedTuple):
    """A word, a phrase or a fact, in the part of an item that it stands in.

    Attributes
    ----------
    part : str
        The part: ``"subject"``, ``"body"``, ``"link"`` …
    text : str
        The word, or two words in a row, in small letters; or the fact.
    """

    part: str
    text: str


def item_terms(task: Task, content: Any) -> dict[Term, None]:
    """Return the terms of an item, each once, in the order met.

    Parameters
    ----------
    task : Task
        Which parts have words, and which facts there are.
    content : object
        What the task's reader returned.

    Examples
    --------
    >>> from chaffinch.task import get_task
    >>> task = get_task("message")
    >>> [term.text for term in item_terms(task, task.reader("C\u0430sh 4U".encode()))][:3]
    ['cash', '4u', 'cash 4u']
    """
    return {
        Term(part, text): None
        for part, texts in item_texts(task, content).items()
        for text in texts
    }


def item_texts(task: Task, content: Any) -> dict[str, dict[str, None]]:
    """Return the terms of an item by their part: for many items far faster than `item_terms`."""
    found: dict[str, dict[str, None]] = {}
    room = _MOST
    for part, text in task.vocabulary(content):
        own = dict.fromkeys(phrases(text))
        found.setdefault(part, {}).update(
            own if len(own) <= room else dict.fromkeys(islice(own, room))
        )
        room = max(0, room - len(own))
    for part, fact in islice(task.facts(content), _MOST):
        found.setdefault(part, {})[fact] = None
    return found


def phrases(text: str) -> Iterator[str]:
    """Yield the words of a text without disguise, in small letters, then each two in a row.

    Last come words whose letters stand apart or have signs among them, as they are written.

    Examples
    --------
    >>> list(phrases("A free iPod!"))
    ['a', 'free', 'ipod', 'a free', 'free ipod']
    >>> list(phrases("Fr€e"))
    ['fr', 'e', 'fr e', 'fr€e']
    """
    plain = undisguise(text[:_CHARACTERS])[0].lower()
    words = words_of(plain)
    yield from words
    yield from map(" ".join, pairwise(words))
    yield from disguised_words(plain)


def words_of(plain: str) -> list[str]:
    """Return the words of a text without disguise and in small letters, in order."""
    return [word for word in _WORD.findall(plain) if len(word) <= _LONGEST_WORD]


def without_parts_of_phrases(terms: Iterable[Term], most: int) -> list[Term]:
    """Return the first terms, but of a word and a phrase that has it only what comes first.

    Examples
    --------
    >>> without_parts_of_phrases([Term("body", "click here"), Term("body", "here")], 9)
    [Term(part='body', text='click here')]
    """
    taken: list[Term] = []
    words: set[tuple[str, str]] = set()
    for term in terms:
        if len(taken) == most:
            break
        own = {(term.part, word) for word in term.text.split()}
        if own & words:
            continue
        words |= own
        taken.append(term)
    return taken
