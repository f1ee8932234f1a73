"""Errors: what the missed items have in common that no rule uses, and what the lost ones have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chaffinch.explain.common import Group, in_common
from chaffinch.explain.table import IntArray, TermTable
from chaffinch.explain.terms import Term
from chaffinch.rules.hits import BoolArray, FloatArray, Hits
from chaffinch.rules.rule import Rule

# Share of all items with either in which a term and a rule must meet for the rule to use the term.
_USES = 0.5


@dataclass(frozen=True, slots=True)
class Side:
    """The mistakes of one kind.

    Parameters
    ----------
    count, of : int
        How many items were judged wrongly, and how many there are of their label.
    groups : tuple of Group
        What they have in common that the other label's items lack, greatest first.
    alone : ndarray of int64
        Rows of those that are in no group.
    blamed : tuple of (Rule, int)
        Rules that spoke for the wrong label, and in how many of them.
    """

    count: int
    of: int
    groups: tuple[Group, ...]
    alone: IntArray
    blamed: tuple[tuple[Rule, int], ...]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What a set of rules judges wrongly.

    Parameters
    ----------
    missed : Side
        Positive items taken for negative.
    lost : Side
        Negative items taken for positive.
    """

    missed: Side
    lost: Side


def mistakes(hits: Hits, table: TermTable, *, groups: int = 8) -> Mistakes:
    """Return the mistakes of a set of rules, grouped by what they have in common.

    Parameters
    ----------
    hits : Hits
        Which rules fit which items; of them the newest are those of the table.
    table : TermTable
        The items' terms.
    groups : int
        How many groups of each kind at most.
    """
    hits = hits.part(slice(len(hits) - len(table), None))
    scores, truth = hits.scores(), table.truth
    missed, lost = truth & (scores <= 0), ~truth & (scores > 0)
    used = _used(hits, table)
    return Mistakes(
        _side(hits, table, missed, truth, used, groups),
        _side(hits, table, lost, ~truth, frozenset(), groups),
    )


def _side(
    hits: Hits,
    table: TermTable,
    wrong: BoolArray,
    label: BoolArray,
    used: frozenset[Term],
    most: int,
) -> Side:
    # Against the other label, which a new rule must leave alone.
    found, alone = in_common(table, wrong, ~label, groups=most, without=used)
    against: FloatArray = hits.weights if not table.truth[wrong].any() else -hits.weights
    counts = hits.matrix[wrong].sum(axis=0)
    blamed = [
        (rule, int(counts[column]))
        for column, rule in enumerate(hits.rules.rules)
        if counts[column] and against[column] > 0
    ]
    blamed.sort(key=lambda pair: -pair[1])
    return Side(int(wrong.sum()), int(label.sum()), tuple(found), alone, tuple(blamed[:most]))


def _used(hits: Hits, table: TermTable) -> frozenset[Term]:
    """Return the terms that some rule stands for already: those it nearly always meets."""
    counts = table.counts(np.ones(len(table), np.bool_))
    found: set[Term] = set()
    for column in range(hits.matrix.shape[1]):
        fits = hits.matrix[:, column]
        both = table.counts(fits)
        either = counts + int(fits.sum()) - both
        found.update(table.terms[term] for term in np.flatnonzero(both > _USES * either))
    return frozenset(found)
