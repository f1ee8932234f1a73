from __future__ import annotations

import random

import numpy as np
import pytest
from scipy.sparse import csr_array

from chaffinch.explain import together as module
from chaffinch.explain.table import Entry, TermTable
from chaffinch.explain.terms import Term
from chaffinch.explain.together import Together, together
from chaffinch.task import get_task

TASK = get_task("mail")
N = 2000


def table_of(columns: dict[str, list[bool]], truth: list[bool]) -> TermTable:
    """Return a table of items that are no copies of each other, whose terms are given."""
    matrix = np.array(list(columns.values()), np.int32).T
    entries = [Entry(f"{at:032x}", f"{at}", f"{at}", at + 1, float(at)) for at in range(len(truth))]
    return TermTable(
        TASK,
        entries,
        np.array(truth, np.bool_),
        np.arange(len(truth), dtype=np.int64),
        [Term("body", name) for name in columns],
        csr_array(matrix),
    )


def drawn(seed: int = 1, noise: int = 0) -> tuple[random.Random, dict[str, list[bool]]]:
    draw = random.Random(seed)
    names = ["remove", "mailing", *(f"noise{k}" for k in range(noise))]
    return draw, {name: [draw.random() < 0.3 for _ in range(N)] for name in names}


def planted(seed: int = 1, noise: int = 20) -> TermTable:
    draw, columns = drawn(seed, noise)
    both = zip(columns["remove"], columns["mailing"], strict=True)
    return table_of(columns, [draw.random() < (0.8 if one and two else 0.2) for one, two in both])


def test_a_planted_interaction_is_found() -> None:
    found = together(planted())
    assert found.tested == 22 * 21 / 2
    (pair,) = [
        one for one in found.pairs if {one.first.text, one.second.text} == {"remove", "mailing"}
    ]
    assert found.pairs[0] == pair
    assert pair.positive
    assert sum(map(sum, (pair.both, pair.first_only, pair.second_only, pair.neither))) == N
    assert pair.both[1] > 3 * pair.both[0]
    value, low, high = pair.interaction
    assert 0 < low < value < high
    # Planted: log-odds of 0.8 less those of 0.2.
    assert low < 2.77 < high
    assert pair.log_odds[0] - pair.first_alone - pair.second_alone == pytest.approx(value)
    assert pair.q < 0.001


@pytest.mark.parametrize("spam", [300, 60])
def test_two_words_that_no_ham_has_together_are_found_though_few_items_tell(spam: int) -> None:
    # Either word is frequent in spam and in ham; 24 or 36 mails have both, all of them spam.
    draw = random.Random(spam)
    ham, both, alone = 600 - spam, (36 if spam == 300 else 24), spam // 6
    first = [at < both + alone for at in range(spam)] + [at < ham // 5 for at in range(ham)]
    second = [at < both for at in range(spam)] + [at >= ham - ham // 5 for at in range(ham)]
    second[both + alone : both + 2 * alone] = [True] * alone
    columns = {"remove": first, "mailing": second}
    for number in range(110):
        columns[f"noise{number}"] = [draw.random() < 0.25 for _ in range(600)]
    truth = [at < spam for at in range(600)]
    found = together(table_of(columns, truth))
    assert found.tested > 6000
    assert {found.pairs[0].first.text, found.pairs[0].second.text} == {"remove", "mailing"}
    assert found.pairs[0].both == (0, both)
    assert found.pairs[0].interaction[1] > 0
    draw.shuffle(truth)
    assert not together(table_of(columns, truth)).found


def test_what_speaks_against_it_is_told_as_the_other_label() -> None:
    draw, columns = drawn()
    both = zip(columns["remove"], columns["mailing"], strict=True)
    found = together(
        table_of(columns, [draw.random() < (0.2 if one and two else 0.8) for one, two in both])
    )
    assert not found.pairs[0].positive
    assert found.pairs[0].log_odds[1] > 0


@pytest.mark.parametrize("seed", range(5))
def test_what_adds_up_is_not_found(seed: int) -> None:
    draw, columns = drawn(seed)
    truth = []
    for one, two in zip(columns["remove"], columns["mailing"], strict=True):
        odds = np.exp(-2.0 + 1.5 * one + 1.5 * two)
        truth.append(draw.random() < odds / (1 + odds))
    assert not together(table_of(columns, truth)).pairs


def test_labels_without_meaning_give_no_pairs() -> None:
    draw, columns = drawn(noise=40)
    found = [
        together(table_of(columns, [draw.random() < 0.3 for _ in range(N)])) for _ in range(10)
    ]
    assert all(one.tested == 42 * 41 / 2 for one in found)
    assert sum(one.found for one in found) == 0


def test_of_what_is_found_few_are_false() -> None:
    found = [one for seed in range(10) for one in together(planted(seed, 40), top=100).pairs]
    false = [one for one in found if "noise" in one.first.text + one.second.text]
    assert len(found) - len(false) == 10
    assert len(false) <= 2


def test_what_nearly_always_is_together_is_one_term() -> None:
    table = planted()
    column = table.matrix.toarray()[:, 0]
    twin = column.copy()
    twin[np.flatnonzero(column)[:20]] = 0
    doubled = TermTable(
        TASK,
        table.entries,
        table.truth,
        table.group,
        [*table.terms, Term("subject", "twin")],
        csr_array(np.column_stack([table.matrix.toarray(), twin])),
    )
    found = together(doubled)
    assert found.tested == together(table).tested
    assert len(found.pairs) == 1


def test_a_word_and_its_phrase_and_the_words_of_a_phrase_are_no_pair() -> None:
    _, columns = drawn()
    draw = random.Random(3)
    columns["remove mailing"] = [
        one and two for one, two in zip(columns["remove"], columns["mailing"], strict=True)
    ]
    truth = [draw.random() < (0.8 if both else 0.2) for both in columns["remove mailing"]]
    found = together(table_of(columns, truth))
    assert found.tested == 1
    assert found.pairs == ()


def test_near_copies_count_once() -> None:
    table = planted()
    table.group = np.zeros(N, np.int64)
    assert together(table) == Together(0, 0, ())


def test_what_is_counted_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_TERMS", 10)
    monkeypatch.setattr(module, "_MOST_ITEMS", 1000)
    found = together(planted())
    assert 0 < found.tested <= 45


@pytest.mark.parametrize("label", [True, False])
def test_one_label_alone(label: bool) -> None:
    _, columns = drawn()
    assert together(table_of(columns, [label] * N)) == Together(0, 0, ())


def test_nothing() -> None:
    assert together(TermTable.of(TASK, [])) == Together(0, 0, ())
