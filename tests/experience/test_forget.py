from __future__ import annotations

import random
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chaffinch.errors import UsageError
from chaffinch.experience import forget as module
from chaffinch.experience import forget_statements
from chaffinch.experience.forget import VERDICTS_KEPT, forget
from chaffinch.experience.light import LightExperience
from chaffinch.experience.retention import Bounds, Forgotten
from chaffinch.experience.store import Experience
from chaffinch.types import Example, Item, Verdict

DAY = 86_400.0


@pytest.fixture
def experience(tmp_path: Path) -> Iterator[Experience]:
    with Experience(tmp_path) as opened:
        yield opened


def item(number: int, owner: str = "", kind: str = "mail") -> Item:
    return Item(b"Subject: number %d\n\nhello\n" % number, kind, owner)


def label(number: int) -> str:
    return "spam" if number % 5 == 0 else "ham"


def give(experience: Experience, numbers: range, owner: str = "") -> None:
    experience.add("mail", [Example(item(number, owner), label(number)) for number in numbers])


def judge(experience: Experience, one: Item, task: str = "mail") -> None:
    verdict = Verdict(one.id, "ham", 0.1, -2.0, "deliver", "a-model", ())
    experience.remember(task, one, verdict, door="test")


def left(experience: Experience, task: str = "mail") -> list[tuple[str, str, str]]:
    return sorted((one.item.owner, one.item.id, one.label) for one in experience.examples(task))


def rows(experience: Experience, statement: str) -> list[Any]:
    with closing(sqlite3.connect(experience.name)) as connection:
        return connection.execute(statement).fetchall()


def count(experience: Experience, table: str) -> int:
    number: int = rows(experience, f"SELECT count(*) FROM {table}")[0][0]
    return number


def bounded(experience: Experience, bounds: Bounds, **how: Any) -> Forgotten:
    told = forget(experience.name, "mail", bounds, **how)
    assert list(experience.verify()) == []
    return told


def test_the_newest_stay_and_a_sample_of_the_old_with_half_of_it_for_each_label(
    experience: Experience,
) -> None:
    give(experience, range(100))
    told = bounded(experience, Bounds(flagged=20, reservoir=10))
    assert (told.newest, told.reservoir) == ({"spam": 4, "ham": 16}, {"spam": 5, "ham": 5})
    assert told.gone == {"spam": 11, "ham": 59}
    assert (told.flags, told.items) == (70, 70)
    old = {name: [item(n).id for n in range(80) if label(n) == name] for name in ("spam", "ham")}
    expected = [("", item(n).id, label(n)) for n in range(80, 100)]
    expected += [("", id_, name) for name, ids in old.items() for id_ in sorted(ids)[:5]]
    assert left(experience) == sorted(expected)
    assert count(experience, "items") == 30


def test_what_one_label_leaves_of_the_sample_is_the_others(experience: Experience) -> None:
    give(experience, range(10))
    told = bounded(experience, Bounds(flagged=0, reservoir=7))
    assert told.reservoir == {"spam": 2, "ham": 5}


def test_one_class_and_no_sample(experience: Experience) -> None:
    give(experience, range(1, 5))
    assert bounded(experience, Bounds(flagged=1, reservoir=2)).reservoir == {"ham": 2}
    assert bounded(experience, Bounds(flagged=1, reservoir=0)).gone == {"ham": 2}
    assert left(experience) == [("", item(4).id, "ham")]


def test_twice_is_once(experience: Experience) -> None:
    give(experience, range(60))
    bounds = Bounds(flagged=10, reservoir=9)
    assert bounded(experience, bounds)
    kept = left(experience)
    assert not bounded(experience, bounds)
    assert left(experience) == kept
    assert count(experience, "forgettings") == 1


@pytest.mark.parametrize("seed", range(3))
def test_step_by_step_is_once_at_the_end(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    bounds = Bounds(flagged=draw.randrange(8), reservoir=draw.randrange(1, 12))
    with Experience(tmp_path / "steps") as steps, Experience(tmp_path / "once") as once:
        for number in range(80):
            one = Example(item(number + 1000 * seed), "spam" if draw.random() < 0.2 else "ham")
            for experience in (steps, once):
                experience.add("mail", [one])
            if draw.random() < 0.3:
                forget(steps.name, "mail", bounds)
        for experience in (steps, once):
            bounded(experience, bounds)
        assert left(steps) == left(once)


def test_an_empty_experience(experience: Experience) -> None:
    told = bounded(experience, Bounds())
    assert not told
    assert told.bytes_after == told.bytes_before > 0
    assert count(experience, "forgettings") == 0


def test_a_dry_run_changes_nothing_and_says_what_would(experience: Experience) -> None:
    give(experience, range(30))
    for number in range(25, 40):
        judge(experience, item(number))
    before = {table: count(experience, table) for table in ("flags", "items", "verdicts")}
    bounds = Bounds(flagged=5, reservoir=4, unflagged=3)
    planned = bounded(experience, bounds, dry_run=True)
    assert {table: count(experience, table) for table in before} == before
    assert count(experience, "forgettings") == 0
    done = bounded(experience, bounds)
    planned.bytes_after = done.bytes_after
    assert planned == done
    assert count(experience, "verdicts") == done.verdicts_kept


def test_a_flag_goes_with_all_that_was_said_of_its_item(experience: Experience) -> None:
    judge(experience, item(1))
    experience.flag("mail", item(1), "spam")
    experience.flag("mail", item(1), "ham")
    experience.undo("mail", item(1).id)
    experience.undo("mail", item(1).id)
    experience.flag("mail", item(1), "ham")
    give(experience, range(10, 12))
    told = bounded(experience, Bounds(flagged=2, reservoir=0))
    assert (told.flags, told.items, told.verdicts) == (5, 1, 1)
    assert count(experience, "flags") == 2


def test_what_was_only_judged_or_taken_back_stays_by_when_it_was(experience: Experience) -> None:
    experience.flag("mail", item(1), "spam")
    experience.undo("mail", item(1).id)
    for number in (2, 3, 2, 4):
        judge(experience, item(number))
    experience.flag("mail", item(5), "spam")
    told = bounded(experience, Bounds(unflagged=2))
    assert (told.unflagged, told.unflagged_gone) == (2, 2)
    assert (told.flags, told.items, told.verdicts) == (2, 2, 1)
    assert [one.id for one in experience.items.unflagged("mail", 9)] == [item(4).id, item(2).id]
    assert experience.log.count("mail") == {"spam": 1}


def test_verdicts_on_what_stays_are_bounded_too(experience: Experience) -> None:
    experience.flag("mail", item(1), "spam")
    for _ in range(VERDICTS_KEPT + 3):
        judge(experience, item(1))
    judge(experience, item(2))
    told = bounded(experience, Bounds())
    assert (told.verdicts, told.verdicts_kept) == (3, VERDICTS_KEPT + 1)
    assert rows(experience, "SELECT min(seq), count(*) FROM verdicts") == [(4, VERDICTS_KEPT + 1)]


def test_verdicts_on_items_too_large_to_keep_go_as_well(experience: Experience) -> None:
    judge(experience, Item(b"x" * (2 << 20)))
    told = bounded(experience, Bounds(unflagged=0))
    assert (told.items, told.verdicts) == (0, 1)
    assert count(experience, "verdicts") == 0


def test_nothing_older_than_so_many_days_stays(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(10):
        monkeypatch.setattr("time.time", lambda day=day: day * DAY)
        experience.flag("mail", item(day), label(day))
        judge(experience, item(day + 100))
    told = bounded(experience, Bounds(flagged=2, reservoir=100, unflagged=100, days=4), now=9 * DAY)
    assert (told.newest, told.reservoir) == ({"ham": 2}, {"spam": 1, "ham": 2})
    assert told.unflagged == 5
    assert {one.item.id for one in experience.examples("mail")} == {
        item(day).id for day in range(5, 10)
    }


def test_owners_of_the_same_bytes_have_each_their_own(experience: Experience) -> None:
    experience.flag("mail", item(1, "ada"), "spam")
    experience.flag("mail", item(1, "bob"), "ham")
    told = bounded(experience, Bounds(flagged=1, reservoir=0))
    assert told.items == 1
    assert left(experience) == [("bob", item(1).id, "ham")]


@pytest.mark.parametrize("needed_by", ["flag", "verdict"])
def test_bytes_that_another_task_needs_stay(experience: Experience, needed_by: str) -> None:
    experience.flag("mail", item(1), "spam")
    judge(experience, item(1))
    if needed_by == "flag":
        experience.flag("message", item(1), "ham")
    else:
        judge(experience, item(1), "message")
    told = bounded(experience, Bounds(flagged=0, reservoir=0))
    assert (told.flags, told.verdicts, told.items) == (1, 1, 0)
    assert experience.items.get(item(1).id) == item(1)
    told = forget(experience.name, "message", Bounds(0, 0, 0))
    assert told.items == 1
    assert count(experience, "items") == 0


def test_places_in_the_log_are_not_given_anew(experience: Experience) -> None:
    give(experience, range(3))
    bounded(experience, Bounds(flagged=0, reservoir=0))
    assert experience.log.last_seq("mail") == 0
    assert experience.flag("mail", item(1), "ham").seq == 4


def test_killed_in_the_middle(experience: Experience, monkeypatch: pytest.MonkeyPatch) -> None:
    give(experience, range(30))
    for number in range(10):
        judge(experience, item(number))
    bounds = Bounds(flagged=5, reservoir=4)
    monkeypatch.setattr(module, "_BATCH", 4)
    monkeypatch.setattr("time.sleep", _killed_at(3))
    with pytest.raises(KeyboardInterrupt):
        forget(experience.name, "mail", bounds)
    assert list(experience.verify()) == []
    assert rows(experience, "SELECT flags, items FROM forgettings") == [(12, 12)]
    assert len(left(experience)) == 18
    monkeypatch.setattr("time.sleep", lambda _: None)
    told = bounded(experience, bounds)
    assert sum(told.gone.values()) == 9
    assert len(left(experience)) == 9
    # One row for each run, and together they count all that went.
    assert rows(experience, "SELECT count(*), sum(flags), sum(verdicts) FROM forgettings") == [
        (2, 21, 10 - told.verdicts_kept)
    ]


def _killed_at(turn: int) -> Any:
    turns = iter(range(1, turn + 1))

    def pause(_: float) -> None:
        if next(turns) == turn:
            raise KeyboardInterrupt

    return pause


def test_killed_within_a_transaction(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(experience, range(10))
    monkeypatch.setattr(forget_statements, "COUNT_UP", "SELECT nonsense")
    with pytest.raises(Exception, match="nonsense"):
        forget(experience.name, "mail", Bounds(flagged=5, reservoir=0))
    assert (count(experience, "flags"), count(experience, "forgettings")) == (10, 0)
    assert list(experience.verify()) == []


def test_what_is_said_meanwhile_is_kept(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(experience, range(20))
    # Two of those whose turn to go comes last.
    judged, flagged = sorted(range(15), key=lambda number: item(number).id)[-2:]
    monkeypatch.setattr(module, "_BATCH", 4)
    said = iter([True])

    def meanwhile(_: float) -> None:
        if next(said, False):
            experience.flag("mail", item(flagged), "spam" if label(flagged) == "ham" else "ham")
            judge(experience, item(judged))
            experience.flag("mail", item(99), "spam")
            with LightExperience(experience.home) as light:
                assert len(list(light.examples("mail"))) == 17

    monkeypatch.setattr("time.sleep", meanwhile)
    told = bounded(experience, Bounds(flagged=5, reservoir=0))
    assert told.waiting == 2
    ids = {one.item.id for one in experience.examples("mail")}
    assert ids == {item(number).id for number in (judged, flagged, *range(15, 20), 99)}


def test_what_no_model_has_learned_yet_waits(experience: Experience) -> None:
    give(experience, range(1, 5))
    experience.undo("mail", item(1).id)
    told = bounded(experience, Bounds(0, 0, 0), learned=3)
    assert (told.waiting, told.gone) == (2, {"ham": 2})
    assert not experience.log.disturbed("mail", 0)
    assert experience.log.disturbed("mail", 3)
    assert bounded(experience, Bounds(0, 0, 0), learned=5).flags == 3


def test_it_makes_the_file_smaller_and_leaves_no_trace(experience: Experience) -> None:
    draw = random.Random(7)
    examples = [Example(Item(draw.randbytes(2000)), "spam") for _ in range(60)]
    experience.add("mail", examples)
    with closing(sqlite3.connect(experience.name)) as reader:
        # A reader in the midst of it is no hindrance, and sees what it saw.
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM flags").fetchone() == (60,)
        told = bounded(experience, Bounds(flagged=10, reservoir=0))
        assert reader.execute("SELECT count(*) FROM flags").fetchone() == (60,)
    assert told.bytes_after < told.bytes_before / 2
    assert experience.flag("mail", item(1), "ham").seq == 61
    experience.close()
    file = Path(experience.name).read_bytes()
    assert zlib.compress(examples[0].item.data)[:40] not in file
    assert zlib.compress(examples[-1].item.data)[:40] in file


def test_the_record_says_what_went_and_by_which_bounds(experience: Experience) -> None:
    give(experience, range(3))
    judge(experience, item(0))
    bounded(experience, Bounds(flagged=1, reservoir=0, days=3650))
    kept = "kept the newest 1 flagged, 0 of those before, 10,000 unflagged, 3,650 days"
    found = rows(experience, "SELECT task, flags, items, verdicts, reason FROM forgettings")
    assert found == [("mail", 2, 2, 1, kept)]


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"flagged": -1}, r"flagged -1: give a whole number from 0"),
        ({"days": -3}, r"days -3: .*0 is for ever"),
        ({"reservoir": 10**30}, r"reservoir 10{30}: give a whole number"),
    ],
)
def test_bounds_that_make_no_sense(bounds: dict[str, int], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Bounds(**bounds)
