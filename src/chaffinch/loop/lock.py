"""One training at a time in one home folder, one adapting loop, one guard of each mailbox."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from chaffinch.errors import ExperienceError, StorageError


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


@contextmanager
def adapting_turn(home: Path) -> Iterator[None]:
    """Hold the turn to adapt in this home folder, or say who has it.

    It goes back by itself when the process ends, however it ends.

    Parameters
    ----------
    home : Path
        The folder of the installation.

    Raises
    ------
    ExperienceError
        If another process has the turn.
    StorageError
        If the lock file cannot be written.
    """
    with _only_one(home, "adapting.lock", "adapts"):
        yield


@contextmanager
def guarding_turn(home: Path, account: str) -> Iterator[None]:
    """Hold the turn to guard a mailbox from this home folder, or say who has it.

    It goes back by itself when the process ends, however it ends.

    Parameters
    ----------
    home : Path
        The folder of the installation.
    account : str
        The account whose mailbox it is.

    Raises
    ------
    ExperienceError
        If another process has the turn.
    StorageError
        If the lock file cannot be written.
    """
    with _only_one(home, f"imap-{quote(account, safe='')}.lock", f"guards account {account}"):
        yield


@contextmanager
def _only_one(home: Path, name: str, does: str) -> Iterator[None]:
    path = home / name
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise StorageError(
            f"lock file {path} cannot be written ({error.strerror}): make the folder writable"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            who = file.read(20).strip() or "unknown"
            raise ExperienceError(
                f"home folder {home}: process {who} {does} here already, and one is enough: stop "
                "that one first, or leave it to it"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
