"""Flaggers who cannot be trusted are held as the experience grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from chaffinch.datasets.campaign import Campaign
from chaffinch.experience.champion import load_champion
from chaffinch.experience.store import Experience
from chaffinch.loop.adapt import adapt
from chaffinch.loop.flag import flag, keep_up
from chaffinch.loop.train import champion_record, train
from chaffinch.loop.watch import gather_evidence
from chaffinch.task import get_task
from chaffinch.types import Flag, Item
from samples import message

TASK = get_task("message")
PEOPLE = tuple("abcdefghij")


def item(label: str, number: int, owner: str = "") -> Item:
    return Item(message(label, number), "message", owner)


def turned(label: str) -> str:
    return "ham" if label == "spam" else "spam"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    (path / "settings.toml").write_text("checkpoint = 100\n")
    return path


@pytest.fixture
def experience(home: Path) -> Iterator[Experience]:
    with Experience(home) as opened:
        yield opened


def flagged(
    experience: Experience, numbers: range, *, turns: str = "", owned: bool = False
) -> None:
    """Let ten people flag in turns; those of ``turns`` say the opposite of what is true."""
    for number in numbers:
        label = "spam" if number % 3 == 0 else "ham"
        by = PEOPLE[number % 10]
        said = turned(label) if by in turns else label
        what = item(label, number, by if owned else "")
        experience.flag("message", what, said, by=by)
        if number % 50 == 49:
            keep_up(TASK, experience)


def distrusted(experience: Experience) -> list[str]:
    return [by for by, one in experience.review.decisions("message").items() if one.held]


def test_one_of_ten_turns_every_label(experience: Experience, tmp_path: Path) -> None:
    flagged(experience, range(200), turns="d")
    assert distrusted(experience) == ["d"]
    assert {flag.by for flag in experience.review.held("message")} == {"d"}
    launches = experience.launches.all("message")
    assert any("flags held for review" in one.reason and "by d" in one.reason for one in launches)
    # What comes later is held, too, and the model is the one that saw none of it.
    assert flag(TASK, item("spam", 1003), "ham", home=experience.home, by="d").held
    assert keep_up(TASK, experience) is None
    champion = load_champion(TASK, experience.home, experience)
    with Experience(tmp_path / "other") as without:
        for example in experience.examples("message"):
            without.flag("message", example.item, example.label)
        (fresh,) = [
            one for one in train(TASK, without, afresh=True) if one.rung.name == champion.rung.name
        ]
    assert champion.learner.tensors_to_judge
    for name in champion.learner.tensors_to_judge:
        assert np.array_equal(champion.learner.tensors[name], fresh.learner.tensors[name]), name


def test_nobody_is_held_where_all_are_honest(experience: Experience) -> None:
    flagged(experience, range(200))
    assert not distrusted(experience)
    evidence, standing = gather_evidence(TASK, experience, champion_record(TASK, experience))
    assert evidence.names == PEOPLE
    assert len(standing) == evidence.seq.size > 100


def test_an_honest_reporter_of_a_new_campaign_is_not_held(experience: Experience) -> None:
    flagged(experience, range(100))
    campaign = Campaign(3)
    for number in range(30):
        # One text over and over, and one worded anew each time.
        copied = Item(campaign.message(0, 0) + b" %d" % number, "message")
        experience.flag("message", copied, "spam", by="a")
        experience.flag("message", campaign.item("message", 2, number), "spam", by="a")
    keep_up(TASK, experience)
    assert not distrusted(experience)
    assert not experience.review.held("message")


def test_one_person_alone_is_never_held(experience: Experience) -> None:
    for number in range(120):
        label = "spam" if number % 3 == 0 else "ham"
        said = label if number < 60 else turned(label)
        experience.flag("message", item(label, number), said, by="a")
    keep_up(TASK, experience)
    assert not distrusted(experience)


def test_owners_who_disagree_have_a_taste_and_are_not_held(experience: Experience) -> None:
    flagged(experience, range(100), owned=True)
    for number in range(100, 140):
        experience.flag("message", item("spam", 3 * number, "a"), "ham", by="a")
    keep_up(TASK, experience)
    # Some of the first are against what was learned of others; the view of one's own soon agrees.
    record = champion_record(TASK, experience)
    assert record.seq.size
    assert distrusted(experience) == []


def test_an_empty_experience_is_no_trouble(experience: Experience) -> None:
    evidence, standing = gather_evidence(TASK, experience, champion_record(TASK, experience))
    assert not evidence.seq.size
    assert not standing


def test_who_was_trusted_again_is_held_for_what_comes_later_only(experience: Experience) -> None:
    flagged(experience, range(200), turns="d")
    assert distrusted(experience) == ["d"]
    experience.review.trust("message", "d", "by hand")
    keep_up(TASK, experience)
    assert not distrusted(experience)
    flagged(experience, range(200, 400), turns="d")
    assert distrusted(experience) == ["d"]
    held = experience.review.held("message")
    assert min(flag.flagged for flag in held) > 0
    assert len(held) < 25


def lies(experience: Experience, home: Path) -> Iterator[Flag]:
    """Yield what one of ten flags, always wrong, among true flags of the others."""
    for number in range(100, 400):
        label = "spam" if number % 3 == 0 else "ham"
        by = PEOPLE[number % 10]
        if by == "d":
            yield flag(TASK, item(label, number), turned(label), home=home, by=by)
        else:
            experience.flag("message", item(label, number), label, by=by)


def test_who_lies_is_looked_at_before_a_model_is_stored(experience: Experience, home: Path) -> None:
    flagged(experience, range(100))
    (home / "settings.toml").write_text("checkpoint = 10000\n")
    held = [one.held for one in lies(experience, home)]
    assert held.index(True) < 25
    assert all(held[held.index(True) :])
    assert distrusted(experience) == ["d"]
    # What came before it was found is held, too.
    assert len(experience.review.held("message")) >= len(held)


def test_a_look_of_adapt_looks_at_flaggers(experience: Experience, home: Path) -> None:
    (home / "settings.toml").write_text("checkpoint = 10000\n")
    flagged(experience, range(300), turns="d")
    assert not distrusted(experience)
    adapt(TASK, experience)
    assert distrusted(experience) == ["d"]
