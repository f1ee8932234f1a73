from __future__ import annotations

import numpy as np
import pytest

from chaffinch.explain.signs import splits, spreads

NAMES = {"holes": "how many", "aspect": "how wide"}
TRUTH = np.array(["0", "0", "1", "1", "8", "8"])
VALUES = np.array(
    [[1.0, 0.5], [1.0, 0.6], [0.0, 0.1], [0.0, np.nan], [2.0, 0.5], [2.0, 0.6]], np.float64
)


def test_the_most_telling_sign_comes_first() -> None:
    first, second = spreads(VALUES, NAMES, TRUTH)
    assert (first.name, second.name) == ("holes", "aspect")
    assert first.bits == pytest.approx(np.log2(3))
    assert 0 < second.bits < first.bits
    assert second.quartiles["1"] == (0.1, 0.1, 0.1)


def test_what_no_item_of_a_label_has_is_told_of_none() -> None:
    values = np.array([[np.nan], [np.nan], [0.5], [0.7]])
    (sign,) = spreads(values, {"hole.x": "where"}, np.array(["1", "1", "8", "8"]))
    assert sign.quartiles["1"] is None
    assert sign.bits == 1.0
    (split,) = splits(values, ["hole.x"], np.array(["1", "1", "8", "8"]))["1", "8"]
    assert (split.label, split.fits, split.fits_other) == ("8", 1.0, 0.0)


def test_conditions_hold_as_rules_read_them() -> None:
    found = splits(VALUES, list(NAMES), TRUTH)
    best = {pair: one[0] for pair, one in found.items()}
    assert set(best) == {("0", "1"), ("0", "8"), ("1", "8")}
    assert best["0", "8"].right == 1.0
    assert best["0", "8"].condition in ("holes >= 2", "holes <= 1")
    aspect = found["0", "1"][1]
    # What has no such measure fits no condition on it.
    assert (aspect.condition, aspect.label, aspect.fits, aspect.fits_other) == (
        "aspect >= 0.5",
        "0",
        1.0,
        0.0,
    )
    assert all(np.isfinite(one.right) for conditions in found.values() for one in conditions)


def test_nothing_measured_tells_nothing() -> None:
    nothing = np.full((4, 1), np.nan)
    truth = np.array(["0", "0", "1", "1"])
    assert splits(nothing, ["holes"], truth)["0", "1"] == ()
    assert spreads(nothing, {"holes": "how many"}, truth)[0].bits == 0.0
