"""Experience as a table of items and their terms: what every account of it is counted on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chaffinch.explain.similar import NearCopies
from chaffinch.explain.terms import Term, item_texts
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
    length : int
        Characters of its texts.
    """

    id: str
    name: str
    title: str
    seq: int
    received: float
    length: int = 0


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
            rows.add(item_texts(task, content))
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

    def until(self, end: int) -> TermTable:
        """Return the table of the first items, up to the row of this number."""
        return TermTable(
            self.task,
            self.entries[:end],
            self.truth[:end],
            self.group[:end],
            self.terms,
            self.matrix[:end],
        )

    @cached_property
    def columns(self) -> dict[Term, int]:
        """The column of each term."""
        return {term: column for column, term in enumerate(self.terms)}

    @cached_property
    def text_parts(self) -> frozenset[str]:
        """The parts whose terms are words and phrases; those of the others are facts."""
        return frozenset(part for part, _ in self.task.vocabulary(self.task.reader(b"")))

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
        sum(map(len, texts)),
    )


class _Rows:
    """Rows of numbered terms, while a table is made."""

    def __init__(self, least: int) -> None:
        self._least = least
        # By part, since texts are told apart faster than terms.
        self._numbers: dict[str, defaultdict[str, int]] = {}
        self._rows: list[NDArray[np.int32]] = []
        self._numbering = count()
        self._next = 0

    def add(self, texts: Mapping[str, Iterable[str]]) -> None:
        row: list[int] = []
        for part, own in texts.items():
            numbers = self._numbers.get(part)
            if numbers is None:
                numbers = self._numbers[part] = self._numbered({})
            row.extend(map(numbers.__getitem__, own))
        self._rows.append(np.array(row, np.int32))
        self._next = max(self._next, max(row, default=-1) + 1)
        if sum(map(len, self._numbers.values())) > _MOST_TERMS:
            self._drop_rare()

    def _numbered(self, numbers: Mapping[str, int]) -> defaultdict[str, int]:
        """Return these numbers, to be continued for whatever is asked for."""
        return defaultdict(self._numbering.__next__, numbers)

    def forget(self, most: int) -> None:
        """Forget the oldest rows."""
        del self._rows[: max(0, most)]

    def _drop_rare(self) -> None:
        # Lossy counting (Manku and Motwani 2002): what is rarest so far is forgotten.
        counts = self._counts()
        floor = 1
        while np.count_nonzero(counts > floor) > _MOST_TERMS // 2:
            floor += 1
        for part, numbers in self._numbers.items():
            often = {text: number for text, number in numbers.items() if counts[number] > floor}
            self._numbers[part] = self._numbered(often)

    def _counts(self) -> IntArray:
        counts = np.zeros(self._next, np.int64)
        for row in self._rows:
            counts[row] += 1
        return counts

    def matrix(self) -> tuple[list[Term], csr_array]:
        counts = self._counts()
        often = sorted(
            (number, Term(part, text))
            for part, numbers in self._numbers.items()
            for text, number in numbers.items()
            if counts[number] >= self._least
        )
        terms = [term for _, term in often]
        place = np.full(self._next, -1, np.int64)
        place[[number for number, _ in often]] = np.arange(len(terms))
        rows = [found[found >= 0] for found in (place[row] for row in self._rows)]
        indices = np.concatenate([np.empty(0, np.int64), *rows])
        ends = np.cumsum([0, *(row.size for row in rows)])
        matrix = csr_array(
            (np.ones(indices.size, np.int32), indices, ends), shape=(len(rows), len(terms))
        )
        return terms, matrix
