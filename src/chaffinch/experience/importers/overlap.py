"""Whether what a person named under two labels is the same: then one of the labels is wrong."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from chaffinch.errors import UsageError
from chaffinch.experience.importers.files import listed, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaffinch.experience.importers.source import Source


def refuse_overlaps(sources: Sequence[Source]) -> None:
    """Make sure that no file is read under one label and under another.

    What sources tell of labels by themselves is not looked at. Subfolders of a Maildir, such as
    ``.Junk``, are other mailboxes, and not read with it.

    Parameters
    ----------
    sources : sequence of Source
        What was named.

    Raises
    ------
    UsageError
        If one is.
    """
    named = [(source, _reach(source)) for source in sources if source.label is not None]
    for (one, of_one), (other, of_other) in combinations(named, 2):
        parted = one.part and other.part and one.part != other.part
        if one.label == other.label or parted:
            continue
        if any(_reads(a, b) or _reads(b, a) for a in of_one for b in of_other):
            raise UsageError(
                f"{one.label}={shown(one.path)} and {other.label}={shown(other.path)} hold the "
                "same items, which cannot be both: name each under its one true label"
            )


def _reach(source: Source) -> list[tuple[Path, bool]]:
    """Return the files and folders that are read, links followed, and whether what is below."""
    path = source.path
    if source.format == "maildir":
        return [((path / part).resolve(), False) for part in ("new", "cur")]
    if source.format == "labels":
        return [(Path(one.path).resolve(), True) for one in listed(path) if one.is_dir()]
    return [(path.resolve(), False)]


def _reads(one: tuple[Path, bool], other: tuple[Path, bool]) -> bool:
    (folder, deep), (inside, _) = one, other
    if folder == inside:
        return True
    return inside.is_relative_to(folder) if deep else inside.parent == folder and inside.is_file()
