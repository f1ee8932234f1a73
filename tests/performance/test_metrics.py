from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score, roc_curve

from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import (
    Metric,
    Sample,
    accuracy,
    calibration_error_percent,
    cost_per_1000,
    ham_lost_percent,
    lam_percent,
    one_minus_roca_percent,
    spam_missed_at_ham_lost,
    spam_missed_percent,
    value,
)

steady = settings(derandomize=True, deadline=None)

COST = cost_per_1000(cost_ham_lost=10, cost_spam_missed=1)
ALL = [
    accuracy,
    ham_lost_percent,
    spam_missed_percent,
    lam_percent,
    one_minus_roca_percent,
    spam_missed_at_ham_lost(0.1),
    spam_missed_at_ham_lost(0.5),
    calibration_error_percent,
    COST,
]


def judged_at_random(seed: int, n: int = 400, *, ties: bool = True) -> Judgements:
    random = np.random.default_rng(seed)
    truth = random.random(n) < 0.3
    score = random.normal(np.where(truth, 1.5, -1.5), 2.0)
    return Judgements(truth, np.round(score) if ties else score, score > 0.3)


@st.composite
def judgements(draw: st.DrawFn) -> Judgements:
    """Both classes, few distinct scores: ties are the rule; infinities occur."""
    scores = st.sampled_from([-math.inf, -2.0, -0.5, 0.0, 0.5, 3.0, math.inf])
    items = draw(st.lists(st.tuples(st.booleans(), scores, st.booleans()), max_size=30))
    items += [(True, draw(scores), True), (False, draw(scores), False)]
    truth, score, predicted = zip(*items, strict=True)
    return Judgements(truth, score, predicted)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", [True, False])
def test_as_scikit_learn_measures(seed: int, ties: bool) -> None:
    judged = judged_at_random(seed, ties=ties)
    (kept, lost), (missed, caught) = confusion_matrix(judged.truth, judged.predicted)
    assert value(accuracy, judged) == pytest.approx(accuracy_score(judged.truth, judged.predicted))
    assert value(ham_lost_percent, judged) == pytest.approx(100 * lost / (kept + lost))
    assert value(spam_missed_percent, judged) == pytest.approx(100 * missed / (missed + caught))
    assert value(COST, judged) == pytest.approx(1000 * (10 * lost + missed) / len(judged))
    assert value(one_minus_roca_percent, judged) == pytest.approx(
        100 - 100 * roc_auc_score(judged.truth, judged.score)
    )


@pytest.mark.parametrize("percent", [0, 0.1, 0.5, 5, 30, 99, 100])
@pytest.mark.parametrize("ties", [True, False])
def test_spam_missed_at_ham_lost_lies_on_scikit_learns_curve(percent: float, ties: bool) -> None:
    judged = judged_at_random(7, ties=ties)
    lost, caught, _ = roc_curve(judged.truth, judged.score, drop_intermediate=False)
    best = caught[lost <= percent / 100 + 1e-12].max()
    measured = value(spam_missed_at_ham_lost(percent), judged)
    assert measured == pytest.approx(100 * (1 - best), abs=1e-9)


def test_a_share_of_ham_that_is_a_whole_number_is_allowed_in_full() -> None:
    # 0.57% of 10,000 is 57, while 0.57 * 10000 / 100 is a little less in floating point.
    ham = np.arange(10_000.0)
    judged = Judgements([0] * 10_000 + [1], np.append(ham, 9942.5), [0] * 10_001)
    assert value(spam_missed_at_ham_lost(0.57), judged) == 0
    assert value(spam_missed_at_ham_lost(0.56), judged) == 100


def test_lam_by_hand() -> None:
    # One of three hams lost: (1 + .5) / 4 = .375; no spam of one missed: .5 / 2 = .25.
    judged = Judgements([0, 0, 0, 1], [1.0, -1.0, -1.0, 1.0], [1, 0, 0, 1])
    log_odds = (math.log(0.375 / 0.625) + math.log(0.25 / 0.75)) / 2
    assert value(lam_percent, judged) == pytest.approx(100 / (1 + math.exp(-log_odds)))


def test_calibration_error_by_hand() -> None:
    # Two bins in use: .5 said and 1 of 2 came true; .75 said and 0 of 2 came true.
    judged = Judgements([1, 0, 0, 0], [0.0, 0.0, math.log(3), math.log(3)], [1] * 4)
    assert value(calibration_error_percent, judged) == pytest.approx(37.5)


def test_probabilities_that_come_true_are_calibrated() -> None:
    random = np.random.default_rng(0)
    score = random.normal(0, 2, 50_000)
    truth = random.random(score.size) < 1 / (1 + np.exp(-score))
    assert value(calibration_error_percent, Judgements(truth, score, score > 0)) < 1
    overconfident = Judgements(truth, 3 * score, score > 0)
    assert value(calibration_error_percent, overconfident) > 5


def test_equal_scores_share_a_bin_whatever_their_order() -> None:
    score = np.zeros(40)
    truth = np.arange(40) < 20
    assert value(calibration_error_percent, Judgements(truth, score, truth)) == 0


# Calibration is apart: its bins are cut by the items as they came, not as they were drawn.
@pytest.mark.parametrize("metric", [m for m in ALL if m is not calibration_error_percent])
@pytest.mark.parametrize("seed", range(3))
def test_an_item_counted_twice_is_an_item_that_came_twice(metric: Metric, seed: int) -> None:
    judged = judged_at_random(seed)
    random = np.random.default_rng(seed)
    counts = np.zeros(len(judged))
    for side in (judged.truth, ~judged.truth):
        drawn = random.choice(np.flatnonzero(side), side.sum())
        counts += np.bincount(drawn, minlength=len(judged))
    sample = Sample(counts[judged.truth][np.newaxis], counts[~judged.truth][np.newaxis])
    again = np.repeat(np.arange(len(judged)), counts.astype(int))
    repeated = Judgements(judged.truth[again], judged.score[again], judged.predicted[again])
    assert metric(judged, sample)[0] == pytest.approx(value(metric, repeated))


def test_calibration_counts_an_item_drawn_twice_twice() -> None:
    # Said .5 of all three; drawn were the positive once and one negative twice: 1 of 3 came true.
    judged = Judgements([1, 0, 0], [0.0] * 3, [1] * 3)
    sample = Sample(np.array([[1.0]]), np.array([[2.0, 0.0]]))
    assert calibration_error_percent(judged, sample)[0] == pytest.approx(100 * (1 / 2 - 1 / 3))


@steady
@given(judgements())
def test_roca_is_the_share_of_pairs_in_order(judged: Judgements) -> None:
    spam, ham = judged.positives.score, judged.negatives.score
    pairs = [1.0 if s > h else 0.5 if s == h else 0.0 for s in spam for h in ham]
    assert value(one_minus_roca_percent, judged) == pytest.approx(
        100 * (1 - sum(pairs) / len(pairs))
    )


@steady
@given(judgements())
def test_only_the_order_of_scores_matters_to_ranking(judged: Judgements) -> None:
    squeezed = Judgements(judged.truth, np.arctan(judged.score) / 9 - 4, judged.predicted)
    for metric in (one_minus_roca_percent, spam_missed_at_ham_lost(20)):
        assert value(metric, squeezed) == value(metric, judged)


@steady
@given(judgements())
def test_swapping_the_classes_swaps_the_mistakes(judged: Judgements) -> None:
    swapped = Judgements(~judged.truth, -judged.score, ~judged.predicted)
    assert value(ham_lost_percent, swapped) == value(spam_missed_percent, judged)
    assert value(spam_missed_percent, swapped) == value(ham_lost_percent, judged)
    for metric in (accuracy, lam_percent, one_minus_roca_percent):
        assert value(metric, swapped) == pytest.approx(value(metric, judged))


@steady
@given(judgements())
def test_reversed_scores_reverse_the_ranking(judged: Judgements) -> None:
    reverse = Judgements(judged.truth, -judged.score, judged.predicted)
    assert value(one_minus_roca_percent, reverse) == pytest.approx(
        100 - value(one_minus_roca_percent, judged)
    )


@steady
@given(judgements(), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(judged: Judgements, random: object) -> None:
    order = list(range(len(judged)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis names no public type
    other = Judgements(judged.truth[order], judged.score[order], judged.predicted[order])
    for metric in ALL:
        assert value(metric, other) == pytest.approx(value(metric, judged))


@steady
@given(judgements(), st.integers(0, 100), st.integers(0, 100))
def test_losing_more_ham_never_misses_more_spam(judged: Judgements, one: int, two: int) -> None:
    less, more = sorted((one, two))
    assert value(spam_missed_at_ham_lost(more), judged) <= value(
        spam_missed_at_ham_lost(less), judged
    )


def test_equal_scores_rank_like_a_coin() -> None:
    judged = Judgements([1, 0, 1, 0], [2.0] * 4, [1] * 4)
    assert value(one_minus_roca_percent, judged) == 50
    assert value(spam_missed_at_ham_lost(0.5), judged) == 100


@pytest.mark.parametrize(
    ("truth", "defined"),
    [
        ([], set()),
        ([1], {accuracy, spam_missed_percent, calibration_error_percent, COST}),
        ([0, 0], {accuracy, ham_lost_percent, calibration_error_percent, COST}),
    ],
)
def test_a_metric_is_nan_where_its_class_is_missing(truth: list[int], defined: set[Metric]) -> None:
    judged = Judgements(truth, [0.5] * len(truth), truth)
    assert {metric for metric in ALL if not math.isnan(value(metric, judged))} == defined


def test_infinite_scores_are_as_sure_as_can_be() -> None:
    judged = Judgements([1, 0, 0], [math.inf, -math.inf, math.inf], [1, 0, 1])
    assert value(calibration_error_percent, judged) == pytest.approx(100 / 3)
    assert value(one_minus_roca_percent, judged) == 25
