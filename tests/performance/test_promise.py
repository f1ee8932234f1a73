from __future__ import annotations

import math

import numpy as np
import pytest

from chaffinch.performance.promise import (
    calibrated,
    negatives_needed,
    promised,
    promised_answers,
    threshold,
)
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.types import Policy

RATE = 0.01


def scores(seed: int, count: int, truth: bool) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(3.0 if truth else -3.0, 2.0, count)


@pytest.mark.parametrize("rate", [0.0001, 0.001, 0.01, 0.2])
def test_so_many_negatives_without_a_loss_keep_a_promise(rate: float) -> None:
    needed = negatives_needed(rate)
    # The one-sided bound at 95% is the upper end of a two-sided interval of 90%.
    assert (1 - rate) ** needed <= 0.05 < (1 - rate) ** (needed - 1)


def test_of_so_few_negatives_no_threshold_can_be_made() -> None:
    needed = negatives_needed(RATE)
    assert threshold(np.arange(needed - 1), RATE) is None
    assert threshold(np.arange(needed), RATE) == needed - 1


def test_the_promise_is_kept_in_nineteen_of_twenty_worlds() -> None:
    """Whatever the distribution: here one of which the true share above is known."""
    random = np.random.default_rng(3)
    kept = 0
    for _ in range(1000):
        least = threshold(random.random(700), RATE)
        assert least is not None
        kept += 1 - least <= RATE
    assert kept >= 935
    # No more careful than it has to be: with 700 negatives two losses are within the promise.
    assert kept <= 1000


def test_no_more_are_lost_than_clopper_and_pearson_allow() -> None:
    negatives = scores(1, 5000, False)
    least = threshold(negatives, RATE)
    assert least is not None
    lost = int((negatives > least).sum())
    assert lost > 20
    # Two-sided at 95% is one-sided at 97.5%.
    assert clopper_pearson(lost, 5000).low < RATE
    more = np.sort(negatives)[-lost - 5]
    assert more < least


def test_a_beginner_puts_only_what_is_beyond_doubt_into_junk() -> None:
    policy = promised(Policy(junk=2.3), [], [], RATE)
    assert policy.missing == negatives_needed(RATE)
    assert [policy.action(score) for score in (-1.0, 1.0, 3.0, 5.0)] == [
        "deliver",
        "unsure",
        "unsure",
        "junk",
    ]


def test_what_lies_below_a_ham_ever_met_is_in_doubt() -> None:
    truth = [False, True] * 20
    score = [-3.0, 8.0] * 19 + [7.0, 8.0]
    policy = promised(Policy(junk=2.3), truth, score, RATE)
    assert policy.action(policy.calibrated(7.0)) == "unsure"
    assert policy.action(policy.calibrated(50.0)) == "junk"


def test_what_a_model_said_in_its_infancy_does_not_calibrate_it() -> None:
    # It knows nothing of the first items, nearly all of which are positive; then it is calibrated.
    grown = np.random.default_rng(5).normal(4.0, 2.0, 1000)
    truth = np.random.default_rng(6).random(1000) < 1 / (1 + np.exp(-grown))
    said = [0.0] * 500 + list(grown)
    policy = calibrated(Policy(), [True] * 500 + list(truth), said, later_half=True)
    assert abs(policy.offset) < 0.5
    assert abs(policy.slope - 1.0) < 0.2


def test_where_it_is_kept_costs_decide() -> None:
    truth = np.repeat([True, False], 2000)
    score = np.concatenate([scores(1, 2000, True), scores(2, 2000, False)])
    cheapest = calibrated(Policy(junk=2.3), truth, score)
    policy = promised(Policy(junk=2.3), truth, score, RATE)
    assert policy.missing == 0
    assert policy.junk >= cheapest.junk == 2.3
    lost = [policy.action(policy.calibrated(one)) == "junk" for one in scores(9, 20_000, False)]
    assert np.mean(lost) <= RATE
    generous = promised(Policy(junk=2.3), truth, score, 0.3)
    assert generous.junk == 2.3


def test_a_promise_that_takes_more_flags_than_there_are_says_how_many() -> None:
    policy = promised(Policy(), [False] * 400, np.full(400, -2.0), 0.001)
    assert policy.missing == 2595
    assert policy.ham_loss == 0.001


def answers(seed: int, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Answers whose share of wrong ones is known: at score s it is 0.02 exp(-s)."""
    random = np.random.default_rng(seed)
    score = random.exponential(1.0, count)
    return random.random(count) >= 0.02 * np.exp(-score), score


def test_of_answers_it_is_kept_in_nineteen_of_twenty_worlds() -> None:
    kept = accepted = 0
    for seed in range(300):
        right, score = answers(seed)
        # Where a wrong answer costs nothing the promise alone decides.
        policy = promised_answers(Policy(junk=-50.0, unsure=-60.0), right, score, 0.005)
        assert policy.slope > 0
        least = (policy.junk - policy.offset) / policy.slope
        # Above s the scores less s are spread as all are: of them 0.01 exp(-s) is wrong.
        kept += 0.01 * math.exp(-max(least, 0.0)) <= 0.005
        accepted += least < 3.0
    assert kept >= 0.935 * 300
    assert accepted >= 0.8 * 300


@pytest.mark.parametrize("place", [0, 500, 700])
def test_one_wrong_answer_among_the_surest_ends_no_promise(place: int) -> None:
    right = np.ones(10_000, np.bool_)
    right[[place, *range(9_990, 10_000)]] = False
    score = np.linspace(8.0, 0.0, 10_000)
    policy = promised_answers(Policy(), right, score, 0.005)
    accepted = np.array([policy.action(policy.calibrated(one)) == "junk" for one in score])
    assert accepted.mean() > 0.98
