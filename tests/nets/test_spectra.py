"""Spectra of words changed: as they were, but for what is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chaffinch.nets.spectra import Spectra
from trainable import torch_or_skip

SAME = Spectra(tract=0, stretch=0, shift=0, microphone=0, noise=(90, 90), masks=0)


@pytest.fixture(name="torch", autouse=True)
def _torch() -> Any:
    torch = torch_or_skip()
    torch.set_num_threads(1)
    return torch


def spot(n: int = 1) -> NDArray[np.uint8]:
    """A sound in band 20 that lasts from frame 45 to 54, and nothing else."""
    seen = np.zeros((n, 40, 101), np.uint8)
    seen[:, 20, 45:55] = 255
    return seen


def changed(torch: Any, how: Spectra, n: int = 1, seed: int = 0) -> NDArray[np.float32]:
    random = torch.Generator().manual_seed(seed)
    seen: NDArray[np.float32] = how(torch.tensor(spot(n)), random).numpy()
    return seen[:, 0]


def test_unchanged_spectra_are_as_they_were(torch: Any) -> None:
    assert np.abs(changed(torch, SAME) - spot() / 255).max() < 0.05


def test_the_same_random_numbers_change_alike(torch: Any) -> None:
    one, two, other = (changed(torch, Spectra(), 3, seed) for seed in (1, 1, 2))
    assert one.shape == (3, 40, 101)
    assert (one.min() >= 0, one.max()) == (True, 1)
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("how", "axis", "most"),
    [
        (replace(SAME, shift=0.1), 2, 11),
        (replace(SAME, tract=0.2), 1, 5),
        (replace(SAME, stretch=0.3), 1, 0),
    ],
)
def test_a_sound_lies_as_far_elsewhere_as_is_asked(
    torch: Any, how: Spectra, axis: int, most: int
) -> None:
    seen = changed(torch, how, 200)
    place = seen.max(axis=3 - axis).argmax(axis=1)
    first = spot().max(axis=3 - axis).argmax(axis=1)
    away = np.abs(place - first)
    assert away.max() <= most
    assert away.max() >= most / 2
    assert away.min() <= 1


def test_noise_lies_as_far_below_the_loudest_as_is_asked(torch: Any) -> None:
    seen = changed(torch, replace(SAME, noise=(40, 40)), 3)
    silent = np.delete(seen, 20, axis=1)
    assert abs(80 * (1 - np.median(silent)) - 40) < 4
