"""A net of one's own recordings: taught with PyTorch, judging by onnxruntime."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from chaffinch.features.spoken import LENGTH, SpokenFeatures
from chaffinch.models.soundnet import SoundnetLearner
from chaffinch.nets import words
from chaffinch.nets.voices import Voices
from trainable import package_or_skip, torch_or_skip


def tones(n: int, seed: int) -> tuple[NDArray[np.float32], list[str]]:
    """A tone that rises or falls, in the middle of a second."""
    random = np.random.default_rng(seed)
    rises = random.integers(2, size=n) == 1
    seconds = np.arange(2400) / 8000
    sweep = np.where(rises[:, np.newaxis], seconds, 0.3 - seconds)
    turns = np.cumsum(500 + 5000 * sweep + random.uniform(-100, 100, (n, 1)), axis=1) / 8000
    sounds = np.zeros((n, LENGTH), np.float32)
    sounds[:, 2800:5200] = np.sin(2 * np.pi * turns)
    return sounds, ["up" if rise else "down" for rise in rises]


def test_it_learns_and_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    torch_or_skip().set_num_threads(1)
    package_or_skip("onnxscript", "train")
    quick = replace(
        words.RECIPE, epochs=5, batch=16, average=0.9, strangers=0, augmentation=Voices(masks=0)
    )
    monkeypatch.setattr(words, "recipe_of", lambda *_: quick)
    features = SpokenFeatures(("up", "down"))
    learner = SoundnetLearner.start(features)
    sounds, labels = tones(64, 0)
    learner.fit([features.dense(sound) for sound in sounds], labels)
    others, truth = tones(40, 1)
    said = [learner.labels[int(learner.scores(features.dense(sound)).argmax())] for sound in others]
    assert np.mean([one == two for one, two in zip(said, truth, strict=True)]) > 0.9
