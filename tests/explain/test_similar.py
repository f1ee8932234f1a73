from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.explain import similar
from chaffinch.explain.similar import NearCopies


def word(draw: random.Random) -> str:
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 9)))


def text(seed: int, words: int = 120) -> str:
    draw = random.Random(seed)
    return " ".join(word(draw) for _ in range(words))


def varied(original: str, share: float, seed: int) -> str:
    draw = random.Random(f"varied {seed}")
    return " ".join(
        word(draw).upper() if draw.random() < share else same for same in original.split()
    )


def test_a_varied_text_joins_the_group_of_the_first() -> None:
    copies = NearCopies()
    first = [copies.group(text(seed)) for seed in range(50)]
    assert first == list(range(50))
    joined = [copies.group(varied(text(seed), 0.08, seed)) for seed in range(50)]
    assert sum(one == other for one, other in zip(first, joined, strict=True)) >= 48


def test_texts_that_share_little_are_kept_apart() -> None:
    copies = NearCopies()
    groups = {copies.group(f"{text(1, 10)} {text(seed)}") for seed in range(2, 60)}
    assert len(groups) == 58


def test_digits_case_and_white_space_make_no_difference() -> None:
    copies = NearCopies()
    assert copies.group("Order 10041 is ready") == copies.group("ORDER 9\n\tis   ready")


@pytest.mark.parametrize("short", ["", "  ", "hi", "1234567"])
def test_what_is_too_short_is_like_nothing(short: str) -> None:
    copies = NearCopies()
    assert copies.group(short) != copies.group(short)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "_MOST", 10)
    copies = NearCopies()
    numbers = [copies.group(text(seed)) for seed in range(35)]
    assert numbers == list(range(35))
    assert len(copies._sketches) <= 10
    assert copies.group(text(34)) == 34


@given(st.text(max_size=200))
def test_any_text_is_a_copy_of_itself(words: str) -> None:
    copies = NearCopies()
    first = copies.group(words + " and nine more words")
    assert copies.group(words + " and nine more words") == first
