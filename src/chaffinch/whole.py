"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from chaffinch.errors import StorageError

_REMEDIES = {
    errno.ENOENT: "name a folder that exists",
    errno.ENOTDIR: "name a folder that exists",
    errno.EACCES: "name a folder that may be written to",
    errno.EPERM: "name a folder that may be written to",
    errno.EROFS: "name a folder that may be written to",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
}


@contextmanager
def written_whole(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Write a file that appears under its name only once it is whole, and on disk.

    A symbolic link is followed, and a file that is replaced hands on its permissions. What is no
    regular file, such as a pipe or a device, is written to as it stands.

    Parameters
    ----------
    path : Path
        The file.
    private : bool
        Whether a new file is for its owner's eyes only.

    Yields
    ------
    BinaryIO
        What to write to. If the block raises, nothing is left behind.

    Raises
    ------
    StorageError
        If the file cannot be made or finished.
    """
    try:
        path = path.resolve()
        before = path.stat().st_mode if path.exists() else None
        if before is not None and not stat.S_ISREG(before):
            file: BinaryIO = path.open("wb")
            part = None
        else:
            handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
            file, part = os.fdopen(handle, "wb"), Path(name)
    except (OSError, RuntimeError) as error:
        raise refused(path, error) from error
    try:
        yield file
        try:
            file.flush()
            if part is not None:
                os.fsync(file.fileno())
                part.chmod(_mode(before, private=private))
                part.replace(path)
            file.close()
        except OSError as error:
            raise refused(path, error) from error
    except BaseException:
        # What could not be written to the end cannot always be closed without an error either.
        with contextlib.suppress(OSError):
            file.close()
        if part is not None:
            part.unlink(missing_ok=True)
        raise


def refused(path: Path, error: Exception) -> StorageError:
    """Return the error for a file that cannot be written."""
    code = error.errno if isinstance(error, OSError) else None
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    remedy = _REMEDIES.get(code or 0, "free some space, or name another folder")
    return StorageError(f"cannot write {path}: {why}: {remedy}")


def _mode(before: int | None, *, private: bool) -> int:
    if before is not None:
        return stat.S_IMODE(before)
    if private:
        return 0o600
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
