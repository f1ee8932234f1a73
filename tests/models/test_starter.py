from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chaffinch.errors import ModelError
from chaffinch.loop.starter import make_starter
from chaffinch.models.starter import load_starter
from chaffinch.task import Task, get_task
from chaffinch.types import Example, Item
from samples import mail

EXAMPLES = [
    Example(Item(mail(label, number)), label) for number in range(60) for label in ("spam", "ham")
]


@pytest.fixture
def made(tmp_path: Path) -> tuple[Task, Path]:
    path = tmp_path / "starter.safetensors"
    task = get_task("mail")
    assert make_starter(task, [EXAMPLES[:40], EXAMPLES[40:60]], path, name="mine") == 60
    ladder = (*task.ladder[:-1], replace(task.ladder[-1], starter=path))
    return replace(task, ladder=ladder), path


@pytest.mark.parametrize("name", ["mail", "message"])
def test_shipped_starters_fit_their_rung(name: str) -> None:
    rung = get_task(name).ladder[-1]
    assert rung.starter is not None
    starter = load_starter(rung.starter)
    assert starter.card.features == rung.features.signature, "make them anew: make starters"
    assert starter.card.rung == rung.name
    assert rung.starter.stat().st_size < 5_000_000
    assert rung.starter.with_suffix(".md").exists(), "a model card says what it is"
    assert rung.begin()[1] == starter.card.id


def test_half_of_each_weight_is_taken_over_and_nothing_else(made: tuple[Task, Path]) -> None:
    task, path = made
    rung = task.ladder[-1]
    taught = rung.start()
    learner, id_ = rung.begin()
    starter = load_starter(path)
    assert id_ == "mine"
    assert np.array_equal(learner.tensors["weights"][starter.slots], starter.weights / 2)
    assert np.count_nonzero(learner.tensors["weights"]) <= starter.slots.size
    for name in set(learner.tensors) - {"weights"}:
        assert np.array_equal(learner.tensors[name], taught.tensors[name]), name
    assert learner.params == taught.params | {"common": 0.25}


def test_weights_are_kept_to_a_255th_of_their_range(made: tuple[Task, Path]) -> None:
    task, path = made
    rung = task.ladder[-1]
    again = path.with_name("again.safetensors")
    make_starter(task, [EXAMPLES[:40], EXAMPLES[40:60]], again, name="mine")
    starter, other = load_starter(path), load_starter(again)
    assert np.array_equal(starter.slots, other.slots), "the same examples make the same starter"
    assert np.array_equal(starter.weights, other.weights)
    step = np.abs(starter.weights).max() / 127
    assert np.allclose(starter.weights / step, np.round(starter.weights / step), atol=1e-3)
    assert rung.features.n_features > starter.slots.max()


def test_a_starter_judges_better_than_nothing(made: tuple[Task, Path]) -> None:
    task, _ = made
    rung = task.ladder[-1]
    later = EXAMPLES[60:]
    learner, _ = rung.begin(example.item.id for example in later)
    scores = [learner.score(rung.features.row(task.reader(one.item.data))) for one in later]
    right = [(score > 0) == (one.label == "spam") for score, one in zip(scores, later, strict=True)]
    assert np.mean(right) > 0.9


def test_what_a_starter_has_seen_is_begun_from_nothing(made: tuple[Task, Path]) -> None:
    task, _ = made
    rung = task.ladder[-1]
    seen = [example.item.id for example in EXAMPLES[:60]]
    new = [example.item.id for example in EXAMPLES[60:]]
    assert rung.begin(new)[1] == "mine"
    learner, id_ = rung.begin([*new, *seen[:3]])
    assert id_ == ""
    assert not learner.tensors["weights"].any()


def test_a_starter_of_other_features_is_left_out(made: tuple[Task, Path]) -> None:
    task, _ = made
    rung = task.ladder[-1]
    other = replace(rung, features=replace(rung.features, version="other"))  # type: ignore[type-var]
    assert other.begin()[1] == ""


def test_a_damaged_starter_is_named(made: tuple[Task, Path]) -> None:
    task, path = made
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    broken = path.with_name("broken.safetensors")
    broken.write_bytes(data)
    with pytest.raises(ModelError, match=r"broken\.safetensors"):
        replace(task.ladder[-1], starter=broken).begin()
