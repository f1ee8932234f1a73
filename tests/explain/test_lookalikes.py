from __future__ import annotations

import numpy as np

from chaffinch.explain.lookalikes import NEIGHBOURS, lookalikes, odd_ones


def two_kinds(each: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures of two labels, far apart."""
    random = np.random.default_rng(0)
    pixels = random.random((2 * each, 16)).astype(np.float32) / 10
    pixels[each:, :8] += 1.0
    return pixels, np.array(["a"] * each + ["b"] * each)


def test_neighbours_are_right_whatever_the_chunks(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    pixels, truth = two_kinds()
    whole = lookalikes(pixels, truth)
    assert (whole.label == truth).all()
    monkeypatch.setattr("chaffinch.explain.lookalikes._AT_ONCE", 3)
    parts = lookalikes(pixels, truth)
    assert (parts.label == whole.label).all()
    np.testing.assert_allclose(parts.gap, whole.gap, atol=1e-5)


def test_a_wrong_label_is_found() -> None:
    pixels, truth = two_kinds()
    truth[3] = "b"
    alike = lookalikes(pixels, truth)
    odd = odd_ones(pixels, truth, alike, most=3)
    (one,) = [one for one in odd if one.why == "looks like"]
    assert (one.place, one.label, one.like) == (3, "b", "a")
    assert 3 in [one.place for one in odd if one.why == "unlike"]


def test_a_picture_with_two_labels_is_found() -> None:
    pixels, truth = two_kinds()
    pixels[12] = pixels[2]
    odd = odd_ones(pixels, truth, lookalikes(pixels, truth), most=5)
    assert [(one.place, one.label, one.like) for one in odd if one.why == "two labels"] == [
        (12, "b", "a")
    ]


def test_two_pictures_are_enough_and_prove_nothing() -> None:
    pixels, truth = two_kinds(1)
    alike = lookalikes(pixels, truth)
    assert alike.alone.all()
    odd = odd_ones(pixels, truth, alike, most=5)
    assert not [one for one in odd if one.why in ("looks like", "unlike")]
    assert NEIGHBOURS > 1
