"""Findings: what rose or fell in the same items, told as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from chaffinch.explain.ranking import log_odds
from chaffinch.explain.significance import Tested, unusual
from chaffinch.explain.spellings import Spelled
from chaffinch.explain.table import BoolArray, Entry, IntArray
from chaffinch.explain.terms import Term, without_parts_of_phrases

_NORMAL_95 = 1.959964
# Two terms are of one finding where they share half of the items that either is in.
_ALIKE = 0.5
# Bounds: the surest terms and the newest items that terms are compared by, findings told, other
# terms and items named of each.
_MOST, _COMPARED, _FINDINGS, _OTHERS, _ITEMS = 2_000, 5_000, 50, 5, 5
_UNSURE = 0.05

Change = Literal["rose", "fell", ""]


@dataclass(frozen=True, slots=True)
class Spelling:
    """One spelling of a word or phrase.

    Parameters
    ----------
    text : str
        How it is written.
    counts : tuple of int
        In how many items before the window, and in it.
    change : {"rose", "fell", ""}
        What it did beyond chance: tested at 5%, shared among the spellings of the word.
    """

    text: str
    counts: tuple[int, int]
    change: Change


@dataclass(frozen=True, slots=True)
class Finding:
    """A term that rose or fell among the items of a label, and what did so in the same items.

    Parameters
    ----------
    label : str
        The label.
    rose : bool
        Whether it rose; else it fell.
    part, text : str
        The term. Where any spelling of a word is meant, its commonest one.
    spellings : tuple of Spelling
        All spellings of the word, the commonest of the window first; empty where there is one.
    others : tuple of Term
        Up to five other terms of the same items.
    terms : tuple of Term
        All terms that it is made of, spellings and parts of phrases included.
    counts, sizes : tuple of int
        In how many items, of how many, before the window and in it. Of several spellings any
        counts, unless one alone changed more surely.
    p, q : float
        The chance of such a count; the share of false discoveries among all that are as sure.
    log_odds, low, high : float
        Log-odds of the window's items to have it less those of the items before, with the 95%
        interval: see `chaffinch.explain.ranking.log_odds`.
    first : Entry
        The first item of the label that has it.
    items : tuple of Entry
        Up to five that have it: the newest of the window, or of what was before if it fell.
    """

    label: str
    rose: bool
    part: str
    text: str
    spellings: tuple[Spelling, ...]
    others: tuple[Term, ...]
    terms: tuple[Term, ...]
    counts: tuple[int, int]
    sizes: tuple[int, int]
    p: float
    q: float
    log_odds: float
    low: float
    high: float
    first: Entry
    items: tuple[Entry, ...]


def findings(
    words: Spelled,
    label: str,
    rows: tuple[IntArray, IntArray],
    columns: IntArray,
    test: Tested,
    *,
    rose: bool,
) -> list[Finding]:
    """Return the terms found as findings, the surest first: 50 at most.

    Parameters
    ----------
    words : Spelled
        The terms.
    label : str
        Whose items these are.
    rows : tuple of ndarray of int64
        The label's items before the window, and in it.
    columns : ndarray of int64, shape (m,)
        The terms that rose, or fell.
    test : Tested
        How surely each did.
    rose : bool
        Which.
    """
    ranks = _ranks(words)
    order = sorted(
        range(columns.size),
        key=lambda place: _telling(words, ranks, int(columns[place]), float(test.p[place])),
    )[:_MOST]
    columns, p, q = columns[order], test.p[order], test.q[order]
    compared = rows[1 if rose else 0][-_COMPARED:]
    having = words.matrix[compared][:, columns].T.toarray().astype(np.bool_)
    left = np.ones(columns.size, np.bool_)
    found: list[Finding] = []
    while left.any() and len(found) < _FINDINGS:
        together = left & _together(words, columns, having, int(np.argmax(left)))
        left &= ~together
        members = np.flatnonzero(together)
        place = _named_by(words, rows, columns, members)
        found.append(
            _finding(
                words,
                label,
                rows,
                columns[place],
                columns[members],
                Tested(p[place], q[place]),
                rose=rose,
            )
        )
    return sorted(found, key=lambda finding: finding.p)


def _ranks(words: Spelled) -> dict[str, int]:
    """Return which parts tell people most: those with words, in the task's order."""
    task = words.table.task
    parts = [part for part, _ in task.vocabulary(task.reader(b""))]
    return {part: place for place, part in enumerate(parts)}


def _telling(
    words: Spelled, ranks: dict[str, int], column: int, p: float
) -> tuple[bool, float, int, int, bool, int, str]:
    """Return what orders terms by how well they tell: words before facts, then the surest."""
    term = words.terms(column)[0]
    rank = ranks.get(term.part, len(ranks))
    spellings = words.spellings_of(words.widest(column)).size
    signs = not term.text.replace(" ", "").isalpha()
    return (rank == len(ranks), p, -spellings, rank, signs, -len(term.text), term.text)


def _together(words: Spelled, columns: IntArray, having: BoolArray, place: int) -> BoolArray:
    """Return which columns are of one finding with the column at a place, itself included."""
    own = having[place]
    both = np.count_nonzero(having & own, axis=1)
    either = np.count_nonzero(having | own, axis=1)
    group = words.widest(int(columns[place]))
    spellings = [group, *words.spellings_of(group).tolist()]
    together: BoolArray = (both >= _ALIKE * np.maximum(1, either)) | np.isin(columns, spellings)
    together[place] = True
    return together


def _named_by(
    words: Spelled, rows: tuple[IntArray, IntArray], columns: IntArray, members: IntArray
) -> int:
    """Return which member names a finding: one whose spelling was changed, else the first."""
    own = len(words.table.terms)
    respelled = [
        place
        for place in members.tolist()
        if columns[place] < own and words.widest(int(columns[place])) >= own
    ]
    for place in respelled[:_OTHERS]:
        spellings = _spellings(words, rows, words.widest(int(columns[place])))
        if {"rose", "fell"} <= {one.change for one in spellings}:
            return int(place)
    return int(members[0])


def _finding(
    words: Spelled,
    label: str,
    rows: tuple[IntArray, IntArray],
    column: int,
    together: IntArray,
    test: Tested,
    *,
    rose: bool,
) -> Finding:
    table = words.table
    spellings = _spellings(words, rows, words.widest(int(column)))
    own = words.terms(int(column))
    text = own[0].text
    if len(own) > 1:
        text = max(spellings, key=lambda one: one.counts[1 if rose else 0]).text
    before, within = (part[words.has(column, part)] for part in rows)
    counts, sizes = (before.size, within.size), (rows[0].size, rows[1].size)
    difference, error = log_odds((np.array([counts[0]]), np.array([counts[1]])), sizes)
    others = [term for one in together.tolist() if one != column for term in words.terms(one)[:1]]
    known = [Term(own[0].part, one.text) for one in spellings] + [Term(own[0].part, text)]
    others = without_parts_of_phrases(
        [*known[-1:], *[o for o in others if o not in known]], 1 + _OTHERS
    )[1:]
    shown = within if rose else before
    return Finding(
        label,
        rose,
        own[0].part,
        text,
        spellings,
        tuple(others),
        tuple(dict.fromkeys(term for one in together.tolist() for term in words.terms(one))),
        counts,
        sizes,
        float(test.p),
        float(test.q),
        float(difference[0]),
        float(difference[0] - _NORMAL_95 * error[0]),
        float(difference[0] + _NORMAL_95 * error[0]),
        table.entries[int(np.concatenate([before, within]).min())],
        tuple(table.entries[row] for row in shown[: -_ITEMS - 1 : -1].tolist()),
    )


def _spellings(words: Spelled, rows: tuple[IntArray, IntArray], group: int) -> tuple[Spelling, ...]:
    """Return the spellings of a word, the commonest in the window first."""
    columns = words.spellings_of(group)
    if not columns.size:
        return ()
    before, within = (words.counts(part)[columns] for part in rows)
    up, down = unusual(within, before + within, rows[1].size, rows[0].size + rows[1].size)
    level = _UNSURE / columns.size
    spellings = []
    for place in np.argsort(-within, kind="stable").tolist():
        change: Change = "rose" if up.p[place] <= level else ""
        if down.p[place] <= level:
            change = "fell"
        counts = (int(before[place]), int(within[place]))
        if any(counts):
            spellings.append(Spelling(words.table.terms[columns[place]].text, counts, change))
    return tuple(spellings)
