from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from chaffinch.datasets.idx import read_idx
from chaffinch.errors import InputError

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
WHOLE = struct.pack(">BBBB3I", 0, 0, 8, 3, 2, 3, 4) + IMAGES.tobytes()


@pytest.mark.parametrize("data", [WHOLE, gzip.compress(WHOLE)])
def test_reads_what_was_written(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "images"
    path.write_bytes(data)
    assert np.array_equal(read_idx(path), IMAGES)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no IDX file"),
        (b"P5\n28 28", "no IDX file"),
        (b"\0\0\x0d\1\0\0\0\1abcd", "no IDX file"),
        (b"\0\0\x08\0", "no IDX file"),
        (b"\0\0\x08\3\0\0", "fetch it again"),
        (WHOLE[:-1], "fetch it again"),
        (WHOLE + b"x", "fetch it again"),
        (gzip.compress(WHOLE)[:-9], "cannot be read"),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told):
        read_idx(path)


def test_says_that_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_idx(tmp_path / "none")
