from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from chaffinch.errors import ModelError, StorageError
from chaffinch.models.files import ModelCard, read_model, save_model

CARD = ModelCard("m1", "mail", "linear", "f", 7, 7, {"rate": 0.3})
TENSORS = {
    "weights": np.arange(1000, dtype=np.float32),
    "intercept": np.ones(1, np.float32),
    "by_column": np.arange(6, dtype=np.float32).reshape(2, 3).T,
}


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "m1.safetensors"
    save_model(path, CARD, TENSORS)
    return path


def test_reads_what_was_written(stored: Path) -> None:
    card, tensors = read_model(stored)
    assert card == CARD
    assert {name: tensor.tolist() for name, tensor in tensors.items()} == {
        name: tensor.tolist() for name, tensor in TENSORS.items()
    }
    assert list(read_model(stored, ["intercept"])[1]) == ["intercept"]


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is missing: .*--rollback"):
        read_model(tmp_path / "none.safetensors")


@pytest.mark.parametrize("length", [0, 1, 7, 8, 50, 600, 2000, -1])
def test_cut_short(stored: Path, length: int) -> None:
    data = stored.read_bytes()
    stored.write_bytes(data[:length])
    with pytest.raises(ModelError, match="--rollback"):
        read_model(stored)


def test_every_changed_byte_is_noticed(stored: Path) -> None:
    """A sample of positions over the whole file, header and tensors."""
    data = stored.read_bytes()
    for position in range(0, len(data), 37):
        damaged = bytearray(data)
        damaged[position] ^= 0x10
        stored.write_bytes(damaged)
        try:
            card, tensors = read_model(stored)
        except ModelError:
            continue
        # White space and names of the container may change without harm, but nothing of ours.
        assert card == CARD
        assert all(np.array_equal(tensors[name], TENSORS[name]) for name in TENSORS)


def test_another_safetensors_file(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "other.safetensors"
    save_file({"weights": np.ones(3)}, path)
    with pytest.raises(ModelError, match="no model file of this Chaffinch"):
        read_model(path)


def test_disk_full_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="free some space"):
        save_model(tmp_path / "m1.safetensors", CARD, TENSORS)
    assert list(tmp_path.iterdir()) == []
