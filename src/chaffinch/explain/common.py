"""What some items have in common that others lack: groups a person can take in one by one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from chaffinch.explain.ranking import Pattern, rank, strongest
from chaffinch.explain.table import BoolArray, IntArray, TermTable
from chaffinch.explain.terms import Term

# Patterns that may name a group.
_CANDIDATES = 300
# Log-odds that a pattern's interval must lie above: what is merely a little likelier, such as a
# common word, tells a person nothing.
_LEAST = 0.7


@dataclass(frozen=True, slots=True)
class Group:
    """Items with a pattern in common.

    Parameters
    ----------
    patterns : tuple of Pattern
        What nearly all of them have and the others seldom have, the most telling first.
    rows : ndarray of int64, shape (k,)
        Their rows in the table, in order of arrival.
    """

    patterns: tuple[Pattern, ...]
    rows: IntArray


def in_common(
    table: TermTable,
    these: BoolArray,
    others: BoolArray,
    *,
    groups: int = 8,
    least: int = 3,
    without: Collection[Term] = (),
) -> tuple[list[Group], IntArray]:
    """Divide items into groups, each by the pattern that most of those left have.

    Greedy set cover: the next group is that of the pattern with the most standard errors over the
    items not in a group yet. Every near-copy counts: a campaign is a group.

    Parameters
    ----------
    table : TermTable
        The items.
    these, others : ndarray of bool, shape (n,)
        The items to divide, and those that they are told from.
    groups : int
        How many groups at most.
    least : int
        Items that make a group.
    without : collection of Term
        Terms that may not name a group.

    Returns
    -------
    list of Group
        In the order found.
    ndarray of int64
        The rows that are in no group.
    """
    left = these.copy()
    found: list[Group] = []
    while len(found) < groups and np.count_nonzero(left) >= least:
        ranked = rank(table, left, others, least=_LEAST, copies=True)
        patterns = strongest((one for one in ranked if one.term not in without), _CANDIDATES)
        group = _largest(table, left, patterns, least)
        if group is None:
            break
        found.append(group)
        left[group.rows] = False
    return found, np.flatnonzero(left)


def _largest(
    table: TermTable, left: BoolArray, patterns: list[Pattern], least: int
) -> Group | None:
    for pattern in patterns:
        rows = table.having(pattern.term)
        rows = rows[left[rows]]
        if rows.size >= least:
            return Group((pattern, *_beside(table, rows, pattern, patterns)), rows)
    return None


def _beside(
    table: TermTable, rows: IntArray, first: Pattern, patterns: list[Pattern]
) -> list[Pattern]:
    """Return the patterns that nearly all of a group have, beside that which names it."""
    beside: list[Pattern] = []
    for pattern in patterns:
        if pattern is first or len(beside) == 4:
            continue
        shared = np.isin(rows, table.having(pattern.term), assume_unique=True)
        if shared.mean() >= 0.8:
            beside.append(pattern)
    return beside
