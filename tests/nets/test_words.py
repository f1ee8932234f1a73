"""The net for words: as a file it says what it said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chaffinch.errors import InputError
from chaffinch.features.spoken import LENGTH
from chaffinch.models.onnx_net import OnnxNet
from chaffinch.nets.export import export
from chaffinch.nets.from_onnx import read_onnx
from chaffinch.nets.soundnet import soundnet
from chaffinch.nets.voices import Voices
from chaffinch.nets.words import RECIPE, recipe_of, stored, synthesised, word_net
from trainable import package_or_skip, torch_or_skip


@pytest.fixture(name="torch", autouse=True)
def _torch() -> Any:
    torch = torch_or_skip()
    torch.set_num_threads(1)
    return torch


def test_an_onnx_file_says_what_the_net_says_and_can_be_taught_on(
    torch: Any, tmp_path: Path
) -> None:
    package_or_skip("onnxscript", "train")
    package_or_skip("onnxruntime", "digits")
    net = soundnet(3, widths=(4, 4, 8, 8, 8, 6)).eval()
    path = tmp_path / "net.onnx"
    export(net, path, shape=(40, 101), about={"name": "tried", "labels": "a b c"})
    seen = torch.rand(5, 1, 40, 101)
    with torch.no_grad():
        logits, embedding = net(seen).numpy(), net.trunk(seen).numpy()
        again = read_onnx(path.read_bytes())(seen)
    for said in (OnnxNet(path)(seen.numpy()), [one.numpy() for one in again]):
        assert np.allclose(said[0], logits, atol=1e-4)
        assert np.allclose(said[1], embedding, atol=1e-4)
    assert embedding.shape == (5, 12)


def test_a_recipe_teaches_words_beside_strangers(torch: Any) -> None:
    del torch
    random = np.random.default_rng(0)
    words = stored(random.normal(size=(12, 2000)).astype(np.float32))
    recipe = replace(RECIPE, epochs=1, batch=4, strangers=1)
    net = word_net(words, np.arange(12) % 2, 2, strangers=words[:3], recipe=recipe)
    assert net.head.out_features == 2


def test_two_words_are_taught_among_more_voices_than_ten() -> None:
    two, ten = (recipe_of(10_000, labels).augmentation for labels in (2, 10))
    assert isinstance(two, Voices)
    assert isinstance(ten, Voices)
    assert two.babble > ten.babble
    assert two.noise[0] < ten.noise[0]


def test_what_programs_said_is_parted_into_labels_and_other_words(tmp_path: Path) -> None:
    said = ["one", "oh", "house", "two", "one"]
    starts = np.cumsum([0, 1000, 1000, 1000, 9000, 1000])
    samples = np.tile(np.array([100, -100], np.int16), starts[-1] // 2)
    np.savez(tmp_path / "voices.npz", samples=samples, starts=starts, words=np.array(said))
    words, codes, others = synthesised(tmp_path / "voices.npz", ("one", "two"))
    assert codes.tolist() == [0, 1, 0]
    assert others.shape == (1, LENGTH)
    # in the middle, and of what is longer than a second the middle
    assert [np.count_nonzero(word) for word in words] == [1000, LENGTH, 1000]
    assert np.flatnonzero(words[0])[0] == (LENGTH - 1000) // 2


@pytest.mark.parametrize("data", [b"", b"no such file", None])
def test_a_file_that_holds_no_voices_is_refused(data: bytes | None, tmp_path: Path) -> None:
    if data is not None:
        (tmp_path / "voices.npz").write_bytes(data)
    with pytest.raises(InputError, match=r"scripts/voices\.py"):
        synthesised(tmp_path / "voices.npz", ("one",))


def test_words_are_kept_equally_loud() -> None:
    kept = stored(np.array([[0.0, 0.5], [0.001, -0.002], [0.0, 0.0]], np.float32))
    assert np.abs(kept).max(axis=1).tolist() == [30000, 30000, 0]
