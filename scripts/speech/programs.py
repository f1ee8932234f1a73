"""The programs and packages that speak: whether they are there, and running them."""

from __future__ import annotations

import shutil
import subprocess
from importlib import metadata

_SECONDS = 60.0


def absent(*programs: str) -> str:
    """Return which of these programs are not installed, in words.

    Examples
    --------
    >>> absent("sh", "no-such-program")
    'no-such-program'
    """
    return " and ".join(program for program in programs if shutil.which(program) is None)


def absent_packages(*packages: str) -> str:
    """Return which of these Python packages are not installed, in words.

    Examples
    --------
    >>> absent_packages("numpy", "no-such-package")
    'the package no-such-package'
    """
    return " and ".join(f"the package {name}" for name in packages if not _installed(name))


def _installed(package: str) -> bool:
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def output(*command: str) -> bytes:
    """Return what a program writes to standard output.

    Raises
    ------
    subprocess.SubprocessError
        If it fails or takes too long.
    """
    done = subprocess.run(
        command, capture_output=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
    )
    return done.stdout


def about(*command: str) -> str:
    """Return what a program says of itself, whatever its exit status."""
    try:
        return output(*command).decode("utf-8", "replace")
    except subprocess.CalledProcessError as error:
        return bytes(error.stdout).decode("utf-8", "replace")
