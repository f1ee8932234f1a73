"""What a model makes of terms: the shares of its scores that they had in items that have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from chaffinch.experience.champion import Champion, load_champion
from chaffinch.experience.store import Experience
from chaffinch.explain.table import TermTable
from chaffinch.explain.terms import Term, words_of
from chaffinch.task import Task
from chaffinch.types import Example

# Bounds: items that are judged, and of each term.
_MOST = 300
_OF_A_TERM = 15

# A word and its share.
_Piece = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Held:
    """What a model makes of a term.

    Parameters
    ----------
    weight : float
        Mean share of the term in the scores of items that have it, in log-odds; above nought it
        speaks for the positive label.
    items : int
        How many items that is the mean of.
    """

    weight: float
    items: int


def held(table: TermTable, experience: Experience, terms: Sequence[Term]) -> dict[Term, Held]:
    """Return what the live model makes of terms, by judging some 300 items that have them.

    A verdict's score is divided among the words of the item; a word's or phrase's part of it is the
    sum of the shares of all its occurrences, a header's that of all its words. The model may give
    little to a telling term, where the words beside it say the same, or where the item is long.

    Parameters
    ----------
    table : TermTable
        The experience. Of near-copies the first, of items the newest are judged.
    experience : Experience
        Where the items and the live model are kept.
    terms : sequence of Term
        The terms. Those that have no place in the text a model reads are left out of the answer,
        a time or a count of links; of a model that reads no text, such as rules, all are.

    Raises
    ------
    ModelError
        If there is no live model, or its file is missing or damaged.
    """
    champion = load_champion(table.task, experience.home, experience)
    if not champion.rung.learner.learns:
        # Rules hold no words; what they say of an item stands nowhere in it.
        return {}
    sample = _sample(table, terms)
    sums: dict[Term, list[float]] = defaultdict(list)
    for example in experience.examples(table.task.name, among=sample):
        for term, weight in _weights(table.task, champion, example, sample[example.seq]):
            sums[term].append(weight)
    return {term: Held(float(np.mean(found)), len(found)) for term, found in sums.items()}


def _sample(table: TermTable, terms: Sequence[Term]) -> dict[int, list[Term]]:
    """Return the places in the log of some items, with the terms that each of them has."""
    chosen: dict[int, None] = {}
    each = max(1, min(_OF_A_TERM, _MOST // max(1, len(terms))))
    having = [table.having(term) for term in terms]
    for rows in having:
        chosen.update(dict.fromkeys(rows[table.first_copies[rows]][-each:].tolist()))
    sample: dict[int, list[Term]] = {row: [] for row in islice(chosen, _MOST)}
    for term, rows in zip(terms, having, strict=True):
        for row in sample.keys() & set(rows.tolist()):
            sample[row].append(term)
    return {table.entries[row].seq: found for row, found in sample.items()}


def _weights(
    task: Task, champion: Champion, example: Example, terms: Iterable[Term]
) -> list[tuple[Term, float]]:
    content = task.reader(example.item.data)
    shares = champion.rung.features.shares(content, champion.learner.weights_of, example.item.owner)
    by_part: dict[str, list[_Piece]] = defaultdict(list)
    for line in shares.lines:
        pieces = slice(line.first, line.end)
        by_part[line.where] += zip(shares.words[pieces], shares.weights[pieces], strict=True)
    words = {part: _by_word(found) for part, found in by_part.items()}
    found = []
    for term in terms:
        if term.part == "header":
            # That a header is there is told by all that it says.
            whole = by_part.get(term.text.partition(":")[0])
            if whole:
                found.append((term, float(sum(weight for _, weight in whole))))
        elif term.text in words.get(term.part, {}):
            found.append((term, words[term.part][term.text]))
    return found


def _by_word(pieces: Iterable[_Piece]) -> dict[str, float]:
    """Return the weight of each word and phrase of a part, and of each piece as it stands."""
    found: dict[str, float] = defaultdict(float)
    before = ("", 0.0)
    for text, weight in pieces:
        words = words_of(text)
        if words != [text.lower()]:
            found[text.lower()] += weight
        for word in words:
            each = weight / len(words)
            found[word] += each
            if before[0]:
                found[f"{before[0]} {word}"] += before[1] + each
            before = word, each
    return found
