"""How a model is made from the log of flags, so that it can be made again to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which flags a model learns, and how soon what it has learned weighs less.

    Parameters
    ----------
    since : int
        It learns only flags later than this place in the log.
    half_life : int
        After so many flags what was learned before weighs half; 0 means never.
    gaps : tuple of (int, int)
        It leaves out flags later than the first place and up to the second: those that were given
        while another model was live, where this one was brought back.

    Examples
    --------
    >>> recipe = Recipe(since=10).without(40, 60)
    >>> [recipe.learns(place) for place in (10, 11, 40, 41, 60, 61)]
    [False, True, True, False, False, True]
    """

    since: int = 0
    half_life: int = 0
    gaps: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the recipe that a model's card holds; an earlier version's holds none."""
        gaps = tuple((int(start), int(end)) for start, end in values.get("gaps", ()))
        return cls(int(values.get("since", 0)), int(values.get("half_life", 0)), gaps)

    def without(self, start: int, end: int) -> Recipe:
        """Return the recipe that leaves out flags later than one place and up to another."""
        gaps = (*self.gaps, (start, end)) if end > start else self.gaps
        return Recipe(self.since, self.half_life, gaps)

    def learns(self, place: int) -> bool:
        """Return whether the flag at a place in the log is learned."""
        return place > self.since and not self.leaves_out(place)

    def leaves_out(self, place: int) -> bool:
        """Return whether the flag at a place in the log was given while another model was live."""
        return any(start < place <= end for start, end in self.gaps)

    def begins_like(self, other: Recipe, place: int) -> bool:
        """Return whether a model of this recipe is, up to a place in the log, one of the other."""
        until = [gap for gap in other.gaps if gap[0] < place]
        return (self.since, self.half_life, list(self.gaps)) == (
            other.since,
            other.half_life,
            until,
        )

    def said(self, places: Sequence[int]) -> str:
        """Return it in words.

        Parameters
        ----------
        places : sequence of int
            The places in the log of the flags that stand.

        Examples
        --------
        >>> Recipe(since=10).said(range(1, 21)), Recipe(half_life=50).said(range(1, 21))
        ('on the newest 10 flags', 'on all flags, those before the last 50 at half weight or less')
        """
        learned = sum(map(self.learns, places))
        which = "all" if learned == len(places) else f"the newest {learned:,}"
        if self.gaps and learned < len(places):
            which = f"{learned:,}"
        fading = f", those before the last {self.half_life:,} at half weight or less"
        return f"on {which} flags{fading if self.half_life else ''}"
