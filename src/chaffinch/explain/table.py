"""Experience as a table of items and their terms: what every account of it is counted on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chaffinch.explain.similar import NearCopies
from chaffinch.explain.term_rows import TermRows
from chaffinch.explain.terms import Term, item_texts
from chaffinch.task import Task
from chaffinch.types import Example

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Terms met in fewer items than this prove nothing.
_LEAST = 3
# How many items a table has.
_MOST_ITEMS = 50_000


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
        growing = GrowingTable(task, least=least)
        growing.add(examples)
        return growing.table

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


class GrowingTable:
    """A table that grows with the log: reads what is added, and nothing twice.

    What it holds at any time is to the last number what `TermTable.of` makes of all that was added.

    Parameters
    ----------
    task : Task
        How to read an item, and which terms it has.
    least : int
        In how many items a term must occur to be kept.

    Examples
    --------
    >>> from chaffinch.task import get_task
    >>> from chaffinch.types import Example, Item
    >>> growing = GrowingTable(get_task("message"), least=2)
    >>> for text in (b"pills", b"lunch", b"pills"):
    ...     growing.add([Example(Item(text, "message"), "spam")])
    >>> len(growing.table), growing.table.having(Term("text", "pills")).tolist()
    (3, [0, 2])
    """

    def __init__(self, task: Task, *, least: int = _LEAST) -> None:
        self._task = task
        self._rows = TermRows(least)
        self._copies = NearCopies()
        self._entries: list[Entry] = []
        self._truth: list[bool] = []
        self._group: list[int] = []
        self._table: TermTable | None = None

    def add(self, examples: Iterable[Example]) -> None:
        """Add later examples.

        Parameters
        ----------
        examples : iterable of Example
            In order of arrival; the 50,000 newest of all are kept.
        """
        for example in examples:
            self._add(example)

    def _add(self, example: Example) -> None:
        task = self._task
        content = task.reader(example.item.data)
        texts = [text for _, text in task.vocabulary(content)]
        terms = item_texts(task, content)
        truth = task.is_positive(example.label)
        entry = _entry(task, example, content, texts)
        # From here on nothing fails, so that an example is in all of them or in none.
        self._table = None
        self._rows.add(terms)
        self._group.append(self._copies.group("\n".join(texts)))
        self._truth.append(truth)
        self._entries.append(entry)
        # A part of many is forgotten at a time, since each time costs as much as all of them.
        if len(self._entries) == 2 * _MOST_ITEMS:
            for kept in (self._entries, self._truth, self._group):
                del kept[:_MOST_ITEMS]
            self._rows.forget(_MOST_ITEMS)

    @property
    def table(self) -> TermTable:
        """The table of all that was added so far; it stays as it is when more is added."""
        if self._table is None:
            terms, matrix = self._rows.matrix(newest=_MOST_ITEMS)
            self._table = TermTable(
                self._task,
                self._entries[-_MOST_ITEMS:],
                np.array(self._truth[-_MOST_ITEMS:], np.bool_),
                np.array(self._group[-_MOST_ITEMS:], np.int64),
                terms,
                matrix,
            )
        return self._table


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
