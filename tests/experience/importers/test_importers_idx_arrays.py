from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from chaffinch.errors import InputError
from chaffinch.experience.importers.idx import read_array

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
WHOLE = struct.pack(">BBBB3I", 0, 0, 8, 3, 2, 3, 4) + IMAGES.tobytes()


@pytest.mark.parametrize("data", [WHOLE, gzip.compress(WHOLE, mtime=0)])
def test_reads_what_was_written(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "images"
    path.write_bytes(data)
    assert np.array_equal(read_array(path), IMAGES)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "begins with nothing"),
        (b"P5\n28 28", "an IDX file of labels with"),
        (b"\0\0\x0d\1\0\0\0\1abcd", "an IDX file of labels with"),
        (b"\0\0\x08\0", "an IDX file of labels with"),
        (b"\0\0\x08\3\0\0", "fetch it again"),
        (WHOLE[:-1], "fetch it again"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 2000, 1000, 1000), "more than 1024 MiB"),
        (gzip.compress(WHOLE, mtime=0)[:-9], "damaged|cut off"),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(data)
    with pytest.raises(InputError, match=told):
        read_array(path)


def test_says_that_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none"):
        read_array(tmp_path / "none")
