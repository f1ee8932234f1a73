from __future__ import annotations

import random

import pytest

from chaffinch.explain.learned import Learned, learned
from chaffinch.explain.table import TermTable
from chaffinch.task import get_task
from chaffinch.types import Example, Item

TASK = get_task("mail")


def example(label: str, text: str, number: int) -> Example:
    # Words of its own for each, or they would be near-copies of each other.
    draw = random.Random(f"{label} {number}")
    own = " ".join("".join(draw.choices("abcdefghij", k=8)) for _ in range(12))
    return Example(Item(f"Subject: x\n\n{text} {own}\n".encode()), label)


def corpus() -> list[Example]:
    spam = [example("spam", f"the free card number{k} is for you only", k) for k in range(30)]
    ham = [example("ham", f"the notes number{k} are for you only", k) for k in range(30)]
    return spam + ham


def learned_of(examples: list[Example], top: int = 20) -> Learned:
    return learned(TermTable.of(TASK, examples), top=top)


def test_what_is_unusually_frequent_comes_first() -> None:
    found = learned_of(corpus(), top=3)
    assert found.items == (30, 30)
    assert {word for pattern in found.positive for word in pattern.text.split()} >= {"free", "card"}
    assert "notes" in " ".join(pattern.text for pattern in found.negative)
    strongest = found.positive[0]
    assert strongest.counts == (0, 30)
    assert strongest.z > 3
    assert strongest.low < strongest.log_odds < strongest.high


def test_what_is_equally_frequent_is_left_out() -> None:
    found = learned_of(corpus(), top=100)
    shown = {pattern.text for pattern in found.positive + found.negative}
    assert not shown & {"the", "for you", "you only", "only"}


def test_what_was_met_once_proves_nothing() -> None:
    found = learned_of(corpus(), top=100)
    assert not any("number" in pattern.text for pattern in found.positive + found.negative)


def test_a_word_and_its_phrase_are_told_once() -> None:
    words = [word for one in learned_of(corpus()).positive for word in one.text.split()]
    assert len(words) == len(set(words))


def test_an_item_counts_a_word_once() -> None:
    free = next(
        one
        for one in learned_of([*corpus(), example("ham", "free " * 5000, 99)]).positive
        if "free" in one.text
    )
    assert free.counts[0] <= 1


def test_near_copies_count_once() -> None:
    copies = [Example(Item(f"Subject: x\n\nmany copies of {k}\n".encode()), "spam") for k in "abcd"]
    found = learned_of([*corpus(), *copies * 5], top=100)
    assert found.items == (30, 50)
    assert found.copies[1] >= 16
    assert not any("copies" in one.text for one in found.positive)


@pytest.mark.parametrize("label", ["spam", "ham"])
def test_one_label_alone(label: str) -> None:
    found = learned_of([example(label, "free card", k) for k in range(5)])
    assert sorted(found.items) == [0, 5]


def test_nothing() -> None:
    assert learned_of([]).items == (0, 0)
