"""A trained net learns a little more, from its ONNX file into another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import chaffinch.tasks
from chaffinch.errors import MissingExtraError, ModelError
from chaffinch.models.onnx_net import OnnxNet
from chaffinch.nets.augment import Augmentation
from chaffinch.nets.from_onnx import read_onnx, widen, write_onnx
from chaffinch.nets.tuning import Tuning, tuned
from onnx_samples import one_layer
from trainable import package_or_skip, torch_or_skip

STARTER = Path(chaffinch.tasks.__path__[0]) / "digits" / "starter.onnx"
SIDE = 8
STILL = Augmentation(0, 0, 0, 0, 0, pen=0)
HOW = Tuning(STILL, steps=60, batch=8, beside=8, rate=0.05, share=1.0)


@pytest.fixture(name="torch", autouse=True)
def _torch() -> Any:
    torch = torch_or_skip()
    torch.set_num_threads(1)
    return torch


def bars(label: int, n: int, seed: int = 0) -> NDArray[np.float32]:
    """Bars that lie in the upper half (0), in the lower half (1), or stand (2)."""
    random = np.random.default_rng(seed)
    images = random.uniform(0, 0.2, (n, 1, SIDE, SIDE)).astype(np.float32)
    for image, at in zip(images[:, 0], random.integers(0, SIDE // 2, n), strict=True):
        if label < 2:
            image[at + label * SIDE // 2] = 1
        else:
            image[:, at] = 1
    return images


def stored(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(255 * images[:, 0]).astype(np.uint8)


def upper_or_lower() -> bytes:
    """A net that tells bars in the upper half from those in the lower."""
    weights = np.zeros((2, SIDE, SIDE))
    weights[0, : SIDE // 2] = weights[1, SIDE // 2 :] = 1.0
    return one_layer(weights.reshape(2, -1), np.zeros(2), SIDE)


def right(net: bytes, label: int) -> float:
    return float((OnnxNet(net)(bars(label, 100, seed=9))[0].argmax(1) == label).mean())


def test_a_file_read_and_written_is_the_same_net(torch: Any) -> None:
    data = STARTER.read_bytes()
    images = np.random.default_rng(0).random((4, 1, 28, 28), np.float32)
    net, before = read_onnx(data), OnnxNet(data)(images)
    with torch.no_grad():
        taken = net(torch.tensor(images))
    for ours, theirs in zip(taken, OnnxNet(data).look(images), strict=True):
        assert np.allclose(ours.numpy(), theirs, atol=1e-5)
    written = OnnxNet(write_onnx(data, net))
    assert written.about == OnnxNet(data).about
    for ours, theirs in zip(written(images), before, strict=True):
        assert np.array_equal(ours, theirs)


def test_what_was_flagged_is_learned_and_what_was_known_is_kept() -> None:
    net = upper_or_lower()
    assert min(right(net, 0), right(net, 1)) > 0.95
    flagged, codes = stored(bars(2, 20)), np.full(20, 2)
    kept = stored(np.concatenate([bars(0, 40), bars(1, 40)]))
    after = tuned(net, flagged, codes, kept, 3, HOW)
    assert min(right(after, label) for label in range(3)) > 0.9
    assert OnnxNet(after)(bars(2, 20))[0].shape == (20, 3)
    alone = tuned(net, flagged, codes, kept[:0], 3, HOW)
    assert min(right(alone, 0), right(alone, 1)) < 0.5
    assert tuned(net, flagged, codes, kept, 3, HOW) == after


def test_a_new_label_is_not_said_before_it_is_learned(torch: Any) -> None:
    net = read_onnx(upper_or_lower())
    widen(net, 4, -8.0)
    logits = net(torch.tensor(bars(0, 10)))[0]
    assert logits.shape == (10, 4)
    assert bool((logits.argmax(1) == 0).all())


def test_what_cannot_be_trained_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    onnx = package_or_skip("onnx", "train")
    with pytest.raises(ModelError, match="no ONNX file"):
        read_onnx(b"no net")
    model = onnx.load_model_from_string(upper_or_lower())
    model.graph.node[0].op_type = "LSTM"
    with pytest.raises(ModelError, match=r"nodes of the kind LSTM.*known are Add"):
        read_onnx(model.SerializeToString())
    data = upper_or_lower()
    for name in ("torch", "onnx"):
        with monkeypatch.context() as without:
            without.setitem(sys.modules, name, None)
            with pytest.raises(MissingExtraError, match=r"pip install 'chaffinch\[train\]'"):
                read_onnx(data)
