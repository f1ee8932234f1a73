"""New campaigns: near-copies of one text that nobody had met before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chaffinch.explain.ranking import log_odds
from chaffinch.explain.table import TermTable
from chaffinch.explain.terms import without_parts_of_phrases

# Near-copies in its first period that make a campaign; its own words; of how many of it they are.
_LEAST = 5
_WORDS = 4
_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Campaign:
    """Near-copies of one text, in the period in which the first of them was met.

    Parameters
    ----------
    first : int
        The row of the first of them.
    label : str
        What most of them are.
    size : int
        How many there were in that period.
    words : tuple of str
        Words and phrases that most of them have and hardly any other item has.
    """

    first: int
    label: str
    size: int
    words: tuple[str, ...]


def campaigns(
    table: TermTable, periods: Sequence[int], *, most: int
) -> dict[int, tuple[int, list[Campaign]]]:
    """Return the campaigns that began in each period, the largest first.

    Parameters
    ----------
    table : TermTable
        The items, in the order in which they were met.
    periods : sequence of int, length n
        In which period each was met, ascending; a campaign that began below 0 is not new.
    most : int
        How many campaigns of a period to return at most.

    Returns
    -------
    dict of int to (int, list of Campaign)
        Of each period that has any: how many began, and the largest.
    """
    period = np.asarray(periods, np.int64)
    _, first, group = np.unique(table.group, return_index=True, return_inverse=True)
    # Of each group, the period of its first item, and how many of it were met in that.
    began = period[first]
    size = np.bincount(group, weights=period == began[group], minlength=first.size).astype(int)
    found: dict[int, tuple[int, list[Campaign]]] = {}
    chosen = np.flatnonzero((began >= 0) & (size >= _LEAST))
    for number in sorted(set(began[chosen].tolist())):
        new = chosen[began[chosen] == number]
        largest = new[np.argsort(-size[new], kind="stable")][:most]
        found[number] = (
            new.size,
            [
                _campaign(table, np.flatnonzero((group == one) & (period == number)))
                for one in largest
            ],
        )
    return found


def _campaign(table: TermTable, rows: NDArray[np.int64]) -> Campaign:
    these = np.zeros(len(table), np.bool_)
    these[rows] = True
    counts = (table.counts(~these), table.counts(these))
    difference, error = log_odds(counts, (len(table) - rows.size, rows.size))
    # What most of them have; of that, what is most their own.
    own = np.flatnonzero((counts[1] >= _SHARE * rows.size) & (difference > 0))
    parts = {part for part, _ in table.task.vocabulary(table.task.reader(b""))}
    ranked = sorted(
        (-(difference[column] / error[column]).round(1), -len(table.terms[column].text), column)
        for column in own.tolist()
        if table.terms[column].part in parts
    )
    words = without_parts_of_phrases((table.terms[column] for *_, column in ranked), _WORDS)
    task = table.task
    positive = 2 * np.count_nonzero(table.truth[rows]) >= rows.size
    return Campaign(
        int(rows[0]),
        task.positive if positive else task.negative,
        int(rows.size),
        tuple(dict.fromkeys(one.text for one in words)),
    )
