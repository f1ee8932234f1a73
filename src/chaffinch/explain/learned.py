"""What experience teaches: the words and phrases unusually frequent under each label."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from chaffinch.task import Task
from chaffinch.types import Example

_WORD = re.compile(r"[^\W_](?:[\w$'%-]*[^\W_])?")
# Bounds: characters of an item that count, length of a word, entries held at a time.
_CHARACTERS = 20_000
_LONGEST_WORD = 25
_MOST = 1_500_000
# The prior weighs as much as this many words: enough to silence what was met once or twice.
_PRIOR = 500.0


@dataclass(frozen=True, slots=True)
class Pattern:
    """A word or phrase, and how unusually frequent it is under a label.

    Parameters
    ----------
    text : str
        The word, or two words in a row, in small letters.
    z : float
        How many standard errors its log-odds lie above those of the other label.
    log_odds : float
        Difference of its log-odds under the two labels, shrunk by the prior.
    counts : tuple of int
        In how many items it occurs: negative label, positive label.
    """

    text: str
    z: float
    log_odds: float
    counts: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Learned:
    """The most telling patterns of each label, strongest first.

    Parameters
    ----------
    items : tuple of int
        How many items of each label were read: negative, positive.
    negative, positive : tuple of Pattern
        Patterns that speak for each label.
    """

    items: tuple[int, int]
    negative: tuple[Pattern, ...]
    positive: tuple[Pattern, ...]


def learned(task: Task, examples: Iterable[Example], *, top: int = 20) -> Learned:
    """Return the words and phrases most unusually frequent under each label.

    Log-odds ratio with an informative Dirichlet prior, ranked by z-score: what is frequent and
    what is telling are weighed against each other, and rare words cannot win by chance (Monroe,
    Colaresi and Quinn, "Fightin' words", Political Analysis 16, 2008, section 3.5). Each item
    counts a pattern once, and the prior is the pattern's share of all items.

    Parameters
    ----------
    task : Task
        How to read an item, and which parts people are shown.
    examples : iterable of Example
        The experience.
    top : int
        How many patterns of each label to return at most.
    """
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    items = [0, 0]
    for example in examples:
        label = int(task.is_positive(example.label))
        items[label] += 1
        parts = task.vocabulary(task.reader(example.item.data))
        counts[label].update(set(_patterns(parts)))
        if len(counts[label]) > _MOST:
            _drop_rare(counts[label])
    ranked = _ranked(counts)
    return Learned(
        (items[0], items[1]),
        _without_parts_of_phrases(reversed(ranked), top, sign=-1),
        _without_parts_of_phrases(ranked, top, sign=1),
    )


def _patterns(parts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for _, text in parts:
        found = _WORD.findall(text[:_CHARACTERS].lower())
        words = [word for word in found if len(word) <= _LONGEST_WORD]
        yield from words
        yield from map(" ".join, pairwise(words))


def _drop_rare(counter: Counter[str]) -> None:
    # Lossy counting (Manku and Motwani 2002): what was met once so far is forgotten.
    for text in [text for text, count in counter.items() if count == 1]:
        del counter[text]


def _ranked(counts: tuple[Counter[str], Counter[str]]) -> list[Pattern]:
    negative, positive = counts
    totals = (sum(negative.values()), sum(positive.values()))
    everything = sum(totals)
    patterns = []
    for text in negative.keys() | positive.keys():
        first, second = negative[text], positive[text]
        if first + second < 3:
            continue
        prior = _PRIOR * (first + second) / everything
        odds = [
            math.log((count + prior) / (total + _PRIOR - count - prior))
            for count, total in ((first, totals[0]), (second, totals[1]))
        ]
        error = math.sqrt(1 / (first + prior) + 1 / (second + prior))
        difference = odds[1] - odds[0]
        patterns.append(Pattern(text, difference / error, difference, (first, second)))
    patterns.sort(key=lambda pattern: (-pattern.z, pattern.text))
    return patterns


def _without_parts_of_phrases(
    ranked: Iterable[Pattern], top: int, *, sign: int
) -> tuple[Pattern, ...]:
    """Take the first patterns of one sign; of a word and its phrase, only the stronger one."""
    taken: list[Pattern] = []
    words: set[str] = set()
    for pattern in ranked:
        if len(taken) == top or pattern.z * sign <= 0:
            break
        own = set(pattern.text.split())
        if own & words:
            continue
        words |= own
        taken.append(pattern)
    return tuple(taken)
