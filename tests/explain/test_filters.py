from __future__ import annotations

import numpy as np
import pytest

from chaffinch.explain.filters import filters
from chaffinch.features.pixels import PixelFeatures
from chaffinch.models.fitted import FittedLearner
from chaffinch.task import get_task

TASK = get_task("digits")


@pytest.mark.parametrize("rung", TASK.ladder, ids=lambda rung: rung.name)
def test_every_rung_shows_what_it_looks_at_or_says_that_it_cannot(rung) -> None:  # type: ignore[no-untyped-def]
    found = filters(rung, rung.start() if rung.name != "net" else rung.learner.blank(106, ("0",)))
    assert found.says
    if rung.name == "rules":
        assert not found.pictures
        assert "rules list" in found.says
    elif issubclass(rung.learner, FittedLearner) and isinstance(rung.features, PixelFeatures):
        assert not found.pictures
        assert "not been fitted" in found.says
    else:
        assert found.pictures


@pytest.mark.parametrize("name", ["softmax", "forest", "trees", "boosting", "svm", "perceptron"])
def test_what_is_looked_at_is_where_labels_differ(name: str) -> None:
    rung = TASK.rung(name)
    learner = rung.start()
    random = np.random.default_rng(0)
    pixels = np.zeros((80, 28, 28), np.float32)
    labels = ["0", "1"] * 40
    # A 1 has ink in the middle, a 0 has hardly any.
    pixels[:, 10:18, 10:18] = 0.1 * random.random((80, 8, 8))
    pixels[1::2, 10:18, 10:18] += 0.8
    features = rung.features
    assert isinstance(features, PixelFeatures)
    rows = [features.dense(one) for one in features.of_pixels(pixels)]
    if isinstance(learner, FittedLearner):
        learner.fit(rows, labels)
    else:
        for row, label in zip(rows, labels, strict=True):
            learner.learn(row, label)
    found = filters(rung, learner)
    assert found.pictures
    for _, values in found.pictures:
        assert values.shape == (28, 28)
        assert np.isfinite(values).all()
    middle = np.zeros((28, 28), np.bool_)
    middle[10:18, 10:18] = True
    strongest = max(found.pictures, key=lambda one: float(np.abs(one[1]).max()))[1]
    assert np.abs(strongest)[middle].mean() > np.abs(strongest)[~middle].mean()
