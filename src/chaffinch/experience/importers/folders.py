"""Items in files of their own: one file, a flat folder, or a folder per label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chaffinch.experience.importers.files import entries, listed, read_whole, shown, why
from chaffinch.experience.importers.records import Entries, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 16  # folders within folders


def read_file(path: Path) -> Entries:
    """Read any one file as one item.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    Record or Skipped
    """
    yield read_whole(path)


def read_folder(path: Path) -> Entries:
    """Read each file of a folder as one item, in the order of names; folders in it are left out.

    Parameters
    ----------
    path : Path
        The folder.

    Yields
    ------
    Record or Skipped

    Raises
    ------
    InputError
        If the folder cannot be listed.
    """
    for entry in listed(path):
        if not entry.is_dir(follow_symlinks=False):
            yield read_whole(Path(entry.path))


def count_folder(path: Path) -> int:
    """Count what `read_folder` will yield."""
    return sum(not entry.is_dir(follow_symlinks=False) for entry in listed(path))


def read_labels(path: Path) -> Entries:
    """Read each subfolder's files as items labelled with the subfolder's name.

    Parameters
    ----------
    path : Path
        A folder that holds a folder per label; what those hold below is read too.

    Yields
    ------
    Record or Skipped

    Raises
    ------
    InputError
        If the folder cannot be listed.
    """
    for label, found in _labelled(path):
        yield found if isinstance(found, Skipped) else read_whole(found, label=label)


def count_labels(path: Path) -> int:
    """Count what `read_labels` will yield."""
    return sum(1 for _ in _labelled(path))


def _labelled(path: Path) -> Iterator[tuple[str, Path | Skipped]]:
    for entry in listed(path):
        if entry.is_dir():
            for found in _walk(Path(entry.path)):
                yield shown(entry.name), found


def _walk(folder: Path) -> Iterator[Path | Skipped]:
    # A stack, not recursion: folders may lie deeper than Python's stack. Linked folders are not
    # entered, so that no loop of links holds the walk; they come out as files, and are skipped.
    stack = [(folder, True, 0)]
    while stack:
        path, is_folder, depth = stack.pop()
        if not is_folder:
            yield path
        elif depth > MAX_DEPTH:
            yield Skipped(shown(path), f"lies deeper than {MAX_DEPTH} folders")
        else:
            try:
                inside = entries(path)
            except OSError as error:
                yield Skipped(shown(path), why(error))
                continue
            stack.extend(
                (Path(entry.path), entry.is_dir(follow_symlinks=False), depth + 1)
                for entry in reversed(inside)
            )
