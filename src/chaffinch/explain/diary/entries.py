"""What a diary is made of: entries of lines, and the evidence that the lines name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime


class Quote(str):
    """What somebody else wrote: the title of a mail, a name. It may be hostile, and is shown so."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    Parameters
    ----------
    parts : tuple of str
        What happened, in words; where a part is a `Quote` somebody else wrote it.
    evidence : tuple of str
        The keys of its evidence.
    worst : bool
        Whether it tells of the worst kind of mistake, and should stand out.
    """

    parts: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    worst: bool = False

    @property
    def text(self) -> str:
        """What happened, as plain text with the quotes in quotation marks."""
        return plain_text(self.parts)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a line rests on.

    Parameters
    ----------
    key : str
        What lines call it: letters, digits, hyphens and spaces.
    parts : tuple of str
        What it is, as in `Line`.
    command : str
        The command that shows more of it; empty where none does.
    """

    key: str
    parts: tuple[str, ...]
    command: str = ""

    @property
    def text(self) -> str:
        """What it is, as plain text."""
        return plain_text(self.parts)


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened in one day or week.

    Parameters
    ----------
    title : str
        The day, or the first and the last day of the week.
    date : str
        The first day, as in ``2026-11-25``.
    lines : tuple of Line
        What happened.
    """

    title: str
    date: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Diary:
    """A diary of a task.

    Parameters
    ----------
    task : str
        The task's name.
    since, until : str
        The first and the last day that it speaks of, UTC.
    by : {"day", "week"}
        What an entry is of.
    entries : tuple of Entry
        The newest first; days on which nothing happened have none.
    evidence : tuple of Evidence
        What the lines name, in the order they do.
    left_out : int
        How many older entries were left out.
    last : str
        The last day on which anything happened at all; empty where nothing ever did.
    """

    task: str
    since: str
    until: str
    by: str
    entries: tuple[Entry, ...]
    evidence: tuple[Evidence, ...]
    left_out: int = 0
    last: str = ""


def plain_text(parts: Iterable[str]) -> str:
    """Return parts as plain text, the quotes in quotation marks.

    Examples
    --------
    >>> plain_text(("lost: ", Quote("Lunch?")))
    'lost: “Lunch?”'
    """
    return "".join(f"“{part}”" if isinstance(part, Quote) else part for part in parts)


def day(time: float) -> str:
    """Return the day of a time in seconds since 1970-01-01 UTC.

    Examples
    --------
    >>> day(0.0)
    '1970-01-01'
    """
    return datetime.fromtimestamp(time, UTC).date().isoformat()
