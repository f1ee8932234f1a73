from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chaffinch.performance.calibration import Calibration, calibrate, calibration_curve


def drawn(
    seed: int, positives: int, negatives: int, *, slope: float = 1.0, offset: float = 0.0
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return truths, and scores of which slope · score + offset would be the true log-odds."""
    random = np.random.default_rng(seed)
    truth = np.repeat([True, False], [positives, negatives])
    # Two Gaussians of equal width: their log-odds are linear, and known.
    value = random.normal(np.where(truth, 1.5, -1.5), 1.0)
    log_odds = 3.0 * value + np.log(positives / negatives)
    return truth, (log_odds - offset) / slope


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (3.0, 0.0), (0.25, 0.0), (1.5, -2.0)])
def test_the_line_is_found_again(slope: float, offset: float) -> None:
    truth, score = drawn(1, 4000, 4000, slope=slope, offset=offset)
    found = calibrate(truth, score)
    assert found.slope == pytest.approx(slope, rel=0.1)
    assert found.offset == pytest.approx(offset, abs=0.2)


@pytest.mark.parametrize(("positives", "negatives"), [(50, 5000), (5000, 50)])
def test_one_in_a_hundred_of_a_label_is_calibrated_too(positives: int, negatives: int) -> None:
    """Scores of a model that was taught as if labels were even, met where they are 1 : 100."""
    truth, score = drawn(2, positives, negatives)
    even = score - np.log(positives / negatives)
    line = calibrate(truth, even)
    said = 1 / (1 + np.exp(-(line.slope * even + line.offset)))
    assert said.mean() == pytest.approx(truth.mean(), rel=0.15)
    sure = said > 0.5
    assert truth[sure].mean() == pytest.approx(said[sure].mean(), abs=0.1)


def test_a_few_verdicts_hardly_move_it() -> None:
    found = calibrate([True, False, True], [2.0, -1.0, -0.5])
    assert 0.5 < found.slope < 1.5
    assert abs(found.offset) < 0.5


@pytest.mark.parametrize("truth", [True, False])
def test_one_label_alone(truth: bool) -> None:
    assert calibrate([truth] * 50, np.linspace(-3, 3, 50)) == Calibration()


@given(
    st.lists(st.tuples(st.booleans(), st.floats(-500, 500)), max_size=60),
)
def test_any_scores_keep_their_order(verdicts: list[tuple[bool, float]]) -> None:
    truth, score = [one for one, _ in verdicts], [two for _, two in verdicts]
    found = calibrate(truth, score)
    assert np.isfinite(found.offset)
    assert 0.05 <= found.slope <= 20


def test_scores_that_mean_nothing_do_not_turn_round() -> None:
    truth, score = drawn(3, 500, 500)
    assert calibrate(~truth, score).slope == 0.05


def test_the_curve_of_what_is_calibrated_holds() -> None:
    truth, score = drawn(4, 3000, 3000)
    curve = calibration_curve(truth, score)
    assert sum(one.items for one in curve) == 6000
    inside = [one.were.low <= one.said <= one.were.high for one in curve]
    # Of ten intervals of 95% one may well miss.
    assert sum(inside) >= len(curve) - 1


def test_the_curve_of_what_is_too_sure_does_not() -> None:
    truth, score = drawn(4, 3000, 3000, slope=0.3)
    assert any(one.said > one.were.high for one in calibration_curve(truth, score))


def test_the_ends_of_the_curve() -> None:
    curve = calibration_curve([True, False], [np.inf, -np.inf])
    assert [(one.low, one.high, one.items) for one in curve] == [(0, 0.001, 1), (0.999, 1, 1)]
    assert calibration_curve([], []) == ()


def test_of() -> None:
    assert Calibration(2.0, 1.0).of(-1.0) == -1.0
