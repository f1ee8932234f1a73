from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError

from chaffinch.errors import MissingExtraError, ModelError
from chaffinch.models.files import ModelCard, save_model
from chaffinch.nets.dbn import DBNClassifier
from chaffinch.nets.dbn_files import read_net, save_net
from trainable import torch_or_skip


@pytest.fixture(name="torch")
def _torch() -> Any:
    return torch_or_skip()


def bars(n: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Draw images of 6 x 6 pixels with a bar across or down, in noise."""
    random = np.random.default_rng(seed)
    images = random.uniform(0, 0.4, (n, 6, 6)).astype(np.float32)
    across = random.random(n) < 0.5
    for image, place, lies in zip(images, random.integers(6, size=n), across, strict=True):
        (image if lies else image.T)[place] += 0.6
    return images.reshape(n, 36), np.where(across, "across", "down")


def small(**settings: Any) -> DBNClassifier:
    return DBNClassifier(
        **{
            "hidden": (32, 16),
            "pretrain_epochs": 5,
            "epochs": 30,
            "rate": 0.01,
            "batch": 20,
            "dropout": 0.2,
            "device": "cpu",
            "random_state": 0,
            **settings,
        }
    )


def test_learns(torch: Any) -> None:
    net = small(hidden=(64, 32), pretrain_epochs=20, dropout=0.1, input_dropout=0.0)
    net.fit(*bars(600))
    images, labels = bars(300, seed=1)
    assert net.score(images, labels) > 0.95
    probabilities = net.predict_proba(images)
    assert probabilities.shape == (300, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert net.predict(images).tolist() == net.classes_[probabilities.argmax(axis=1)].tolist()


def test_each_layer_reconstructs_what_is_below_it(torch: Any) -> None:
    images, _ = bars(600)
    random_net, net = small(pretrain_epochs=0), small(pretrain_epochs=20)
    for one in (random_net, net):
        one.pretrain(images)
    below = torch.from_numpy(bars(300, seed=1)[0]).clamp(0, 1)
    for blank, rbm in zip(random_net.stack_.rbms, net.stack_.rbms, strict=True):
        assert rbm.reconstruction_error(below) < 0.6 * blank.reconstruction_error(below)
        below = rbm.hidden(below)


def test_fit_is_pretraining_then_fine_tuning(torch: Any) -> None:
    images, labels = bars(100)
    more, _ = bars(100, seed=1)
    whole = small().fit(images, labels, unlabelled=more)
    parts = small().pretrain(np.concatenate([images, more])).fine_tune(images, labels)
    assert whole.predict_proba(more).tolist() == parts.predict_proba(more).tolist()
    without = small().fit(images, labels)
    assert whole.predict_proba(more).tolist() != without.predict_proba(more).tolist()


def test_fine_tuning_leaves_the_stack_alone(torch: Any) -> None:
    images, labels = bars(100)
    net = small().pretrain(images)
    before = [rbm.weights.clone() for rbm in net.stack_.rbms]
    first = net.fine_tune(images, labels).predict_proba(images)
    assert all(old.equal(rbm.weights) for old, rbm in zip(before, net.stack_.rbms, strict=True))
    assert net.fine_tune(images, labels).predict_proba(images).tolist() == first.tolist()


def test_chance_is_in_the_seed(torch: Any) -> None:
    images, labels = bars(100)
    one, same, other = (small(random_state=seed).fit(images, labels) for seed in (1, 1, 2))
    assert one.predict_proba(images).tolist() == same.predict_proba(images).tolist()
    assert one.predict_proba(images).tolist() != other.predict_proba(images).tolist()


def test_dreams_look_like_data(torch: Any) -> None:
    """Where data are of two kinds, so are dreams, and each is nearer to its kind than noise is."""
    random = np.random.default_rng(0)
    kinds = (random.random((2, 36)) < 0.5).astype(np.float32)
    images = np.abs(kinds[random.integers(2, size=400)] - (random.random((400, 36)) < 0.05))
    net = small(pretrain_epochs=30).pretrain(images)
    start = torch.from_numpy(images[:50].astype(np.float32))
    dreams = net.stack_.dream(start, 100, torch.Generator().manual_seed(0))
    assert dreams.shape == (50, 36)
    assert 0 <= float(dreams.min()) < float(dreams.max()) <= 1
    distance = np.abs(dreams.numpy()[:, None] - kinds).mean(axis=2).min(axis=1)
    assert np.mean(distance) < 0.15  # of noise: some 0.4


def test_filters_are_in_pixels_on_every_layer(torch: Any) -> None:
    net = small().pretrain(bars(100)[0])
    first, second = net.stack_.rbms
    assert net.stack_.filters().equal(first.weights.T)
    assert net.stack_.filters(1).shape == (16, 36)
    assert net.stack_.filters(1)[3].allclose(first.weights @ second.weights[:, 3])


def test_a_file_gives_the_net_back(torch: Any, tmp_path: Path) -> None:
    images, labels = bars(100)
    net = small().fit(images, labels)
    path = tmp_path / "net.safetensors"
    save_net(path, net)
    read = read_net(path, device="cpu")
    assert read.get_params() == net.get_params()
    assert read.predict_proba(images).tolist() == net.predict_proba(images).tolist()
    assert read.predict(images).tolist() == net.predict(images).tolist()
    again = read.fine_tune(images, labels)
    assert again.predict_proba(images).tolist() == net.predict_proba(images).tolist()


def test_a_pretrained_net_can_be_kept_and_fine_tuned_later(torch: Any, tmp_path: Path) -> None:
    images, labels = bars(100)
    path = tmp_path / "net.safetensors"
    save_net(path, small().pretrain(images))
    net = read_net(path, device="cpu")
    with pytest.raises(NotFittedError):
        net.predict(images)
    later = net.fine_tune(images, labels).predict_proba(images)
    assert later.tolist() == small().fit(images, labels).predict_proba(images).tolist()


def test_a_file_that_was_changed_or_is_another_is_refused(torch: Any, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    with pytest.raises(NotFittedError):
        save_net(path, small())
    save_net(path, small().fit(*bars(50)))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="wrong checksum"):
        read_net(path)
    save_model(path, ModelCard("m", "mail", "linear", "f", 0, 0, {}), {"w": np.zeros(1)})
    with pytest.raises(ModelError, match="no deep belief net but 'linear'"):
        read_net(path)


def test_one_class_is_refused(torch: Any) -> None:
    images, _ = bars(20)
    with pytest.raises(ValueError, match="y has 1 class"):
        small().fit(images, ["across"] * 20)


def test_a_missing_torch_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'chaffinch\[train\]'"):
        small().fit(*bars(20))
