"""The compiled kernel of the models gives what its equals in Python give, to rounding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels import both

Pair = tuple[Callable[..., Any], Callable[..., Any]]

_SLOTS = 40
_ODDS = np.log1p(1 / (np.arange(65_536) + 0.2)).astype(np.float32)
_GUESS = 0.4, 12.4


@pytest.fixture(scope="module")
def sums() -> Pair:
    return both("chaffinch.models.base", "weighted_sum")


@pytest.fixture(scope="module")
def steps() -> Pair:
    return both("chaffinch.models.committee", "take_step")


def tensors(seed: int) -> dict[str, NDArray[Any]]:
    random = np.random.default_rng(seed)
    counts = random.choice([0, 1, 7, 65_533, 65_534, 65_535], (_SLOTS, 2)).astype(np.uint16)
    return {
        "weights": random.normal(size=_SLOTS).astype(np.float32),
        "squares": (random.exponential(size=_SLOTS) * random.integers(0, 2)).astype(np.float32),
        "counts": counts,
    }


def frozen(*arrays: NDArray[Any]) -> list[NDArray[Any]]:
    for array in arrays:
        array.setflags(write=False)
    return list(arrays)


SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=200)
@given(SEEDS, st.integers(0, _SLOTS), st.sampled_from([1e-30, 1.0, 1e20]))
def test_sums_are_alike(sums: Pair, seed: int, size: int, scale: float) -> None:
    fast, plain = sums
    random = np.random.default_rng(seed)
    weights = (random.normal(size=_SLOTS) * scale).astype(np.float32)
    slots, values = random.integers(0, _SLOTS, size), random.normal(size=size)
    found, wanted = fast(weights, slots, values), plain(weights, slots, values)
    assert type(found) is type(wanted) is float
    most = float(np.abs(weights[slots]).astype(np.float64) @ np.abs(values))
    assert abs(found - wanted) <= 1e-12 * most
    assert fast(*frozen(weights, slots, values)) == found, "read-only arrays can be judged with"


@settings(max_examples=300)
@given(
    SEEDS,
    st.integers(0, _SLOTS),
    st.floats(-1, 1),
    st.booleans(),
    st.sampled_from([0.0, 0.5]),
    st.sampled_from([1e-6, 1e-3]),
    st.sampled_from([0.0, 0.3]),
)
def test_steps_are_alike(
    steps: Pair,
    seed: int,
    size: int,
    error: float,
    positive: bool,
    rate: float,
    epsilon: float,
    lean: float,
) -> None:
    fast, plain = steps
    random = np.random.default_rng(seed)
    slots = random.permutation(_SLOTS)[:size].astype(np.int64)
    values = random.uniform(0, 1, size)
    ours, theirs = tensors(seed), tensors(seed)
    arguments = (error, positive, rate, epsilon, lean, _ODDS, *_GUESS)
    found = fast(ours, *frozen(slots, values), *arguments)
    wanted = plain(theirs, slots, values, *arguments)
    assert type(found) is type(wanted) is float
    assert found == pytest.approx(wanted, rel=1e-5, abs=1e-5)
    assert ours["counts"].tolist() == theirs["counts"].tolist()
    for name in ("weights", "squares"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-6, atol=1e-6, err_msg=name)
    rest = np.setdiff1d(np.arange(_SLOTS), slots)
    for name, tensor in tensors(seed).items():
        assert ours[name][rest].tobytes() == tensor[rest].tobytes(), name


@pytest.mark.parametrize("slot", [-1, -_SLOTS, _SLOTS, 2**31, 2**62, -(2**62)])
def test_slots_out_of_range_touch_nothing(sums: Pair, steps: Pair, slot: int) -> None:
    """Both words of the kernel refuse them, also those that Python would count from the end."""
    slots, values = np.array([slot, 3]), np.ones(2)
    before, state = tensors(1), tensors(1)
    with pytest.raises(IndexError):
        sums[0](state["weights"], slots, values)
    with pytest.raises(IndexError):
        steps[0](state, slots, values, 0.5, True, 0.5, 1e-3, 0.3, _ODDS, *_GUESS)
    for name, tensor in before.items():
        assert state[name].tobytes() == tensor.tobytes(), name


def test_odds_that_are_too_few_are_not_read_beyond(steps: Pair) -> None:
    state = tensors(1)
    state["counts"][:] = 500
    with pytest.raises(IndexError):
        steps[0](state, np.array([3]), np.ones(1), 0.5, True, 0.5, 1e-3, 0.3, _ODDS[:100], *_GUESS)


def test_tensors_of_different_sizes_are_not_read_beyond(steps: Pair) -> None:
    for name in ("weights", "squares", "counts"):
        state = tensors(1)
        state[name] = state[name][:5].copy()
        with pytest.raises(IndexError):
            steps[0](state, np.array([20]), np.ones(1), 0.5, True, 0.5, 1e-3, 0.3, _ODDS, *_GUESS)


@pytest.mark.parametrize("sizes", [(2, 3), (3, 2), (0, 1), (1, 0)])
def test_wrong_lengths_are_refused(sums: Pair, steps: Pair, sizes: tuple[int, int]) -> None:
    slots, values = np.zeros(sizes[0], np.int64), np.ones(sizes[1])
    with pytest.raises(ValueError, match="give one for each"):
        sums[0](tensors(1)["weights"], slots, values)
    with pytest.raises(ValueError, match="give one for each"):
        steps[0](tensors(1), slots, values, 0.5, True, 0.5, 1e-3, 0.3, _ODDS, *_GUESS)


def test_what_is_no_array_is_refused(sums: Pair, steps: Pair) -> None:
    state, slots, values = tensors(1), np.array([1]), np.ones(1)
    rest = (0.5, True, 0.5, 1e-3, 0.3)
    for wrong in (
        (None, slots, values),
        (state["weights"], None, values),
        (state["weights"], slots, None),
    ):
        with pytest.raises(TypeError):
            sums[0](*wrong)
    for words in (
        (None, slots, values, *rest, _ODDS, *_GUESS),
        (state, None, values, *rest, _ODDS, *_GUESS),
        (state, slots, None, *rest, _ODDS, *_GUESS),
        (state, slots, values, *rest, None, *_GUESS),
    ):
        with pytest.raises(TypeError):
            steps[0](*words)
    for name in ("weights", "squares", "counts"):
        with pytest.raises(TypeError):
            steps[0](tensors(1) | {name: None}, slots, values, *rest, _ODDS, *_GUESS)
        missing = tensors(1)
        del missing[name]
        with pytest.raises(KeyError):
            steps[0](missing, slots, values, *rest, _ODDS, *_GUESS)


def test_arrays_of_another_kind_are_refused(sums: Pair, steps: Pair) -> None:
    state, slots, values = tensors(1), np.array([1]), np.ones(1)
    for wrong in (
        (state["weights"].astype(np.float64), slots, values),
        (state["weights"], slots.astype(np.int32), values),
        (state["weights"], slots, values.astype(np.float32)),
        (state["weights"][::2], slots, values),
    ):
        with pytest.raises(ValueError, match=r"mismatch|contiguous"):
            sums[0](*wrong)
    for name, tensor in tensors(1).items():
        tensor.setflags(write=False)
        with pytest.raises(ValueError, match="read-only"):
            steps[0](
                tensors(1) | {name: tensor},
                slots,
                values,
                0.5,
                True,
                0.5,
                1e-3,
                0.3,
                _ODDS,
                *_GUESS,
            )
