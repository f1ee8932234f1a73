from __future__ import annotations

import math

import numpy as np
import pytest

from chaffinch.explain import table as module
from chaffinch.explain.table import TermTable
from chaffinch.explain.terms import Term
from chaffinch.task import get_task
from chaffinch.types import Example, Item

MESSAGE = get_task("message")
MAIL = get_task("mail")


def messages(*texts: str, label: str = "spam") -> list[Example]:
    return [Example(Item(text.encode(), "message"), label) for text in texts]


def test_an_item_has_its_terms_once_and_rare_ones_are_left_out() -> None:
    table = TermTable.of(MESSAGE, messages("cash cash now", "cash here", "cash", "apple"))
    cash = Term("text", "cash")
    assert table.having(cash).tolist() == [0, 1, 2]
    assert table.counts(np.array([True, True, False, False]))[table.columns[cash]] == 2
    assert not table.having(Term("text", "apple")).size
    assert set(table.matrix.data.tolist()) == {1}


def test_what_it_knows_of_an_item() -> None:
    raw = b"Subject: Lunch  today\nDate: Thu, 1 Jan 1970 00:01:00 +0000\n\nat noon\n"
    example = Example(Item(raw), "ham", name="inbox:7", seq=3)
    entry = TermTable.of(MAIL, [example]).entries[0]
    assert entry == (example.item.id, "inbox:7", "Lunch today", 3, 60.0, 19)
    unknown = TermTable.of(MESSAGE, messages("hi")).entries[0]
    assert math.isnan(unknown.received)
    assert unknown.name == unknown.id


def test_the_first_of_near_copies_counts_and_labels_are_kept_apart() -> None:
    text = "you have won a prize of {} pounds, call now to claim it"
    table = TermTable.of(
        MESSAGE,
        [*messages(text.format(100), text.format(2000)), *messages(text.format(7), label="ham")],
    )
    assert len(set(table.group.tolist())) == 1
    assert table.first_copies.tolist() == [True, False, True]


def test_only_the_newest_items_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_ITEMS", 10)
    texts = [f"word{k} common" for k in range(57)]
    table = TermTable.of(MESSAGE, messages(*texts))
    assert [entry.title for entry in table.entries] == texts[-10:]
    assert table.having(Term("text", "common")).tolist() == list(range(10))
    assert table.truth.shape == table.group.shape == (10,)


def test_rare_terms_are_forgotten_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_TERMS", 300)
    noise = [" ".join(f"w{k}x{j}" for j in range(40)) + " common" for k in range(60)]
    table = TermTable.of(MESSAGE, messages(*noise))
    assert table.having(Term("text", "common")).size == 60


def test_nothing() -> None:
    table = TermTable.of(MAIL, [])
    assert len(table) == 0
    assert table.counts(table.truth).size == 0
