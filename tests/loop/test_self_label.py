from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from chaffinch.experience.history import History, Periods
from chaffinch.experience.light import LightExperience
from chaffinch.experience.store import Experience
from chaffinch.loop import self_label as module
from chaffinch.loop.flag import flag, keep_up
from chaffinch.loop.launch import Choice, launch
from chaffinch.loop.self_label import agreed, kind_of, self_label
from chaffinch.loop.train import train
from chaffinch.predictor import Predictor
from chaffinch.scheme import Said
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from samples import message

TASK = get_task("message")
DAY = 86_400.0


@pytest.fixture
def experience(tmp_path: Path) -> Iterator[Experience]:
    with Experience(tmp_path) as opened:
        yield opened


def later(days: float = 4.0) -> float:
    return time.time() + days * DAY


def given(label: str, number: int) -> Item:
    return Item(message(label, number), "message")


@pytest.fixture
def taught(experience: Experience) -> Experience:
    """Forty flags of either label, learned and launched."""
    experience.add(
        "message",
        (Example(given(label, k), label) for k in range(40) for label in TASK.labels),
    )
    keep_up(TASK, experience)
    return experience


def judge(experience: Experience, *items: Item) -> None:
    with Predictor.load("message", home=experience.home) as predictor:
        for item in items:
            predictor.predict(item)


def test_both_must_be_sure_of_one_label() -> None:
    sure = module.SURE
    spam, ham = Said("spam", sure), Said("ham", -sure)
    assert agreed(TASK.scheme, spam, Said("spam", sure + 1)) == "spam"
    assert agreed(TASK.scheme, ham, Said("ham", -sure - 1)) == "ham"
    for other in (Said("spam", sure - 0.1), Said("ham", -0.1), ham):
        assert agreed(TASK.scheme, spam, other) == ""


def test_what_two_kinds_of_models_are_sure_of(taught: Experience) -> None:
    items = [given(label, 100 + k) for k in range(3) for label in TASK.labels]
    judge(taught, *items, Item(b"zebra", "message"))
    done = self_label(TASK, taught, now=later())
    assert {one.item: one.label for one in done} == {
        item.id: TASK.labels[place % 2] for place, item in enumerate(items)
    }
    assert {(one.by, one.door) for one in done} == {("chaffinch", "self")}


def test_three_days_must_have_passed(taught: Experience) -> None:
    judge(taught, given("spam", 100))
    assert self_label(TASK, taught, now=later(2.9)) == []
    assert len(self_label(TASK, taught, now=later(3.1))) == 1


def test_one_model_alone_labels_nothing(
    taught: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(taught, given("spam", 100))
    monkeypatch.setattr(module, "_second", lambda *_: None)
    assert self_label(TASK, taught, now=later()) == []


def test_the_second_is_of_another_kind(taught: Experience) -> None:
    for rung in TASK.ladder:
        found = module._second(TASK, taught, rung)
        assert found is not None
        assert kind_of(found[0]) != kind_of(rung)
        assert found[0].learner.learns


def test_nothing_is_launched_or_flagged(experience: Experience) -> None:
    judge(experience, given("spam", 100))
    assert self_label(TASK, experience, now=later()) == []


def test_what_a_person_spoke_of_is_left_alone(taught: Experience) -> None:
    corrected, taken_back = given("spam", 100), given("spam", 101)
    judge(taught, corrected, taken_back)
    taught.flag("message", corrected, "ham")
    taught.flag("message", taken_back, "ham")
    taught.undo("message", taken_back.id)
    assert self_label(TASK, taught, now=later()) == []
    # Not even where somebody is quicker than the look.
    assert taught.flag("message", corrected, "spam", door="self").label == "ham"


def test_at_most_as_many_as_people_gave_since(experience: Experience) -> None:
    experience.add(
        "message",
        (Example(given(label, k), label) for k in range(40) for label in TASK.labels),
    )
    keep_up(TASK, experience)
    judge(experience, *(given("spam", 100 + k) for k in range(6)))
    assert experience.log.given_since_self("message") == 80
    first = given("spam", 200)
    experience.flag("message", first, "spam", by="chaffinch", door="self")
    assert self_label(TASK, experience, now=later()) == []
    for k in range(2):
        experience.flag("message", given("ham", 300 + k), "ham")
    assert len(self_label(TASK, experience, now=later())) == 2
    assert self_label(TASK, experience, now=later()) == []


@pytest.mark.parametrize("label", ["spam", "ham"])
def test_a_persons_flag_replaces_it(taught: Experience, label: str) -> None:
    item = given("spam", 100)
    judge(taught, item)
    assert [one.label for one in self_label(TASK, taught, now=later())] == ["spam"]
    flag(TASK, item, label, home=taught.home, by="ada")
    standing = taught.log.standing("message", item.id)
    assert standing is not None
    assert (standing.label, standing.by, standing.door) == (label, "ada", "flag")
    (one,) = (one for one in taught.examples("message") if one.item.id == item.id)
    assert one.given


def test_it_is_learned_and_counts_in_no_measure(taught: Experience) -> None:
    judge(taught, *(given("spam", 100 + k) for k in range(3)))
    done = self_label(TASK, taught, now=later())
    learned = train(TASK, taught)
    for one in learned:
        assert one.examples == 80 + len(done)
        assert one.record.seq.size == 80
        assert not np.isin([flag.seq for flag in done], one.record.seq).any()
        assert one.trained_to == done[-1].seq
    # And it goes on from there.
    launch(TASK, taught, learned, Choice(learned[-1], "by hand"), {})
    taught.flag("message", given("ham", 300), "ham")
    assert [one.record.seq.size for one in train(TASK, taught)] == [81] * len(learned)
    assert len(list(taught.examples("message", given=True))) == 81


def test_the_diary_does_not_praise_a_model_for_it(taught: Experience) -> None:
    judge(taught, given("spam", 100), given("spam", 101))
    assert len(self_label(TASK, taught, now=later())) == 2
    periods = Periods(time.time() - DAY, time.time() + DAY, 2 * DAY)
    with History(taught.home, "message") as history:
        assert not history.outcomes(periods)
        flag(TASK, given("spam", 100), "spam", home=taught.home)
        (outcome,) = history.outcomes(periods)
    assert (outcome.label, outcome.items) == ("spam", 1)


def test_both_stores_tell_it_apart(taught: Experience) -> None:
    judge(taught, given("spam", 100))
    self_label(TASK, taught, now=later())
    light = LightExperience(taught.home)
    try:
        assert list(light.examples("message")) == list(taught.examples("message"))
    finally:
        light.close()
    assert [one.given for one in taught.examples("message")][-2:] == [True, False]


@pytest.mark.parametrize("on", [True, False])
def test_the_setting(taught: Experience, monkeypatch: pytest.MonkeyPatch, on: bool) -> None:
    judge(taught, given("spam", 100))
    monkeypatch.setattr(module, "_SETTLED_SECONDS", 0.0)
    monkeypatch.setenv("CHAFFINCH_CHECKPOINT", "1")
    if on:
        monkeypatch.setenv("CHAFFINCH_SELF_LABEL", "true")
    flag(TASK, given("ham", 300), "ham", home=taught.home)
    assert [one.given for one in taught.examples("message")][80:] == [True, False][: 1 + on]
