from __future__ import annotations

import json
import math

import pytest

from chaffinch.explain.table import TermTable
from chaffinch.loop.study import PartStudy, Study, as_json, study
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from samples import mail

MAIL = get_task("mail")
MESSAGE = get_task("message")


def mails(count: int = 40) -> list[Example]:
    return [
        Example(Item(mail(label, 2 * number + of)), label, f"{label}/{number}")
        for number in range(count)
        for of, label in enumerate(("ham", "spam"))
    ]


def studied(examples: list[Example], top: int = 5) -> Study:
    return study(TermTable.of(MAIL, examples), top=top)


def part_of(found: Study, name: str) -> PartStudy:
    return next(part for part in found.parts if part.part == name)


def test_each_part_has_the_surest_patterns_of_each_label_with_examples() -> None:
    body = part_of(studied(mails()), "body")
    for label, founds in (("ham", body.negative), ("spam", body.positive)):
        assert 0 < len(founds) <= 5
        assert [one.pattern.z for one in founds] == sorted(
            (one.pattern.z for one in founds), reverse=True
        )
        for one in founds:
            assert one.pattern.low > 0
            assert 0 < len(one.examples) <= 3
            assert all(example.name.startswith(label) for example in one.examples)


def test_the_surest_part_comes_first() -> None:
    found = studied(mails())
    surest = [
        max(one.pattern.z for one in (*part.negative, *part.positive)) for part in found.parts
    ]
    assert surest == sorted(surest, reverse=True)


def test_facts_that_share_words_are_all_told() -> None:
    def subject(words: str, label: str, number: int) -> Example:
        return Example(Item(mail(label, number).replace(b"Subject: ", words.encode())), label)

    loud = [subject("Subject: CASH!!\nX-Words: ", "spam", number) for number in range(30)]
    quiet = [subject("Subject: a\nX-Words: ", "ham", number) for number in range(30)]
    style = part_of(studied(loud + quiet), "style")
    assert {one.pattern.text for one in style.positive} == {
        "subject in capitals",
        "subject with exclamation marks",
    }


def test_near_copies_count_once_and_are_campaigns() -> None:
    text = "Subject: the deal\n\nthis secret deal of a lifetime is yours, claim code {}\n"
    copies = [Example(Item(text.format(k).encode()), "spam") for k in range(12)]
    found = studied([*mails(), *copies])
    assert found.copies[1] >= 11
    assert found.counted[1] == found.items[1] - found.copies[1]
    campaign = found.campaigns[0]
    assert campaign.counts == (0, 12)
    assert campaign.titles == ("the deal",)
    assert {word for term in campaign.terms for word in term.text.split()} >= {"secret"}
    assert math.isnan(campaign.first)


def test_when_it_comes() -> None:
    def at(day: int, hour: int, label: str) -> Example:
        date = f"{day} Nov 2026 {hour:02}:30:00 +0100"
        return Example(Item(f"Date: Mon, {date}\nSubject: a\n\n{label}{day}\n".encode()), label)

    found = studied([at(2, 4, "ham"), at(3, 4, "spam"), at(3, 5, "spam")])
    assert found.times.hours[3] == (1, 1)
    assert found.times.hours[4] == (0, 1)
    assert found.times.weekdays[:2] == ((1, 0), (0, 2))
    assert found.times.months == (("2026-11", 1, 2),)
    assert found.span is not None
    assert found.span[1] - found.span[0] == 25 * 3600


def test_times_that_no_calendar_has() -> None:
    examples = [
        Example(Item(b"Subject: %d\n\nx\n" % k, received=seconds), "spam")
        for k, seconds in enumerate((1e300, -1e300, 0.0, math.nan))
    ]
    assert sum(pair[1] for pair in studied(examples).times.hours) == 1


def test_how_separable_they_are() -> None:
    separable = studied(mails()).separable
    assert 0 < len(separable.patterns) <= 20
    assert separable.positive > 0.9
    assert separable.negative < 0.1


@pytest.mark.parametrize("label", ["spam", "ham"])
def test_one_label_alone_tells_nothing(label: str) -> None:
    found = studied([one for one in mails() if one.label == label])
    assert sorted(found.items) == [0, 40]
    assert found.parts == ()


def test_nothing() -> None:
    found = studied([])
    assert found.items == (0, 0)
    assert found.span is None
    assert found.parts == ()
    assert found.campaigns == ()


def test_messages_have_no_times() -> None:
    examples = [Example(Item(b"win %d" % k, "message"), "spam") for k in range(9)]
    found = study(TermTable.of(MESSAGE, examples))
    assert found.times.months == ()


def test_it_is_json() -> None:
    found = studied(mails())
    told = json.loads(json.dumps(as_json(MAIL, found), allow_nan=False))
    assert told["items"] == {"ham": 40, "spam": 40}
    part = next(one for one in told["parts"] if one["part"] == "body")
    assert set(part["spam"][0]["examples"][0]) == {"id", "name", "title"}
