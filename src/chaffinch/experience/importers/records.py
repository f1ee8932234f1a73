"""What importers yield: records, and records that had to be skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: Bytes of a record. Nearly all mail servers refuse larger mails, and what the filter and the doors
#: judge and learn has to be read from a file as well.
MAX_RECORD = 2**27


@dataclass(frozen=True, slots=True)
class Record:
    r"""One record of a source, before it becomes an item.

    Parameters
    ----------
    data : bytes
        The mail as the source holds it, or a text message encoded as UTF-8.
    label : str or None
        The label as the source writes it; None if it has none.
    name : str
        What reports show: the path of a file of its own, or ``path:line`` of a larger file.
    received : float or None
        When it arrived, in seconds since 1970-01-01 UTC, where the format itself knows.
    owner : str
        Whose it is, where the format itself knows.
    source : str
        What it was called where it came from before, where the format itself knows.

    Examples
    --------
    >>> Record(b"Subject: tea\n\nAt four?\n", "ham", "mail.jsonl:7").label
    'ham'
    """

    data: bytes
    label: str | None
    name: str
    received: float | None = None
    owner: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that could not be read.

    Parameters
    ----------
    name : str
        Where it stands: ``path`` or ``path:line``.
    reason : str
        Why, in one line.

    Examples
    --------
    >>> Skipped("mail.jsonl:8", "is not valid JSON").reason
    'is not valid JSON'
    """

    name: str
    reason: str


Entries = Iterator[Record | Skipped]


@dataclass(frozen=True, slots=True)
class Part:
    """One of the parts that a data set tells apart, such as the one to be learned from.

    Parameters
    ----------
    read : callable
        Its entries.
    count : callable
        How many they are, where counting is cheap.
    """

    read: Callable[[], Entries]
    count: Callable[[], int | None]
