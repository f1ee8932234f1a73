"""The files of a Maildir: its folders, the mails in them, and how one is renamed.

A mail is a file in ``new``, or in ``cur`` behind whose name stand a colon, "2," and a letter for
each flag: R is answered, S seen, T to be deleted (https://cr.yp.to/proto/maildir.html). A folder of
Maildir++ is a Maildir inside of the first, with a dot before its name and between its levels.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from chaffinch.servers.guard.source import Listed

#: What the folder is called that is the Maildir itself.
INBOX = "INBOX"
_PLACES = ("new", "cur")
_INFO = ":2,"
_MOST_FOLDERS = 1000
# Nanoseconds within which a change may leave the time of a folder as it was.
_BLUNT = 2 * 10**9


@dataclass(frozen=True, slots=True)
class File:
    """A mail's file.

    Parameters
    ----------
    place : {"new", "cur"}
        Where it is.
    name : str
        Its name, flags included.
    """

    place: str
    name: str

    @property
    def base(self) -> str:
        """What stays of its name when flags change."""
        return self.name.partition(_INFO)[0]

    @property
    def flags(self) -> str:
        """The letters of its flags."""
        return self.name.partition(_INFO)[2]

    @property
    def uid(self) -> int:
        """A number that stands for its name, whatever its flags."""
        digest = hashlib.blake2b(os.fsencode(self.base), digest_size=8).digest()
        return int.from_bytes(digest, "big") >> 2


@dataclass(slots=True)
class Seen:
    """What was in a folder at the last look.

    Parameters
    ----------
    stamp : tuple of int or None
        What changes when anything in it does; None where it has to be looked at again.
    files : dict of int to File
        Its mails, by their numbers.
    """

    stamp: tuple[int, ...] | None = None
    files: dict[int, File] = field(default_factory=dict)


def folders_of(root: Path) -> list[Listed]:
    """Return the folders of a Maildir, at most 1,000.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    found = [Listed(INBOX, frozenset(), ".")]
    with os.scandir(root) as entries:
        names = sorted(entry.name for entry in entries if entry.name.startswith("."))
    # What is no text cannot be written down.
    able = (one for one in names if one.isprintable() and (root / one / "cur").is_dir())
    found += [Listed(one[1:], frozenset(), ".") for one in able]
    return found[:_MOST_FOLDERS]


def path_of(root: Path, folder: str) -> Path:
    """Return where a folder is."""
    return root if folder == INBOX else root / f".{folder}"


def files_of(folder: Path) -> dict[int, File]:
    """Return the mails in a folder, by their numbers.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    found: dict[int, File] = {}
    for place in _PLACES:
        try:
            with os.scandir(folder / place) as entries:
                names = [entry.name for entry in entries if not entry.name.startswith(".")]
        except FileNotFoundError:
            continue
        for name in names:
            file = File(place, name)
            found[file.uid] = file
    return found


def stamp_of(folder: Path, now: int) -> tuple[int, ...] | None:
    """Return what changes when anything in a folder does; None where that is not certain.

    Parameters
    ----------
    folder : Path
        The folder.
    now : int
        The time in nanoseconds since 1970-01-01 UTC: what changed just now may change once more at
        the same time.
    """
    times = []
    for place in _PLACES:
        try:
            times.append((folder / place).stat().st_mtime_ns)
        except OSError:
            times.append(0)
    return tuple(times) if all(abs(now - time) > _BLUNT for time in times) else None


def read(path: Path, most: int) -> tuple[bytes, os.stat_result] | None:
    """Return the beginning of a file and what the system says of it; None where it is no file."""
    try:
        # A pipe in its place would keep us waiting, a link lead us elsewhere.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        told = os.fstat(descriptor)
        if not stat.S_ISREG(told.st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(most), told
    except OSError:
        return None
    finally:
        os.close(descriptor)


def rename(root: Path, folder: str, file: File, to: str) -> None:
    """Move a mail to another folder in one step; its flags, and whether it is new, stay.

    It is on the disk when this returns.

    Raises
    ------
    OSError
        If it is not there any more, or cannot be moved: it is where it was.
    """
    source, target = path_of(root, folder) / file.place, path_of(root, to) / file.place
    name = file.name
    for number in range(100):
        # Maildir's names are unique, but for copies that people make.
        if not os.path.lexists(target / name):
            break
        name = f"{file.base}_{number}{file.name[len(file.base) :]}"
    (source / file.name).rename(target / name)
    for changed in (target, source):
        _sync(changed)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
