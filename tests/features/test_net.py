"""What is kept beside a net, and given back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chaffinch.features.net import PictureNetFeatures, TunablePictureFeatures, write_beside
from chaffinch.readers.image import read_image, write_pgm
from chaffinch.types import Item
from digit_samples import png
from onnx_samples import one_layer
from trainable import package_or_skip

LABELS = ("a", "b")
SIDE = 28


def _seven() -> Item:
    """A digit as MNIST's are."""
    page = np.full((60, 60), 255, np.uint8)
    page[10:14, 20:42] = 0
    page[14:50, 38:42] = 0
    (glyph,) = read_image(write_pgm(page)).glyphs
    return Item(glyph.as_pgm(), "digits")


KNOWN = _seven()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "net.onnx"
    path.write_bytes(one_layer(np.eye(2, SIDE * SIDE), np.zeros(2), SIDE))
    images = np.random.default_rng(0).random((6, SIDE, SIDE)).astype(np.float32)
    ids = [KNOWN.id, *(f"{number:08x}" for number in range(5))]
    write_beside(
        PictureNetFeatures(path, LABELS), "digits", "tried", images, list("abbaab"), ids,
        kept=images[:2],
    )  # fmt: skip
    return path


def test_what_a_net_has_seen_is_written_beside_it(path: Path) -> None:
    features = PictureNetFeatures(path, LABELS)
    assert (features.name, features.embedding) == ("tried", SIDE * SIDE)
    assert features.anchors.shape == (6, 2 + SIDE * SIDE)
    assert features.has_seen(KNOWN)
    assert not features.has_seen(Item(b"no picture", "digits"))
    assert features.measured() is None


def test_a_picture_that_a_net_has_seen_is_known_in_any_format(path: Path) -> None:
    package_or_skip("PIL", "digits")
    features = PictureNetFeatures(path, LABELS)
    pixels = np.frombuffer(KNOWN.data[-SIDE * SIDE :], np.uint8).reshape(SIDE, SIDE)
    for kind in ("PNG", "BMP", "TIFF"):
        assert features.has_seen(Item(png(pixels, kind), "digits"))
        assert features.has_seen(Item(png(255 - pixels, kind), "digits"))
    assert not features.has_seen(Item(png(pixels[:, ::-1].copy()), "digits"))


def test_what_it_is_to_go_on_thinking_of_takes_a_byte_a_number(path: Path) -> None:
    features = TunablePictureFeatures(path, LABELS)
    images = np.random.default_rng(0).random((6, SIDE, SIDE)).astype(np.float32)
    assert features.kept.dtype == np.uint8
    assert features.kept.shape == (2, features.n_features)
    assert np.abs(features.kept / 255 - features.of_pixels(images[:2])).max() <= 0.002
