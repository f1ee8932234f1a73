"""Reading archives from strangers: member by member into memory, nothing ever to disk by name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, BinaryIO

from chaffinch.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_MEMBER = 2**26  # bytes
MAX_TOTAL = 2**30  # bytes, unpacked: three times the largest archive of mails in the catalogue
MAX_MEMBERS = 2**16  # folders and links with them
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,  # a zip method that Python does not know
    RuntimeError,  # a zip member that wants a password
    EOFError,
    OSError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)


def members(
    path: Path, *, total: int | None = None, count: int | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield the files that an archive holds.

    Parameters
    ----------
    path : Path
        A zip file, or a tar file packed with gzip or bzip2.
    total : int, optional
        Bytes that it may unpack to; by default 1 GiB.
    count : int, optional
        Members that it may have, folders and links with them; by default 65,536.

    Yields
    ------
    name : str
        The member's name as the archive has it: to be compared, never to be opened.
    data : bytes
        What it holds. Links, folders and devices are left out.

    Raises
    ------
    SourceError
        If the archive is damaged, or holds more or larger members than a data set would.
    """
    try:
        with path.open("rb") as file:
            read = _zip if zipfile.is_zipfile(file) else _tar
            for name, data in read(file, total or MAX_TOTAL, count or MAX_MEMBERS):
                # Names are bytes, and come with what is not UTF-8 as surrogates.
                yield name.encode("utf-8", "backslashreplace").decode(), data
    except _BROKEN as error:
        raise SourceError(f"{path.name} is damaged or no archive ({error})") from error


class _Budget:
    """What an archive may still hold, whatever its headers say."""

    def __init__(self, total: int, count: int) -> None:
        self._total, self._count = total, count
        self._bytes, self._members = total, count

    def member(self, size: int) -> None:
        self._members -= 1
        if self._members < 0:
            raise SourceError(f"the archive holds over {self._count} members")
        if size > MAX_MEMBER:
            raise SourceError(f"the archive holds a file of over {MAX_MEMBER >> 20} MiB")

    def unpacked(self, size: int) -> None:
        self._bytes -= size
        if self._bytes < 0:
            raise SourceError(f"the archive unpacks to over {self._total >> 20} MiB")


def _zip(file: BinaryIO, total: int, count: int) -> Iterator[tuple[str, bytes]]:
    budget = _Budget(total, count)
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            with archive.open(info) as member:
                # Not the size that the archive declares, which is only its word.
                data = member.read(MAX_MEMBER + 1)
            budget.member(len(data))
            budget.unpacked(len(data))
            if not info.is_dir():
                yield info.filename, data


def _tar(file: BinaryIO, total: int, count: int) -> Iterator[tuple[str, bytes]]:
    # The second counts what is read of the stream, headers and padding with it.
    budget, stream = _Budget(total, count), _Counted(_decompressed(file), _Budget(total, count))
    with stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            budget.member(info.size)
            member = archive.extractfile(info) if info.isreg() else None
            if member is not None:
                data = member.read()
                budget.unpacked(len(data))  # again: a sparse file unpacks to more than it takes
                yield info.name, data


def _decompressed(file: BinaryIO) -> IO[bytes] | gzip.GzipFile:
    file.seek(0)
    magic = file.read(3)
    file.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=file)
    return bz2.BZ2File(file) if magic == b"BZh" else file


class _Counted(io.RawIOBase):
    """A stream that ends with an error where a bomb would go on."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile, budget: _Budget) -> None:
        self._file = file
        self._budget = budget

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._budget.unpacked(len(data))
        return data

    def close(self) -> None:
        self._file.close()
        super().close()
