from __future__ import annotations

import numpy as np

from chaffinch.explain.ranking import log_odds


def test_an_even_share_tells_nothing() -> None:
    difference, error = log_odds((np.array([10]), np.array([100])), (100, 1000))
    assert abs(difference[0]) < 0.02
    assert error[0] > 0


def test_more_evidence_makes_surer() -> None:
    difference, error = log_odds((np.array([1, 10]), np.array([5, 50])), (1000, 1000))
    z = difference / error
    assert 0 < z[0] < z[1]


def test_what_was_met_once_or_twice_is_silenced() -> None:
    difference, error = log_odds((np.array([0, 0]), np.array([2, 200])), (1000, 1000))
    z = difference / error
    assert z[0] < 1.96 < z[1]


def test_what_all_or_none_have_divides_by_nothing() -> None:
    for counts in ((5, 5), (0, 0), (0, 5), (5, 0)):
        difference, error = log_odds((np.array([counts[0]]), np.array([counts[1]])), (5, 5))
        assert np.isfinite(difference).all()
        assert np.isfinite(error).all()
    difference, error = log_odds((np.array([0]), np.array([3])), (0, 3))
    assert np.isfinite(difference / error).all()
