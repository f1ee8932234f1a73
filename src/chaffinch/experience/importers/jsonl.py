"""JSON lines: one object a line, holding ``label`` and either ``raw`` or ``text``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chaffinch.experience.importers.fields import from_fields
from chaffinch.experience.importers.files import MAX_LINE, lines, mebibytes, shown
from chaffinch.experience.importers.records import Entries, Record, Skipped

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path) -> Entries:
    """Read the records of JSON lines, in the order of the file.

    Parameters
    ----------
    path : Path
        The file, plain or gzip, in UTF-8.

    Yields
    ------
    Record or Skipped
        Named ``path:line``.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    for number, line in lines(path):
        if line is None or line.strip():
            yield parse(line, f"{shown(path)}:{number}")


def parse(line: bytes | None, name: str) -> Record | Skipped:
    """Make a record of one line.

    Parameters
    ----------
    line : bytes or None
        The line; None if it was over the limit.
    name : str
        The record's name.

    Returns
    -------
    Record or Skipped

    Examples
    --------
    >>> parse(b'{"label": "ham", "text": "Tea?"}', "sms.jsonl:1").label
    'ham'
    >>> parse(b'{"label": "ham", ', "sms.jsonl:2").reason
    'is not valid JSON'
    """
    if line is None:
        return Skipped(name, f"is longer than {mebibytes(MAX_LINE)}")
    try:
        fields = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Skipped(name, "is not UTF-8")
    except (ValueError, RecursionError):
        return Skipped(name, "is not valid JSON")
    if not isinstance(fields, dict):
        return Skipped(name, "is no JSON object")
    return from_fields(fields, name)
