"""What is remembered on a net's embedding, beside what the net was trained on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from chaffinch.features.rows import Row
from chaffinch.models.head import HeadLearner

LABELS = ("a", "b")


def items(label: int, count: int, seed: int) -> NDArray[np.float32]:
    """What a net says, and sees, of items of a label: two logits, then four of an embedding."""
    random = np.random.default_rng(seed)
    seen = random.normal(0.0, 0.05, (count, 6))
    seen[:, label] += 5.0
    seen[:, 2 + label] += 1.0
    return seen.astype(np.float32)


def row(values: NDArray[np.float32]) -> Row:
    return Row(np.arange(values.size), values.astype(np.float64))


def begun() -> HeadLearner:
    return HeadLearner.of_net(4, LABELS, np.concatenate((items(0, 50, 1), items(1, 50, 2))))


def test_wrong_flags_of_ordinary_items_leave_their_like_alone() -> None:
    learner = begun()
    for one in items(0, 2, 3):
        learner.learn(row(one), "b")
    said = [learner.best(row(one))[0] for one in items(0, 100, 4)]
    assert said.count("a") >= 95


def test_flags_of_odd_items_count_for_their_like() -> None:
    odd = items(0, 60, 5)
    odd[:, 2:] = np.roll(odd[:, 2:], 2, axis=1)  # seen as nothing it was trained on
    learner = begun()
    assert learner.best(row(odd[0]))[0] == "a"
    for one in odd[:5]:
        learner.learn(row(one), "b")
    assert [learner.best(row(one))[0] for one in odd[5:]].count("b") >= 50
    assert [learner.best(row(one))[0] for one in items(0, 100, 6)].count("a") == 100


def test_a_copy_of_a_flagged_item_gets_its_label() -> None:
    learner = begun()
    one = items(0, 1, 7)[0]
    learner.learn(row(one), "b")
    assert learner.best(row(one))[0] == "b"


def new(angles: NDArray[np.float64]) -> NDArray[np.float32]:
    """What the net sees of signs that it does not know, so many radians from one another."""
    seen = np.zeros((len(angles), 6))
    seen[:, 4], seen[:, 5] = np.cos(angles), np.sin(angles)
    return seen.astype(np.float32)


def test_a_new_label_reaches_as_far_as_its_flags_differ() -> None:
    (asked,) = new(np.array([0.3]))
    found = []
    for spread in (0.02, 0.8):
        learner = begun()
        for one in new(np.linspace(-2 * spread, 0, 5)):
            learner.learn(row(one), "c")
        found.append(learner.scores(row(asked))[2])
        assert learner.best(row(new(np.array([0.0]))[0]))[0] == "c"
    # Like one of what differs as much, and unlike all of what hardly differs.
    close, wide = found
    assert close < 0 < wide
    # What is told of one flag alone does not rest on how it differs from others.
    gained = learner.evidence(asked, 3)
    learner = begun()
    learner.learn(row(new(np.array([0.0]))[0]), "c")
    assert learner.evidence(asked, 3) == pytest.approx(gained)


@pytest.mark.parametrize("fitted", [False, True])
def test_a_new_label_is_no_surer_than_its_flags_are_many_and_near(fitted: bool) -> None:
    angles = np.random.default_rng(9).normal(0.0, 0.02, 20)
    angles[7] = 1.5  # one that is unlike all others does not stretch what they say
    flagged, learner = [row(one) for one in new(angles)], begun()
    if fitted:
        learner.fit(flagged, ["c"] * 20)
    else:
        for one in flagged:
            learner.learn(one, "c")
    alike, apart, wrong = (row(one) for one in new(np.array([0.01, 0.3, -1.5])))
    label, score, _ = learner.best(alike)
    assert label == "c"
    assert score == pytest.approx(np.log(41))
    # What has much in common with them, and yet differs more than they do, may be of that label.
    label, score, _ = learner.best(apart)
    assert label == "c"
    assert score == pytest.approx(0, abs=1e-5)
    assert learner.best(wrong)[1] < 1e-5


def test_one_flag_of_a_new_label_speaks_for_its_copies() -> None:
    learner = begun()
    same, other = (row(one) for one in new(np.array([0.0, 0.3])))
    learner.learn(same, "c")
    for asked, odds in ((same, np.log(3)), (other, 0.0)):
        label, score, _ = learner.best(asked)
        assert label == "c"
        assert score == pytest.approx(odds, abs=1e-5)


def test_after_a_fit_flags_are_remembered_that_the_net_was_not_sure_of() -> None:
    odd = items(0, 60, 5)
    odd[:, 2:] = np.roll(odd[:, 2:], 2, axis=1)  # seen as nothing it was trained on
    learner = begun()
    flagged = np.concatenate((odd[:5], items(1, 7, 8)))
    learner.fit([row(one) for one in flagged], ["b"] * 12)
    assert learner.is_fitted
    assert len(learner.tensors["memory_codes"]) == 5
    assert [learner.best(row(one))[0] for one in odd].count("b") >= 55
    assert [learner.best(row(one))[0] for one in items(0, 100, 6)].count("a") == 100
