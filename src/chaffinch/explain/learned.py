"""What experience teaches: the words, phrases and facts unusually frequent under each label."""

from __future__ import annotations

from dataclasses import dataclass

from chaffinch.explain.ranking import Pattern, rank, strongest
from chaffinch.explain.table import TermTable


@dataclass(frozen=True, slots=True)
class Learned:
    """The most telling patterns of each label, strongest first.

    Parameters
    ----------
    items : tuple of int
        How many items of each label were read: negative, positive.
    copies : tuple of int
        How many of them are near-copies of an earlier one, and do not count.
    negative, positive : tuple of Pattern
        Patterns that speak for each label. Log-odds are always those of the label they stand under.
    """

    items: tuple[int, int]
    copies: tuple[int, int]
    negative: tuple[Pattern, ...]
    positive: tuple[Pattern, ...]


def learned(table: TermTable, *, top: int = 20) -> Learned:
    """Return the terms most unusually frequent under each label.

    Parameters
    ----------
    table : TermTable
        The experience.
    top : int
        How many patterns of each label to return at most.
    """
    positive, firsts = table.truth, table.first_copies
    return Learned(
        (int((~positive).sum()), int(positive.sum())),
        (int((~positive & ~firsts).sum()), int((positive & ~firsts).sum())),
        tuple(strongest(rank(table, ~positive, positive, least=0.0), top)),
        tuple(strongest(rank(table, positive, ~positive, least=0.0), top)),
    )
