"""The compiled kernel of the features gives what its equals in Python give."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chaffinch.features.hashing import ANY, EVEN, ODD, Span
from kernels import both

Pair = tuple[Callable[..., Any], Callable[..., Any]]

HASHING, TEXT = "chaffinch.features.hashing", "chaffinch.features.text"
#: Few letters, so that grams repeat; and any bytes.
BYTES = st.binary(max_size=80) | st.text("ab \n", max_size=200).map(str.encode)
SALTS = st.sampled_from([0, 1, 2**63 - 1]) | st.integers(0, 2**63 - 1)


@pytest.fixture(scope="module")
def hashing() -> Pair:
    return both(HASHING, "hash_spans")


def views(found: tuple[Any, Any, tuple[int, ...]]) -> list[tuple[list[int], list[float]]]:
    """Each view's slots in order, with the values that belong to them."""
    slots, values, ends = found
    assert (slots.dtype, values.dtype) == (np.int64, np.float64)
    assert slots.shape == values.shape
    assert ends == () if slots.size == 0 else ends[-1] == slots.size
    assert all(type(end) is int for end in ends)
    parts = []
    for start, end in zip((0, *ends), ends, strict=False):
        order = np.argsort(slots[start:end])
        parts.append((slots[start:end][order].tolist(), values[start:end][order].tolist()))
    return parts


def alike(hashing: Pair, *case: Any) -> None:
    fast, plain = hashing
    found, wanted = fast(*case), plain(*case)
    assert found[2] == wanted[2]
    assert views(found) == views(wanted)
    for slots, _ in views(found):
        assert len(set(slots)) == len(slots) > 0
        assert 0 <= slots[0] <= slots[-1] < 1 << case[3]


PLACES = st.integers(-9, 90)
SPANS = st.lists(st.builds(Span, PLACES, PLACES, st.sampled_from([EVEN, ODD, ANY]), SALTS))


@settings(max_examples=500)
@given(BYTES, SPANS, st.integers(1, 8), st.integers(2, 26))
@example(b"", [Span(0, 0, EVEN)], 1, 2)
@example(b"abc", [], 1, 2)
@example(b"abcabc", [Span(0, 6, EVEN), Span(0, 6, EVEN), Span(0, 6, ODD), Span(0, 6, ODD)], 2, 4)
@example(b"abcabc", [Span(5, 2), Span(0, 10**6), Span(10**6, 10**7), Span(3, 3)], 1, 26)
def test_any_spans_are_hashed_alike(
    hashing: Pair, text: bytes, spans: list[Span], n: int, bits: int
) -> None:
    alike(hashing, text, spans, n, bits)


@settings(max_examples=500)
@given(
    BYTES,
    st.lists(st.integers(0, 200), max_size=6),
    st.lists(st.tuples(PLACES, PLACES, SALTS), max_size=2),
    st.integers(1, 8),
    st.integers(2, 26),
    st.randoms(use_true_random=False),
)
@example(b"ab" * 40, [3, 3, 40], [], 6, 22, None)
@example(b"", [], [], 6, 22, None)
def test_sections_that_tile_the_whole_are_hashed_alike(
    hashing: Pair,
    text: bytes,
    cuts: list[int],
    others: list[tuple[int, int, int]],
    n: int,
    bits: int,
    random: Any,
) -> None:
    """The whole and the sections that it consists of are hashed in one go."""
    at = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    sections = [Span(start, end, ODD) for start, end in pairwise(at)]
    rest = sections + [Span(start, end, ANY, salt) for start, end, salt in others]
    if random is not None and random.random() < 0.3:
        random.shuffle(rest)
    alike(hashing, text, [Span(0, len(text), EVEN), *rest], n, bits)


@settings(max_examples=200)
@given(st.lists(st.integers(0, 9) | st.integers(0, 2**32 - 1)))
@example([])
@example([0, 1, 2**32 - 1, 2**31, 0])
@example([256 * number for number in range(3000)])
def test_any_slots_are_tallied_alike(slots: list[int]) -> None:
    given_slots = np.array(slots, np.int64)
    for tally in both(HASHING, "tally"):
        found, places, times = tally(given_slots)
        assert found.dtype == places.dtype == times.dtype == np.int64
        assert found[places].tolist() == slots
        assert len(set(found.tolist())) == found.size == len(set(slots))
        assert times.tolist() == [slots.count(slot) for slot in found.tolist()]


@pytest.mark.parametrize("size", [255, 256, 257, 300])
def test_more_sections_than_a_byte_can_count(hashing: Pair, size: int) -> None:
    text = b"abcabd" * size
    sections = [Span(6 * k, 6 * k + 6, ODD) for k in range(size)]
    alike(hashing, text, [Span(0, len(text), EVEN), *sections], 3, 22)


def test_large_texts_and_full_tables(hashing: Pair) -> None:
    text = np.random.default_rng(0).bytes(200_000)
    spans = [Span(0, len(text), EVEN), Span(0, 9_999, ODD), Span(9_999, len(text), ODD)]
    for bits in (2, 10, 26):
        alike(hashing, text, [*spans, Span(100, 150_000, ANY, 5)], 6, bits)
        alike(hashing, b"small", [Span(0, 5, EVEN)], 2, bits)


def test_results_are_not_kept_and_changed_later(hashing: Pair) -> None:
    fast, _ = hashing
    first = fast(b"abcdefgh", [Span(0, 8)], 2, 22)
    copied = first[0].copy()
    fast(b"something else", [Span(0, 14)], 2, 22)
    assert first[0].tolist() == copied.tolist()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ((None, [], 1, 22), TypeError),
        ((b"a", None, 1, 22), TypeError),
        (("a", [], 1, 22), TypeError),
        ((b"a", [None], 1, 22), TypeError),
        ((b"a", [(0, 1)], 1, 22), ValueError),
        ((b"a", [(0, 1, ANY, -1)], 1, 22), (OverflowError, ValueError)),
        ((b"a", [], 0, 22), ValueError),
        ((b"a", [], 9, 22), ValueError),
        ((b"a", [], 1, 1), ValueError),
        ((b"a", [], 1, 27), ValueError),
    ],
)
def test_what_cannot_be_hashed_is_refused(
    hashing: Pair, wrong: tuple[Any, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        hashing[0](*wrong)


@pytest.mark.parametrize("name", ["fold", "fold_lines"])
@settings(max_examples=500)
@given(
    text=st.binary(max_size=60) | st.text(" \t\n\r\x0b\x0c\x1c\x85ab", max_size=60).map(str.encode),
    most=st.integers(-3, 70) | st.sampled_from([-(2**40), 2**40]),
)
def test_texts_are_folded_alike(name: str, text: bytes, most: int) -> None:
    fast, plain = both(TEXT, name)
    assert fast(text, most) == plain(text, most)


@pytest.mark.parametrize("name", ["fold", "fold_lines"])
@pytest.mark.parametrize("wrong", [None, "text", 1, bytearray(b"a")])
def test_what_is_no_text_is_refused(name: str, wrong: object) -> None:
    fast, _ = both(TEXT, name)
    with pytest.raises(TypeError):
        fast(wrong, 5)
