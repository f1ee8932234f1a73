from __future__ import annotations

import math

import numpy as np
import pytest

from chaffinch.errors import UsageError
from chaffinch.explain import table as module
from chaffinch.explain import term_rows
from chaffinch.explain.table import GrowingTable, TermTable
from chaffinch.explain.terms import Term, item_terms
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
    monkeypatch.setattr(term_rows, "_MOST_TERMS", 300)
    noise = [" ".join(f"w{k}x{j}" for j in range(40)) + " common" for k in range(60)]
    growing = GrowingTable(MESSAGE)
    for example in messages(*noise, "common"):
        growing.add([example])
        assert growing._rows._counts.size < 1500
    assert growing.table.having(Term("text", "common")).tolist() == list(range(61))
    assert not growing.table.having(Term("text", "w0x0")).size
    assert growing._rows._size <= 300


def mixed(size: int) -> list[Example]:
    """Near-copies, words that come and go, both labels and nothing at all."""
    texts = [
        "" if k % 17 == 3 else f"win {k} now, word{k % 11} word{k // 9} to all of you {k % 3}"
        for k in range(size)
    ]
    return [
        Example(Item(text.encode(), "message", received=float(k)), label, name=f"n{k}", seq=k)
        for k, (text, label) in enumerate(zip(texts, ["spam", "ham", "ham"] * size, strict=False))
    ]


def everything(table: TermTable) -> list[object]:
    """Return all that can be asked of a table, to be compared."""
    matrix = table.matrix
    return [
        table.task.name,
        list(map(repr, table.entries)),
        table.truth.tolist(),
        table.group.tolist(),
        table.terms,
        (matrix.shape, matrix.dtype, matrix.indices.dtype),
        (matrix.data.tolist(), matrix.indices.tolist(), matrix.indptr.tolist()),
        table.first_copies.tolist(),
        [table.having(term).tolist() for term in table.terms],
    ]


def test_the_terms_are_those_of_the_items_counted_one_by_one() -> None:
    examples = mixed(100)
    found = [item_terms(MESSAGE, MESSAGE.reader(one.item.data)) for one in examples]
    met = dict.fromkeys(term for terms in found for term in terms)
    often = [term for term in met if sum(term in terms for terms in found) >= 3]
    table = TermTable.of(MESSAGE, examples)
    assert table.terms == often
    assert table.matrix.toarray().tolist() == [
        [int(term in terms) for term in often] for terms in found
    ]


@pytest.mark.parametrize("most_terms", [50, 1_000_000])
@pytest.mark.parametrize("most_items", [20, 50_000])
@pytest.mark.parametrize("step", [1, 7, 60])
def test_a_growing_table_is_the_table_of_all_of_it(
    monkeypatch: pytest.MonkeyPatch, step: int, most_items: int, most_terms: int
) -> None:
    monkeypatch.setattr(module, "_MOST_ITEMS", most_items)
    monkeypatch.setattr(term_rows, "_MOST_TERMS", most_terms)
    examples = mixed(130)
    growing = GrowingTable(MESSAGE)
    looked_at_last = GrowingTable(MESSAGE)
    for end in range(step, 131, step):
        later = examples[end - step : end]
        growing.add(later)
        looked_at_last.add(later)
        if end % 13 == 0 or step > 1:
            whole = everything(TermTable.of(MESSAGE, examples[:end]))
            assert everything(growing.table) == whole
    assert everything(growing.table) == everything(looked_at_last.table)


def test_a_table_stays_as_it_was_when_more_is_added() -> None:
    growing = GrowingTable(MESSAGE, least=1)
    growing.add(messages("cash now"))
    earlier = growing.table
    assert growing.table is earlier
    before = everything(earlier)
    growing.add(messages("cash here", label="ham"))
    assert everything(earlier) == before
    assert len(growing.table) == 2


def test_an_example_of_no_known_label_adds_nothing() -> None:
    growing, clean = GrowingTable(MESSAGE, least=1), GrowingTable(MESSAGE, least=1)
    text = "a text that is long enough for near-copies of it"
    with pytest.raises(UsageError, match="eggs"):
        growing.add(messages(text, label="eggs"))
    growing.add(messages("other", text))
    clean.add(messages("other", text))
    assert everything(growing.table) == everything(clean.table)


def test_a_growing_table_without_items() -> None:
    assert everything(GrowingTable(MAIL).table) == everything(TermTable.of(MAIL, []))


def test_nothing() -> None:
    table = TermTable.of(MAIL, [])
    assert len(table) == 0
    assert table.counts(table.truth).size == 0
