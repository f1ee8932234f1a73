from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from chaffinch.performance.compare import mcnemar, paired_difference
from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import measure
from chaffinch.performance.metrics import accuracy, cost_per_1000, one_minus_roca_percent
from chaffinch.types import Interval

COST = cost_per_1000(cost_ham_lost=10, cost_spam_missed=1)


def two_models(extra_errors: float) -> tuple[Judgements, Judgements]:
    """Two models that err on the same items, the second on a few more."""
    random = np.random.default_rng(4)
    truth = random.random(1500) < 0.4
    score = random.normal(np.where(truth, 2.0, -2.0), 1.5)
    worse = np.where(random.random(1500) < extra_errors, -score, score)
    return Judgements(truth, score, score > 0), Judgements(truth, worse, worse > 0)


@pytest.mark.parametrize("metric", [accuracy, COST, one_minus_roca_percent])
def test_a_model_is_no_better_than_itself(metric: object) -> None:
    model, _ = two_models(0)
    assert paired_difference(model, model, metric) == Interval(0, 0, 0)  # type: ignore[arg-type]


def test_the_better_model_of_two_costs_less() -> None:
    better, worse = two_models(0.03)
    difference = paired_difference(better, worse, COST)
    assert difference.low < difference.value < difference.high < 0
    assert mcnemar(better.wrong, worse.wrong) < 0.001


def test_pairing_is_surer_than_two_separate_intervals() -> None:
    better, worse = two_models(0.03)
    alone = [measure(model, cost_ham_lost=10, cost_spam_missed=1) for model in (better, worse)]
    widths = [run["accuracy"].high - run["accuracy"].low for run in alone]
    paired = paired_difference(better, worse, accuracy)
    assert paired.high - paired.low < min(widths)


def test_the_other_way_round_the_sign_changes() -> None:
    better, worse = two_models(0.03)
    there, back = paired_difference(better, worse, COST), paired_difference(worse, better, COST)
    assert there.value == -back.value
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_different_items_are_not_compared() -> None:
    first, second = Judgements([1, 0], [1, 0], [1, 0]), Judgements([0, 1], [1, 0], [1, 0])
    with pytest.raises(ValueError, match="different items"):
        paired_difference(first, second, accuracy)
    with pytest.raises(ValueError, match="2 and 3 items"):
        mcnemar(np.zeros(2, dtype=np.bool_), np.zeros(3, dtype=np.bool_))


def test_no_items_no_difference() -> None:
    nothing = Judgements([], [], [])
    assert np.isnan(paired_difference(nothing, nothing, accuracy).low)
    assert mcnemar(nothing.wrong, nothing.wrong) == 1


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (3, 3), (2, 9), (9, 2), (40, 12)])
def test_mcnemar_is_the_exact_binomial_test(first: int, second: int) -> None:
    n = 100
    first_wrong, second_wrong = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    first_wrong[:first] = True
    second_wrong[first : first + second] = True
    first_wrong[-5:] = second_wrong[-5:] = True  # errors that both make say nothing
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar(first_wrong, second_wrong) == pytest.approx(expected)
