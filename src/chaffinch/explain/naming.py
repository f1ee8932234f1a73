"""What to call a few items: by the words that they have, and others do not."""

from __future__ import annotations

import numpy as np

from chaffinch.explain.ranking import log_odds
from chaffinch.explain.table import BoolArray, IntArray, TermTable
from chaffinch.explain.terms import Term, without_parts_of_phrases

# Of the items, that must have a term for it to name them; terms looked at for each that is given.
_SHARE = 0.5
_OVER = 20


def telling_terms(
    table: TermTable, rows: IntArray, others: BoolArray, *, most: int = 4
) -> list[Term]:
    """Return the terms that most tell some items from others, of a word and its phrase one.

    Those that half of the items have, in the order of `chaffinch.explain.ranking.log_odds` over its
    standard error: what few others have, but is known from somewhere, comes before what is in
    nothing else, such as a misspelling.

    Parameters
    ----------
    table : TermTable
        Items, these among them.
    rows : ndarray of int64, shape (k,)
        Which they are.
    others : ndarray of bool, shape (n,)
        Which items they are set against.
    most : int
        How many terms to return at most.
    """
    these = np.zeros(len(table), np.bool_)
    these[rows] = True
    counts = table.counts(others & ~these), table.counts(these)
    known = np.flatnonzero(counts[1] >= max(1.0, _SHARE * rows.size))
    difference, error = log_odds(
        (counts[0][known], counts[1][known]), (int((others & ~these).sum()), int(these.sum()))
    )
    surely = difference > 0
    order = np.argsort(-(difference / error)[surely], kind="stable")[: _OVER * most]
    return without_parts_of_phrases([table.terms[at] for at in known[surely][order]], most)
