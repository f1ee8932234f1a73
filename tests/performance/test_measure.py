from __future__ import annotations

import math
import re
import time
from pathlib import Path

import numpy as np
import pytest

from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import accuracy_interval, measure
from chaffinch.types import Interval

NAMES = {
    "accuracy",
    "ham_lost_percent",
    "spam_missed_percent",
    "lam_percent",
    "cost_per_1000",
    "one_minus_roca_percent",
    "spam_missed_percent_at_ham_lost_0_1",
    "spam_missed_percent_at_ham_lost_0_5",
    "calibration_error_percent",
}


def measured(truth: object, score: object, predicted: object) -> dict[str, Interval]:
    judged = Judgements(truth, score, predicted)  # type: ignore[arg-type]  # any array-like
    return measure(judged, cost_ham_lost=10, cost_spam_missed=1)


def many(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    truth = random.random(n) < 0.31
    score = random.normal(np.where(truth, 8.0, -8.0), 4.0)
    return truth, score, score > 0


def test_every_measure_has_a_name_and_stands_in_the_documentation() -> None:
    assert measured(*many(100)).keys() == NAMES
    page = Path(__file__).parents[2] / "docs" / "performance.md"
    explained = re.findall(r"^\| `(\w+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(explained) >= NAMES


def test_a_flawless_run_does_not_claim_to_be_flawless_for_ever() -> None:
    truth = np.arange(300) < 100
    result = measured(truth, np.where(truth, 5.0, -5.0), truth)
    assert result["accuracy"].value == 1
    assert result["accuracy"].low == pytest.approx(0.9878, abs=1e-4)
    for name in NAMES - {"accuracy", "calibration_error_percent", "lam_percent"}:
        assert result[name].value == 0
        assert result[name].low == 0
        assert result[name].high > 1, name
    assert result["lam_percent"].low < result["lam_percent"].value < result["lam_percent"].high
    # A hundred pairs that share no item were all in order.
    assert result["one_minus_roca_percent"].high == pytest.approx(3.62, abs=0.01)


def test_a_run_with_every_verdict_wrong_is_as_careful() -> None:
    truth = np.arange(300) < 100
    result = measured(truth, np.where(truth, -5.0, 5.0), ~truth)
    assert result["accuracy"].high > 0
    assert result["one_minus_roca_percent"].value == 100
    assert result["one_minus_roca_percent"].low == pytest.approx(96.38, abs=0.01)


def test_lam_and_cost_intervals_hold_the_truth_about_that_often() -> None:
    # Ham is lost at 0.5% and spam missed at 2%: most runs lose one or two of 300 hams, many none.
    random = np.random.default_rng(5)
    truth = np.arange(400) < 100
    lam = 100 / (1 + math.sqrt(0.995 / 0.005 * 0.98 / 0.02))
    cost = 1000 * (10 * 300 * 0.005 + 100 * 0.02) / 400
    held = {"lam_percent": 0, "cost_per_1000": 0}
    for _ in range(100):
        wrong = random.random(400) < np.where(truth, 0.02, 0.005)
        result = measured(truth, np.zeros(400), truth ^ wrong)
        held["lam_percent"] += result["lam_percent"].low <= lam <= result["lam_percent"].high
        held["cost_per_1000"] += result["cost_per_1000"].low <= cost <= result["cost_per_1000"].high
    assert all(90 <= count <= 100 for count in held.values()), held


@pytest.mark.parametrize(
    ("truth", "defined"),
    [
        ([], set()),
        ([0], {"accuracy", "ham_lost_percent", "cost_per_1000", "calibration_error_percent"}),
        ([1], {"accuracy", "spam_missed_percent", "cost_per_1000", "calibration_error_percent"}),
        (
            [1] * 9,
            {"accuracy", "spam_missed_percent", "cost_per_1000", "calibration_error_percent"},
        ),
        ([0, 1], NAMES),
    ],
)
def test_little_or_one_sided_data_gives_nan_and_no_warning(
    truth: list[int], defined: set[str]
) -> None:
    result = measured(truth, [0.0] * len(truth), truth)
    assert {name for name in NAMES if not math.isnan(result[name].value)} == defined
    for name in NAMES:
        numbers = (result[name].value, result[name].low, result[name].high)
        assert len({math.isnan(number) for number in numbers}) == 1, name


@pytest.mark.parametrize("score", [0.0, math.inf, -math.inf, 1e308])
def test_equal_scores_have_a_defined_answer(score: float) -> None:
    result = measured([0, 1] * 20, [score] * 40, [1] * 40)
    assert result["one_minus_roca_percent"] == Interval(50, 50, 50)
    assert result["spam_missed_percent_at_ham_lost_0_1"].value == 100
    assert result["spam_missed_percent_at_ham_lost_0_1"].low < 95


def test_a_corpus_is_measured_in_seconds() -> None:
    data = many(6046)
    started = time.process_time()
    measured(*data)
    assert time.process_time() - started < 5


def test_accuracy_needs_no_two_labels() -> None:
    interval = accuracy_interval(np.array([True, False, False, False]))
    assert interval.value == 0.75
    assert interval.low < 0.75 < interval.high
    assert math.isnan(accuracy_interval(np.zeros(0, dtype=np.bool_)).value)
