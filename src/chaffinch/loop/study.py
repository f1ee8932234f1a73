"""Study the problem: what the positive items look like, before anybody writes a rule."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np

from chaffinch.explain.campaigns import Campaign, Campaigns, campaigns
from chaffinch.explain.ranking import Pattern, rank, strongest
from chaffinch.explain.table import BoolArray, Entry, TermTable
from chaffinch.explain.terms import Term
from chaffinch.explain.times import Times, times_of
from chaffinch.task import Task

T = TypeVar("T")

_EXAMPLES = 3
# Patterns by which it is told how separable the labels are.
_TOGETHER = 20
_CAMPAIGNS = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern of one label, and items that have it.

    Parameters
    ----------
    pattern : Pattern
        The pattern, ranked against the other label.
    examples : tuple of Entry
        Up to three items of the label that have it, no near-copies of each other.
    """

    pattern: Pattern
    examples: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class PartStudy:
    """What is telling in one part of the items, strongest first.

    Parameters
    ----------
    part : str
        The part: ``"subject"``, ``"link"`` …
    negative, positive : tuple of Found
        What speaks for each label.
    """

    part: str
    negative: tuple[Found, ...]
    positive: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Separable:
    """How far the strongest patterns alone tell the labels apart.

    Parameters
    ----------
    patterns : tuple of Pattern
        The strongest of the positive label, whatever their part.
    negative, positive : float
        Share of the items of each label that have at least one of them.
    """

    patterns: tuple[Pattern, ...]
    negative: float
    positive: float


@dataclass(frozen=True, slots=True)
class Study:
    """What sets the labels of some items apart.

    Parameters
    ----------
    items, copies : tuple of int
        How many items of each label there are, negative and positive, and how many of them are
        near-copies of an earlier one, which do not count in what follows.
    span : tuple of float, or None
        When the first and the last item arrived, in seconds since 1970-01-01 UTC.
    lengths : tuple of tuple of int
        Of each label's lengths in characters the quarter, the middle and the three-quarter mark.
    separable : Separable
        What the strongest patterns do together.
    parts : tuple of PartStudy
        Those that tell something, the most telling first.
    campaigns : tuple of Campaign
        The largest groups of near-copies, largest first.
    times : Times
        When items come.
    """

    items: tuple[int, int]
    copies: tuple[int, int]
    span: tuple[float, float] | None
    lengths: tuple[tuple[int, int, int], tuple[int, int, int]]
    separable: Separable
    parts: tuple[PartStudy, ...]
    campaigns: tuple[Campaign, ...]
    times: Times

    @property
    def counted(self) -> tuple[int, int]:
        """How many items of each label count: those that are no near-copies of an earlier one."""
        return self.items[0] - self.copies[0], self.items[1] - self.copies[1]


def study(table: TermTable, *, top: int = 5) -> Study:
    """Return what is unusually frequent under each label, part by part, and the facts around it.

    Patterns are ranked by log-odds with an informative Dirichlet prior, see
    `chaffinch.explain.ranking.log_odds`.

    Parameters
    ----------
    table : TermTable
        The items.
    top : int
        How many patterns of each part and label to return at most.

    Examples
    --------
    >>> from chaffinch.task import get_task
    >>> from chaffinch.types import Example, Item
    >>> words = "lovely weather brilliant concert wonderful breakfast marvellous journey".split()
    >>> texts = [("spam", f"win cash, {word}") for word in words]
    >>> texts += [("ham", f"see you, {word}") for word in words]
    >>> examples = [Example(Item(text.encode(), "message"), label) for label, text in texts]
    >>> found = study(TermTable.of(get_task("message"), examples))
    >>> found.parts[0].positive[0].pattern.text, found.items
    ('win', (8, 8))
    """
    labels = (~table.truth, table.truth)
    firsts = table.first_copies
    counts = tuple(int(np.count_nonzero(label)) for label in labels)
    counted = tuple(int(np.count_nonzero(label & firsts)) for label in labels)
    ranked = (rank(table, labels[0], labels[1]), rank(table, labels[1], labels[0]))
    times = np.array([entry.received for entry in table.entries])
    known = times[np.isfinite(times)]
    return Study(
        (counts[0], counts[1]),
        (counts[0] - counted[0], counts[1] - counted[1]),
        (float(known.min()), float(known.max())) if known.size else None,
        (_lengths(table, labels[0] & firsts), _lengths(table, labels[1] & firsts)),
        _separable(table, strongest(ranked[1], _TOGETHER)),
        _parts(table, ranked, top),
        _largest(campaigns(table, top=_CAMPAIGNS)),
        times_of(table),
    )


def _parts(
    table: TermTable, ranked: tuple[list[Pattern], list[Pattern]], top: int
) -> tuple[PartStudy, ...]:
    """Return the parts that tell something, that with the surest pattern first."""
    by_part: dict[str, tuple[list[Pattern], list[Pattern]]] = {}
    for label, patterns in enumerate(ranked):
        for pattern in patterns:
            if pattern.low > 0:
                by_part.setdefault(pattern.part, ([], []))[label].append(pattern)
    found = (
        PartStudy(
            part,
            _found(table, ~table.truth, negative, top),
            _found(table, table.truth, positive, top),
        )
        for part, (negative, positive) in by_part.items()
    )
    return tuple(sorted(found, key=_surest, reverse=True))


def _found(
    table: TermTable, rows: BoolArray, patterns: list[Pattern], top: int
) -> tuple[Found, ...]:
    # Facts may share words and still say different things; phrases that do say the same.
    of_words = bool(patterns) and patterns[0].part in table.text_parts
    chosen = strongest(patterns, top) if of_words else patterns[:top]
    return tuple(Found(one, _examples(table, one.term, rows)) for one in chosen)


def _surest(part: PartStudy) -> float:
    return max(found.pattern.z for found in part.negative + part.positive)


def _examples(table: TermTable, term: Term, of: BoolArray) -> tuple[Entry, ...]:
    """Return items that have a term, evenly from the first to the last of them."""
    having = table.having(term)
    having = having[(of & table.first_copies)[having]]
    chosen = np.linspace(0, having.size - 1, min(_EXAMPLES, having.size)).round().astype(np.int64)
    return tuple(table.entries[row] for row in having[chosen])


def _largest(found: Campaigns) -> tuple[Campaign, ...]:
    every = sorted(found.largest + found.mixed, key=lambda one: -len(one.ids))
    return tuple(every[:_CAMPAIGNS])


def _lengths(table: TermTable, rows: BoolArray) -> tuple[int, int, int]:
    lengths = [table.entries[row].length for row in np.flatnonzero(rows)]
    if not lengths:
        return 0, 0, 0
    quarter, middle, three = np.quantile(lengths, (0.25, 0.5, 0.75))
    return round(quarter), round(middle), round(three)


def _separable(table: TermTable, patterns: Iterable[Pattern]) -> Separable:
    patterns = tuple(patterns)
    having = np.zeros(len(table), np.bool_)
    for pattern in patterns:
        having[table.having(pattern.term)] = True
    negative, positive = (
        float(having[rows].mean()) if rows.any() else 0.0
        for rows in (table.first_copies & ~table.truth, table.first_copies & table.truth)
    )
    return Separable(patterns, negative, positive)


def as_json(task: Task, found: Study) -> dict[str, object]:
    """Return a study as values of JSON, by the task's labels."""
    return {
        "items": _by_label(task, found.items),
        "copies": _by_label(task, found.copies),
        "span": found.span,
        "lengths": _by_label(task, found.lengths),
        "separable": {
            "patterns": [asdict(pattern) for pattern in found.separable.patterns],
            **_by_label(task, (found.separable.negative, found.separable.positive)),
        },
        "parts": [
            {
                "part": part.part,
                **_by_label(
                    task,
                    (
                        [_found_json(one) for one in part.negative],
                        [_found_json(one) for one in part.positive],
                    ),
                ),
            }
            for part in found.parts
        ],
        "campaigns": [
            {
                "counts": _by_label(task, campaign.counts),
                "titles": campaign.titles,
                "words": [term.text for term in campaign.terms],
                "first": _known(campaign.first),
                "last": _known(campaign.last),
            }
            for campaign in found.campaigns
        ],
        "times": {
            "hours": [_by_label(task, pair) for pair in found.times.hours],
            "weekdays": [_by_label(task, pair) for pair in found.times.weekdays],
            "months": {
                month: _by_label(task, (negative, positive))
                for month, negative, positive in found.times.months
            },
        },
    }


def _by_label(task: Task, pair: tuple[T, T]) -> dict[str, T]:
    return dict(zip(task.labels, pair, strict=True))


def _found_json(found: Found) -> dict[str, object]:
    examples = [{"id": one.id, "name": one.name, "title": one.title} for one in found.examples]
    return {**asdict(found.pattern), "examples": examples}


def _known(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
