from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits

from chaffinch.errors import InputError
from chaffinch.loop.ladder import halves, ladder
from chaffinch.models.forest import ForestLearner
from chaffinch.models.softmax import SoftmaxLearner
from chaffinch.task import Task, get_task
from chaffinch.types import Example, Item


def digits(count: int) -> list[Example]:
    X, y = load_digits(return_X_y=True)
    pictures = np.kron(X.reshape(-1, 8, 8), np.ones((3, 3))) * (255 / 16)
    return [
        Example(
            Item(b"P5\n24 24\n255\n" + picture.astype(np.uint8).tobytes(), "digits"), str(digit)
        )
        for picture, digit in zip(pictures[:count], y, strict=False)
    ]


def few_rungs() -> Task:
    task = get_task("digits")
    return replace(task, ladder=tuple(task.rung(name) for name in ("softmax", "forest")))


def test_each_rung_learns_and_judges_the_same() -> None:
    seen = []
    task, examples = few_rungs(), digits(240)
    earlier, later = halves(task, examples)
    steps = list(ladder(task, earlier, later, data="made up", progress=lambda: seen.append(1)))
    assert len(seen) == 2 * 120
    assert [step.rung.learner for step in steps] == [SoftmaxLearner, ForestLearner]
    for step in steps:
        assert (step.learned, step.report.n, step.report.data) == (120, 120, "made up")
        assert step.report.errors < 60
        assert min(step.wall_seconds, step.megabytes, step.milliseconds) > 0
        assert step.as_json()["worth"]
    assert [step.rung.name for step in ladder(task, earlier, later[:9], rungs=["forest"])] == [
        "forest"
    ]


def test_what_has_learned_the_items_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    task = few_rungs()
    monkeypatch.setattr(type(task.ladder[0]), "knows", lambda rung, _: rung.name == "forest")
    earlier, later = halves(task, digits(100))
    assert [step.rung.name for step in ladder(task, earlier, later)] == ["softmax"]


def test_both_halves_need_all_labels() -> None:
    task, examples = few_rungs(), digits(100)
    by_label = sorted(examples, key=lambda example: example.label)
    with pytest.raises(InputError, match=r"earlier half of mine has no '\d'.*in order of arrival"):
        halves(task, by_label, "mine")
    with pytest.raises(InputError, match="fewer than two labels"):
        halves(task, [])
