"""IDX, the format of MNIST: a file of images, its labels beside it, and a folder of such pairs.

Described by Y. LeCun with MNIST: four bytes that tell type and dimensions, each dimension in four
bytes, big end first, then the numbers. Here: unsigned bytes, three dimensions for images, one for
labels; plain or gzip.
"""

from __future__ import annotations

import math
import re
import struct
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chaffinch.errors import InputError
from chaffinch.experience.importers.files import entries, listed, mebibytes, opened, shown
from chaffinch.experience.importers.records import MAX_RECORD, Entries, Part, Record

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np
    from numpy.typing import NDArray

IMAGES = b"\0\0\x08\x03"
LABELS = b"\0\0\x08\x01"
MAX_ITEMS = 10_000_000  # labels are held in memory
_MAX_ARRAY = 2**30  # bytes: MNIST's largest file has 47 million

_NAME = re.compile(r"images[-._]idx3", re.IGNORECASE)
_TEST = re.compile(r"t10k|test", re.IGNORECASE)
_REMEDY = "fetch it again"


def parts(folder: Path) -> dict[str, Part]:
    """Return the parts of a folder of IDX files, as MNIST's: ``train``, ``test`` or both.

    Parameters
    ----------
    folder : Path
        A folder.

    Returns
    -------
    dict of str to Part
        Empty where it holds no IDX files of images, by their names.

    Raises
    ------
    InputError
        If the folder cannot be listed, or holds several files of images for one part.
    """
    found: dict[str, Path] = {}
    for entry in listed(folder):
        if _NAME.search(entry.name) and entry.is_file():
            part = "test" if _TEST.search(entry.name) else "train"
            if part in found:
                raise InputError(
                    f"{shown(folder)} holds several sets of images ({shown(found[part].name)}, "
                    f"{shown(entry.name)}): name one of the files"
                )
            found[part] = Path(entry.path)
    return {
        part: Part(partial(read, found[part]), partial(count, found[part]))
        for part in ("train", "test")
        if part in found
    }


def read_folder(folder: Path) -> Entries:
    """Read the training part of a folder of IDX files, then its test part.

    Yields
    ------
    Record or Skipped
    """
    for part in parts(folder).values():
        yield from part.read()


def count_folder(folder: Path) -> int | None:
    """Count what `read_folder` will yield."""
    counts = [part.count() for part in parts(folder).values()]
    return None if None in counts else sum(number for number in counts if number is not None)


def read(images: Path) -> Entries:
    """Read an IDX file of images, with the labels that lie beside it.

    Parameters
    ----------
    images : Path
        The file of images.

    Yields
    ------
    Record
        A binary PGM, named after its place in the file, from 0; its label is a number as text.

    Raises
    ------
    InputError
        If a file is no such IDX file, cut off, damaged, too large, or the two are of different
        length.
    """
    import numpy as np

    from chaffinch.readers.image import write_pgm

    beside = labels_of(images)
    with opened(images) as file:
        number, height, width = _dimensions(file, images, IMAGES, "images")
        if not 0 < height * width <= MAX_RECORD - 64:
            raise InputError(f"{shown(images)} claims images of {width}×{height} pixels: {_REMEDY}")
        labels = None if beside is None else _read_labels(beside, images, number)
        size = height * width
        for index in range(number):
            pixels = file.read(size)
            if len(pixels) < size:
                raise _cut_off(images, number, "images", index)
            label = None if labels is None else str(labels[index])
            image = np.frombuffer(pixels, np.uint8).reshape(height, width)
            yield Record(write_pgm(image), label, f"{shown(images)}[{index}]")


def count(images: Path) -> int | None:
    """Return how many images an IDX file claims to hold; None if it cannot be read."""
    try:
        with opened(images) as file:
            return _dimensions(file, images, IMAGES, "images")[0]
    except InputError:
        return None


def read_array(path: Path) -> NDArray[np.uint8]:
    """Return the array of an IDX file of images or of labels as a whole.

    Parameters
    ----------
    path : Path
        The file, plain or gzip.

    Returns
    -------
    ndarray of uint8, shape (n, height, width) or (n,)

    Raises
    ------
    InputError
        If it is no such IDX file, cut off, damaged or too large.
    """
    import numpy as np

    with opened(path) as file:
        images = file.read(4) == IMAGES
    magic, what = (IMAGES, "images") if images else (LABELS, "labels")
    with opened(path) as file:
        shape = _dimensions(file, path, magic, what)
        size = math.prod(shape)
        if size > _MAX_ARRAY:
            raise InputError(f"{shown(path)} claims more than {mebibytes(_MAX_ARRAY)}: {_REMEDY}")
        data = file.read(size)
    if len(data) < size:
        raise _cut_off(path, shape[0], what, len(data) * shape[0] // size)
    return np.frombuffer(data, np.uint8).reshape(shape)


def labels_of(images: Path) -> Path | None:
    """Return the file of labels that lies beside one of images, by its name; None without one."""
    wanted = images.name.lower().removesuffix(".gz").replace("images", "labels")
    wanted = wanted.replace("idx3", "idx1")
    try:
        beside = entries(images.parent)
    except OSError:
        return None
    found = (entry for entry in beside if entry.name.lower().removesuffix(".gz") == wanted)
    return next((Path(entry.path) for entry in found if Path(entry.path) != images), None)


def _read_labels(path: Path, images: Path, wanted: int) -> bytes:
    with opened(path) as file:
        (number,) = _dimensions(file, path, LABELS, "labels")
        if number != wanted:
            raise InputError(
                f"{shown(images)} holds {wanted:,} images, and {shown(path)} {number:,} labels: "
                "they do not belong together; put the right labels beside the images"
            )
        labels = file.read(number)
    if len(labels) < number:
        raise _cut_off(path, number, "labels", len(labels))
    return labels


def _dimensions(file: BinaryIO, path: Path, magic: bytes, what: str) -> tuple[int, ...]:
    head = file.read(4)
    if head != magic:
        raise InputError(
            f"{shown(path)} begins with {head.hex() or 'nothing'}, and an IDX file of {what} with "
            f"{magic.hex()}: name another file, or {_REMEDY}"
        )
    rest = file.read(4 * magic[3])
    if len(rest) < 4 * magic[3]:
        raise InputError(f"{shown(path)} is cut off in its header: {_REMEDY}")
    dimensions = struct.unpack(f">{magic[3]}I", rest)
    if not 0 < dimensions[0] <= MAX_ITEMS or math.prod(dimensions) > 2**40:
        raise InputError(
            f"{shown(path)} claims {dimensions[0]:,} {what}, and 1 to {MAX_ITEMS:,} are read: "
            f"{_REMEDY}"
        )
    return dimensions


def _cut_off(path: Path, claimed: int, what: str, held: int) -> InputError:
    return InputError(
        f"{shown(path)} is cut off: it claims {claimed:,} {what}, and holds {held:,}: {_REMEDY}"
    )
