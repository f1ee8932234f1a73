"""The terms of a table with their spelling variants: each spelling, and any of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array, hstack

from chaffinch.explain.table import BoolArray, IntArray, TermTable
from chaffinch.explain.terms import Term
from chaffinch.explain.variants import canonical, stands_for_itself


@dataclass(frozen=True)
class Spelled:
    """The terms of a table, and after them words or phrases of several spellings.

    Parameters
    ----------
    table : TermTable
        The table.
    matrix : csr_array of int32, shape (n, m + v)
        1 where the item has the term, or any spelling of the word or phrase.
    spellings : list of IntArray, length v
        The columns of the spellings of each.
    of : dict of int to int
        The column of the word or phrase that a spelling's column belongs to.
    """

    table: TermTable
    matrix: csr_array
    spellings: list[IntArray]
    of: dict[int, int]

    @cached_property
    def by_term(self) -> csr_array:
        """The matrix with a row a term."""
        return self.matrix.T.tocsr()

    def counts(self, rows: BoolArray | IntArray) -> IntArray:
        """Return in how many of some items each term, or any spelling of it, occurs."""
        chosen = np.zeros(len(self.table), np.int32)
        chosen[rows] = 1
        counts: IntArray = (chosen @ self.matrix).astype(np.int64)
        return counts

    def terms(self, column: int) -> list[Term]:
        """Return the term of a column; of one that has several spellings, all of them."""
        own = len(self.table.terms)
        columns = [column] if column < own else self.spellings[column - own].tolist()
        return [self.table.terms[one] for one in columns]

    def has(self, column: int, rows: IntArray) -> BoolArray:
        """Return which of some items have a column's term."""
        start, end = self.by_term.indptr[column : column + 2]
        having = np.zeros(len(self.table), np.bool_)
        having[self.by_term.indices[start:end]] = True
        found: BoolArray = having[rows]
        return found

    def spellings_of(self, column: int) -> IntArray:
        """Return the columns of the spellings of a column; of a single spelling none."""
        own = len(self.table.terms)
        return self.spellings[column - own] if column >= own else np.empty(0, np.int64)

    def widest(self, column: int) -> int:
        """Return the column of all spellings of a column's term: itself where it has but one."""
        return self.of.get(column, column)


def spelled(table: TermTable) -> Spelled:
    """Return the terms of a table with their spelling variants."""
    own = len(table.terms)
    groups = list(_groups(table).values())
    of = {column: own + number for number, group in enumerate(groups) for column in group}
    spellings = [np.array(group, np.int64) for group in groups]
    columns = np.array(list(of), np.int64)
    if not columns.size:
        return Spelled(table, table.matrix, spellings, of)
    to = csr_array(
        (
            np.ones(columns.size, np.int32),
            (np.arange(columns.size), np.array(list(of.values())) - own),
        ),
        shape=(columns.size, len(groups)),
    )
    any_of_them = table.matrix[:, columns] @ to
    any_of_them.data = np.minimum(any_of_them.data, 1)
    return Spelled(table, hstack([table.matrix, any_of_them], format="csr"), spellings, of)


def _groups(table: TermTable) -> dict[tuple[str, str], list[int]]:
    """Return the columns of the terms that have several spellings, by part and canonical one."""
    task = table.task
    parts = {part for part, _ in task.vocabulary(task.reader(b""))}
    known: dict[str, int] = defaultdict(int)
    doubtful: list[int] = []
    counts = table.counts(np.ones(len(table), np.bool_)).tolist()
    for column, (part, text) in enumerate(table.terms):
        if part not in parts:
            continue
        if " " not in text or text == "u s":
            known[text] += counts[column]
        if not stands_for_itself(text):
            doubtful.append(column)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for column in doubtful:
        part, text = table.terms[column]
        groups[part, canonical(text, known)].append(column)
    for (part, text), group in groups.items():
        plain = table.columns.get(Term(part, text))
        if plain is not None and plain not in group:
            group.append(plain)
    return {key: sorted(group) for key, group in groups.items() if len(group) > 1}
