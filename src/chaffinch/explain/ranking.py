"""Which terms are unusually frequent in some items against others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chaffinch.explain.table import BoolArray, IntArray, TermTable
from chaffinch.explain.terms import Term, without_parts_of_phrases

# The prior weighs as much as this many items: enough to silence what was met once or twice.
_PRIOR = 20.0
_NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Pattern:
    """A term, and how unusually frequent it is in some items against others.

    Parameters
    ----------
    part, text : str
        The term.
    counts : tuple of int
        In how many it occurs, of the others and of these items; near-copies count once.
    log_odds : float
        Log-odds of these items to have it less those of the others, shrunk by the prior.
    low, high : float
        The 95% interval of that.
    z : float
        How many standard errors it lies above nought.
    """

    part: str
    text: str
    counts: tuple[int, int]
    log_odds: float
    low: float
    high: float
    z: float

    @property
    def term(self) -> Term:
        """The term."""
        return Term(self.part, self.text)


def log_odds(
    counts: tuple[IntArray, IntArray], sizes: tuple[int, int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how much likelier each term is in the second items than in the first, and how surely.

    The log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn, "Fightin'
    words", Political Analysis 16, 2008, section 3.5), of having a term against not having it. The
    prior is worth 20 items, in which the term is as frequent as in all: what is frequent and what
    is telling are weighed against each other, and rare terms cannot win by chance.

    Parameters
    ----------
    counts : tuple of ndarray of int64, shape (m,)
        In how many of the first, and of the second items, each of m terms occurs.
    sizes : tuple of int
        How many items the first and the second are.

    Returns
    -------
    difference, error : ndarray of float64, shape (m,)
        Difference of the log-odds, and its standard error.

    Examples
    --------
    >>> difference, error = log_odds((np.array([0, 50]), np.array([40, 50])), (100, 100))
    >>> (difference / error).round(1)
    array([5.2, 0. ])
    """
    share = (counts[0] + counts[1]) / max(1, sum(sizes))
    difference = np.zeros(counts[0].size)
    variance = np.zeros(counts[0].size)
    for sign, count, size in zip((-1.0, 1.0), counts, sizes, strict=True):
        having = count + _PRIOR * share
        lacking = size - count + _PRIOR * (1.0 - share)
        # What every item has tells nothing, and must not divide by nought.
        lacking = np.maximum(lacking, 0.5)
        having = np.maximum(having, 1e-9)
        difference += sign * np.log(having / lacking)
        variance += 1.0 / having + 1.0 / lacking
    return difference, np.sqrt(variance)


def rank(
    table: TermTable,
    these: BoolArray,
    others: BoolArray,
    *,
    least: float = -np.inf,
    copies: bool = False,
) -> list[Pattern]:
    """Return the terms of a table, the most unusually frequent in these items first.

    Parameters
    ----------
    table : TermTable
        The items.
    these, others : ndarray of bool, shape (n,)
        Which items are set against which.
    least : float
        Terms are left out whose interval does not lie above these log-odds.
    copies : bool
        Whether each of several near-copies counts; by default only the first with its label does.
    """
    firsts = np.ones(len(table), np.bool_) if copies else table.first_copies
    counts = (table.counts(others & firsts), table.counts(these & firsts))
    sizes = (
        int(np.count_nonzero(others & firsts)),
        int(np.count_nonzero(these & firsts)),
    )
    difference, error = log_odds(counts, sizes)
    z = difference / error
    order = np.argsort(-z, kind="stable")
    order = order[(difference - _NORMAL_95 * error > least)[order]]
    return [
        Pattern(
            table.terms[column].part,
            table.terms[column].text,
            (int(counts[0][column]), int(counts[1][column])),
            float(difference[column]),
            float(difference[column] - _NORMAL_95 * error[column]),
            float(difference[column] + _NORMAL_95 * error[column]),
            float(z[column]),
        )
        for column in order
    ]


def strongest(patterns: Iterable[Pattern], most: int) -> list[Pattern]:
    """Return the first patterns whose interval lies above nought, of a word and its phrase one."""
    found = {pattern.term: pattern for pattern in patterns if pattern.low > 0}
    return [found[term] for term in without_parts_of_phrases(found, most)]
