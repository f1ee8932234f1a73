from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits

from chaffinch.errors import InputError, MissingExtraError
from chaffinch.loop.evaluate import report
from chaffinch.loop.ladder import Step, good_enough, halves, ladder
from chaffinch.models.forest import ForestLearner
from chaffinch.models.softmax import SoftmaxLearner
from chaffinch.performance.record import Record
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


def test_deep_rungs_are_there_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    task = get_task("digits")
    asked = [rung.name for rung in task.asking("dbn").ladder]
    assert asked == [*(rung.name for rung in task.ladder[:-1]), "dbn", "net"]
    assert task.asking("svm") == task
    monkeypatch.setitem(sys.modules, "torch", None)
    earlier, later = halves(task, digits(60))
    for name in ("dbn", "convnet"):
        with pytest.raises(MissingExtraError, match=r"pip install 'chaffinch\[train\]'"):
            list(ladder(task, earlier, later, rungs=[name]))


def test_good_enough_is_the_simplest_that_nothing_deeper_beats() -> None:
    task, examples = few_rungs(), digits(400)
    steps = list(ladder(task, *halves(task, examples)))
    alone = good_enough(task, steps[:1])
    assert alone == "Good enough by these items: online logistic regression"
    said = good_enough(task, steps)
    assert re.match(
        "Good enough by these items: (online logistic regression; going deeper, random forest|"
        "random forest, which costs)",
        said,
    )
    assert re.search(r"costs [\d.]+ (less|more) per 1,000 than online logistic regression \[", said)


def step(name: str, wrong: Sequence[int], score: float, count: int) -> Step:
    """Return a rung that judged some items, sure of all alike, and was wrong in these."""
    task = get_task("digits")
    truth = [str(one % 10) for one in range(count)]
    guess = [str((one + (one in wrong)) % 10) for one in range(count)]
    scores, unknown = [score] * count, [float("nan")] * count
    record = Record.empty().followed_by(list(range(count)), list(truth), scores, unknown, guess)
    about = report(task, name, truth, scores, guess, cpu_seconds=1.0, protocol="batch", data="")
    return Step(task.rung(name), about, count, 0.0, 0.0, 0.0, record)


def test_few_items_are_no_evidence_that_a_rung_is_good_enough() -> None:
    task = get_task("digits")
    # All are unsure of all, so that by costs none beats another; yet one is nearly always wrong.
    bad, good = step("rules", range(17), 0.0, 20), step("softmax", range(9), 0.0, 20)
    said = good_enough(task, [bad, good])
    assert said.startswith("By these 20 items none can be called good enough")
    assert said.endswith("Online logistic regression errs least, in 9")
    # Nor are a few that are right, as next time others may be.
    assert "none can be" in good_enough(task, [step("softmax", (), 9.0, 10)])
    assert "enough by these items: online" in good_enough(task, [step("softmax", (), 9.0, 50)])


def test_what_may_be_far_below_the_best_is_not_good_enough() -> None:
    task = get_task("digits")
    right, near = step("softmax", (), 9.0, 100), step("rules", (0, 1), 9.0, 100)
    assert good_enough(task, [near, right]) == (
        "Good enough by these items: online logistic regression; hand-written rules may do far "
        "worse, as far as so few items tell"
    )
    many = step("softmax", (), 9.0, 1000), step("rules", (0, 1), 9.0, 1000)
    assert good_enough(task, many[::-1]).startswith("Good enough by these items: hand-written")
