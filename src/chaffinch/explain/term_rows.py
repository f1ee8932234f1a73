"""The terms of items as rows of numbers: what a table of terms is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chaffinch.explain.terms import Term

# How many different terms are held at a time.
_MOST_TERMS = 1_500_000


class TermRows:
    """Rows of numbered terms, to which later ones are added.

    Terms are numbered in the order met. Of more than a million and a half the rarest are forgotten,
    as in lossy counting (Manku and Motwani, "Approximate frequency counts over data streams", VLDB
    2002).

    Parameters
    ----------
    least : int
        In how many rows a term must occur to be in the matrix.

    Examples
    --------
    >>> rows = TermRows(least=2)
    >>> for texts in (["cash", "now"], ["lunch"], ["now"]):
    ...     rows.add({"body": texts})
    >>> terms, matrix = rows.matrix(newest=10)
    >>> terms, matrix.toarray().tolist()
    ([Term(part='body', text='now')], [[1], [0], [1]])
    """

    def __init__(self, least: int) -> None:
        self._least = least
        # By part, since texts are told apart faster than terms.
        self._numbers: dict[str, defaultdict[str, int]] = {}
        self._numbering = count()
        self._rows: list[NDArray[np.int32]] = []
        # In how many rows each number occurs, with room for more.
        self._counts = np.zeros(1024, np.int64)
        self._size = 0
        # The terms in rows enough, by number: far fewer than there are.
        self._often: dict[int, Term] = {}

    def add(self, texts: Mapping[str, Iterable[str]]) -> None:
        """Add a row, given the different texts of each part."""
        terms = [(part, text) for part, own in texts.items() for text in own]
        row = np.array([self._part(part)[text] for part, text in terms], np.int32)
        self._rows.append(row)
        self._size = max(self._size, int(row.max(initial=-1)) + 1)
        if self._size > self._counts.size:
            self._counts = np.concatenate([self._counts, np.zeros(self._size, np.int64)])
        self._counts[row] += 1
        for place in np.flatnonzero(self._counts[row] == self._least).tolist():
            self._often[int(row[place])] = Term(*terms[place])
        if self._size > _MOST_TERMS:
            self._drop_rare()

    def _part(self, part: str) -> defaultdict[str, int]:
        numbers = self._numbers.get(part)
        if numbers is None:
            numbers = self._numbers[part] = self._numbered({})
        return numbers

    def _numbered(self, numbers: Mapping[str, int]) -> defaultdict[str, int]:
        """Return these numbers, to be continued for whatever is asked for."""
        return defaultdict(lambda: next(self._numbering), numbers)

    def forget(self, most: int) -> None:
        """Forget so many of the oldest rows."""
        self._counts[: self._size] -= self._counted(self._rows[:most])
        del self._rows[:most]
        self._often = {
            number: term
            for number, term in self._often.items()
            if self._counts[number] >= self._least
        }

    def _counted(self, rows: list[NDArray[np.int32]]) -> NDArray[np.int64]:
        return np.bincount(_joined(rows), minlength=self._size)

    def _drop_rare(self) -> None:
        counts = self._counts[: self._size]
        floor = 1
        while np.count_nonzero(counts > floor) > _MOST_TERMS // 2:
            floor += 1
        kept = counts > floor
        # Numbers close up, so that what is kept of them stays bounded, too.
        renumbered = np.cumsum(kept, dtype=np.int32) - 1
        self._rows = [renumbered[row[kept[row]]] for row in self._rows]
        self._counts, self._size = counts[kept], int(np.count_nonzero(kept))
        self._often = {
            int(renumbered[number]): term for number, term in self._often.items() if kept[number]
        }
        for part, numbers in self._numbers.items():
            self._numbers[part] = self._numbered(
                {text: int(renumbered[number]) for text, number in numbers.items() if kept[number]}
            )
        self._numbering = count(self._size)

    def matrix(self, newest: int) -> tuple[list[Term], csr_array]:
        """Return which terms occur in which of the newest rows.

        Parameters
        ----------
        newest : int
            How many rows to take at most, 1 or more; nothing is forgotten.

        Returns
        -------
        terms : list of Term, length m
            Those in rows enough, in the order met.
        matrix : csr_array of int32, shape (n, m)
            1 where the row has the term.
        """
        rows = self._rows[-newest:]
        found = _joined(rows)
        counts = np.bincount(found, minlength=self._size)
        often = np.array(sorted(self._often), np.int64)
        often = often[counts[often] >= self._least]
        terms = [self._often[number] for number in often.tolist()]
        place = np.full(self._size, -1, np.int32)
        place[often] = np.arange(often.size)
        indices = place[found]
        kept = indices >= 0
        ends = np.cumsum([0, *(row.size for row in rows)])
        starts = np.concatenate([[0], np.cumsum(kept)])[ends]
        indices = indices[kept]
        matrix = csr_array(
            (np.ones(indices.size, np.int32), indices, starts), shape=(len(rows), len(terms))
        )
        return terms, matrix


def _joined(rows: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    return np.concatenate([np.empty(0, np.int32), *rows])
