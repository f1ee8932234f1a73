"""Campaigns: near-copies of one text, by their own words, their labels and their time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chaffinch.explain.naming import telling_terms
from chaffinch.explain.table import Entry, IntArray, TermTable
from chaffinch.explain.terms import Term

# Copies that are no accident.
_LEAST = 3
_TITLES = 3


@dataclass(frozen=True, slots=True)
class Campaign:
    """Items that are near-copies of one text.

    Parameters
    ----------
    terms : tuple of Term
        What they have, and other items do not.
    counts : tuple of int
        How many are of the negative label, and of the positive.
    first, last : float
        When the first and the last of them arrived, in seconds since 1970-01-01 UTC; NaN where
        that is known of none.
    titles : tuple of str
        What some of them are called, the first first, none twice.
    ids : tuple of str
        All of them, in order of arrival.
    odd : tuple of (str, Entry)
        Where there are two labels, those with the one that fewer have: a flag may be wrong.
    """

    terms: tuple[Term, ...]
    counts: tuple[int, int]
    first: float
    last: float
    titles: tuple[str, ...]
    ids: tuple[str, ...]
    odd: tuple[tuple[str, Entry], ...]


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The campaigns of an experience.

    Parameters
    ----------
    found : int
        How many there are of three items or more.
    items : int
        How many items those are.
    mixed : tuple of Campaign
        Near-copies, two or more, with two labels, largest first.
    largest : tuple of Campaign
        The largest of the others.
    """

    found: int
    items: int
    mixed: tuple[Campaign, ...]
    largest: tuple[Campaign, ...]


def campaigns(table: TermTable, *, top: int = 20) -> Campaigns:
    """Return what came in again and again, varied: spam campaigns, newsletters, threads.

    Near-copies are those of `chaffinch.explain.similar.NearCopies`.

    Parameters
    ----------
    table : TermTable
        The experience.
    top : int
        How many campaigns of either kind to return at most.
    """
    groups, member, sizes = np.unique(table.group, return_inverse=True, return_counts=True)
    positive = np.bincount(member, table.truth, minlength=groups.size)
    mixed = (positive > 0) & (positive < sizes)
    # The rows of each group in turn, each in order of arrival.
    rows = np.split(np.argsort(member, kind="stable"), np.cumsum(sizes)[:-1])
    order = np.argsort(-sizes, kind="stable")
    large = sizes >= _LEAST

    def described(which: IntArray) -> tuple[Campaign, ...]:
        return tuple(_campaign(table, rows[at]) for at in which[:top])

    return Campaigns(
        int(large.sum()),
        int(sizes[large].sum()),
        described(order[mixed[order]]),
        described(order[large[order] & ~mixed[order]]),
    )


def _campaign(table: TermTable, rows: IntArray) -> Campaign:
    entries = [table.entries[row] for row in rows]
    truth = table.truth[rows]
    counts = int((~truth).sum()), int(truth.sum())
    rarer = {label for label in (False, True) if counts[label] == min(counts)}
    received = np.array([entry.received for entry in entries])
    known = received[~np.isnan(received)]
    odd = [
        (table.task.labels[bool(label)], entry)
        for entry, label in zip(entries, truth, strict=True)
        if label in rarer
    ]
    return Campaign(
        tuple(telling_terms(table, rows, table.first_copies)),
        counts,
        float(known.min()) if known.size else np.nan,
        float(known.max()) if known.size else np.nan,
        tuple(dict.fromkeys(entry.title for entry in entries))[:_TITLES],
        tuple(entry.id for entry in entries),
        tuple(odd) if min(counts) else (),
    )
