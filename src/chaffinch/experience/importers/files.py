"""Opening what a path names without ever waiting, recursing or filling the memory.

A path that a person names may lead to anything: a FIFO nobody writes to, a device without end, a
link to itself, a gzip file that unpacks to a thousand times its size.
"""

from __future__ import annotations

import io
import os
import stat
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from chaffinch.errors import InputError
from chaffinch.experience.importers.records import MAX_RECORD, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_LINE = 2 * MAX_RECORD  # bytes; JSON spells the bytes above 0x7f in two or more
MAX_DISCARD = 2**30  # bytes of one line; beyond it the file is no text, but a trap
MAX_COUNTED = 2**27  # bytes, unpacked: counting the lines of more takes seconds
GZIP_MAGIC = b"\x1f\x8b"


def mebibytes(size: int) -> str:
    """Return a size in bytes as text for a reason or a message.

    Examples
    --------
    >>> mebibytes(MAX_RECORD)
    '128 MiB'
    """
    return f"{size / 2**20:.4g} MiB"


def shown(path: Path | str) -> str:
    r"""Return a path as text that can be printed, encoded and put on one line.

    File names are bytes, and may hold newlines and terminal commands.

    Examples
    --------
    >>> print(shown("new\nmail"))
    new\x0amail
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def why(error: OSError | ValueError) -> str:
    """Return an operating system's error as the reason of a `Skipped`.

    Examples
    --------
    >>> why(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, never waiting for one that is something else.

    Parameters
    ----------
    path : Path
        The file; a symbolic link is followed.

    Returns
    -------
    file
        Open for reading bytes.

    Raises
    ------
    OSError
        If it is missing, unreadable, or no regular file.
    ValueError
        If the path holds a NUL byte.
    """
    # Asked before opening, since opening some devices already does something.
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(None, "is not a regular file")
    # Asked again afterwards, since another file may have taken its place: O_NONBLOCK keeps the
    # opening of a FIFO from waiting for a writer.
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(None, "is not a regular file")
    return file


def read_whole(
    path: Path, *, label: str | None = None, received: float | None = None
) -> Record | Skipped:
    """Read one file as one record.

    Parameters
    ----------
    path : Path
        The file.
    label : str, optional
        The record's label.
    received : float, optional
        When it arrived, in seconds since 1970-01-01 UTC.

    Returns
    -------
    Record or Skipped
        Skipped if the file is missing, unreadable, no regular file, or over `MAX_RECORD`.
    """
    try:
        with open_regular(path) as file:
            data = file.read(MAX_RECORD + 1)
    except (OSError, ValueError) as error:
        return Skipped(shown(path), why(error))
    if len(data) > MAX_RECORD:
        return Skipped(shown(path), f"is larger than {mebibytes(MAX_RECORD)}")
    return Record(data, label, shown(path), received)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file of many records, unpacking it if it is gzip (RFC 1952), by content not by name.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    file
        Open for reading bytes.

    Raises
    ------
    InputError
        If it cannot be opened or read, or its gzip data are damaged or cut off.
    """
    import gzip

    try:
        with open_regular(path) as file:
            if file.read(2) != GZIP_MAGIC:
                file.seek(0)
                yield file
                return
            file.seek(0)
            # Reading lines straight from GzipFile costs a Python call each.
            with gzip.GzipFile(fileobj=file) as unpacked, io.BufferedReader(unpacked) as buffered:
                yield buffered
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        message = f"{shown(path)}: its gzip data are damaged ({why(OSError(None, str(error)))})"
        raise InputError(f"{message}: fetch or pack it again") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{shown(path)} cannot be read: {why(error)}") from error


def lines(path: Path, limit: int = MAX_LINE) -> Iterator[tuple[int, bytes | None]]:
    """Yield a file's lines with their numbers, holding none that is over a limit.

    Parameters
    ----------
    path : Path
        The file, plain or gzip.
    limit : int
        Length in bytes from which a line is dropped while it is read.

    Yields
    ------
    number : int
        The line's number, from 1.
    line : bytes or None
        The line with its ending; None if it was over the limit.

    Raises
    ------
    InputError
        As `opened` does, and if one line runs over `MAX_DISCARD`.
    """
    with opened(path) as file:
        number = 0
        while line := file.readline(limit + 1):
            number += 1
            if len(line) <= limit:
                yield number, line
                continue
            discarded = len(line)
            while not line.endswith(b"\n") and (line := file.readline(2**20)):
                discarded += len(line)
                if discarded > MAX_DISCARD:
                    where, size = f"{shown(path)}:{number}", mebibytes(MAX_DISCARD)
                    raise InputError(f"{where}: one line of over {size}: this is no text")
            yield number, None


def count_lines(path: Path) -> int | None:
    """Count a file's lines if that is cheap, for a progress bar.

    Parameters
    ----------
    path : Path
        The file, plain or gzip.

    Returns
    -------
    int or None
        None if counting would take long, or the file cannot be read.
    """
    total, size, ended = 0, 0, True
    try:
        with opened(path) as file:
            while chunk := file.read(2**20):
                total += chunk.count(b"\n")
                size += len(chunk)
                ended = chunk.endswith(b"\n")
                if size > MAX_COUNTED:
                    return None
    except InputError:
        return None
    return total if ended else total + 1


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """List a folder in the order of names, without hidden entries.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    list of os.DirEntry

    Raises
    ------
    OSError
        If the folder cannot be listed.
    """
    with os.scandir(folder) as found:
        visible = (entry for entry in found if not entry.name.startswith("."))
        return sorted(visible, key=lambda entry: entry.name)


def listed(folder: Path) -> list[os.DirEntry[str]]:
    """List a folder that a person named, as `entries` does.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    list of os.DirEntry

    Raises
    ------
    InputError
        If the folder cannot be listed.
    """
    try:
        return entries(folder)
    except OSError as error:
        raise InputError(f"{shown(folder)} cannot be listed: {why(error)}") from error
