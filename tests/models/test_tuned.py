"""A net for words that is trained on, from what lies beside it to a model of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chaffinch.features.net import write_beside
from chaffinch.features.rows import Row
from chaffinch.features.spoken import SpokenNetFeatures, TunableSpokenFeatures
from chaffinch.models.soundnet import TunedSoundnetLearner
from chaffinch.nets.spectra import Spectra
from chaffinch.nets.tuning import Tuning
from onnx_samples import one_layer
from trainable import package_or_skip, torch_or_skip

LABELS = ("low", "middle")
SAID = np.array(("low", "middle", "high"))


def spectra(count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Return sounds that last from frame 40 to 60, and how high each is."""
    random = np.random.default_rng(seed)
    seen = random.uniform(0, 0.3, (count, 40, 101)).astype(np.float32)
    codes = np.arange(count) % 3
    for one, code in zip(seen, codes, strict=True):
        one[13 * code + 2 : 13 * code + 10, 40:60] = 1
    return seen, SAID[codes]


def rows(seen: NDArray[np.float32]) -> list[Row]:
    flat = seen.reshape(len(seen), -1).astype(np.float64)
    return [Row(np.arange(flat.shape[1]), one) for one in flat]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A net that knows low and middle sounds, and some of both beside it."""
    torch_or_skip().set_num_threads(1)
    package_or_skip("onnx", "train")
    weights = np.full((2, 40, 101), -0.01)
    weights[0, :13] = weights[1, 13:26] = 0.02
    path = tmp_path / "net.onnx"
    path.write_bytes(one_layer(weights.reshape(2, -1), np.zeros(2), 40, 101))
    seen, said = spectra(60, 0)
    known = said != "high"
    ids = [f"{number:08x}" for number in range(known.sum())]
    features = SpokenNetFeatures(path, LABELS)
    named = said[known].tolist()
    write_beside(features, "words", "tried", seen[known], named, ids, kept=seen[known])
    return path


def test_a_new_word_is_learned_and_the_others_are_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gentle = Tuning(Spectra(noise=(60, 70)), steps=60, batch=8, beside=16, rate=0.003, share=1.0)
    monkeypatch.setattr(TunedSoundnetLearner, "tuning", lambda _: gentle)
    features = TunableSpokenFeatures(path, LABELS)
    learner = TunedSoundnetLearner.start(features)
    seen, said = spectra(90, 1)
    assert features.of_inputs(seen).shape == (90, features.n_features)
    before = [learner.best(row)[0] for row in rows(seen)]
    assert (np.array(before) == said).mean() > 0.6
    flagged = said[:30] == "high"
    learner.tune(rows(seen[:30][flagged]), said[:30][flagged].tolist())
    learner.memory.forget(learner.tensors)
    after = np.array([learner.best(row)[0] for row in rows(seen[30:])])
    assert (after == said[30:]).mean() > 0.95


def test_how_words_are_taught_keeps_their_shape() -> None:
    torch = torch_or_skip()
    how = TunedSoundnetLearner.tuning()
    stored = np.rint(255 * spectra(3, 2)[0]).astype(np.uint8)
    changed = how.augmentation(torch.tensor(stored), torch.Generator().manual_seed(0))
    assert changed.shape == (3, 1, 40, 101)
