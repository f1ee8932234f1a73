from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from chaffinch.features.rows import Row, Shares
from chaffinch.models.weighted import WeightedLearner
from chaffinch.performance.progressive import Run, progressive
from chaffinch.task import Rung, Task, get_task
from chaffinch.types import Example, Item
from samples import mail


class Diary(WeightedLearner):
    """Judges nothing, and writes down what it is asked, in order."""

    def __init__(self, *state: Any) -> None:
        super().__init__(*state)
        self.diary: list[tuple[str, int]] = []

    def score(self, row: Row) -> float:
        self.diary.append(("judged", int(row.slots[0])))
        return 0.0

    def learn(self, row: Row, positive: bool) -> None:
        self.diary.append(("learned", int(row.slots[0])))


class Length:
    """One feature: how many bytes the item has."""

    n_features = 10
    signature = "length"
    made = 0

    def row(self, content: bytes, owner: str = "") -> Row:
        self.made += 1
        return Row(np.array([len(content)]), np.ones(1))

    def shares(self, content: bytes, weigh: Any, owner: str = "") -> Shares:
        return Shares([], [], np.empty(0), np.empty(0))


@pytest.fixture
def task() -> Task:
    return replace(get_task("mail"), reader=lambda data: data)


def examples(count: int) -> list[Example]:
    return [Example(Item(b"x" * number), "ham") for number in range(count)]


def run(features: Length) -> tuple[Run, Diary]:
    learner = Diary.given([0.0])
    return Run(Rung("diary", "a diary", features, Diary), learner), learner


@pytest.mark.parametrize(
    ("delay", "order"),
    [
        (0, "j0 l0 j1 l1 j2 l2 j3 l3"),
        (2, "j0 j1 j2 l0 j3 l1"),
        (9, "j0 j1 j2 j3"),
        (None, "j0 j1 j2 j3"),
    ],
)
def test_nothing_is_learned_before_it_was_judged(task: Task, delay: int | None, order: str) -> None:
    one, learner = run(Length())
    yielded = list(progressive(task, [one], examples(4), delay=delay))
    assert " ".join(f"{what[0]}{number}" for what, number in learner.diary) == order
    assert yielded == examples(4)
    assert one.truth == [False] * 4


def test_rungs_that_share_features_share_the_work(task: Task) -> None:
    features = Length()
    runs = [run(features)[0], run(features)[0]]
    list(progressive(task, runs, examples(5)))
    assert features.made == 5


def test_it_is_lazy(task: Task) -> None:
    one, learner = run(Length())
    stream = progressive(task, [one], iter(examples(100)))
    next(stream)
    assert learner.diary == [("judged", 0), ("learned", 0)]


def test_performance_rises_with_experience() -> None:
    """The definition of learning, on the real task."""
    task = get_task("mail")
    rung = task.rung("linear")
    one = Run(rung, rung.start())
    stream = [
        Example(Item(mail(label, number)), label)
        for number in range(60)
        for label in ("ham", "spam")
    ]
    list(progressive(task, [one], stream))
    right = [(score > 0) == truth for score, truth in zip(one.scores, one.truth, strict=True)]
    assert sum(right[-40:]) > sum(right[:40])
    assert sum(right[-40:]) >= 39
    assert one.cpu_seconds > 0
