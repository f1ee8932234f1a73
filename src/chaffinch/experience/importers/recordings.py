"""Recordings of words: named by who says what, or in folders by label; loose or in an archive."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from chaffinch.errors import InputError, SourceError
from chaffinch.experience.importers.files import entries, listed, open_regular, read_whole, shown
from chaffinch.experience.importers.records import Entries, Record
from chaffinch.readers.audio import audio_format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What an archive may unpack to, and how many members it may have: twice the largest there is.
MAX_TOTAL, MAX_MEMBERS = 2**33, 2**18
_SOUNDS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".webm", ".mp3", ".mp4", ".m4a")
# As the Free Spoken Digit Dataset names its files, and as Speech Commands does.
_TAKE = re.compile(r"([^_]{1,32})_([^_]{1,64})_([0-9]{1,9})\.[a-z0-9]{2,4}")
_NO_HASH = re.compile(r"([0-9a-f]{8})_nohash_([0-9]{1,9})\.[a-z0-9]{2,4}")
_ASIDE = "_"  # begins the names of folders that hold no words
_LOOKED = 50  # files of a folder by whose names it is recognised
_MAGIC = 8  # bytes


class Take(NamedTuple):
    """What the name of a recording says.

    Attributes
    ----------
    label : str
        What is said; empty where the name does not tell.
    speaker : str
        Who says it.
    number : int
        Which time it is.
    """

    label: str
    speaker: str
    number: int


def take_of(name: str) -> Take | None:
    """Return what the name of a recording says; None where it says nothing.

    Parameters
    ----------
    name : str
        Its path, or what reports call it.

    Examples
    --------
    >>> take_of("recordings/7_jackson_32.wav")
    Take(label='7', speaker='jackson', number=32)
    >>> take_of("yes/6a27a9bf_nohash_0.wav")
    Take(label='', speaker='6a27a9bf', number=0)
    >>> take_of("tea.wav")
    """
    file = re.split("[/:]", name)[-1]
    if found := _NO_HASH.fullmatch(file):
        return Take("", found[1], int(found[2]))
    if (found := _TAKE.fullmatch(file)) and _is_sound(file):
        return Take(found[1], found[2], int(found[3]))
    return None


def is_takes(folder: Path) -> bool:
    """Return whether a folder holds recordings that are named by label, speaker and number."""
    names = [entry.name for entry in listed(folder) if _is_sound(entry.name)]
    takes = [take_of(name) for name in names[:_LOOKED]]
    return bool(takes) and all(one is not None and one.label for one in takes)


def read_takes(path: Path) -> Entries:
    """Read a folder of recordings named ``LABEL_SPEAKER_NUMBER.wav``; other files are left out.

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
        if _is_sound(entry.name):
            take = take_of(entry.name)
            yield read_whole(path / entry.name, label=(take.label or None) if take else None)


def count_takes(path: Path) -> int:
    """Count what `read_takes` will yield."""
    return sum(_is_sound(entry.name) for entry in entries(path))


def is_archive(path: Path) -> bool:
    """Return whether a file is a zip or tar archive that holds recordings."""
    with open_regular(path) as file:
        head = file.read(_MAGIC)
    if not head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"BZh")):
        return False
    try:
        return any(_is_sound(name) for name, _ in _members(path))
    except InputError:
        return False


def read_archive(path: Path) -> Entries:
    """Read the recordings in a zip file, or in a tar file packed with gzip or bzip2.

    Where they lie in several folders these are their labels, but for those whose names begin with
    ``_``; where in one, their own names say their labels.

    Parameters
    ----------
    path : Path
        The archive.

    Yields
    ------
    Record

    Raises
    ------
    InputError
        If it is damaged, or holds more or larger members than a data set would.
    """
    folders = {_folder(name) for name, _ in _members(path) if _is_sound(name)}
    for name, data in _members(path):
        if not _is_sound(name):
            continue
        if len(folders) > 1:
            label: str | None = _folder(name)
        else:
            take = take_of(name)
            label = (take.label or None) if take else None
        yield Record(data, label, f"{shown(path)}:{shown(name)}")


def is_recording(head: bytes) -> bool:
    """Return whether a file that begins so is a recording."""
    return audio_format(head) is not None


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    from chaffinch.datasets.archives import members

    try:
        for name, data in members(path, total=MAX_TOTAL, count=MAX_MEMBERS):
            if not _folder(name).startswith(_ASIDE):
                yield name, data
    except SourceError as error:
        raise InputError(f"{error}: fetch or pack it again") from error


def _folder(name: str) -> str:
    return PurePosixPath(name).parent.name


def _is_sound(name: str) -> bool:
    file = PurePosixPath(name)
    return file.suffix.lower() in _SOUNDS and not file.name.startswith(".")
