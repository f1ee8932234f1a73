"""CSV (RFC 4180) with a header that names a ``raw`` or ``text`` column."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from chaffinch.errors import InputError
from chaffinch.experience.importers.fields import PAYLOADS, from_fields
from chaffinch.experience.importers.files import MAX_LINE, lines, mebibytes, shown
from chaffinch.experience.importers.records import MAX_RECORD, Entries, Skipped

if TYPE_CHECKING:
    from pathlib import Path


def header(line: str) -> list[str]:
    r"""Return the columns that a line names, in lower case.

    Parameters
    ----------
    line : str
        A file's first line.

    Returns
    -------
    list of str

    Examples
    --------
    >>> header('Label,"Text"\r\n')
    ['label', 'text']
    """
    try:
        row = next(csv.reader([line.removeprefix("\ufeff")]), [])
    except csv.Error:
        return []
    return [column.strip().lower() for column in row]


def read(path: Path) -> Entries:
    """Read the rows of a CSV file, in the order of the file.

    Parameters
    ----------
    path : Path
        The file, plain or gzip, in UTF-8.

    Yields
    ------
    Record or Skipped
        Named ``path:line`` after the row's first line.

    Raises
    ------
    InputError
        If it cannot be read, or has no ``raw`` or ``text`` column.
    """
    # A limit of the whole process, and too low for a mail: it is raised, and never lowered.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))
    text = _Lines(path)
    columns = header(next(text, ""))
    if not set(PAYLOADS) & set(columns):
        named = ", ".join(columns[:8])[:200]
        raise InputError(f"{shown(path)}: no 'raw' or 'text' column among its columns ({named})")
    rows = csv.reader(text)
    while True:
        name = f"{shown(path)}:{text.begin_row()}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Skipped(name, f"is not valid CSV ({error})")
        else:
            if len(row) == len(columns):
                yield from_fields(dict(zip(columns, row, strict=True)), name)
            elif row:
                yield Skipped(name, f"has {len(row)} columns, and the header {len(columns)}")


class _Lines:
    """The lines of a file for `csv.reader`, which may ask for any number of them to fill a row."""

    def __init__(self, path: Path) -> None:
        self._lines = lines(path)
        self._number = 0
        self._left = MAX_LINE

    def begin_row(self) -> int:
        """Return the number of the row's first line."""
        self._left = MAX_LINE
        return self._number + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self._number, line = next(self._lines)
        self._left -= len(line or b"")
        if line is None or self._left < 0:
            raise csv.Error(f"longer than {mebibytes(MAX_LINE)}")
        # What is not UTF-8 becomes surrogates, which no record can be encoded from.
        return line.decode("utf-8", "surrogateescape")
