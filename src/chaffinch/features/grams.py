"""Byte n-grams of an item's text, hashed: the features of the online learners."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.features.hashing import distinct, gram_slots
from chaffinch.features.rows import Row, Share, Weigh
from chaffinch.features.text import Layout, Part, lay_out

# Changes with `gram_slots` and `lay_out`, where old models' slots would mean something else.
_HASHING = "hashing 1"


@dataclass(frozen=True)
class GramFeatures:
    """Which byte n-grams occur in an item's text, case folded, each hashed to a slot.

    Grams see through most of what spammers do to words: a changed letter leaves the grams beside
    it as they were. All values of a row are equal and its length is 1 (Euclidean), so that a long
    mail says no more than a short one.

    Parameters
    ----------
    parts : callable
        Gives an item's content in named parts.
    n : int
        Bytes a gram.
    bits : int
        There are ``2**bits`` slots.
    version : str
        Names the parts, and changes when they, or what a reader makes of an item, change so much
        that models have to be made again.

    Examples
    --------
    >>> features = GramFeatures(lambda content: [Part("body", content, 100)], n=3, bits=10)
    >>> features.n_features, features.row("abcd").slots.size
    (1024, 3)
    """

    parts: Callable[[Any], Iterable[Part]]
    n: int = 6
    bits: int = 22
    version: str = "1"

    @property
    def n_features(self) -> int:
        """The number of slots."""
        return 1 << self.bits

    @property
    def signature(self) -> str:
        """How grams are made and hashed."""
        return f"{self.n}-grams in 2^{self.bits} slots, {_HASHING}, parts {self.version}"

    def row(self, content: Any) -> Row:
        """Return the hashed grams of this content.

        Parameters
        ----------
        content : object
            What the task's reader returned.

        Returns
        -------
        Row
            Slots ascending; every value is 1/√k for k slots.
        """
        return self._row(self._occurrences(lay_out(self.parts(content))))

    def shares(self, content: Any, weigh: Weigh) -> Sequence[Share]:
        """Divide the score of this content among its words.

        A gram's share is divided equally among its occurrences, and an occurrence's among its
        bytes; a word's share is the sum over its bytes. Nothing is lost: the shares add up to
        Σ weights·values.

        Parameters
        ----------
        content : object
            What the task's reader returned.
        weigh : callable
            Gives the model's weight of each slot.

        Returns
        -------
        sequence of Share
            One for each word of the text, in order, repeats included.
        """
        layout = lay_out(self.parts(content))
        occurrences = self._occurrences(layout)
        row = self._row(occurrences)
        if not row.slots.size:
            return []
        place = np.searchsorted(row.slots, occurrences)
        times = np.bincount(place, minlength=row.slots.size)
        each = (weigh(row.slots).astype(np.float64) * row.values / times)[place] / self.n
        # Difference array: each occurrence adds its share to n bytes in a row.
        steps = np.zeros(len(layout.text) + 1)
        steps[: each.size] += each
        steps[self.n : self.n + each.size] -= each
        bytewise = np.cumsum(steps[:-1])
        words = list(layout.words())
        sums = np.add.reduceat(bytewise, [start for _, start, _ in words])
        return [
            Share(layout.text[start:end].decode("utf-8", "replace").strip(), where, float(total))
            for (where, start, end), total in zip(words, sums, strict=True)
        ]

    def _occurrences(self, layout: Layout) -> NDArray[np.int64]:
        return gram_slots(layout.text.lower(), self.n, self.bits)

    @staticmethod
    def _row(occurrences: NDArray[np.int64]) -> Row:
        slots = distinct(occurrences)
        return Row(slots, np.full(slots.size, 1.0 / np.sqrt(max(slots.size, 1))))
