"""Arrays of images and labels as NumPy packs them, read one image at a time and never unpickled."""

from __future__ import annotations

import math
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from chaffinch.errors import InputError
from chaffinch.experience.importers.files import open_regular, shown, why
from chaffinch.experience.importers.records import MAX_RECORD, Entries, Part, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

MAX_ITEMS = 10_000_000
_MAX_LABELS = 2**28  # bytes: they are held in memory
_MAX_HEADER = 10_000
# Names of images and labels: alone, or those of a training and a test part.
_ALONE = (("images", "labels"), ("x", "y"))
_PARTS = {
    "train": (("train_images", "train_labels"), ("x_train", "y_train")),
    "test": (("test_images", "test_labels"), ("x_test", "y_test")),
}
_NAMES = "images and labels, or x_train, y_train, x_test and y_test"


@dataclass(frozen=True, slots=True)
class _Header:
    """What the header of an array says."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def is_npz(path: Path) -> bool:
    """Return whether a file is a zip file of arrays."""
    try:
        with _archive(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except InputError:
        return False


def parts(path: Path) -> dict[str, Part]:
    """Return the parts of a file that tells them apart: ``train``, ``test`` or both."""
    with _archive(path) as archive:
        held = _held(archive)
    found = {part: _pair(held, names) for part, names in _PARTS.items()}
    return {
        part: Part(partial(_read_pair, path, *pair), partial(_count_pair, path, pair[0]))
        for part, pair in found.items()
        if pair is not None
    }


def read(path: Path) -> Entries:
    """Read the images of an npz file: those of its training part first, where it has parts.

    Parameters
    ----------
    path : Path
        The file, with arrays ``images`` (n, height, width) and, unless unlabelled, ``labels`` (n,).

    Yields
    ------
    Record or Skipped
        A record is a binary PGM, named after its place in the array, from 0.

    Raises
    ------
    InputError
        If it is no such file, cut off, damaged or too large, or the two are of different length.
    """
    with _archive(path) as archive:
        held = _held(archive)
    alone = _pair(held, _ALONE)
    if alone is not None:
        yield from _read_pair(path, *alone)
        return
    found = parts(path)
    if not found:
        named = ", ".join(shown(name) for name in sorted(held)[:5]) or "nothing"
        raise InputError(f"{shown(path)} holds {named}, and no {_NAMES}: save it with those names")
    for part in found.values():
        yield from part.read()


def count(path: Path) -> int | None:
    """Count what `read` will yield."""
    try:
        with _archive(path) as archive:
            alone = _pair(_held(archive), _ALONE)
        if alone is not None:
            return _count_pair(path, alone[0])
        counts = [part.count() for part in parts(path).values()]
    except InputError:
        return None
    return None if None in counts else sum(number for number in counts if number is not None)


def _pair(
    held: dict[str, str], names: tuple[tuple[str, str], ...]
) -> tuple[str, str | None] | None:
    found = ((held[one], held.get(other)) for one, other in names if one in held)
    return next(found, None)


def _held(archive: zipfile.ZipFile) -> dict[str, str]:
    names = [name for name in archive.namelist() if name.endswith(".npy")]
    return {name.removesuffix(".npy").lower(): name for name in names}


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{shown(path)}: its zip data are damaged ({error}): fetch or save it again"
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{shown(path)} cannot be read: {why(error)}") from error


def _header(file: IO[bytes], path: Path, name: str) -> _Header:
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(file)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, by_column, dtype = read_header(file, max_header_size=_MAX_HEADER)
    except (ValueError, OverflowError, SyntaxError, TypeError) as error:
        raise InputError(
            f"{shown(path)}: {shown(name)} is no array that can be read ({why(ValueError(error))}):"
            " save it again"
        ) from error
    told = f"{shown(path)}: {shown(name)}"
    if dtype.hasobject:
        raise InputError(f"{told} holds pickled objects, which may do anything: save plain numbers")
    if by_column and len(shape) > 1:
        raise InputError(
            f"{told} is stored by columns: save it again through numpy.ascontiguousarray"
        )
    if not shape or not 0 < shape[0] <= MAX_ITEMS:
        raise InputError(
            f"{told} is of shape {shape}, and 1 to {MAX_ITEMS:,} items are read: save it again"
        )
    return _Header(tuple(shape), dtype)


def _count_pair(path: Path, images: str) -> int | None:
    try:
        with _archive(path) as archive, archive.open(images) as file:
            return _header(file, path, images).shape[0]
    except InputError:
        return None


def _read_pair(path: Path, images: str, labels: str | None) -> Entries:
    import numpy as np

    from chaffinch.readers.image import write_pgm

    with _archive(path) as archive, archive.open(images) as file:
        header = _header(file, path, images)
        number = header.shape[0]
        height, width = _sides(header, path, images)
        told = None if labels is None else _labels(archive, path, labels, images, number)
        size = height * width * header.dtype.itemsize
        for index in range(number):
            raw = file.read(size)
            if len(raw) < size:
                raise InputError(
                    f"{shown(path)}: {shown(images)} is cut off: it claims {number:,} images, and "
                    f"holds {index:,}: save it again"
                )
            name = f"{shown(path)}:{shown(images.removesuffix('.npy'))}[{index}]"
            pixels = _grey(np.frombuffer(raw, header.dtype))
            if pixels is None:
                yield Skipped(name, "holds values that are no grey of 0 to 255")
            else:
                image = np.frombuffer(pixels, np.uint8).reshape(height, width)
                yield Record(write_pgm(image), None if told is None else told[index], name)


def _sides(header: _Header, path: Path, name: str) -> tuple[int, int]:
    """Return height and width of each image; a row of numbers is a square image."""
    shape = [side for side in header.shape[1:] if side != 1]
    if len(shape) == 1 and len(header.shape) == 2:
        shape = [math.isqrt(shape[0])] * 2 if math.isqrt(shape[0]) ** 2 == shape[0] else []
    if len(header.shape) == 3:
        shape = list(header.shape[1:])  # one pixel wide or high, perhaps
    pixels = math.prod(shape)
    size = pixels * header.dtype.itemsize
    if len(shape) != 2 or not 0 < size <= MAX_RECORD - 64 or header.dtype.kind not in "buif":
        raise InputError(
            f"{shown(path)}: {shown(name)} is of shape {header.shape} and type {header.dtype}, and "
            "images are numbers of shape (n, height, width): save it again"
        )
    return shape[0], shape[1]


def _grey(values: npt.NDArray[Any]) -> bytes | None:
    """Return values as grey bytes: 0 to 1 where none is more, else 0 to 255."""
    import numpy as np

    if values.dtype == np.uint8:
        return values.tobytes()
    if values.dtype.kind == "b":
        return (values * np.uint8(255)).tobytes()
    numbers = values.astype(np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    if not 0 <= low <= high <= 255:  # false for what is no number, too
        return None
    by = 255 if values.dtype.kind == "f" and high <= 1 else 1
    return np.rint(numbers * by).astype(np.uint8).tobytes()


def _labels(archive: zipfile.ZipFile, path: Path, name: str, images: str, wanted: int) -> list[str]:
    import numpy as np

    told = f"{shown(path)}: {shown(name)}"
    with archive.open(name) as file:
        header = _header(file, path, name)
        number = header.shape[0]
        if number != wanted:
            raise InputError(
                f"{shown(path)}: {shown(images)} holds {wanted:,} images, and {shown(name)} "
                f"{number:,} labels: they do not belong together; save those that do"
            )
        size = math.prod(header.shape) * header.dtype.itemsize
        if (
            math.prod(header.shape) != number
            or size > _MAX_LABELS
            or header.dtype.kind not in "iufUS"
        ):
            raise InputError(
                f"{told} is of shape {header.shape} and type {header.dtype}, and labels are numbers"
                " or texts of shape (n,): save it again"
            )
        raw = file.read(size)
    if len(raw) < size:
        raise InputError(f"{told} is cut off: save it again")
    values = np.frombuffer(raw, header.dtype)
    if header.dtype.kind == "f":
        if not np.isfinite(values).all() or (values != np.rint(values)).any():
            raise InputError(f"{told} holds fractions, and labels are whole: save it again")
        values = values.astype(np.int64)
    if header.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    return [str(value) for value in values]
