"""Campaigns that began: near-copies of one text that nobody had met before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chaffinch.explain.naming import telling_terms
from chaffinch.explain.table import IntArray, TermTable
from chaffinch.explain.terms import Term

# Near-copies of its first period that make a campaign.
_LEAST = 5


@dataclass(frozen=True, slots=True)
class Begun:
    """Near-copies of one text, in the period in which the first of them was met.

    Parameters
    ----------
    first : int
        The row of the first of them.
    label : str
        What most of them are.
    size : int
        How many there were in that period.
    terms : tuple of Term
        What they have, and other items do not.
    """

    first: int
    label: str
    size: int
    terms: tuple[Term, ...]


def begun(
    table: TermTable, periods: Sequence[int], *, most: int
) -> dict[int, tuple[int, list[Begun]]]:
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
    dict of int to (int, list of Begun)
        Of each period that has any: how many began, and the largest.
    """
    period = np.asarray(periods, np.int64)
    _, first, group = np.unique(table.group, return_index=True, return_inverse=True)
    # Of each group the period of its first item, and how many of it were met in that.
    began = period[first]
    size = np.bincount(group, period == began[group], minlength=first.size).astype(np.int64)
    new = np.flatnonzero((began >= 0) & (size >= _LEAST))
    found: dict[int, tuple[int, list[Begun]]] = {}
    for number in sorted(set(began[new].tolist())):
        own = new[began[new] == number]
        largest = own[np.argsort(-size[own], kind="stable")][:most]
        rows = [np.flatnonzero((group == one) & (period == number)) for one in largest]
        found[number] = own.size, [_described(table, one) for one in rows]
    return found


def _described(table: TermTable, rows: IntArray) -> Begun:
    positive = 2 * np.count_nonzero(table.truth[rows]) >= rows.size
    terms = telling_terms(table, rows, table.first_copies)
    return Begun(int(rows[0]), table.task.labels[int(positive)], int(rows.size), tuple(terms))
