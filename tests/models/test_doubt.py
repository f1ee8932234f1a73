"""Flags that are wrong at random are doubted, what is new is not, and true flags never."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.features.rows import Row
from chaffinch.models.committee import CommitteeLearner
from chaffinch.models.doubt import belief, blank_tally, note, share_wrong
from chaffinch.models.files import ModelCard, read_model, save_model

_HALF = 40


def items(seed: int, count: int) -> list[tuple[Row, bool]]:
    """Items of either label, of eight features that the other label's never have."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        positive = number % 2 == 0
        slots = np.sort(random.choice(_HALF, 8, replace=False)) + _HALF * positive
        made.append((Row(slots.astype(np.int64), np.full(8, 8**-0.5)), positive))
    return made


def taught(wrong: float, doubt: float = 4.0, count: int = 1500, seed: int = 0) -> CommitteeLearner:
    learner = CommitteeLearner.blank(2 * _HALF, doubt=doubt)
    random = np.random.default_rng(seed + 1)
    for row, positive in items(seed, count):
        learner.learn(row, positive != (random.random() < wrong))
    return learner


def lowest_margin(learner: CommitteeLearner) -> float:
    """How right the verdict is that is the least right, in log-odds."""
    return min(learner.score(row) * (1 if positive else -1) for row, positive in items(9, 200))


def test_wrong_flags_are_noticed_and_how_many_they_are() -> None:
    assert share_wrong(taught(0.05).tensors["tally"]) == pytest.approx(0.05, abs=0.02)
    assert share_wrong(taught(0.0).tensors["tally"]) == 0.0


def test_true_flags_teach_as_if_nothing_were_ever_doubted() -> None:
    doubting, trusting = taught(0.0), taught(0.0, doubt=0.0)
    for name, tensor in doubting.tensors.items():
        assert tensor.tobytes() == trusting.tensors[name].tobytes(), name


def test_wrong_flags_cost_less_when_they_are_doubted() -> None:
    assert lowest_margin(taught(0.05)) > lowest_margin(taught(0.05, doubt=0.0)) > 0


def test_what_is_new_of_one_label_is_believed() -> None:
    """A campaign contradicts verdicts of one label, however often."""
    tally = blank_tally()
    for k in range(2000):
        note(tally, 0.01, positive=k % 2 == 0)
        note(tally, 0.99, positive=True)
    assert share_wrong(tally) == 0.0
    assert belief(tally, 0.999, doubt=4.0) == 1.0


def test_who_contradicts_for_long_is_believed_in_the_end() -> None:
    learner = taught(0.05)
    row, positive = items(5, 1)[0]
    assert (learner.score(row) > 0) == positive
    for _ in range(100):
        learner.learn(row, not positive)
    assert (learner.score(row) > 0) != positive


def test_flags_of_owners_are_neither_counted_nor_doubted() -> None:
    doubting, trusting = taught(0.05), taught(0.05)
    trusting.params["doubt"] = 0.0
    before = doubting.tensors["tally"].copy()
    for number, (row, positive) in enumerate(items(3, 50)):
        ends = (4, 8)
        owned = Row(row.slots, row.values, ends, owner=number % 3)
        for learner in (doubting, trusting):
            learner.learn(owned, not positive)
    assert doubting.tensors["tally"].tobytes() == before.tobytes()
    assert doubting.tensors["weights"].tobytes() == trusting.tensors["weights"].tobytes()


def test_old_contradictions_are_forgotten() -> None:
    tally = np.array([[1000.0, 50.0], [1000.0, 50.0]])
    assert share_wrong(tally) > 0.04
    for k in range(4000):
        note(tally, 0.0, positive=k % 2 == 0)
    assert share_wrong(tally) == 0.0
    assert tally[:, 0].max() <= 1000.0 + 1e-6, "a bounded memory"


def test_fading_halves_what_was_counted() -> None:
    learner = taught(0.05)
    before = learner.tensors["tally"].copy()
    learner.fade()
    assert learner.tensors["tally"].tolist() == (before / 2).tolist()


def test_doubt_goes_on_after_the_way_through_a_file(tmp_path: Path) -> None:
    learner = taught(0.05, count=500)
    path = tmp_path / "model.safetensors"
    save_model(path, ModelCard("m", "t", "r", "f", 0, 0, learner.params), learner.tensors)
    card, tensors = read_model(path)
    again = CommitteeLearner(card.params, tensors)
    for row, positive in items(4, 200):
        for one in (learner, again):
            one.learn(row, not positive)
    for name, tensor in learner.tensors.items():
        assert tensor.tobytes() == again.tensors[name].tobytes(), name


@given(
    st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans()), max_size=200),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 20.0),
)
def test_belief_is_a_share_and_falls_with_surprise(
    flags: list[tuple[float, bool]], one: float, other: float, doubt: float
) -> None:
    tally = blank_tally()
    for lacking, positive in flags:
        note(tally, lacking, positive)
    less, more = sorted((one, other))
    assert 0.0 < belief(tally, more, doubt) <= belief(tally, less, doubt) <= 1.0
    assert belief(tally, -less, doubt) == belief(tally, less, doubt)
