from __future__ import annotations

import math
import random

import pytest

from chaffinch.explain.campaigns import campaigns
from chaffinch.explain.table import TermTable
from chaffinch.task import get_task
from chaffinch.types import Example, Item

TASK = get_task("mail")


def other(label: str, number: int) -> Example:
    draw = random.Random(f"{label} {number}")
    words = " ".join("".join(draw.choices("abcdefghij", k=8)) for _ in range(30))
    return Example(Item(f"Subject: x{number}\n\nabout lunch {words}\n".encode()), label)


def copy(label: str, day: int) -> Example:
    text = "refinance your home with a second mortgage at the lowest rate of all lenders, no fees"
    raw = f"Subject: Rates {'abcdefg'[day]}\nDate: {day} Jan 1970 00:00:00 +0000\n\n{text}\n"
    return Example(Item(raw.encode()), label)


def others(count: int = 40) -> list[Example]:
    return [other(label, k) for k in range(count) for label in ("ham", "spam")]


def test_a_campaign_is_told_by_its_own_words() -> None:
    examples = [*others(), *(copy("spam", day) for day in (2, 3, 4, 5))]
    found = campaigns(TermTable.of(TASK, examples))
    assert (found.found, found.items, found.mixed) == (1, 4, ())
    (one,) = found.largest
    assert one.counts == (0, 4)
    assert (one.first, one.last) == (86400.0, 4 * 86400.0)
    assert one.titles == ("Rates c", "Rates d", "Rates e")
    assert one.ids == tuple(example.item.id for example in examples[-4:])
    assert one.odd == ()
    words = {word for term in one.terms for word in term.text.split()}
    assert words
    assert words <= set(
        "refinance your home with a second mortgage at the lowest rate of all".split()
    ) | {
        "lenders",
        "no",
        "fees",
        "rates",
    }
    assert not words & {"about", "lunch"}


def test_copies_with_two_labels_are_a_warning() -> None:
    examples = [*others(), copy("spam", 2), copy("spam", 3), copy("ham", 4)]
    found = campaigns(TermTable.of(TASK, examples))
    (one,) = found.mixed
    assert found.largest == ()
    assert one.counts == (1, 2)
    assert [(label, entry.id) for label, entry in one.odd] == [("ham", examples[-1].item.id)]


def test_where_labels_are_even_either_may_be_wrong() -> None:
    found = campaigns(TermTable.of(TASK, [*others(), copy("spam", 2), copy("ham", 3)]))
    (one,) = found.mixed
    assert [label for label, _ in one.odd] == ["spam", "ham"]
    assert found.found == 0


def test_two_of_one_label_are_no_campaign_and_few_are_told() -> None:
    assert not campaigns(TermTable.of(TASK, [copy("spam", 2), copy("spam", 3)])).largest
    many = [
        Example(Item(f"Subject: s\n\n{w * 30}\n".encode() + c), "ham")
        for w in "abcde"
        for c in (b"", b"\n", b" ")
    ]
    assert len(campaigns(TermTable.of(TASK, many), top=2).largest) == 2


def test_times_that_are_not_known() -> None:
    task = get_task("message")
    texts = [f"win a prize of {k} pounds, call now to claim your prize" for k in (1, 20, 300)]
    examples = [Example(Item(text.encode(), "message"), "spam") for text in texts]
    (one,) = campaigns(TermTable.of(task, examples)).largest
    assert math.isnan(one.first)
    assert math.isnan(one.last)


@pytest.mark.parametrize("examples", [[], [copy("ham", 2)]])
def test_nothing(examples: list[Example]) -> None:
    found = campaigns(TermTable.of(TASK, examples))
    assert (found.found, found.items, found.mixed, found.largest) == (0, 0, (), ())
