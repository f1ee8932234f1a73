from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import chaffinch.tasks
from chaffinch.errors import MissingExtraError, ModelError
from chaffinch.models.multiclass import softmax
from chaffinch.models.onnx_net import AGAIN, OnnxNet
from onnx_samples import one_layer
from trainable import package_or_skip

STARTER = Path(chaffinch.tasks.__path__[0]) / "digits" / "starter.onnx"


def test_damaged_files_are_told_of(tmp_path: Path) -> None:
    package_or_skip("onnxruntime", "digits")
    path = tmp_path / "net.onnx"
    with pytest.raises(ModelError, match=r"net\.onnx"):
        OnnxNet(path)
    for data in (b"", b"no net", STARTER.read_bytes()[:5000]):
        path.write_bytes(data)
        with pytest.raises(ModelError, match=r"net\.onnx"):
            OnnxNet(path)


def test_the_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match="pip install onnxruntime"):
        OnnxNet(STARTER)


@pytest.mark.parametrize("n", [0, 1, 3, 501])
def test_any_number_of_images_is_judged_alike(n: int) -> None:
    package_or_skip("onnxruntime", "digits")
    net = OnnxNet(STARTER)
    images = np.random.default_rng(0).random((n, 1, 28, 28), np.float32)
    logits, embedding = net(images)
    assert logits.shape == (n, 10)
    assert embedding.shape == (n, 96)
    for at in range(0, n, 97):
        assert np.allclose(net(images[at : at + 1])[0][0], logits[at], atol=1e-4)


def test_threads_change_nothing() -> None:
    package_or_skip("onnxruntime", "digits")
    images = np.random.default_rng(0).random((900, 1, 28, 28), np.float32)
    one, three = (OnnxNet(STARTER, threads=threads)(images) for threads in (1, 3))
    assert all(np.array_equal(a, b) for a, b in zip(one, three, strict=True))


def test_the_starter_is_small_and_unsure_of_blanks_and_noise() -> None:
    package_or_skip("onnxruntime", "digits")
    assert STARTER.stat().st_size <= 1_000_000
    net = OnnxNet(STARTER)
    noise = np.random.default_rng(0).random((50, 1, 28, 28), np.float32)
    blanks = np.stack([np.full((1, 28, 28), level, np.float32) for level in (0, 0.3, 1)])
    assert softmax(net(np.concatenate([noise, blanks]))[0]).max() < 0.6


def test_softmax_of_large_numbers() -> None:
    assert np.isfinite(softmax(np.array([[1e30, -1e30]], np.float32))).all()


def one_layer_that(**says: str) -> bytes:
    """Return a net whose two logits are the first two pixels of the first row."""
    onnx = package_or_skip("onnx", "train")
    model = onnx.load_from_string(one_layer(np.eye(2, 784), np.zeros(2), 28))
    for key, value in says.items():
        model.metadata_props.add(key=key, value=value)
    data: bytes = model.SerializeToString()
    return data


def test_a_net_that_is_not_sure_looks_again_where_its_file_says_so() -> None:
    images = np.zeros((3, 1, 28, 28), np.float32)
    images[0, 0, 0, 0] = 9.0
    images[1, 0, 0, 0], images[1, 0, 0, 1], images[1, 0, 1, 0] = 0.5, 0.25, 2.0
    once, again = (OnnxNet(one_layer_that(**says)) for says in ({}, AGAIN))
    logits, embedding = again(images)
    assert (logits[0] == once(images)[0][0]).all()
    # One of the nine looks at the second has each neighbour in the place of the first pixel; in
    # that of the one beside it each comes to lie, too.
    assert logits[1] == pytest.approx([2.75 / 9, 2.75 / 9])
    assert embedding[1].reshape(28, 28)[27, 27] == 0.0
    assert embedding[1].sum() == pytest.approx(once(images)[1][1].sum(), rel=0.5)
    assert (logits[2] == 0.0).all()
    assert again(images[1:2])[0] == pytest.approx(logits[1:2])
    assert not np.array_equal(once(images[1:2])[0], logits[1:2])


def test_a_net_that_does_not_say_when_to_look_again_is_refused() -> None:
    package_or_skip("onnxruntime", "digits")
    with pytest.raises(ModelError, match="'soon', which is no number"):
        OnnxNet(one_layer_that(again="soon"))
