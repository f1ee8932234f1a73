from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from chaffinch.experience.store import Experience
from chaffinch.explain.ask import as_json, ask, evenly
from chaffinch.explain.batch import pick
from chaffinch.features.rows import Row
from chaffinch.loop.flag import flag, keep_up
from chaffinch.loop.launch import Choice, launch
from chaffinch.loop.train import train
from chaffinch.predictor import Predictor
from chaffinch.task import get_task
from chaffinch.types import Item
from samples import mail, message

MAIL, MESSAGE = get_task("mail"), get_task("message")


@pytest.fixture
def experience(tmp_path: Path) -> Iterator[Experience]:
    with Experience(tmp_path) as opened:
        yield opened


def judged(experience: Experience, *items: Item) -> None:
    """Judge items by the live model and remember it."""
    kind = items[0].kind
    with Predictor.load(kind, home=experience.home) as predictor:
        for item in items:
            predictor.predict(item)


def row(*slots: int) -> Row:
    return Row(np.array(slots, np.int64), np.ones(len(slots)))


def copy(number: int) -> Item:
    text = "the garden lamps that you looked at are here, ask for a price"
    return Item(f"{text} {number}".encode(), "message")


def test_the_least_sure_come_first_where_all_else_is_alike() -> None:
    rows = [row(0, at) for at in range(1, 5)]
    assert pick([2.0, -0.1, 0.5, -1.0], [1, 1, 1, 1], rows, 4) == [1, 2, 3, 0]


def test_what_is_like_one_that_was_taken_waits() -> None:
    rows = [row(1, 2, 3), row(1, 2, 3), row(1, 8, 9), row(1, 5, 6)]
    taken = pick([0.0, 0.0, 0.5, 0.5], [1, 1, 1, 1], rows, 4)
    assert taken[0] == 0
    assert taken[-1] == 1
    # Without the discount the copy comes next.
    assert pick([0.0, 0.0, 0.5, 0.5], [1, 1, 1, 1], rows, 2, unlike=0.0, same_side=1.0) == [0, 1]


def test_what_stands_for_many_comes_before_an_oddity() -> None:
    rows = [row(7, 8, 9), row(1, 2, 3)]
    assert pick([0.0, 0.3], [1, 12], rows, 1) == [1]
    # Nor is what has nothing in common with anything asked first.
    rows = [row(9), row(1, 2), row(1, 3), row(1, 4)]
    assert pick([0.0, 0.3, 1.0, 1.0], [1, 1, 1, 1], rows, 1) == [1]


def test_items_without_features_and_too_few_of_them() -> None:
    assert pick([], [], [], 5) == []
    assert sorted(pick([0.0, 0.0], [1, 1], [row(), row()], 5)) == [0, 1]


def test_before_any_flag_the_starter_asks(experience: Experience) -> None:
    judged(experience, *(Item(message(label, 1), "message") for label in MESSAGE.labels))
    asked = ask(MESSAGE, experience)
    assert asked.flags == {"ham": 0, "spam": 0}
    assert asked.judged == 2
    assert len(asked.questions) == asked.doubted


def test_nothing_was_judged(experience: Experience) -> None:
    asked = ask(MESSAGE, experience)
    assert (asked.judged, asked.sure, asked.questions) == (0, 0.0, ())


@pytest.mark.parametrize("labels", [("spam",), ("ham", "ham", "ham")])
def test_with_one_flag_and_with_one_class(experience: Experience, labels: tuple[str, ...]) -> None:
    for number, label in enumerate(labels):
        experience.flag("message", Item(message(label, number), "message"), label)
    keep_up(MESSAGE, experience)
    judged(experience, *(Item(message("spam", 50 + k), "message") for k in range(4)))
    asked = ask(MESSAGE, experience, most=3)
    assert sum(asked.flags.values()) == len(labels)
    assert len(asked.questions) == min(3, asked.doubted)


def test_hand_written_rules_ask_too(experience: Experience) -> None:
    for number in range(2):
        experience.flag("mail", Item(mail("ham", number)), "ham")
    trained = train(MAIL, experience)
    launch(MAIL, experience, trained, Choice(trained[0], "by hand"), {})
    judged(experience, *(Item(mail("ham", 50 + k)) for k in range(4)))
    asked = ask(MAIL, experience)
    assert asked.judged == 4
    assert len(asked.questions) == min(asked.doubted, 5)


def test_one_stands_for_its_near_copies(experience: Experience) -> None:
    judged(experience, *(copy(number) for number in range(12)), Item(b"zebra", "message"))
    asked = ask(MESSAGE, experience)
    stands_for = {one.title: one.stands_for for one in asked.questions}
    assert len(stands_for) == 2
    assert stands_for.pop("zebra") == 1
    assert list(stands_for.values()) == [12]
    assert asked.questions[0].stands_for == 12


def test_a_question_says_what_it_is_about(experience: Experience) -> None:
    judged(experience, Item(mail("spam", 3), owner="ada"))
    (one,) = ask(MAIL, experience).questions
    assert one.item.owner == "ada"
    assert one.sender.startswith("Someone sender")
    assert one.received is not None
    assert one.title in mail("spam", 3).decode()
    for reasons, sign in ((one.positive, 1), (one.negative, -1)):
        assert len(reasons) <= 2
        assert all(sign * why.weight > 0 for why in reasons)
    assert one.positive


def test_asking_changes_nothing_and_a_flag_is_not_asked_for_again(experience: Experience) -> None:
    judged(experience, *(copy(number) for number in range(3)), Item(b"zebra", "message"))
    first = ask(MESSAGE, experience)
    assert ask(MESSAGE, experience) == first
    flag(MESSAGE, first.questions[0].item, "spam", home=experience.home)
    again = ask(MESSAGE, experience)
    assert again.judged == first.judged - 1
    assert first.questions[0].item.id not in {one.item.id for one in again.questions}


def test_as_json_names_reasons_by_label(experience: Experience) -> None:
    judged(experience, Item(message("spam", 3), "message"))
    asked = ask(MESSAGE, experience)
    said = as_json(MESSAGE, asked)
    assert (said["judged"], said["flags"]) == (1, {"ham": 0, "spam": 0})
    (question,) = asked.questions
    assert said["questions"] == [
        {
            "item": question.item.id,
            "owner": "",
            "name": "",
            "title": question.title,
            "sender": "",
            "received": None,
            "probability": question.verdict.probability,
            "stands_for": 1,
            "label": question.verdict.label,
            "reasons": {
                label: [
                    {"text": why.text, "where": why.where, "weight": why.weight} for why in reasons
                ]
                for label, reasons in (("ham", question.negative), ("spam", question.positive))
            },
        }
    ]


def test_of_very_many_groups_some_of_all_kinds_are_looked_at() -> None:
    groups = [[number] for number in range(1250)]
    assert evenly(groups[:3]) == groups[:3]
    assert evenly([]) == []
    taken = [number for (number,) in evenly(groups)]
    assert (len(taken), taken[0]) == (500, 0)
    assert set(np.diff(taken).tolist()) == {2, 3}
