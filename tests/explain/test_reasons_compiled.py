"""The compiled kernel of the reasons gives what its equals in Python give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chaffinch.explain.reasons import keys_of
from chaffinch.features.rows import Line, Shares
from kernels import both

Pair = tuple[Callable[..., Any], Callable[..., Any]]
MODULE = "chaffinch.explain.reasons"
#: Few, so that they repeat; with and without signs at their edges, links, no text.
WORDS = st.sampled_from(
    ["a", "A", "b,", "(b)", "c.", "", "-", "https://a.example", "WWW.b", "é", "É!", "d", "7"]
)
WEIGHTS = st.sampled_from([0.0, 0.1, -0.1, 0.12, 0.5, -2.0]) | st.floats(-3, 3)


@st.composite
def divided(draw: Any) -> tuple[Shares, list[int]]:
    """Words in lines, with their shares, and how far each line's words join."""
    sizes = draw(st.lists(st.integers(0, 9), max_size=5))
    lines, joins, count = [], [], 0
    for size in sizes:
        where, named = draw(st.sampled_from(["body", "from"])), draw(st.booleans())
        lines.append(Line(where, count, count + size, named))
        joins.append(draw(st.sampled_from([0, 1, 1, 2])))
        count += size
    words = draw(st.lists(WORDS, min_size=count, max_size=count))
    weights, own = (
        np.array(draw(st.lists(WEIGHTS, min_size=count, max_size=count)), np.float64)
        for _ in range(2)
    )
    return Shares(words, lines, weights, own), joins


@settings(max_examples=500)
@given(divided())
@example((Shares([], [], np.empty(0), np.empty(0)), []))
def test_words_are_put_together_alike(case: tuple[Shares, list[int]]) -> None:
    shares, joins = case
    keys = keys_of(shares.words) if shares.words else []
    found, wanted = (function(shares, keys, joins) for function in both(MODULE, "put_together"))
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, atol=1e-12)
    assert found[0].sum() == pytest.approx(shares.weights.sum())
    assert found[1].sum() == pytest.approx(shares.own.sum())


@settings(max_examples=500)
@given(st.lists(WORDS | st.text("aB *_\t\r=É0\x00", max_size=6)))
@example([])
@example(["\u0130X!", "ß_"])
def test_words_have_keys_alike(words: Sequence[str]) -> None:
    found, wanted = (function(words) for function in both(MODULE, "keys_of"))
    assert found == wanted


def test_what_does_not_fit_together_is_refused() -> None:
    fast, _ = both(MODULE, "put_together")
    shares = Shares(["a", "b"], [Line("body", 0, 2)], np.zeros(2), np.zeros(2))
    for wrong in (
        (shares, ["a"], [1]),
        (shares, ["a", "b"], []),
        (shares._replace(own=np.zeros(1)), ["a", "b"], [1]),
    ):
        with pytest.raises(ValueError, match="each word has a key"):
            fast(*wrong)
    for lines in ([Line("body", 0, 3)], [Line("body", -1, 2)]):
        with pytest.raises(IndexError):
            fast(shares._replace(lines=lines), ["a", "b"], [1])
