from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chaffinch.performance.curve import learning_curve

steady = settings(derandomize=True, deadline=None)


@steady
@given(arrays(np.bool_, st.integers(0, 400)), st.integers(1, 30))
def test_the_windows_hold_every_error_once(wrong: np.ndarray, points: int) -> None:
    curve = learning_curve(wrong, points=points)
    ends = [end for end, _ in curve]
    sizes = np.diff([0, *ends])
    assert len(curve) <= points
    assert (sizes > 0).all()
    assert ends[-1:] == ([wrong.size] if wrong.size else [])
    errors = sum(size * percent / 100 for size, (_, percent) in zip(sizes, curve, strict=True))
    assert errors == pytest.approx(wrong.sum())


def test_windows_grow_by_a_fixed_ratio() -> None:
    ends = np.array([end for end, _ in learning_curve(np.zeros(10_240, dtype=np.bool_), points=11)])
    assert ends.tolist() == [10 * 2**power for power in range(11)]


def test_learning_shows() -> None:
    wrong = np.random.default_rng(0).random(5000) < 3 / np.sqrt(np.arange(1, 5001))
    percents = [percent for _, percent in learning_curve(wrong)]
    assert percents[0] > 80
    assert percents[-1] < 8


def test_a_curve_is_json_ready() -> None:
    ((end, percent),) = learning_curve(np.array([True, False]))
    assert (type(end), type(percent)) == (int, float)
    assert (end, percent) == (2, 50.0)
