"""The cache: what was fetched and verified, in the user's cache folder.

A data set's folder holds its files and ``verified.json``, which is written last and says what each
file must be. Whatever does not agree with it counts as not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from chaffinch.errors import SourceError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SEAL = "verified.json"


def place(name: str) -> Path:
    """Return a data set's folder in the cache.

    Parameters
    ----------
    name : str
        The data set's name.

    Returns
    -------
    Path
        Below ``$XDG_CACHE_HOME``, or else ``~/.cache``.

    Raises
    ------
    StorageError
        If there is no home.
    """
    home = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    except RuntimeError as error:
        raise StorageError("there is no home folder to keep data in: set XDG_CACHE_HOME") from error
    return base / "chaffinch" / name


def kept(folder: Path, origin: str = "") -> Path | None:
    """Return what a folder of the cache keeps, if it is whole.

    Parameters
    ----------
    folder : Path
        The folder.
    origin : str
        What it must have been made from, if that matters.

    Returns
    -------
    Path or None
        The file, or the folder if there are several.
    """
    try:
        sealed = sums(folder)
        if origin and json.loads((folder / _SEAL).read_bytes())["origin"] != origin:
            return None
        if not sealed or any(sum_of(folder / Path(name).name) != sealed[name] for name in sealed):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return folder / next(iter(sealed)) if len(sealed) == 1 else folder


def sums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that a folder of the cache was sealed with, damaged or not.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    try:
        seal = json.loads((folder / _SEAL).read_bytes())
        return {str(name): str(value) for name, value in seal["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def keep(
    folder: Path,
    build: Callable[[Path], None],
    origin: str = "",
    before: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Build a folder of the cache: all of it, or nothing.

    Parameters
    ----------
    folder : Path
        The folder.
    build : callable
        Writes the files into an empty folder that it is given.
    origin : str
        What it is made from.
    before : mapping of str to str
        The SHA-256 that each file must have, where they were sealed before.

    Returns
    -------
    Path
        The file, or the folder if there are several.

    Raises
    ------
    SourceError
        If what is built is not what was sealed before.
    StorageError
        If it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as scratch:
            build(Path(scratch))
            built = {file.name: sum_of(file) for file in sorted(Path(scratch).iterdir())}
            if before and built != before:
                names = ", ".join(name for name in built if built[name] != before.get(name))
                raise SourceError(
                    f"{names} holds other data than when it was fetched first: if that is as it "
                    f"should be, remove {folder}"
                )
            seal = Path(scratch) / _SEAL
            seal.write_text(json.dumps({"origin": origin, "files": built}, indent=1))
            for name in (*built, _SEAL):  # the seal last: without it the files do not count
                (Path(scratch) / name).replace(folder / name)
    except OSError as error:
        where, why = error.filename or folder, error.strerror or str(error)
        raise StorageError(
            f"{where} cannot be written ({why}): make room, or set XDG_CACHE_HOME"
        ) from error
    finally:
        _remove_if_empty(folder)
    return folder / next(iter(built)) if len(built) == 1 else folder


def sum_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        shutil.rmtree(folder, ignore_errors=True)
