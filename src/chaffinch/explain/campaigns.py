"""Campaigns: the same text sent again and again, a little varied."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from chaffinch.explain.ranking import log_odds
from chaffinch.explain.table import IntArray, TermTable
from chaffinch.explain.terms import Term, without_parts_of_phrases

_OWN_WORDS = 4
# Share of a campaign's items that a word must be in to be its own.
_MOST_OF_IT = 0.8


@dataclass(frozen=True, slots=True)
class Campaign:
    """Items that are near-copies of each other.

    Parameters
    ----------
    counts : tuple of int
        How many have each label: negative, positive.
    title : str
        The first one's title.
    words : tuple of Term
        What nearly all of them have and hardly any other item has.
    first, last : float
        When the first and the last arrived, in seconds since 1970-01-01 UTC; NaN if not known.
    """

    counts: tuple[int, int]
    title: str
    words: tuple[Term, ...]
    first: float
    last: float


def campaigns(table: TermTable, *, most: int = 10) -> tuple[Campaign, ...]:
    """Return the largest groups of near-copies, of two items or more each, largest first.

    Parameters
    ----------
    table : TermTable
        The items; which are near-copies is told by `chaffinch.explain.similar.NearCopies`.
    most : int
        How many to return at most.
    """
    groups, sizes = np.unique(table.group, return_counts=True)
    largest = np.argsort(-sizes, kind="stable")[:most]
    return tuple(
        _campaign(table, np.flatnonzero(table.group == groups[at]))
        for at in largest
        if sizes[at] > 1
    )


def _campaign(table: TermTable, rows: IntArray) -> Campaign:
    inside = np.zeros(len(table), np.bool_)
    inside[rows] = True
    counts = (table.counts(~inside), table.counts(inside))
    difference, error = log_odds(counts, (len(table) - rows.size, rows.size))
    z = np.where(counts[1] >= _MOST_OF_IT * rows.size, difference / error, 0.0)
    own = (
        table.terms[column]
        for column in np.argsort(-z, kind="stable")
        if z[column] > 0 and table.terms[column].part in table.text_parts
    )
    positive = int(np.count_nonzero(table.truth[rows]))
    times = [table.entries[row].received for row in rows]
    known = [time for time in times if math.isfinite(time)]
    return Campaign(
        (int(rows.size) - positive, positive),
        table.entries[rows[0]].title,
        tuple(without_parts_of_phrases(own, _OWN_WORDS)),
        min(known, default=math.nan),
        max(known, default=math.nan),
    )
