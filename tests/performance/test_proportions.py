from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from chaffinch.performance.proportions import clopper_pearson, jeffreys_draws


@pytest.mark.parametrize(("count", "total"), [(0, 1), (1, 1), (0, 50), (50, 50), (3, 4150)])
def test_clopper_pearson_is_scipys_exact_interval(count: int, total: int) -> None:
    oracle = binomtest(count, total).proportion_ci(0.95, method="exact")
    interval = clopper_pearson(count, total)
    assert interval.value == count / total
    assert (interval.low, interval.high) == pytest.approx((oracle.low, oracle.high))


def test_no_error_among_a_hundred_does_not_mean_none_ever() -> None:
    assert clopper_pearson(0, 100).high > 0.03


def test_no_items_no_interval() -> None:
    interval = clopper_pearson(0, 0)
    assert all(map(math.isnan, (interval.value, interval.low, interval.high)))


def test_jeffreys_draws_have_the_smoothed_rate_as_their_mean() -> None:
    draws = jeffreys_draws(np.random.default_rng(0), 3, 40, size=200_000)
    assert draws.mean() == pytest.approx(3.5 / 41, rel=0.01)


@pytest.mark.parametrize(("count", "total"), [(0, 0), (0, 1), (1, 1), (0, 10**6), (10**6, 10**6)])
def test_jeffreys_draws_stay_between_0_and_1(count: int, total: int) -> None:
    draws = jeffreys_draws(np.random.default_rng(0), count, total)
    assert draws.min() > 0
    assert draws.max() < 1
