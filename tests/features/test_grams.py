from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.features.grams import GramFeatures
from chaffinch.features.hashing import distinct, gram_slots
from chaffinch.features.rows import Line
from chaffinch.features.text import Layout, Part, lay_out


def parts(text: str) -> Iterator[Part]:
    yield Part("subject", text[:10], 40)
    yield Part("body", text[10:], 400)


FEATURES = GramFeatures(parts, n=4, bits=12)


def slow_slots(text: bytes, n: int, bits: int) -> list[int]:
    """The same, one gram at a time in Python's integers."""
    slots = []
    for start in range(len(text) - n + 1):
        value = int.from_bytes(text[start : start + n], "little")
        slots.append((value * 0xBF58476D1CE4E5B9 % 2**64) >> (64 - bits))
    return slots


@given(st.binary(max_size=60), st.integers(1, 8), st.integers(1, 32))
def test_grams_are_those_of_the_definition(text: bytes, n: int, bits: int) -> None:
    assert gram_slots(text, n, bits).tolist() == slow_slots(text, n, bits)


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_distinct(slots: list[int]) -> None:
    assert distinct(np.array(slots, np.int64)).tolist() == sorted(set(slots))


@given(st.text(max_size=200))
def test_rows_have_length_one(text: str) -> None:
    row = FEATURES.row(text)
    assert len(set(row.slots.tolist())) == row.slots.size
    assert row.slots.size == 0 or np.isclose(np.square(row.values).sum(), 1.0)


@given(st.text(max_size=200))
def test_shares_add_up_to_the_score(text: str) -> None:
    weights = np.random.default_rng(0).normal(size=FEATURES.n_features).astype(np.float32)
    row = FEATURES.row(text)
    shares = FEATURES.shares(text, lambda slots: weights[slots])
    assert float(shares.weights.sum()) == pytest.approx(
        float(weights[row.slots] @ row.values), abs=1e-9
    )


def test_shares_go_to_the_words_that_made_them() -> None:
    features = GramFeatures(lambda text: [Part("body", text, 100)], n=4, bits=22)
    row = features.row("viagra")
    telling = dict.fromkeys(row.slots.tolist(), 1.0)

    def weigh(
        slots: np.ndarray[tuple[int], np.dtype[np.int64]],
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([telling.get(slot, 0.0) for slot in slots.tolist()])

    shares = features.shares("buy viagra at noon", weigh)
    assert shares.words == ["buy", "viagra", "at", "noon"]
    assert shares.lines == [Line("body", 0, 4)]
    assert int(shares.weights.argmax()) == 1
    assert shares.weights[1] == pytest.approx(shares.weights.sum())
    assert not shares.own.any()


def test_case_does_not_matter() -> None:
    assert FEATURES.row("FREE money").slots.tolist() == FEATURES.row("free MONEY").slots.tolist()


@pytest.mark.parametrize(
    "text", ["\0" * 5000, " " * 100_000 + "end", "x" * 100_000, "\ud800lone", "é" * 50_000]
)
def test_hostile_text_is_bounded(text: str) -> None:
    layout = lay_out([Part("body", text, 300)])
    assert len(layout.text) <= 301
    assert FEATURES.row(text).slots.size <= 440


def test_leading_white_space_cannot_push_the_text_out() -> None:
    assert lay_out([Part("body", " " * 100_000 + "end", 300)]).text == b"end\n"
    wide = "   ".join(f"word{number}" for number in range(200))
    folded = " ".join(wide.split())[:300].encode() + b"\n"
    assert lay_out([Part("body", wide, 300)]).text == folded


def test_a_long_part_cannot_push_another_out() -> None:
    layout = lay_out([Part("link", "u" * 10_000, 50), Part("body", "hello", 50)])
    assert layout.text.endswith(b"hello\n")
    assert [name for name, _ in layout.parts] == ["link", "body"]


def words_of(layout: Layout) -> list[tuple[str, str, bytes]]:
    words, starts = layout.words()
    ends = [*starts[1:].tolist(), len(layout.text)]
    return [
        (line.where, words[place], layout.text[starts[place] : ends[place]])
        for line in layout.lines(starts)
        for place in range(line.first, line.end)
    ]


def test_words_cover_every_byte_of_every_part() -> None:
    layout = lay_out([Part("a", "one two", 50), Part("b", "", 50), Part("c", "three", 50)])
    assert words_of(layout) == [
        ("a", "one", b"one "),
        ("a", "two", b"two\n"),
        ("c", "three", b"three\n"),
    ]
    assert words_of(lay_out([])) == []


def test_headers_name_themselves() -> None:
    layout = lay_out([Part("", "To: you  all\nX: \ta", 100), Part("body", "hi\nyou", 50)])
    assert layout.text == b"To: you all\nX: a\nhi you\n"
    assert [(where, word) for where, word, _ in words_of(layout)] == [
        ("to", "To:"),
        ("to", "you"),
        ("to", "all"),
        ("x", "X:"),
        ("x", "a"),
        ("body", "hi"),
        ("body", "you"),
    ]


@given(st.lists(st.tuples(st.sampled_from(["", "body"]), st.text(max_size=40)), max_size=4))
def test_every_word_is_in_one_line(pieces: list[tuple[str, str]]) -> None:
    layout = lay_out([Part(where, text, 30) for where, text in pieces])
    assert b"".join(piece for _, _, piece in words_of(layout)) == layout.text
