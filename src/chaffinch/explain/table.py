"""Experience as a table of items and their terms: what every account of it is counted on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chaffinch.explain.similar import NearCopies
from chaffinch.explain.terms import Term, item_terms
from chaffinch.task import Task
from chaffinch.types import Example

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Terms met in fewer items than this prove nothing.
_LEAST = 3
# Bounds: items of a table, terms held at a time while it is made.
_MOST_ITEMS = 50_000
_MOST_TERMS = 1_500_000


class Entry(NamedTuple):
    """What a table knows of an item beside its terms.

    Attributes
    ----------
    id : str
        The item's id.
    name : str
        What to call it: its name in the data it came from, else its id.
    title : str
        Its first words: the subject of a mail, the beginning of a message.
    seq : int
        The flag's place in the log; 0 where it comes from elsewhere.
    received : float
        When it arrived, in seconds since 1970-01-01 UTC; NaN where that is not known.
    """

    id: str
    name: str
    title: str
    seq: int
    received: float


class TermTable:
    """Which terms occur in which items.

    Parameters
    ----------
    task : Task
        What the items are of.
    entries : list of Entry, length n
        The items, in order of arrival.
    truth : ndarray of bool, shape (n,)
        Whether each true label is the positive one.
    group : ndarray of int64, shape (n,)
        Equal for near-copies, whatever their labels: see `chaffinch.explain.similar.NearCopies`.
    terms : list of Term, length m
        The terms that occur in three items or more.
    matrix : csr_array of int32, shape (n, m)
        1 where the item has the term.
    """

    def __init__(
        self,
        task: Task,
        entries: list[Entry],
        truth: BoolArray,
        group: IntArray,
        terms: list[Term],
        matrix: csr_array,
    ) -> None:
        self.task = task
        self.entries = entries
        self.truth = truth
        self.group = group
        self.terms = terms
        self.matrix = matrix

    @classmethod
    def of(cls, task: Task, examples: Iterable[Example], *, least: int = _LEAST) -> TermTable:
        """Return the table of some examples.

        Parameters
        ----------
        task : Task
            How to read an item, and which terms it has.
        examples : iterable of Example
            In order of arrival; the 50,000 newest are kept.
        least : int
            In how many items a term must occur to be kept.
        """
        rows = _Rows(least)
        copies = NearCopies()
        entries: list[Entry] = []
        truth: list[bool] = []
        group: list[int] = []
        for example in examples:
            content = task.reader(example.item.data)
            texts = [text for _, text in task.vocabulary(content)]
            rows.add(item_terms(task, content))
            group.append(copies.group("\n".join(texts)))
            truth.append(task.is_positive(example.label))
            entries.append(_entry(task, example, content, texts))
            if len(entries) == 2 * _MOST_ITEMS:
                for kept in (entries, truth, group):
                    del kept[:_MOST_ITEMS]
                rows.forget(_MOST_ITEMS)
        rows.forget(len(entries) - _MOST_ITEMS)
        entries, truth, group = (
            entries[-_MOST_ITEMS:],
            truth[-_MOST_ITEMS:],
            group[-_MOST_ITEMS:],
        )
        terms, matrix = rows.matrix()
        return cls(
            task, entries, np.array(truth, np.bool_), np.array(group, np.int64), terms, matrix
        )

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def columns(self) -> dict[Term, int]:
        """The column of each term."""
        return {term: column for column, term in enumerate(self.terms)}

    @cached_property
    def first_copies(self) -> BoolArray:
        """Whether each item is the first of its near-copies with its label, shape (n,)."""
        _, first = np.unique(2 * self.group + self.truth, return_index=True)
        firsts = np.zeros(len(self), np.bool_)
        firsts[first] = True
        return firsts

    def counts(self, rows: BoolArray) -> IntArray:
        """Return in how many of some items each term occurs, shape (m,).

        Parameters
        ----------
        rows : ndarray of bool, shape (n,)
            Which items.
        """
        counts: IntArray = rows.astype(np.int64) @ self.matrix
        return counts

    def having(self, term: Term) -> IntArray:
        """Return the rows of the items that have a term, in order."""
        column = self.columns.get(term)
        if column is None:
            return np.empty(0, np.int64)
        start, end = self._by_term.indptr[column : column + 2]
        return np.array(self._by_term.indices[start:end], np.int64)

    @cached_property
    def _by_term(self) -> csr_array:
        return self.matrix.T.tocsr()


def title_of(texts: Iterable[str]) -> str:
    r"""Return the first words of an item, given the texts of its parts.

    Examples
    --------
    >>> title_of(["", "Lunch  on\nThursday?", "At noon?"])
    'Lunch on Thursday?'
    """
    return " ".join(next((text for text in texts if text.strip()), "")[:400].split())[:100]


def _entry(task: Task, example: Example, content: object, texts: list[str]) -> Entry:
    received = example.item.received
    if received is None:
        received = task.received(content)
    return Entry(
        example.item.id,
        example.name or example.item.id,
        title_of(texts),
        example.seq,
        np.nan if received is None else received,
    )


class _Rows:
    """Rows of numbered terms, while a table is made."""

    def __init__(self, least: int) -> None:
        self._least = least
        self._numbers: dict[Term, int] = {}
        self._rows: list[NDArray[np.int32]] = []
        self._next = 0

    def add(self, terms: Iterable[Term]) -> None:
        numbers = self._numbers
        row = []
        for term in terms:
            number = numbers.get(term)
            if number is None:
                number = numbers[term] = self._next
                self._next += 1
            row.append(number)
        self._rows.append(np.array(row, np.int32))
        if len(numbers) > _MOST_TERMS:
            self._drop_rare()

    def forget(self, most: int) -> None:
        """Forget the oldest rows."""
        del self._rows[: max(0, most)]

    def _drop_rare(self) -> None:
        # Lossy counting (Manku and Motwani 2002): what is rarest so far is forgotten.
        counts = self._counts()
        floor = 1
        while np.count_nonzero(counts > floor) > _MOST_TERMS // 2:
            floor += 1
        self._numbers = {
            term: number for term, number in self._numbers.items() if counts[number] > floor
        }

    def _counts(self) -> IntArray:
        counts = np.zeros(self._next, np.int64)
        for row in self._rows:
            counts[row] += 1
        return counts

    def matrix(self) -> tuple[list[Term], csr_array]:
        counts = self._counts()
        terms = [term for term, number in self._numbers.items() if counts[number] >= self._least]
        place = np.full(self._next, -1, np.int64)
        place[[self._numbers[term] for term in terms]] = np.arange(len(terms))
        rows = [found[found >= 0] for found in (place[row] for row in self._rows)]
        indices = np.concatenate([np.empty(0, np.int64), *rows])
        ends = np.cumsum([0, *(row.size for row in rows)])
        matrix = csr_array(
            (np.ones(indices.size, np.int32), indices, ends), shape=(len(rows), len(terms))
        )
        return terms, matrix
