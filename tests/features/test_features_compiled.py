"""The compiled kernel of the features gives what its equals in Python give."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

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


@st.composite
def stretches(draw: Any) -> tuple[bytes, list[int]]:
    """A text, and where its stretches begin."""
    text = draw(BYTES.filter(bool))
    return text, sorted({0, *draw(st.lists(st.integers(0, len(text) - 1), max_size=9))})


def weigh(slots: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.sin(slots)


@settings(max_examples=500)
@given(stretches(), SPANS, st.integers(1, 8), st.integers(2, 32))
@example((b"abcabc", [0, 3]), [Span(0, 6, EVEN), Span(0, 2, ODD), Span(0, 6)], 3, 4)
@example((b"ab", [0, 1]), [Span(0, 2)], 3, 22)
@example((b"ab", [0]), [], 1, 22)
def test_scores_are_divided_alike(
    case: tuple[bytes, list[int]], spans: list[Span], n: int, bits: int
) -> None:
    text, starts = case[0], np.array(case[1])
    for share_out in both(HASHING, "share_out"):
        found = share_out(text, spans, n, bits, weigh, starts)
        assert found.shape == (len(spans), starts.size)
        # Nothing is lost.
        slots, values, _ = both(HASHING, "hash_spans")[1](text, spans, n, bits)
        assert found.sum() == pytest.approx(weigh(slots) @ values)
    fast, plain = (
        function(text, spans, n, bits, weigh, starts) for function in both(HASHING, "share_out")
    )
    np.testing.assert_allclose(fast, plain, atol=1e-12)


def test_large_scores_are_divided_alike_and_results_are_not_changed_later() -> None:
    text = np.random.default_rng(0).bytes(100_000)
    starts = np.arange(0, len(text), 7)
    case = (text, [Span(0, len(text), EVEN), Span(9, 60_000, ODD)], 5, 22, weigh, starts)
    fast, plain = both(HASHING, "share_out")
    first = fast(*case)
    copied = first.copy()
    fast(b"something else", [Span(0, 14)], 2, 22, weigh, np.array([0]))
    assert (first == copied).all()
    np.testing.assert_allclose(first, plain(*case), atol=1e-12)


def test_another_may_divide_while_weights_are_looked_up() -> None:
    fast, plain = both(HASHING, "share_out")
    others = bytes(range(256)) * 40

    def interrupted(slots: NDArray[np.int64]) -> NDArray[np.float64]:
        fast(others, [Span(0, len(others))], 3, 22, weigh, np.array([0]))
        return weigh(slots)

    case = (b"free lunch, free dinner", [Span(0, 23, EVEN), Span(0, 9, ODD)], 5, 22)
    found = fast(*case, interrupted, np.array([0, 5]))
    np.testing.assert_allclose(found, plain(*case, weigh, np.array([0, 5])), atol=1e-12)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({0: None}, TypeError),
        ({1: [None]}, TypeError),
        ({2: 9}, ValueError),
        ({3: 33}, ValueError),
        ({4: lambda slots: slots[1:]}, ValueError),
        ({4: None}, TypeError),
        ({5: None}, TypeError),
    ],
)
def test_what_cannot_be_divided_is_refused(wrong: dict[int, Any], error: type[Exception]) -> None:
    case: list[Any] = [b"abcabc", [Span(0, 6)], 2, 22, weigh, np.array([0])]
    for place, value in wrong.items():
        case[place] = value
    fast, _ = both(HASHING, "share_out")
    with pytest.raises(error):
        fast(*case)


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


@settings(max_examples=500)
@given(st.binary(max_size=60) | st.text(" \n\x00aé€😀", max_size=60).map(str.encode))
@example(b"")
@example(b"\xe2\x82 \xac\n\xf0\x9f\x98\n")
def test_words_are_cut_alike(text: bytes) -> None:
    fast, plain = (words_of(text) for words_of in both(TEXT, "words_of"))
    assert fast[0] == plain[0]
    assert fast[1].dtype == plain[1].dtype == np.int64
    assert fast[1].tolist() == plain[1].tolist()


@pytest.mark.parametrize("name", ["fold", "fold_lines", "words_of"])
@pytest.mark.parametrize("wrong", [None, "text", 1, bytearray(b"a")])
def test_what_is_no_text_is_refused(name: str, wrong: object) -> None:
    fast, _ = both(TEXT, name)
    with pytest.raises(TypeError):
        fast(*((wrong,) if name == "words_of" else (wrong, 5)))
