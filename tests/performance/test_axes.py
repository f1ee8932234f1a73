from __future__ import annotations

import pytest

from chaffinch.performance.axes import Axis, fitting, tick_label


@pytest.mark.parametrize(
    ("low", "high", "log", "at_most", "expected"),
    [
        (0, 100, False, 6, [0, 20, 40, 60, 80, 100]),
        (0, 1, False, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-1, 1, False, 3, [-1, 0, 1]),
        (0.95, 1, False, 6, [0.95, 0.96, 0.97, 0.98, 0.99, 1]),
        (1, 6046, True, 10, [1, 10, 100, 1000]),
        (10, 60, True, 10, [10, 20, 50]),
        (1, 1e9, True, 5, [1, 100, 1e4, 1e6, 1e8]),
    ],
)
def test_ticks_are_round_numbers(
    low: float, high: float, log: bool, at_most: int, expected: list[float]
) -> None:
    assert Axis(low, high, log).ticks(at_most) == expected


@pytest.mark.parametrize(
    ("values", "log", "expected"),
    [
        ([3, 7], False, Axis(0, 8, False)),
        ([0.991, 0.998], False, Axis(0.99, 0.998, False)),
        ([5, 5], False, Axis(0, 6, False)),
        ([0, 0], False, Axis(0, 1, False)),
        ([-4, -4], False, Axis(-6, -2, False)),
        ([], False, Axis(0, 1, False)),
        ([], True, Axis(1, 10, True)),
        ([0, 0.3, 60], True, Axis(0.2, 100, True)),
        ([10], True, Axis(5, 20, True)),
    ],
)
def test_an_axis_holds_its_values(values: list[float], log: bool, expected: Axis) -> None:
    axis = fitting(values, log=log)
    assert (axis.low, axis.high) == pytest.approx((expected.low, expected.high))
    assert axis.log is expected.log


def test_values_stand_where_they_belong() -> None:
    assert Axis(0, 50, False).fraction(10) == pytest.approx(0.2)
    assert Axis(1, 10_000, True).fraction(10) == pytest.approx(0.25)
    assert Axis(1, 10_000, True).fraction(0) == 0
    assert Axis(0, 50, False).fraction(99) == 1


def test_labels_are_short() -> None:
    labels = [tick_label(value) for value in (0, 0.002, 100, 1000, 50_000, 2e6, 1e9, -1500)]
    assert labels == ["0", "0.002", "100", "1k", "50k", "2M", "1G", "-1.5k"]
