"""Fetching a package of the npm registry through the npm client, where one is installed."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from chaffinch.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from chaffinch.datasets.catalogue import Package

PROBE_SECONDS = 8.0  # to see whether the registry answers at all
PACK_SECONDS = 180.0  # to fetch the package


def pack(package: Package, folder: Path) -> Path:
    """Fetch a package into a folder.

    Parameters
    ----------
    package : Package
        The package.
    folder : Path
        An empty folder, in which npm's own cache is put too.

    Returns
    -------
    Path
        The package, a tar file packed with gzip.

    Raises
    ------
    SourceError
        If npm is missing, fails, takes too long, or the package is another.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError("npm is not installed")
    # npm is patient: it is first asked for the package's version, for a few seconds only.
    _run([npm, "view", package.name, "version"], folder, PROBE_SECONDS)
    _run([npm, "pack", package.name, "--ignore-scripts"], folder, PACK_SECONDS)
    found = sorted(folder.glob("*.tgz"))
    if len(found) != 1:
        raise SourceError(f"npm pack {package.name} left {len(found)} packages")
    with found[0].open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != package.sha256:
            raise SourceError(f"npm's {package.name} is another package than its SHA-256 says")
    return found[0]


def _run(command: list[str], folder: Path, seconds: float) -> None:
    flags = ["--fetch-retries=0", f"--cache={folder / 'npm-cache'}", "--loglevel=error"]
    said = folder / "npm-said"
    what = " ".join(["npm", *command[1:3]])
    with said.open("wb") as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - npm as PATH has it, with our own arguments
                [*command, *flags],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            raise SourceError(f"{what} cannot be run ({error})") from error
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise SourceError(f"{what} did not finish within {seconds:g} s") from None
    finally:
        # The whole group: npm starts programs of its own.
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if status:
        words = said.read_bytes()[:10_000].decode("utf-8", "replace").split()
        raise SourceError(f"{what} failed ({' '.join(words)[:200] or f'exit status {status}'})")
