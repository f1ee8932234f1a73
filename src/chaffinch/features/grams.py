"""Byte n-grams of an item's text, hashed: the features of the online learners."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from chaffinch.features.hashing import (
    ANY,
    EVEN,
    ODD,
    Span,
    hash_spans,
    salt_of,
    share_out,
)
from chaffinch.features.rows import ACCOUNTS, Row, Shares, Weigh
from chaffinch.features.text import Layout, Part, lay_out

# Changes with `gram_slots` and `lay_out`, where old models' slots would mean something else.
_HASHING = "hashing 2"

_salt_of = lru_cache(1024)(salt_of)


class View(NamedTuple):
    """A stretch of an item that is judged by itself, beside the whole.

    Attributes
    ----------
    sections : tuple of str
        The sections it reaches over, from the first to the last.
    within : bool
        Whether it lies within another view, and so needs slots of its own.
    """

    sections: tuple[str, ...]
    within: bool = False


@dataclass(frozen=True)
class GramFeatures:
    """Which byte n-grams occur in an item's text, case folded, each hashed to a slot.

    Grams see through most of what spammers do to words: a changed letter leaves the grams beside
    it as they were. All values of a view are equal and its length is 1 (Euclidean) divided by the
    number of views, so that a long mail says no more than a short one.

    An item may be looked at in several views: the whole, and sections of it by themselves, such
    as headers and body (Blum and Mitchell, "Combining labeled and unlabeled data with
    co-training", COLT 1998). Where the item has an owner, one more view is the whole again with
    the owner hashed into every gram: the owner's own taste, in the same slots (Weinberger et al.,
    "Feature hashing for large scale multitask learning", ICML 2009).

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
    views : tuple of View, optional
        The views beside the whole, and beside the owner's; None is for learners that know of no
        views, to which owners make no difference.

    Examples
    --------
    >>> features = GramFeatures(lambda content: [Part("body", content, 100)], n=3, bits=10)
    >>> features.n_features, features.row("abcd").slots.size
    (1024, 3)
    """

    parts: Callable[[Any], Iterable[Part]]
    n: int = 5
    bits: int = 22
    version: str = "2"
    views: tuple[View, ...] | None = None

    @property
    def n_features(self) -> int:
        """The number of slots."""
        return 1 << self.bits

    @property
    def signature(self) -> str:
        """How grams are made and hashed."""
        views = "" if self.views is None else ", views whole"
        for view in self.views or ():
            views += f" {'+'.join(view.sections)}"
        return f"{self.n}-grams in 2^{self.bits} slots, {_HASHING}, parts {self.version}{views}"

    def row(self, content: Any, owner: str = "") -> Row:
        """Return the hashed grams of this content.

        Parameters
        ----------
        content : object
            What the task's reader returned.
        owner : str
            Whose item it is; the empty string is nobody in particular.

        Returns
        -------
        Row
            One view after another; every value of a view is 1/(v·√k) for k slots and v views.
        """
        layout = lay_out(self.parts(content))
        spans = self._spans(layout, owner)
        slots, values, ends = hash_spans(layout.text.lower(), spans, self.n, self.bits)
        if self.views is None:
            return Row(slots, values)
        account = _salt_of(f"owner {owner}") % ACCOUNTS if owner and ends else -1
        return Row(slots, values, ends, account)

    def shares(self, content: Any, weigh: Weigh, owner: str = "") -> Shares:
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
        owner : str
            Whose item it is.

        Returns
        -------
        Shares
            Of the words of the text, in order, repeats included.
        """
        layout = lay_out(self.parts(content))
        text = layout.text.lower()
        words, starts = layout.words()
        if not words:
            return Shares([], [], np.empty(0), np.empty(0))
        spans = self._spans(layout, owner)
        parted = share_out(text, spans, self.n, self.bits, weigh, starts)
        # The owner's view is the last.
        has_own = bool(owner) and self.views is not None
        own = parted[-1] if has_own else np.zeros(len(words))
        return Shares(words, layout.lines(starts), parted.sum(axis=0), own)

    def _spans(self, layout: Layout, owner: str) -> list[Span]:
        size = len(layout.text)
        if self.views is None:
            return [Span(0, size, ANY)]
        spans = [Span(0, size, EVEN)]
        for view in self.views:
            found = [layout.sections[name] for name in view.sections if name in layout.sections]
            if found:
                lane, salt = (ANY, _salt_of(view.sections[0])) if view.within else (ODD, 0)
                spans.append(Span(found[0][0], found[-1][1], lane, salt))
        if owner:
            spans.append(Span(0, size, ANY, _salt_of(f"owner {owner}")))
        return spans
