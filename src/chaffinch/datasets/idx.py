"""Read IDX, the format of MNIST's files: a header of sizes, then the bytes of an array."""

from __future__ import annotations

import gzip
import math
import zlib
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_MOST = 1 << 30  # bytes: MNIST's largest file has 47 million
_UINT8 = 8  # the code of the only type that digits come in


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of an IDX file of unsigned bytes, gzipped or not.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    array of uint8
        As many axes as the header names.

    Raises
    ------
    InputError
        If it cannot be read, is no IDX file, or holds more or less than its header says.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if zipped else path.open("rb") as file:
            data = file.read(_MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read ({error}): name a whole IDX file") from error
    if len(data) > _MOST:
        raise InputError(f"{path} is larger than {_MOST:,} bytes unpacked: split it")
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] != _UINT8 or not data[3]:
        raise InputError(f"{path} is no IDX file of unsigned bytes: give it as MNIST's files are")
    start = 4 + 4 * data[3]
    shape = np.frombuffer(data[4:start], ">u4").tolist() if len(data) >= start else []
    if not shape or math.prod(shape) != len(data) - start:
        raise InputError(
            f"{path} holds {len(data) - start:,} bytes where its header says {shape}: "
            "fetch it again"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
