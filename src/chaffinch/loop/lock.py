"""One training at a time in one home folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaffinch.errors import StorageError


@contextmanager
def training_turn(home: Path) -> Iterator[None]:
    """Wait until no other process trains in this home folder, then hold the turn.

    The turn goes back by itself when the process ends, however it ends; whoever has it next cleans
    up. Judging and storing flags need no turn.

    Parameters
    ----------
    home : Path
        The folder of the installation.

    Raises
    ------
    StorageError
        If the lock file cannot be written.
    """
    path = home / "training.lock"
    try:
        file = path.open("w")
    except OSError as error:
        raise StorageError(
            f"lock file {path} cannot be written ({error.strerror}): make the folder writable"
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # Nobody is writing now, so what is half-written was left by a process that was killed.
        for part in (home / "models").glob(".*.part"):
            part.unlink(missing_ok=True)
        yield
