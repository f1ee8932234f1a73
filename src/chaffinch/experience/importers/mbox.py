r"""mbox: many mails in one file, each after a line that begins with ``From `` (RFC 4155).

A line of a mail that begins so itself was written as ``>From `` (mboxo), and one that begins with
``>From `` as ``>>From `` (mboxrd): one ``>`` is taken off again. Not every writer does so, hence a
separator must also follow an empty line, and hold a date as no sentence does.
"""

from __future__ import annotations

import re
from calendar import timegm
from typing import TYPE_CHECKING

from chaffinch.errors import InputError
from chaffinch.experience.importers.files import mebibytes, opened, shown
from chaffinch.experience.importers.records import MAX_RECORD, Entries, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path

_MAX_SEPARATOR = 1000  # bytes
_PIECE = 2**16  # bytes read at once of a line that never ends
_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DAYS = b"Mon Tue Wed Thu Fri Sat Sun".split()
_TIME = re.compile(rb"([01][0-9]|2[0-4]):([0-5][0-9])(?::([0-6][0-9]))?")
_ZONE = re.compile(rb"([+-])([0-9]{2})([0-9]{2})")
_QUOTED = re.compile(rb">+From ")


def is_separator(line: bytes) -> bool:
    r"""Return whether a line separates two mails of an mbox.

    Parameters
    ----------
    line : bytes
        The whole line.

    Returns
    -------
    bool
        True if it begins with ``From `` and holds a weekday, a month, a time and a year.

    Examples
    --------
    >>> is_separator(b"From ada@example.org Thu Aug 22 12:36:23 2024\n")
    True
    >>> is_separator(b"From Monday on, tea is at four.\n")
    False
    """
    return line.startswith(b"From ") and _fields(line) is not None


def separator_date(line: bytes) -> float | None:
    r"""Return the date that a separator holds.

    Parameters
    ----------
    line : bytes
        The separator. Its date is taken as UTC, as RFC 4155 has it, unless it names an offset.

    Returns
    -------
    float or None
        Seconds since 1970-01-01 UTC; None if it holds none.

    Examples
    --------
    >>> separator_date(b"From - Thu Jan  1 01:00:10 +0100 1970\n")
    10.0
    """
    fields = _fields(line)
    if fields is None:
        return None
    year, month, day, hour, minute, second, zone = fields
    return float(timegm((year, month, day, hour, minute, second, 0, 0, 0)) - zone)


def read(path: Path) -> Entries:
    """Read the mails of an mbox, holding one at a time.

    Parameters
    ----------
    path : Path
        The file, plain or gzip.

    Yields
    ------
    Record or Skipped
        Named ``path:line`` after the line of the separator.

    Raises
    ------
    InputError
        If it cannot be read, or does not begin with a separator.
    """
    with opened(path) as file:
        number = 1
        line = file.readline(_PIECE)
        if not is_separator(line):
            raise InputError(f"{shown(path)} does not begin with a 'From ' line: this is no mbox")
        mail = _Mail(path, number, line)
        blank = False  # whether the line before was empty
        complete = True  # whether the piece before ended its line
        while line := file.readline(_PIECE):
            number += complete
            if blank and is_separator(line):
                yield mail.close()
                mail = _Mail(path, number, line)
            else:
                mail.add(line[1:] if complete and _QUOTED.match(line) else line)
            blank = complete and line in (b"\n", b"\r\n")
            complete = line.endswith(b"\n")
        yield mail.close()


class _Mail:
    """One mail of an mbox while its lines come in."""

    def __init__(self, path: Path, number: int, separator: bytes) -> None:
        self._name = f"{shown(path)}:{number}"
        self._received = separator_date(separator)
        self._data = bytearray()
        self._whole = True

    def add(self, line: bytes) -> None:
        # The empty line that ends it is no part of the mail, and known as such only at its end.
        self._whole = self._whole and len(self._data) + len(line) <= MAX_RECORD + len(b"\r\n")
        if self._whole:
            self._data += line
        else:
            self._data.clear()

    def close(self) -> Record | Skipped:
        data = bytes(self._data)
        for end in (b"\r\n", b"\n"):
            if data == end or data.endswith(b"\n" + end):
                data = data[: -len(end)]
                break
        if not self._whole or len(data) > MAX_RECORD:
            return Skipped(self._name, f"is larger than {mebibytes(MAX_RECORD)}")
        return Record(data, None, self._name, self._received)


def _fields(line: bytes) -> tuple[int, int, int, int, int, int, int] | None:
    """Return year, month, day, hour, minute, second and offset in seconds, wherever they stand.

    Writers differ in what stands before and after the date, and where its zone and year stand;
    all of them write these words.
    """
    if len(line) > _MAX_SEPARATOR:
        return None
    words = line.replace(b",", b" ").split()[1:]
    months = [word for word in words if word in _MONTHS]
    times = [found for word in words if (found := _TIME.fullmatch(word))]
    numbers = [int(word) for word in words if word.isdigit() and len(word) <= 4]
    years = [number for number in numbers if 1970 <= number <= 9999]
    days = [number for number in numbers if 1 <= number <= 31]
    if not (months and times and years and days and any(word in _DAYS for word in words)):
        return None
    hour, minute, second = (int(part or 0) for part in times[-1].groups())
    zones = [found for word in words if (found := _ZONE.fullmatch(word))]
    zone = 0
    if zones:
        sign, hours, minutes = zones[-1].groups()
        zone = (int(hours) * 60 + int(minutes)) * (-60 if sign == b"-" else 60)
    return years[-1], _MONTHS.index(months[-1]) + 1, days[-1], hour, minute, second, zone
