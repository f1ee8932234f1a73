"""What is kept beside a net, and given back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chaffinch.features.net import PictureNetFeatures, TunablePictureFeatures, write_beside
from onnx_samples import one_layer

LABELS = ("a", "b")
SIDE = 28


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "net.onnx"
    path.write_bytes(one_layer(np.eye(2, SIDE * SIDE), np.zeros(2), SIDE))
    images = np.random.default_rng(0).random((6, SIDE, SIDE)).astype(np.float32)
    ids = [f"{number:08x}" for number in range(6)]
    write_beside(
        PictureNetFeatures(path, LABELS), "digits", "tried", images, list("abbaab"), ids,
        kept=images[:2],
    )  # fmt: skip
    return path


def test_what_a_net_has_seen_is_written_beside_it(path: Path) -> None:
    features = PictureNetFeatures(path, LABELS)
    assert (features.name, features.embedding) == ("tried", SIDE * SIDE)
    assert features.anchors.shape == (6, 2 + SIDE * SIDE)
    assert [features.has_seen(f"{number:08x}0") for number in (5, 6)] == [True, False]
    assert features.measured() is None


def test_what_it_is_to_go_on_thinking_of_takes_a_byte_a_number(path: Path) -> None:
    features = TunablePictureFeatures(path, LABELS)
    images = np.random.default_rng(0).random((6, SIDE, SIDE)).astype(np.float32)
    assert features.kept.dtype == np.uint8
    assert features.kept.shape == (2, features.n_features)
    assert np.abs(features.kept / 255 - features.of_pixels(images[:2])).max() <= 0.002
