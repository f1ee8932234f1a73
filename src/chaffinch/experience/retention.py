"""How much experience is kept, and what came of keeping no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from chaffinch.errors import UsageError

_LARGEST = 10**12


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much experience of a task is kept.

    Parameters
    ----------
    flagged : int
        So many items stay whose flags are the newest that stand.
    reservoir : int
        So many of the flagged items before those stay as a sample, the same number of each label;
        what one label leaves unused goes to the others.
    unflagged : int
        So many items without a flag that stands stay, the last judged.
    days : int
        Nothing stays whose flag was given, or that was judged where none stands, longer ago than
        so many days; 0 for no such bound.

    Raises
    ------
    UsageError
        If one is negative, or beyond all reason.

    Examples
    --------
    >>> str(Bounds(flagged=1000, days=365))
    'the newest 1,000 flagged, 10,000 of those before, 10,000 unflagged, 365 days'
    """

    flagged: int = 100_000
    reservoir: int = 10_000
    unflagged: int = 10_000
    days: int = 0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not 0 <= value <= _LARGEST:
                raise UsageError(
                    f"{one.name} {value}: give a whole number from 0 to {_LARGEST:,}"
                    + (", where 0 is for ever" if one.name == "days" else "")
                )

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Return the bounds that the settings set, as `chaffinch.settings.read_settings` has them.

        Examples
        --------
        >>> Bounds.of({"keep_days": 30}).days
        30
        """
        names = {one.name: f"keep_{one.name}" for one in fields(cls)}
        return cls(**{name: settings[key] for name, key in names.items() if key in settings})

    def __str__(self) -> str:
        said = (
            f"the newest {self.flagged:,} flagged, {self.reservoir:,} of those before, "
            f"{self.unflagged:,} unflagged"
        )
        return f"{said}, {self.days:,} days" if self.days else said


@dataclass(slots=True)
class Forgotten:
    """What was forgotten and what stayed; of a plan, what would be and would stay.

    Parameters
    ----------
    newest, reservoir : dict of str to int
        Flagged items that stay, by label: the newest, and the sample of those before.
    gone : dict of str to int
        Flagged items that went, by label.
    unflagged, unflagged_gone : int
        Items without a flag that stands, which stayed and went.
    waiting : int
        Items that were to go and stayed, since no stored model has learned their flags yet.
    flags, items, verdicts : int
        Rows of the log, items' bytes, and verdicts that went.
    verdicts_kept : int
        Verdicts that stayed.
    bytes_before, bytes_after : int
        Size of the database.
    """

    newest: dict[str, int] = field(default_factory=dict)
    reservoir: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    unflagged: int = 0
    unflagged_gone: int = 0
    waiting: int = 0
    flags: int = 0
    items: int = 0
    verdicts: int = 0
    verdicts_kept: int = 0
    bytes_before: int = 0
    bytes_after: int = 0

    def __bool__(self) -> bool:
        return bool(self.flags or self.items or self.verdicts)
