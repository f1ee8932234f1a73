from __future__ import annotations

import numpy as np
import pytest

from chaffinch.nets.strangers import SIGNS, strangers
from trainable import torch_or_skip

DIGITS = np.random.default_rng(0).integers(0, 255, (50, 28, 28)).astype(np.uint8)
LABELS = np.arange(50) % 10


@pytest.fixture(autouse=True)
def _torch() -> None:
    torch_or_skip()  # the room needs it, though this file does not


def test_as_many_as_wished_and_the_same_for_a_seed() -> None:
    one, two, other = (strangers(DIGITS, LABELS, 60, seed=seed) for seed in (0, 0, 1))
    assert one.shape == (60, 28, 28)
    assert one.dtype == np.uint8
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_no_digit_is_among_them_as_it_was() -> None:
    made = {image.tobytes() for image in strangers(DIGITS, LABELS, 200)}
    assert not made & {image.tobytes() for image in DIGITS}


def test_signs_stay_on_their_board() -> None:
    assert all(
        len(point) == 2 and set(point) <= set("01234")
        for sign in SIGNS
        for chain in sign.split(",")
        for point in chain.split()
    )
