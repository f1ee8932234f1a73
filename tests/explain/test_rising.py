from __future__ import annotations

import json
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from chaffinch.errors import UsageError
from chaffinch.explain.newest import newest
from chaffinch.explain.rising import Rising, Window, rising
from chaffinch.explain.table import TermTable
from chaffinch.explain.telling import sentences, to_json
from chaffinch.explain.terms import Term
from chaffinch.task import get_task
from chaffinch.types import Example, Item

TASK = get_task("message")
MAIL = get_task("mail")
NOTHING = {"spam": (0, 0), "ham": (0, 0)}
_VOCABULARY = [f"word{number}" for number in range(400)]


def ordinary(number: int) -> str:
    draw = random.Random(f"ordinary {number}")
    return " ".join(draw.choices(_VOCABULARY, k=12))


def table_of(*texts: str, label: str = "spam", ham: int = 0) -> TermTable:
    spam = [Example(Item(text.encode(), "message"), label) for text in texts]
    quiet = [Example(Item(ordinary(-1 - k).encode(), "message"), "ham") for k in range(ham)]
    return TermTable.of(TASK, [*quiet, *spam])


def campaign(number: int, words: str = "win a prize for u") -> str:
    return f"{words} {ordinary(10_000 + number)}"


def planted(copies: int, every: int = 5, past: int = 900) -> TermTable:
    """A past, then a campaign of which each copy comes after some ordinary messages."""
    texts = [ordinary(number) for number in range(past)]
    for copy in range(copies):
        texts += [ordinary(past + copy * every + number) for number in range(every - 1)]
        texts.append(campaign(copy))
    return table_of(*texts)


def said(found: Rising) -> list[str]:
    return [sentence for _, sentence in sentences(found)]


def test_a_campaign_is_found_at_its_fifth_flag() -> None:
    assert not newest(planted(2)).findings
    (finding,) = newest(planted(5)).findings
    assert finding.label == "spam"
    assert finding.rose
    assert finding.counts == (0, 5)
    assert finding.q <= 0.05
    assert finding.low > 0
    assert len(finding.terms) >= 4
    assert {"prize", "win"} & {word for term in finding.others for word in term.text.split()} or (
        "prize" in finding.text
    )
    assert finding.first.title.startswith("win a prize")
    assert len(finding.items) == 5


def test_an_alarm_that_came_between_two_looks_is_told() -> None:
    texts = [entry.title for entry in planted(5).entries] + [ordinary(-k) for k in range(1, 8)]
    table = table_of(*texts)
    assert not newest(table).findings
    assert newest(table, new=8).findings
    assert newest(table, new=100).findings


def test_what_is_known_is_not_found_again() -> None:
    table = planted(6)
    known = [term for finding in newest(table).findings for term in finding.terms]
    assert known
    assert not newest(table, known=[*known, Term("text", "never met")]).findings


def test_exchangeable_weeks_are_quiet() -> None:
    alarms = found = 0
    for seed in range(4):
        order = random.Random(seed).sample(range(400), 400)
        table = table_of(*map(ordinary, order[:200]), ham=100)
        alarms += bool(newest(table, new=50).findings)
        found += bool(rising(table, Window(last=100)).findings)
    assert alarms + found <= 1


def test_near_copies_that_come_evenly_do_not_rise() -> None:
    texts = [campaign(k) if k % 10 == 0 else ordinary(k) for k in range(400)]
    table = table_of(*texts)
    assert not rising(table, Window(last=100)).findings
    assert not newest(table, new=50).findings


def test_which_spelling_rose_and_which_fell() -> None:
    past = [campaign(k, "cash 4u") if k % 3 == 0 else ordinary(k) for k in range(300)]
    recent = [
        campaign(k, ("cash for u", "cash f0r u")[k % 6 == 0]) if k % 3 == 0 else ordinary(k)
        for k in range(300, 420)
    ]
    found = rising(table_of(*past, *recent), Window(last=120))
    risen = next(one for one in found.findings if one.rose and "for u" in one.text)
    assert risen.counts == (0, 20)
    changes = {one.text: one.change for one in risen.spellings}
    assert changes["for u"] == changes["f0r u"] == "rose"
    assert changes["4u"] == "fell"
    sentence = said(replace(found, findings=(risen,)))[0]
    assert sentence.startswith(
        "'for u' rose from 0 of 300 to 20 of 120 spam in the latest 120 items"
    )
    assert "its spelling '4u' fell from 33% to 0" in sentence


def test_spellings_rise_together_though_none_does_alone() -> None:
    spellings = ["v1agra", "v.i.a.g.r.a", "viagraaa", "vi@gra"]
    past = [ordinary(k) for k in range(300)] + [f"viagra {ordinary(-k)}" for k in (1, 2, 3)]
    recent = [
        f"{spellings[k // 4 % 4]} {ordinary(500 + k)}" if k % 4 == 0 else ordinary(500 + k)
        for k in range(60)
    ]
    found = rising(table_of(*past, *recent), Window(last=60)).findings
    assert [one.counts for one in found if len(one.spellings) > 2] == [(3, 15)]


def test_what_rises_together_is_one_finding_and_two_campaigns_are_two() -> None:
    past = [ordinary(k) for k in range(300)]
    recent = [
        [campaign(k, "win a prize"), campaign(k, "cheap rolex watches"), ordinary(400 + k)][k % 3]
        for k in range(60)
    ]
    found = [
        one
        for one in rising(table_of(*past, *recent), Window(last=60)).findings
        if one.part == "text" and one.rose
    ]
    assert len(found) == 2
    assert all(one.counts == (0, 20) for one in found)


def test_labels_are_told_apart_and_the_positive_one_comes_first() -> None:
    spam = [Example(Item(ordinary(k).encode(), "message"), "spam") for k in range(100)]
    ham = [Example(Item(ordinary(200 + k).encode(), "message"), "ham") for k in range(100)]
    thread = [
        Example(Item(campaign(k, "lunch friday").encode(), "message"), "ham") for k in range(30)
    ]
    again = [Example(Item(campaign(90 + k).encode(), "message"), "spam") for k in range(30)]
    found = rising(TermTable.of(TASK, [*spam, *ham, *thread, *again]), Window(last=60))
    assert found.sizes == {"spam": (100, 30), "ham": (100, 30)}
    labels = [one.label for one in found.findings]
    assert labels == sorted(labels, reverse=True)
    assert {"lunch friday"} <= {one.text for one in found.of("ham") if one.rose}
    assert not {"lunch friday"} & {one.text for one in found.of("spam")}


@pytest.mark.parametrize("window", [Window(last=10), Window(last=10**6), Window(since=0.0)])
def test_nothing_known_nothing_found(window: Window) -> None:
    found = rising(TermTable.of(TASK, []), window)
    assert found.findings == ()
    assert found.sizes == NOTHING
    assert not newest(TermTable.of(TASK, []), new=5).findings


@pytest.mark.parametrize("label", ["spam", "ham"])
def test_one_label_alone(label: str) -> None:
    texts = [ordinary(k) for k in range(100)] + [campaign(k) for k in range(20)]
    table = table_of(*texts, label=label)
    assert {one.label for one in rising(table, Window(last=20)).findings} == {label}
    assert newest(table).findings[0].label == label


@pytest.mark.parametrize("size", [1, 2, 5, 30])
def test_few_items_prove_nothing(size: int) -> None:
    table = table_of(*["the same"] * size)
    assert not newest(table, new=size).findings
    assert not rising(table, Window(last=max(1, size // 2))).findings


def test_a_window_larger_than_experience_has_no_past() -> None:
    found = rising(planted(3, past=9), Window(last=10**6))
    assert found.findings == ()
    assert found.sizes["spam"][0] == 0


def test_what_all_items_have_does_not_rise() -> None:
    table = table_of(*[f"always here {ordinary(k)}" for k in range(200)])
    texts = [one.text for one in rising(table, Window(last=50)).findings]
    assert not [text for text in texts if "always" in text or "here" in text]


def test_ties_are_told_in_the_same_order_each_time() -> None:
    first, second = (rising(planted(8, every=2, past=200), Window(last=16)) for _ in range(2))
    assert first.findings == second.findings
    assert first.findings


def test_a_window_of_time() -> None:
    def mail(day: int, text: str) -> Example:
        date = f"Date: Tue, {day:02} Nov 2026 10:00:00 +0000\n" if day else ""
        return Example(Item(f"{date}Subject: x\n\n{text}\n".encode()), "spam")

    old = [mail(10, ordinary(k)) for k in range(100)]
    new = [mail(24 if k % 2 else 0, campaign(k)) for k in range(1, 31)]
    table = TermTable.of(MAIL, [*old, *new])
    since = 1_795_478_400.0  # 2026-11-24
    found = rising(table, Window(since=since))
    # One whose time is not known arrived with the one before it.
    assert found.sizes["spam"] == (100, 30)
    assert "from 0 of 100 to 30 of 30 spam since Tue 24 Nov 2026" in said(found)[0]
    assert not any(one.part == "time" for one in found.findings)
    assert rising(table, Window(since=since * 2)).sizes["spam"] == (130, 0)


def test_a_window_of_time_where_no_time_is_known() -> None:
    with pytest.raises(UsageError, match="not known"):
        rising(planted(1, past=9), Window(since=5.0))


@pytest.mark.parametrize(
    "wrong",
    [{}, {"last": 3, "since": 5.0}, {"last": 0}, {"last": -4}, {"since": math.nan}],
)
def test_a_window_that_is_none(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Window(**wrong)  # type: ignore[arg-type]


def test_hostile_text_cannot_steer_a_terminal() -> None:
    nasty = "<script>x</script> \x1b[2J\x07\u202e [bold]win[/bold] " + "w" * 5000 + " v.i.a.g.r.a"
    texts = [ordinary(k) for k in range(150)] + [f"{nasty} {ordinary(300 + k)}" for k in range(30)]
    found = rising(table_of(*texts), Window(last=30))
    assert found.findings
    for sentence in said(found):
        assert sentence.isprintable()
        assert len(sentence) < 600


def test_json_says_the_same() -> None:
    found = newest(planted(6))
    told = json.loads(json.dumps(to_json(found), allow_nan=False))
    assert told["window"]["since"] is None
    assert told["findings"][0]["sentence"] == said(found)[0]
    assert told["findings"][0]["counts"] == [0, 6]
    assert told["findings"][0]["items"][0]["received"] is None


def test_a_table_has_no_use_for_times_to_be_in_order() -> None:
    table = planted(3, past=30)
    entries = [entry._replace(received=float(-k)) for k, entry in enumerate(table.entries)]
    table = TermTable(TASK, entries, table.truth, table.group, table.terms, table.matrix)
    assert int(np.count_nonzero(Window(since=-10.0).rows(table))) == 11
