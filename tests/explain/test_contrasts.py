from __future__ import annotations

from fractions import Fraction
from math import comb, prod

import numpy as np
import pytest

from chaffinch.explain.contrasts import exceeding


def exact(own: list[int], totals: list[int], contrast: list[int]) -> Fraction:
    """Return the tail, summed over all that is possible."""
    weights = {
        moved: prod(
            comb(size, count + moved * one) if count + moved * one >= 0 else 0
            for count, size, one in zip(own, totals, contrast, strict=True)
        )
        for moved in range(-60, 61)
    }
    if weights[1] >= weights[0]:
        return Fraction(1)
    return Fraction(sum(weights[moved] for moved in range(61)), sum(weights.values()))


@pytest.mark.parametrize("contrast", [[1, 0, 0, -1], [1, -1, -1, 1], [1, -2, 0, 1]])
def test_it_is_the_exact_tail(contrast: list[int]) -> None:
    draw = np.random.default_rng(1)
    totals = draw.integers(1, 40, (4, 60))
    own = draw.integers(0, totals + 1)
    # Where a group has one label alone, too.
    own[0, :20], own[3, 10:20] = totals[0, :20], 0
    found = exceeding(own, totals, np.array(contrast))
    for chance, counts, sizes in zip(found, own.T.tolist(), totals.T.tolist(), strict=True):
        assert chance == pytest.approx(float(exact(counts, sizes, contrast)), rel=1e-9)
    assert found.min() < 1e-6


def test_of_nothing_nothing_is_tested() -> None:
    none = np.empty((2, 0), np.int64)
    assert exceeding(none, none, np.array([1, -1])).size == 0
