"""TREC spam track: an index whose lines are ``label path``, in the order of arrival.

Described in Cormack and Lynam, "TREC 2005 Spam Track Overview". Paths are relative to the index.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from chaffinch.experience.importers.files import count_lines, lines, opened, read_whole, shown
from chaffinch.experience.importers.records import Entries, Skipped

if TYPE_CHECKING:
    from pathlib import Path

INDEXES = ("index.full", "full/index", "index")
_MAX_LINE = 2**13  # bytes: twice the longest path that Linux takes
_TRIED = 20  # lines that recognition looks at: the first few files may be missing


def index_of(path: Path) -> Path | None:
    """Return the index that a path names: itself, or one that its folder holds.

    Parameters
    ----------
    path : Path
        An index, or a folder.

    Returns
    -------
    Path or None
        None if the folder holds none.
    """
    if not path.is_dir():
        return path
    found = (path / name for name in INDEXES)
    return next((index for index in found if index.is_file()), None)


def is_index(path: Path) -> bool:
    """Return whether one of a file's first lines names a label and a file that exists."""
    with opened(path) as file:
        head = file.read(_TRIED * _MAX_LINE)
    parsed = (_parse(path, line) for line in head.splitlines()[:_TRIED])
    return any(isinstance(found, tuple) and _exists(found[1]) for found in parsed)


def read(path: Path) -> Entries:
    """Read the mails that a TREC index names.

    Parameters
    ----------
    path : Path
        The index, or the folder that holds it.

    Yields
    ------
    Record or Skipped
        A record is named after its mail's file, a skipped one after the line of the index.

    Raises
    ------
    InputError
        If the index cannot be read.
    """
    index = index_of(path) or path / INDEXES[0]
    for number, line in lines(index, _MAX_LINE):
        if line is not None and not line.strip():
            continue
        parsed = _parse(index, line)
        if isinstance(parsed, str):
            yield Skipped(f"{shown(index)}:{number}", parsed)
            continue
        label, file = parsed
        found = read_whole(file, label=label)
        if isinstance(found, Skipped):
            yield Skipped(f"{shown(index)}:{number}", f"{shown(file)}: {found.reason}")
        else:
            yield found


def count(path: Path) -> int | None:
    """Count the lines of the index that `read` will go through."""
    index = index_of(path)
    return None if index is None else count_lines(index)


def _parse(index: Path, line: bytes | None) -> tuple[str, Path] | str:
    if line is None:
        return f"is longer than {_MAX_LINE} bytes"
    words = os.fsdecode(line).split(maxsplit=1)
    if len(words) < 2:
        return "is not of the form 'label path'"
    return shown(words[0]), index.parent / words[1].rstrip()


def _exists(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False
