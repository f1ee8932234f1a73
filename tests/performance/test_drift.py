"""The detectors find what those of river find, value by value; and little where nothing changes."""

from __future__ import annotations

import importlib
import math
import os
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.performance.drift import Adwin, PageHinkley


def bernoulli(rate: Callable[[int], float], size: int = 3000) -> list[float]:
    chance = random.Random(7)
    return [float(chance.random() < rate(number)) for number in range(size)]


def real_values() -> list[float]:
    chance = random.Random(8)
    return [chance.betavariate(*((2, 5) if k // 900 % 2 else (4, 3))) for k in range(3000)]


STREAMS = {
    "stationary": bernoulli(lambda _: 0.2),
    "abrupt": bernoulli(lambda k: 0.4 if k // 700 % 2 else 0.1),
    "gradual": bernoulli(lambda k: 0.1 + 0.7 * k / 3000),
    "real": real_values(),
    "constant": [0.1] * 500 + [0.3] * 500,
    "one way and back": [0.0] * 200 + [1.0] * 200 + [0.0] * 200,
}
CHANGING = sorted(set(STREAMS) - {"stationary"})


def river() -> Any:
    """Return river's detectors; skip where it is not, but fail where CI has to have it."""
    try:
        return importlib.import_module("river.drift")
    except ImportError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"river is not installed ({error}): the extra 'dev' has it")
        pytest.skip("river is not installed: the extra 'dev' has it")


@pytest.mark.parametrize("clock", [1, 32])
@pytest.mark.parametrize("stream", STREAMS)
def test_adwin_is_rivers(stream: str, clock: int) -> None:
    adwin, reference = Adwin(clock=clock), river().ADWIN(clock=clock)
    found = []
    for number, value in enumerate(STREAMS[stream]):
        detected = adwin.update(value)
        reference.update(value)
        assert (detected, adwin.width) == (reference.drift_detected, reference.width), number
        assert adwin.mean == pytest.approx(reference.estimation, abs=1e-12), number
        if detected:
            found.append(number)
    assert bool(found) == (stream in CHANGING)


@pytest.mark.parametrize("delta", [1e-6, 0.3])
def test_adwin_is_rivers_at_other_levels(delta: float) -> None:
    adwin, reference = Adwin(delta, clock=8), river().ADWIN(delta=delta, clock=8)
    for value in STREAMS["abrupt"]:
        detected = adwin.update(value)
        reference.update(value)
        assert (detected, adwin.width) == (reference.drift_detected, reference.width)


@pytest.mark.parametrize("mode", ["up", "down", "both"])
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_page_hinkley_is_rivers(mode: str, scale: float) -> None:
    test = PageHinkley(threshold=20 * scale, mode=mode)
    reference = river().PageHinkley(threshold=20 * scale, mode=mode)
    found = []
    for stream in STREAMS.values():
        for value in stream:
            detected = test.update(scale * value)
            reference.update(scale * value)
            assert detected == reference.drift_detected
            found.append(detected)
    assert any(found)


def test_without_river_the_tests_skip_but_fail_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="river is not installed"):
        river()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="river is not installed"):
        river()


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.5, 1.0])
def test_a_stream_that_does_not_change_raises_few_alarms(rate: float) -> None:
    chance = random.Random(9)
    alarms = 0
    for _ in range(20):
        adwin, test = Adwin(), PageHinkley()
        for _ in range(1000):
            value = float(chance.random() < rate)
            alarms += adwin.update(value) + test.update(value)
    # 20 streams, 31 looks of Adwin at each: at its delta, 1.2 false alarms are the most expected.
    assert alarms <= 1


def test_page_hinkley_finds_what_it_was_asked_for() -> None:
    rise = [0.0] * 100 + [1.0] * 100
    fall = [1.0 - value for value in rise]

    def found(stream: list[float], mode: str) -> bool:
        test = PageHinkley(threshold=10, mode=mode)
        return any(test.update(value) for value in stream)

    assert [found(rise, mode) for mode in ("up", "down", "both")] == [True, False, True]
    assert [found(fall, mode) for mode in ("up", "down", "both")] == [False, True, True]


def test_page_hinkley_waits_for_enough_values() -> None:
    test = PageHinkley(min_instances=50, threshold=1.0)
    found = [test.update(value) for value in [0.0] * 10 + [1.0] * 45]
    assert found.index(True) == 49


def test_after_a_detection_both_begin_anew() -> None:
    adwin = Adwin()
    values = iter([0.0] * 320 + [1.0] * 320)
    while not adwin.update(next(values)):
        pass
    assert 32 <= adwin.width < 352
    assert not adwin.update(1.0)
    assert (adwin.width, adwin.mean) == (1, 1.0)
    test = PageHinkley(threshold=5)
    found = [test.update(value) for value in [0.0] * 100 + [1.0] * 100]
    assert found.count(True) == 1


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 1000)), max_size=5), st.integers(1, 50))
@settings(max_examples=40, deadline=None)
def test_memory_grows_with_the_logarithm_of_the_window(
    stretches: list[tuple[float, int]], clock: int
) -> None:
    adwin = Adwin(clock=clock)
    window: list[float] = []
    for value, length in stretches:
        for _ in range(length):
            adwin.update(value)
            window.append(value)
            del window[: len(window) - adwin.width]
            assert sum(map(len, adwin._rows)) <= 6 * (1 + math.log2(adwin.width))
    # What the buckets hold is the window, no more and no less.
    assert sum(len(row) << place for place, row in enumerate(adwin._rows)) == adwin.width
    assert len(window) == adwin.width
    if window:
        assert adwin.mean == pytest.approx(math.fsum(window) / len(window), abs=1e-9)


def test_numbers_of_numpy_give_pythons() -> None:
    adwin, test = Adwin(), PageHinkley()
    for value in np.linspace(0.0, 1.0, 50):
        assert type(adwin.update(value)) is bool
        assert type(test.update(value)) is bool
    assert type(adwin.mean) is float


def test_nothing_yet() -> None:
    adwin = Adwin()
    assert adwin.width == 0
    assert math.isnan(adwin.mean)


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf])
def test_adwin_refuses_what_is_not_from_0_to_1(value: float) -> None:
    adwin = Adwin()
    adwin.update(0.5)
    with pytest.raises(ValueError, match=f"from 0 to 1, not {value}: scale"):
        adwin.update(value)
    assert (adwin.width, adwin.mean) == (1, 0.5)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e101])
def test_page_hinkley_refuses_what_would_spoil_its_sums(value: float) -> None:
    test = PageHinkley(min_instances=1, threshold=1.0)
    test.update(0.0)
    with pytest.raises(ValueError, match="up to 1e"):
        test.update(value)
    assert test.update(1e100)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Adwin(0.0), "delta"),
        (lambda: Adwin(1.0), "delta"),
        (lambda: Adwin(math.nan), "delta"),
        (lambda: Adwin(clock=0), "clock"),
        (lambda: PageHinkley(min_instances=0), "min_instances"),
        (lambda: PageHinkley(delta=-0.1), "delta"),
        (lambda: PageHinkley(threshold=0.0), "threshold"),
        (lambda: PageHinkley(threshold=math.nan), "threshold"),
        (lambda: PageHinkley(alpha=1.1), "alpha"),
        (lambda: PageHinkley(mode="sideways"), "mode is 'sideways'"),
    ],
)
def test_parameters_out_of_range_are_named(make: Callable[[], object], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}"):
        make()
