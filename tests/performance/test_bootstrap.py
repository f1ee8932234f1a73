from __future__ import annotations

import numpy as np
import pytest

from chaffinch.performance.bootstrap import bootstrap, percentile_interval, samples
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import (
    Metric,
    accuracy,
    calibration_error_percent,
    one_minus_roca_percent,
    spam_missed_at_ham_lost,
    value,
)

RANKING: dict[str, Metric] = {
    "roca": one_minus_roca_percent,
    "missed": spam_missed_at_ham_lost(0.5),
    "calibration": calibration_error_percent,
}


def normal_scores(random: np.random.Generator, n: int = 300) -> Judgements:
    """Two normal classes two standard deviations apart: 100 (1 - AUC) is 7.865."""
    truth = np.arange(n) < n // 3
    score = random.normal(np.where(truth, 1.0, -1.0), 1.0)
    return Judgements(truth, score, score > 0)


def test_each_replicate_keeps_the_size_of_each_class() -> None:
    drawn = list(samples(7, 11, replicates=50))
    positives = np.concatenate([sample.positives for sample in drawn])
    negatives = np.concatenate([sample.negatives for sample in drawn])
    assert positives.shape == (50, 7)
    assert negatives.shape == (50, 11)
    assert set(positives.sum(axis=1)) == {7}
    assert set(negatives.sum(axis=1)) == {11}
    assert positives.var() == pytest.approx(1, abs=0.3)


def test_what_is_drawn_does_not_depend_on_how_much_at_once() -> None:
    at_once = next(samples(5, 9, replicates=20))
    by_pieces = list(samples(5, 9, replicates=20, counts_at_once=40))
    assert len(by_pieces) == 10
    assert np.array_equal(np.concatenate([s.positives for s in by_pieces]), at_once.positives)
    assert np.array_equal(np.concatenate([s.negatives for s in by_pieces]), at_once.negatives)


def test_equal_seeds_give_equal_intervals() -> None:
    judged = normal_scores(np.random.default_rng(1))
    assert bootstrap(judged, RANKING) == bootstrap(judged, RANKING)


def test_an_interval_holds_its_value_and_the_value_is_the_metrics() -> None:
    judged = normal_scores(np.random.default_rng(2))
    measured = bootstrap(judged, RANKING)
    assert measured.keys() == RANKING.keys()
    for name, interval in measured.items():
        assert interval.value == value(RANKING[name], judged)
        assert interval.low < interval.value < interval.high


def test_95_percent_intervals_hold_the_truth_about_that_often() -> None:
    random = np.random.default_rng(3)
    truth = 7.8650
    runs = [
        bootstrap(normal_scores(random), {"roca": one_minus_roca_percent})["roca"]
        for _ in range(150)
    ]
    covered = np.mean([run.low <= truth <= run.high for run in runs])
    assert 0.90 <= covered <= 0.99


def test_the_spread_is_that_of_the_binomial() -> None:
    # 20 of 100 hams wrong: the standard error of accuracy over 200 items is known in closed form.
    truth = np.arange(200) < 100
    predicted = truth.copy()
    predicted[-20:] = True
    interval = bootstrap(Judgements(truth, np.zeros(200), predicted), {"a": accuracy})["a"]
    expected = 1.96 * np.sqrt(0.2 * 0.8 / 100) / 2
    assert (interval.high - interval.low) / 2 == pytest.approx(expected, rel=0.1)


def test_an_interval_is_stretched_to_hold_its_value() -> None:
    interval = percentile_interval(5.0, np.linspace(0, 1, 101))
    assert (interval.value, interval.high) == (5.0, 5.0)
    assert interval.low == pytest.approx(0.025)
