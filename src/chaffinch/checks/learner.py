"""The contract of a learner."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from chaffinch.features.rows import Row
from chaffinch.models.base import Learner
from chaffinch.models.files import ModelCard, read_model, save_model

#: Makes a learner as it is before any experience, on this many features.
Begin = Callable[[int], Learner]

_FEATURES = 64


def examples_of(seed: int, count: int = 60) -> list[tuple[Row, bool]]:
    """Return rows that a linear model can tell apart, with their labels.

    Parameters
    ----------
    seed : int
        Of the random numbers.
    count : int
        How many rows.
    """
    random = np.random.default_rng(seed)
    examples = []
    for number in range(count):
        positive = number % 2 == 0
        # Either label has its own half of the features, but for a few of the other's.
        own = random.choice(_FEATURES // 2, 6, replace=False) + positive * (_FEATURES // 2)
        other = random.choice(_FEATURES // 2, 2, replace=False) + (not positive) * (_FEATURES // 2)
        slots = np.sort(np.concatenate((own, other))).astype(np.int64)
        examples.append((Row(slots, np.full(slots.size, slots.size**-0.5)), positive))
    return examples


def _taught(begin: Begin, seed: int = 0) -> Learner:
    learner = begin(_FEATURES)
    for row, positive in examples_of(seed):
        learner.learn(row, positive)
    return learner


def state_of(learner: Learner) -> str:
    """Return all that a learner is, to be compared bit by bit."""
    tensors = {name: tensor.tobytes().hex() for name, tensor in learner.tensors.items()}
    return json.dumps([learner.params, tensors], sort_keys=True)


def check_prediction_changes_nothing(begin: Begin) -> None:
    """Judging leaves the state as it was, bit by bit."""
    learner = _taught(begin)
    before = state_of(learner)
    for row, _ in examples_of(1):
        learner.score(row)
        learner.weights_of(row.slots)
    assert state_of(learner) == before, "judging changed the model"


def check_same_experience_same_model(begin: Begin) -> None:
    """Learning the same examples in the same order gives the same state, bit by bit."""
    assert state_of(_taught(begin)) == state_of(_taught(begin)), "two trainings differ"


def check_learning_changes_the_model(begin: Begin) -> None:
    """Learn if and only if the class says that it learns."""
    changed = state_of(_taught(begin)) != state_of(begin(_FEATURES))
    learns = type(_taught(begin)).learns
    assert changed == learns, f"learns is {learns}, but the state changed: {changed}"


def check_learning_raises_performance(begin: Begin) -> None:
    """P rises with E: what a learner was taught it judges better than before."""
    if not type(begin(_FEATURES)).learns:
        return
    blank, taught = begin(_FEATURES), _taught(begin)
    examples = examples_of(2)
    right = [
        sum((learner.score(row) > 0) == positive for row, positive in examples)
        for learner in (blank, taught)
    ]
    assert right[1] > max(right[0], 0.9 * len(examples)), f"{right} of {len(examples)} right"


def check_stored_and_read_again(begin: Begin) -> None:
    """Give identical scores, and go on learning identically, after a way through a file."""
    learner = _taught(begin)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        card = ModelCard("m", "t", "r", "f", 0, 0, learner.params)
        save_model(path, card, learner.tensors)
        whole_card, tensors = read_model(path)
        again = type(learner)(whole_card.params, tensors)
        _, needed = read_model(path, type(learner).tensors_to_judge)
        judge = type(learner)(whole_card.params, needed)
    for row, positive in examples_of(3):
        assert again.score(row) == learner.score(row), "scores differ after reading"
        again.learn(row, positive)
        learner.learn(row, positive)
    assert state_of(again) == state_of(learner), "learning differs after reading"
    untouched = _taught(begin)
    for row, _ in examples_of(4):
        assert judge.score(row) == untouched.score(row), "tensors_to_judge lacks something"


def check_weights_explain_the_score(begin: Begin) -> None:
    """Intercept and weights make up the score."""
    learner = _taught(begin)
    for row, _ in examples_of(5):
        total = learner.intercept + float(learner.weights_of(row.slots) @ row.values)
        assert abs(total - learner.score(row)) < 1e-9, "weights do not add up to the score"


def check_empty_row(begin: Begin) -> None:
    """Judge and learn an item without features."""
    learner = _taught(begin)
    empty = Row(np.empty(0, np.int64), np.empty(0))
    assert learner.score(empty) == learner.intercept
    learner.learn(empty, True)
    assert np.isfinite(learner.score(empty))


#: Every check of the contract; each takes what begins a learner and raises AssertionError.
LEARNER_CHECKS: tuple[Callable[[Begin], None], ...] = (
    check_prediction_changes_nothing,
    check_same_experience_same_model,
    check_learning_changes_the_model,
    check_learning_raises_performance,
    check_stored_and_read_again,
    check_weights_explain_the_score,
    check_empty_row,
)
