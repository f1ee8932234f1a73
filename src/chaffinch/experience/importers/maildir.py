"""Maildir: a folder of folders, one file a mail, as Dovecot, Postfix and mutt keep them.

Described in maildir(5) of qmail and at https://cr.yp.to/proto/maildir.html. A file's name begins
with the second in which it was delivered. Subfolders such as ``.Junk`` are other mailboxes, to be
named on their own.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

from chaffinch.experience.importers.files import listed, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaffinch.experience.importers.records import Entries

_STAMP = re.compile(r"([0-9]{1,11})\.(?:M([0-9]{1,6})(?![0-9]))?")


def is_maildir(path: Path) -> bool:
    """Return whether a folder is a Maildir."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def stamp(name: str) -> float | None:
    """Return when a Maildir file was delivered, from its name.

    Parameters
    ----------
    name : str
        The file's name.

    Returns
    -------
    float or None
        Seconds since 1970-01-01 UTC; None if the name says nothing.

    Examples
    --------
    >>> stamp("1700000000.M250000P12.host:2,S")
    1700000000.25
    >>> stamp("letter.eml") is None
    True
    """
    found = _STAMP.match(name)
    if not found:
        return None
    return int(found[1]) + int(found[2] or 0) / 1e6


def read(path: Path) -> Entries:
    """Read the mails of a Maildir, earliest delivery first.

    Parameters
    ----------
    path : Path
        The Maildir; its ``tmp`` holds mails that are still being written, and is not read.

    Yields
    ------
    Record or Skipped

    Raises
    ------
    InputError
        If ``new`` or ``cur`` cannot be listed.
    """
    for received, file in sorted(_files(path)):
        yield read_whole(file, received=None if received == math.inf else received)


def count(path: Path) -> int:
    """Count what `read` will yield."""
    return sum(1 for _ in _files(path))


def _files(path: Path) -> Iterator[tuple[float, Path]]:
    for part in ("new", "cur"):
        for entry in listed(path / part):
            received = stamp(entry.name)
            yield math.inf if received is None else received, Path(entry.path)
