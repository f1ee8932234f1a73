"""Flags that are held for review, in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.errors import InputError
from chaffinch.experience.flagging import Added
from chaffinch.experience.light import LightExperience
from chaffinch.experience.store import Experience
from chaffinch.predictor import Predictor
from chaffinch.types import Example, Item


def item(text: str, owner: str = "") -> Item:
    return Item(text.encode(), "message", owner)


@pytest.fixture
def experience(tmp_path: Path) -> Experience:
    return Experience(tmp_path / "home")


def labels(experience: Experience) -> list[tuple[str, str]]:
    """Return what stands, as both ways into the store tell it."""
    stands = [(one.item.data.decode(), one.label) for one in experience.examples("message")]
    with LightExperience(experience.home) as light:
        seen = [(one.item.data.decode(), one.label) for one in light.examples("message")]
    assert stands == seen
    return stands


def given(experience: Experience) -> None:
    experience.flag("message", item("a"), "ham", by="ada")
    experience.flag("message", item("a"), "spam", by="mallory")
    experience.flag("message", item("b"), "spam", by="mallory")
    experience.flag("message", item("c"), "ham", by="ada")


def test_what_is_held_is_as_if_it_had_never_been_said(experience: Experience) -> None:
    given(experience)
    assert experience.review.distrust("message", "mallory", "why") == 2
    assert labels(experience) == [("a", "ham"), ("c", "ham")]
    held = experience.review.held("message")
    assert [(flag.by, flag.label, flag.held) for flag in held] == [("mallory", "spam", True)] * 2
    assert experience.review.decisions("message")["mallory"].reason == "why"
    assert not list(experience.verify())


def test_who_is_not_trusted_takes_back_own_flags_alone(experience: Experience) -> None:
    given(experience)
    experience.review.distrust("message", "mallory", "why", since=99)
    assert labels(experience) == [("a", "spam"), ("b", "spam"), ("c", "ham")]
    with pytest.raises(InputError, match="its flag is ada's, and what mallory says is held"):
        experience.undo("message", item("c").id, by="mallory")
    assert experience.undo("message", item("b").id, by="mallory").by == "mallory"
    assert experience.undo("message", item("a").id, by="ada").by == "mallory"
    # Who is trusted again may.
    experience.review.trust("message", "mallory", "why")
    experience.undo("message", item("c").id, by="mallory")
    assert labels(experience) == [("a", "ham")]


def test_what_the_distrusted_say_later_is_held_in_the_same_breath(experience: Experience) -> None:
    experience.review.distrust("message", "mallory", "why")
    flag = experience.flag("message", item("a"), "spam", by="mallory")
    assert flag.held
    assert experience.flag("message", item("a"), "spam", by="mallory") == flag
    assert experience.flag("message", item("b"), "ham", by="ada").held is False
    many = [Example(item(text), "spam") for text in "abcbd"]
    assert experience.add("message", many, by="mallory") == Added(known=2, held=3)
    assert labels(experience) == [("b", "ham")]
    assert not experience.log.disturbed("message", flag.seq - 1)


def test_what_the_distrusted_say_of_old_items_disturbs_no_model(experience: Experience) -> None:
    experience.flag("message", item("a"), "ham", by="ada")
    experience.review.distrust("message", "mallory", "why")
    learned = experience.log.last_seq("message")
    assert experience.flag("message", item("a"), "spam", by="mallory").held
    assert not experience.log.disturbed("message", learned)
    experience.review.accept("message", [item("a").id])
    assert experience.log.disturbed("message", learned)


def test_only_what_came_since_is_held(experience: Experience) -> None:
    given(experience)
    assert experience.review.distrust("message", "mallory", "why", since=3) == 1
    assert labels(experience) == [("a", "spam"), ("c", "ham")]


def test_who_is_trusted_again_gets_everything_back(experience: Experience) -> None:
    given(experience)
    experience.review.distrust("message", "mallory", "why")
    experience.flag("message", item("b"), "ham", by="ada")
    assert experience.review.trust("message", "mallory", "an error of mine") == 1
    # Of b somebody else has said otherwise since.
    assert labels(experience) == [("c", "ham"), ("b", "ham"), ("a", "spam")]
    assert not experience.review.held("message")
    flag = experience.flag("message", item("d"), "spam", by="mallory")
    assert not flag.held
    assert not list(experience.verify())


def test_accept_and_reject_one_by_one(experience: Experience) -> None:
    given(experience)
    experience.review.distrust("message", "mallory", "why")
    (accepted,) = experience.review.accept("message", [item("b").id[:8]])
    assert (accepted.item, accepted.by) == (item("b").id, "mallory")
    assert labels(experience) == [("a", "ham"), ("c", "ham"), ("b", "spam")]
    assert experience.log.standing("message", item("b").id).by == "mallory"  # type: ignore[union-attr]
    experience.review.reject("message", [item("a").id])
    assert not experience.review.held("message")
    assert labels(experience) == [("a", "ham"), ("c", "ham"), ("b", "spam")]
    assert experience.review.trust("message", "mallory", "later") == 0


def test_what_stands_already_is_not_given_again(experience: Experience) -> None:
    experience.flag("message", item("a"), "spam", by="mallory")
    experience.review.distrust("message", "mallory", "why")
    experience.flag("message", item("a"), "spam", by="ada")
    before = labels(experience)
    experience.review.accept("message", [item("a").id])
    assert labels(experience) == before
    assert not experience.review.held("message")


def test_owners_keep_their_own(experience: Experience) -> None:
    for owner in ("ann", "bob"):
        experience.flag("message", item("a", owner), "spam", by="mallory")
    experience.review.distrust("message", "mallory", "why")
    with pytest.raises(InputError, match="more than one item"):
        experience.review.accept("message", [item("a").id])
    experience.review.accept("message", [item("a").id], owner="ann")
    assert [one.item.owner for one in experience.examples("message")] == ["ann"]
    assert [flag.owner for flag in experience.review.held("message")] == ["bob"]


def test_an_unknown_id_changes_nothing(experience: Experience) -> None:
    given(experience)
    experience.review.distrust("message", "mallory", "why")
    for prefix in ("ffffff", "%"):
        with pytest.raises(InputError, match="no flag waits"):
            experience.review.accept("message", [item("b").id, prefix])
    assert len(experience.review.held("message")) == 2


def test_tasks_are_apart(experience: Experience) -> None:
    given(experience)
    experience.review.distrust("mail", "mallory", "why")
    assert not experience.review.held("message")
    assert not experience.flag("message", item("e"), "spam", by="mallory").held


def test_who_judges_follows_what_is_held_and_given_back(experience: Experience) -> None:
    with Predictor.load("message", home=experience.home) as predictor:
        predictor.flag(b"Lunch at noon?", "ham", by="ada")
        before = predictor.predict(b"Win a prize now").score
        assert not predictor.flag(b"Win a prize now", "ham", by="mallory").held
        believed = predictor.predict(b"Win a prize now").score
        assert believed < before
        experience.review.distrust("message", "mallory", "why")
        predictor.refresh()
        assert predictor.predict(b"Win a prize now").score == before
        assert predictor.flag(b"Win another prize", "ham", by="mallory").held
        assert predictor.predict(b"Win a prize now").score == before
        experience.review.reject("message", [Item(b"Win another prize", "message").id])
        experience.review.trust("message", "mallory", "an error of mine")
        predictor.refresh()
        assert predictor.predict(b"Win a prize now").score == believed
