"""The loop: it notices, tries, proves, and launches or refuses, and says why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chaffinch.errors import ChaffinchError, ExperienceError, StorageError
from chaffinch.experience.champion import load_champion
from chaffinch.experience.store import Experience
from chaffinch.loop import adapt as room
from chaffinch.loop import challenge as challenges
from chaffinch.loop import triggers as watches
from chaffinch.loop.adapt import adapt, watch
from chaffinch.loop.challenge import Places, challenge, chosen, recipes
from chaffinch.loop.flag import keep_up
from chaffinch.loop.forget import forget as really_forget
from chaffinch.loop.launch import Choice, launch
from chaffinch.loop.lock import adapting_turn
from chaffinch.loop.recipe import Recipe
from chaffinch.loop.rollback import roll_back
from chaffinch.loop.train import champions_recipe, train
from chaffinch.loop.trained import Trained
from chaffinch.loop.trial import Trial, tried
from chaffinch.task import Task, get_task
from chaffinch.types import Adaptation, Example, Item
from samples import message

WHOLE = get_task("message")
# Naive Bayes alone: it counts for ever, so that a world turned upside down leaves it behind.
TASK = replace(WHOLE, ladder=tuple(replace(rung, starter=None) for rung in WHOLE.ladder[:2]))


@pytest.fixture
def experience(tmp_path: Path) -> Iterator[Experience]:
    with Experience(tmp_path / "home") as opened:
        yield opened


def flag(experience: Experience, numbers: range, *, turned: bool = False) -> None:
    """Flag messages of both labels; in a world turned round what was spam is ham."""
    labels = ("spam", "ham") if turned else ("ham", "spam")
    words = [message("spam" if number % 2 else "ham", number) for number in numbers]
    experience.add(
        "message",
        [
            Example(Item(data, "message"), labels[number % 2])
            for number, data in zip(numbers, words, strict=True)
        ],
    )


def grown(experience: Experience) -> None:
    """Make an experience in which naive Bayes has been launched."""
    flag(experience, range(400))
    trained = train(TASK, experience)
    launch(TASK, experience, trained, Choice(trained[1], "by hand"), {})


def kinds(one: Adaptation | None) -> set[str]:
    assert one is not None
    return {trigger.kind for trigger in one.triggers}


def test_without_a_champion_there_is_nothing_to_adapt(experience: Experience) -> None:
    assert adapt(TASK, experience) is not None or experience.champion("message") is not None


def test_a_world_turned_round_is_noticed_tried_proven_and_launched(experience: Experience) -> None:
    grown(experience)
    assert adapt(TASK, experience) is None
    flag(experience, range(400, 700), turned=True)
    done = adapt(TASK, experience)
    assert done is not None
    assert done.outcome == "launched"
    assert "errors" in kinds(done)
    (told,) = (one for one in done.triggers if one.kind == "errors")
    assert "mistakes rose from" in told.said
    assert 300 < told.since <= 440
    recipe = champions_recipe(TASK, experience)
    assert recipe != Recipe()
    now = experience.champion("message")
    assert now is not None
    assert "less per 1,000 than the live model" in now.reason
    assert "noticed: mistakes rose" in now.reason
    # It judges as the new world has it, and goes on learning by its own recipe.
    champion = load_champion(TASK, experience.home, experience)
    row = champion.rung.features.row(TASK.reader(message("spam", 9001)), "")
    assert champion.learner.score(row) < 0
    flag(experience, range(700, 760), turned=True)
    assert keep_up(TASK, experience) is not None
    assert champions_recipe(TASK, experience) == recipe
    assert list(experience.verify()) == []
    roll_back(TASK, experience)
    roll_back(TASK, experience)
    back = load_champion(TASK, experience.home, experience)
    assert back.learner.score(row) > 0


def test_what_proves_nothing_is_refused_with_the_reason(experience: Experience) -> None:
    grown(experience)
    done = adapt(TASK, experience, asked=True)
    assert done is not None
    assert done.outcome == "refused"
    assert "not to be told from the live model" in done.reason
    before = experience.champion("message")
    refusal = experience.launches.refused("message")[0]
    assert (refusal.reason, refusal.champion) == (done.reason, before.model if before else "")
    assert refusal.model not in experience.models.kept()
    assert refusal.evidence["trials"]
    # The same flags are not tried again.
    assert adapt(TASK, experience) is None
    assert experience.champion("message") == before
    assert not challenges.saved_in(experience, TASK).exists()


def test_a_challenger_that_loses_ham_is_refused(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(experience)
    flag(experience, range(400, 700), turned=True)
    whole = tried

    def losing(task: Task, one: Trained, rival: Trained, *, since: int | None = None) -> Trial:
        return replace(whole(task, one, rival, since=since), lost=(2, 0))

    monkeypatch.setattr(room, "tried", losing)
    done = adapt(TASK, experience)
    assert done is not None
    assert done.outcome == "refused"
    assert "but loses 2 of" in done.reason


@pytest.mark.parametrize(("flags", "there"), [(0, "are 0"), (1, "is 1"), (60, "are 60")])
def test_too_few_flags_are_not_tried(experience: Experience, flags: int, there: str) -> None:
    flag(experience, range(flags))
    done = adapt(TASK, experience, asked=True)
    assert done is not None
    assert (done.outcome, kinds(done)) == ("given up", {"asked"})
    assert done.reason == f"200 flags are needed to prove anything, and there {there}"


def test_a_round_that_was_killed_is_gone_on_with(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(experience)
    flag(experience, range(400, 700), turned=True)
    monkeypatch.setattr(challenges, "_CHUNK", 100)
    kills = [300]
    judged: list[int] = []

    def judging(now: int, _: int) -> None:
        if now in kills:
            raise KeyboardInterrupt
        judged.append(now)

    whole = challenge
    monkeypatch.setattr(
        room,
        "challenge",
        lambda *words, **options: whole(*words, **options | {"progress": judging}, saves_every=0.0),
    )
    with pytest.raises(KeyboardInterrupt):
        adapt(TASK, experience)
    begun = experience.adaptations.newest("message")
    assert begun is not None
    assert begun.finished is None
    assert (challenges.saved_in(experience, TASK) / "plan.json").exists()
    # Flags that came since are left to the next round.
    flag(experience, range(700, 710), turned=True)
    kills.clear()
    judged.clear()
    done = adapt(TASK, experience)
    assert done is not None
    assert (done.seq, done.outcome) == (begun.seq, "launched")
    assert done.triggers == begun.triggers
    # Two hundred of the seven hundred had been saved.
    assert max(judged) == 500
    assert not challenges.saved_in(experience, TASK).exists()
    with Experience(experience.home.parent / "other") as other:
        grown(other)
        flag(other, range(400, 700), turned=True)
        adapt(TASK, other)
        ours, theirs = (load_champion(TASK, one.home, one) for one in (experience, other))
        flag(experience, range(0))
    ten_more = Experience(experience.home.parent / "other")
    flag(ten_more, range(700, 710), turned=True)
    keep_up(TASK, ten_more)
    ten_more.close()
    assert ours.rung.name == theirs.rung.name


def test_saved_work_for_other_flags_is_of_no_use(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(experience)
    monkeypatch.setattr(challenges, "_CHUNK", 100)
    rung, wanted = TASK.ladder[1], [Recipe(since=50), Recipe(half_life=100)]

    def stopped(judged: int, _: int) -> None:
        if judged == 250:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        challenge(TASK, experience, rung, wanted, 400, progress=stopped, saves_every=0.0)
    experience.undo("message", Item(message("spam", 101), "message").id)
    judged: list[int] = []
    found = challenge(
        TASK, experience, rung, wanted, 400, progress=lambda now, _: judged.append(now)
    )
    assert max(judged) == 399
    again = challenge(TASK, experience, rung, wanted, 400)
    for one, other in zip(found, again, strict=True):
        for name, tensor in one.learner.tensors.items():
            assert np.array_equal(tensor, other.learner.tensors[name])


def test_a_full_disk_does_not_stop_the_work(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(experience)

    def full(*_: object) -> None:
        raise StorageError("no space left")

    monkeypatch.setattr(Trained, "store", full)
    found = challenge(TASK, experience, TASK.ladder[1], [Recipe(since=50)], 400, saves_every=0.0)
    assert found[0].examples == 350


def test_what_changed_meanwhile_ends_the_round(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(experience)
    flag(experience, range(400, 700), turned=True)
    whole = chosen

    def corrected(trained: list[Trained], places: Places) -> Trained:
        experience.undo("message", Item(message("spam", 699), "message").id)
        return whole(trained, places)

    monkeypatch.setattr(room, "chosen", corrected)
    done = adapt(TASK, experience)
    assert done is not None
    assert done.outcome == "given up"
    assert "taken back or changed meanwhile" in done.reason


def test_a_roll_back_meanwhile_ends_the_round(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag(experience, range(100))
    keep_up(TASK, experience)
    flag(experience, range(100, 400))
    keep_up(TASK, experience)
    flag(experience, range(400, 700), turned=True)
    whole = chosen

    def rolled_back(trained: list[Trained], places: Places) -> Trained:
        roll_back(TASK, experience)
        return whole(trained, places)

    monkeypatch.setattr(room, "chosen", rolled_back)
    done = adapt(TASK, experience)
    assert done is not None
    assert (done.outcome, done.reason) == ("given up", "another model was launched meanwhile")


def test_the_ways_of_challengers() -> None:
    seqs = list(range(1, 1001))
    places = Places.of(seqs, 1000)
    assert places == Places(600, 800, 1000)
    ways = recipes(Recipe(), seqs, places, changed=450)
    assert [one.since for one in ways if one.since] == [500, 450]
    assert [one.half_life for one in ways if one.half_life] == [250, 125]
    back = recipes(Recipe(since=500), seqs, places, changed=0)
    assert Recipe() in back
    assert Recipe(since=500) not in back
    few = list(range(1, 201))
    assert recipes(Recipe(), few, Places.of(few, 200), changed=190) == [Recipe(half_life=50)]


def test_one_adapts_and_the_other_says_why_not(tmp_path: Path) -> None:
    with (
        adapting_turn(tmp_path),
        pytest.raises(ExperienceError, match=r"process \d+ adapts here already"),
    ):
        next(watch(["message"], tmp_path, wait=lambda: True, failed=print))
    with adapting_turn(tmp_path):
        pass


def test_the_service_looks_again_when_there_is_something_new(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "get_task", lambda *_, **__: TASK)
    grown(experience)
    more = iter([range(400, 700), range(0)])

    def wait() -> bool:
        numbers = next(more, None)
        if numbers is None:
            return False
        flag(experience, numbers, turned=True)
        return True

    failures: list[ChaffinchError] = []
    done = list(watch(["message"], experience.home, wait=wait, failed=failures.append))
    assert done[-1].outcome == "launched"
    assert len(done) <= 2
    assert failures == []


def test_the_service_outlives_what_fails(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown(experience)
    failures: list[ChaffinchError] = []

    def full(*_: object, **__: object) -> None:
        raise StorageError("no space left while writing a model")

    monkeypatch.setattr(room, "adapt", full)
    looks = iter([True, True, False])
    assert (
        list(watch(["message"], experience.home, wait=lambda: next(looks), failed=failures.append))
        == []
    )
    assert [str(one) for one in failures] == ["no space left while writing a model"] * 3


def test_the_service_forgets_by_the_calendar(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "get_task", lambda *_, **__: TASK)
    grown(experience)
    (experience.home / "settings.toml").write_text("keep_days = 10\n")
    now, days = time.time(), iter([0.1, 0.6, 1.1, 9.9, 10.2, 11.5, 11.6])
    clock, left, forgot = [now], [], []

    def wait() -> bool:
        left.append(sum(experience.log.count("message").values()))
        day = next(days, None)
        clock[0] = now + 86_400 * (day or 0.0)
        return day is not None

    def forget(*given: Any) -> Any:
        forgot.append(round((clock[0] - now) / 86_400, 1))
        return really_forget(*given)

    monkeypatch.setattr("time.time", lambda: clock[0])
    monkeypatch.setattr(room, "forget", forget)
    failures: list[ChaffinchError] = []
    list(watch(["message"], experience.home, wait=wait, failed=failures.append))
    # Nobody flags anything; what was flagged is more than ten days old from the sixth look on.
    assert left == [400, 400, 400, 400, 400, 400, 0, 0]
    assert forgot[:4] == [0.0, 1.1, 9.9, 11.5], "once a day"
    assert failures == []


def last_round(upto: int, began: float = 0.0) -> Adaptation:
    return Adaptation("message", began, upto, (), finished=began)


def live(experience: Experience) -> Trained:
    return train(TASK, experience)[1]


@pytest.mark.parametrize(("days", "expected"), [(8.0, True), (6.0, False), (-30.0, True)])
def test_the_calendar_and_a_clock_that_was_set_back(
    experience: Experience, days: float, expected: bool
) -> None:
    grown(experience)
    last = last_round(350, time.time() - days * 86_400)
    found = watches.triggers(TASK, experience, live(experience), last)
    assert ("schedule" in {one.kind for one in found}) == expected
    never = watches.triggers(TASK, experience, live(experience), last, days=0)
    assert "schedule" not in {one.kind for one in never}


def test_much_new_experience(experience: Experience) -> None:
    flag(experience, range(900))
    keep_up(TASK, experience)
    found = watches.triggers(TASK, experience, live(experience), last_round(300))
    assert "experience" in {one.kind for one in found}
    found = watches.triggers(TASK, experience, live(experience), last_round(850))
    assert "experience" not in {one.kind for one in found}


def test_a_few_new_flags_are_no_reason(experience: Experience) -> None:
    grown(experience)
    assert watches.triggers(TASK, experience, live(experience), last_round(390, 0.0)) == []


def strange(number: int) -> bytes:
    """Return a message in letters that hardly any other has."""
    draw = np.random.default_rng(number)
    return "".join(map(chr, draw.integers(0x4E00, 0x9FA0, 60).tolist())).encode()


def test_items_of_another_kind_are_noticed_in_flagged_ones(experience: Experience) -> None:
    grown(experience)
    experience.add(
        "message",
        [Example(Item(strange(number), "message"), "ham") for number in range(200)],
    )
    keep_up(TASK, experience)
    found = watches.triggers(TASK, experience, live(experience), last_round(400))
    (told,) = (one for one in found if one.kind == "features")
    assert "features that are new to the model rose from" in told.said


def test_items_of_another_kind_are_noticed_though_nobody_flags_them(
    experience: Experience,
) -> None:
    from chaffinch.predictor import Predictor

    grown(experience)
    flag(experience, range(400, 430))
    keep_up(TASK, experience)
    champion = live(experience)
    assert not watches.triggers(TASK, experience, champion, last_round(400, time.time()))
    with Predictor.load("message", home=experience.home) as predictor:
        for number in range(150):
            predictor.predict(Item(strange(number), "message"), reasons=0)
    found = watches.triggers(TASK, experience, champion, last_round(400, time.time()))
    (told,) = found
    assert told.kind == "features"
    assert "of 150 items that nobody flagged" in told.said


def test_what_rises_is_told_once(experience: Experience) -> None:
    grown(experience)
    campaign = [
        Example(Item(b"zebra bonus %d xx%d" % (number, number * 7919), "message"), "spam")
        for number in range(30)
    ]
    experience.add("message", campaign)
    keep_up(TASK, experience)
    found = watches.triggers(TASK, experience, live(experience), last_round(400, time.time()))
    (told,) = (one for one in found if one.kind == "rising")
    assert "rises in spam" in told.said
    assert told.terms
    experience.adaptations.begin("message", 430, found)
    again = watches.triggers(TASK, experience, live(experience), last_round(400, time.time()))
    # What else the same items have in common may be told, but nothing twice.
    assert not {term for one in again for term in one.terms[:1]} & set(told.terms)
