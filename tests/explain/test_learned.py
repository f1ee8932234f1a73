from __future__ import annotations

import pytest

from chaffinch.explain import learned as module
from chaffinch.explain.learned import learned
from chaffinch.task import get_task
from chaffinch.types import Example, Item

TASK = get_task("mail")


def example(label: str, text: str) -> Example:
    return Example(Item(f"Subject: x\n\n{text}\n".encode()), label)


def corpus() -> list[Example]:
    spam = [example("spam", f"the free card number{k} is for you only") for k in range(30)]
    ham = [example("ham", f"the notes number{k} are for you only") for k in range(30)]
    return spam + ham


def test_what_is_unusually_frequent_comes_first() -> None:
    found = learned(TASK, corpus(), top=3)
    assert found.items == (30, 30)
    assert {word for pattern in found.positive for word in pattern.text.split()} >= {"free", "card"}
    assert "notes" in " ".join(pattern.text for pattern in found.negative)
    strongest = found.positive[0]
    assert strongest.counts == (0, 30)
    assert strongest.z > 3 > 0 > found.negative[0].z


def test_what_is_equally_frequent_is_left_out() -> None:
    found = learned(TASK, corpus(), top=100)
    shown = {pattern.text for pattern in found.positive + found.negative if abs(pattern.z) > 2}
    assert not shown & {"the", "for you", "you only", "only"}


def test_what_was_met_once_proves_nothing() -> None:
    found = learned(TASK, corpus(), top=100)
    assert not any("number" in pattern.text for pattern in found.positive + found.negative)


def test_a_word_and_its_phrase_are_told_once() -> None:
    words = [word for one in learned(TASK, corpus()).positive for word in one.text.split()]
    assert len(words) == len(set(words))


def test_an_item_counts_a_word_once() -> None:
    examples = [*corpus(), example("ham", "free " * 5000)]
    free = next(one for one in learned(TASK, examples).positive if "free" in one.text)
    assert free.counts[0] <= 1


@pytest.mark.parametrize("label", ["spam", "ham"])
def test_one_label_alone(label: str) -> None:
    found = learned(TASK, [example(label, "free card") for _ in range(5)])
    assert sorted(found.items) == [0, 5]


def test_nothing() -> None:
    assert learned(TASK, []).items == (0, 0)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 500)
    noise = [example("ham", " ".join(f"w{k}x{j}" for j in range(100))) for k in range(100)]
    found = learned(TASK, corpus() + noise)
    assert any("free" in pattern.text for pattern in found.positive)
