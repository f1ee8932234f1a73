from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from chaffinch.errors import ExperienceError, InputError, StorageError
from chaffinch.experience import engine, items
from chaffinch.experience.history import History
from chaffinch.experience.light import (
    SCHEMA_VERSION,
    LightExperience,
    open_for_requests,
)
from chaffinch.experience.rows import StoredModel
from chaffinch.experience.store import Experience
from chaffinch.types import Example, Item, Verdict


def item(number: int, owner: str = "") -> Item:
    return Item(b"Subject: number %d\n\nhello\n" % number, owner=owner)


@pytest.fixture
def experience(tmp_path: Path) -> Iterator[Experience]:
    with Experience(tmp_path) as opened:
        yield opened


def standing(store: Experience | LightExperience, after: int = 0) -> list[tuple[bytes, str, int]]:
    return [(e.item.data, e.label, e.seq) for e in store.examples("mail", after=after)]


def test_a_flag_is_stored_once(experience: Experience) -> None:
    first = experience.flag("mail", item(1), "spam", by="ada")
    again = experience.flag("mail", item(1), "spam", by="bob")
    assert first == again
    assert (first.seq, first.by, first.label) == (1, "ada", "spam")
    assert experience.log.last_seq("mail") == 1


def test_another_label_replaces_the_first(experience: Experience) -> None:
    experience.flag("mail", item(1), "spam")
    experience.flag("mail", item(2), "ham")
    experience.flag("mail", item(1), "ham")
    assert standing(experience) == [(item(2).data, "ham", 2), (item(1).data, "ham", 3)]
    assert experience.log.count("mail") == {"ham": 2}


def test_undo_brings_back_what_stood_before(experience: Experience) -> None:
    experience.flag("mail", item(1), "spam")
    experience.flag("mail", item(1), "ham")
    assert experience.undo("mail", item(1).id).label == "ham"
    assert standing(experience) == [(item(1).data, "spam", 1)]
    experience.undo("mail", item(1).id)
    assert standing(experience) == []
    with pytest.raises(InputError, match="no flag to take back"):
        experience.undo("mail", item(1).id)
    assert list(experience.verify()) == []


def test_flagged_again_after_undo(experience: Experience) -> None:
    experience.flag("mail", item(1), "spam")
    experience.undo("mail", item(1).id)
    assert experience.flag("mail", item(1), "spam").seq == 3
    assert standing(experience) == [(item(1).data, "spam", 3)]


def test_disturbed_tells_whether_what_was_learned_still_stands(experience: Experience) -> None:
    experience.flag("mail", item(1), "spam")
    experience.flag("mail", item(2), "ham")
    experience.flag("mail", item(3), "ham")
    assert not experience.log.disturbed("mail", 2)
    experience.flag("mail", item(3), "spam")
    assert not experience.log.disturbed("mail", 2)
    assert experience.log.disturbed("mail", 3)
    experience.undo("mail", item(1).id)
    assert experience.log.disturbed("mail", 2)
    assert not experience.log.disturbed("mail", 0)


def test_owners_are_apart(experience: Experience) -> None:
    experience.flag("mail", item(1, "ada"), "spam")
    experience.flag("mail", item(1, "bob"), "ham")
    assert [(e.item.owner, e.label) for e in experience.examples("mail")] == [
        ("ada", "spam"),
        ("bob", "ham"),
    ]
    with pytest.raises(InputError, match="no item"):
        experience.items.get(item(1).id)
    assert experience.items.get(item(1).id[:8], owner="ada").data == item(1).data


def test_add_counts_what_became_of_examples(experience: Experience) -> None:
    examples = [Example(item(number), "spam") for number in range(1203)]
    added = experience.add("mail", iter(examples))
    assert (added.new, added.known, added.changed) == (1203, 0, 0)
    added = experience.add("mail", [*examples[:5], Example(item(7), "ham")])
    assert (added.new, added.known, added.changed) == (0, 5, 1)
    assert len(standing(experience)) == 1203
    assert [seq for _, _, seq in standing(experience, after=1200)] == [1201, 1202, 1203, 1204]


def test_an_interrupted_add_keeps_a_beginning(experience: Experience) -> None:
    def source() -> Iterator[Example]:
        for number in range(1200):
            yield Example(item(number), "ham")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experience.add("mail", source())
    assert len(standing(experience)) == 1000
    assert list(experience.verify()) == []


def test_an_ambiguous_or_unknown_or_short_id(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        experience.flag("mail", item(number), "ham")
    begun = item(7).id[:6]
    assert experience.items.get(begun) == item(7)
    for few in ("", item(7).id[0], begun[:5]):
        with pytest.raises(InputError, match="too little of an id: give a path, or at least 6"):
            experience.items.get(few)
    for none in ("%", "f" * 6):
        with pytest.raises(InputError, match="no file and no item"):
            experience.items.get(none)
    monkeypatch.setattr("chaffinch.experience.items.LEAST_DIGITS", 1)
    with pytest.raises(InputError, match="more than one item"):
        experience.items.get(item(7).id[0])


VERDICT = Verdict(item(1).id, "spam", 0.99, 4.6, "junk", "m1")


def store_model(experience: Experience, id_: str, trained_to: int = 0) -> None:
    experience.models.add(StoredModel(id_, "mail", "linear", 1.0, trained_to, 0, {"n": 3}))


def test_launches_are_a_history(experience: Experience) -> None:
    assert experience.champion("mail") is None
    store_model(experience, "m1")
    store_model(experience, "m2")
    experience.launches.add("mail", "m1", "first", flags_from=3)
    launch = experience.launches.add("mail", "m2", "better", flags_from=5)
    assert (launch.model, launch.rung, launch.replaced) == ("m2", "linear", "m1")
    assert experience.champion("mail") == launch
    assert [one.model for one in experience.launches.all("mail")] == ["m2", "m1"]
    with pytest.raises(ExperienceError, match="does not know it"):
        experience.launches.add("mail", "m3", "unknown", flags_from=0)
    assert experience.models.get("m1").report == {"n": 3}


def test_examples_of_some_flags_alone(experience: Experience) -> None:
    for number in range(5):
        experience.flag("mail", item(number), "spam")
    experience.undo("mail", item(3).id)
    assert [one.seq for one in experience.examples("mail", among=[4, 2, 99])] == [2]
    assert not list(experience.examples("mail", among=[]))


def test_what_was_judged_and_not_flagged_comes_latest_first(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "_CHUNK", 2)
    for number in (0, 1, 2, 3, 4, 1):
        experience.remember("mail", item(number), VERDICT, door="predict")
    experience.remember("mail", item(2, "ada"), VERDICT, door="predict")
    experience.remember("message", Item(b"hi", "message"), VERDICT, door="predict")
    experience.flag("mail", item(3), "ham")
    experience.flag("mail", item(2), "ham")
    experience.flag("mail", item(4), "ham")
    experience.undo("mail", item(4).id)
    found = [item(2, "ada"), item(1), item(4), item(0)]
    assert list(experience.items.unflagged("mail", 100)) == found
    assert list(experience.items.unflagged("mail", 3)) == found[:3]


def test_the_light_store_says_the_same(experience: Experience, tmp_path: Path) -> None:
    for number in range(6):
        experience.flag("mail", item(number, "ada"), "spam")
    experience.flag("mail", item(2, "ada"), "ham")
    experience.undo("mail", item(2, "ada").id, owner="ada")
    experience.undo("mail", item(4, "ada").id, owner="ada")
    store_model(experience, "m1")
    experience.launches.add("mail", "m1", "first", flags_from=3)
    with LightExperience(tmp_path) as light:
        for after in range(9):
            assert list(light.examples("mail", after=after)) == list(
                experience.examples("mail", after=after)
            )
        assert light.champion("mail") == experience.champion("mail")
        assert light.champion("mail") is not None
        light.remember("mail", [(item(1), VERDICT), (item(1), VERDICT)], door="filter")
    experience.remember("mail", item(1), VERDICT, door="filter")
    connection = sqlite3.connect(tmp_path / "experience.db")
    rows = connection.execute("SELECT * FROM verdicts").fetchall()
    connection.close()
    assert [row[0] for row in rows] == [1, 2, 3]
    assert {row[1:-1] for row in rows} == {rows[0][1:-1]}, "the two stores write different rows"
    assert experience.items.get(item(1).id) == item(1)


def test_requests_take_the_light_store_only_where_it_fits(tmp_path: Path) -> None:
    assert open_for_requests(tmp_path) is None
    Experience(tmp_path).close()
    second = open_for_requests(tmp_path)
    assert isinstance(second, LightExperience)
    second.close()


def test_a_disk_that_is_full_can_still_be_read(
    experience: Experience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_model(experience, "m1")
    experience.launches.add("mail", "m1", "first", flags_from=3)
    experience.close()
    connect = LightExperience._connect

    def full(self: LightExperience, where: str) -> None:
        if not where.startswith("file:"):
            raise sqlite3.OperationalError("disk I/O error")
        connect(self, where)

    monkeypatch.setattr(LightExperience, "_connect", full)
    with LightExperience(tmp_path) as light:
        launch = light.champion("mail")
        assert launch is not None
        assert launch.model == "m1"
        with pytest.raises(StorageError, match="cannot be written at present"):
            light.remember("mail", [(item(1), VERDICT)], door="filter")


def opened(home: Path) -> None:
    Experience(home).close()


def light(home: Path) -> None:
    LightExperience(home).close()


@pytest.mark.parametrize("opens", [opened, light])
def test_a_database_of_a_newer_version(tmp_path: Path, opens: Callable[[Path], None]) -> None:
    opened(tmp_path)
    connection = sqlite3.connect(tmp_path / "experience.db")
    connection.execute("UPDATE schema SET version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(ExperienceError, match=r"version 99.*upgrade Chaffinch"):
        opens(tmp_path)


@pytest.mark.parametrize("opens", [opened, light])
def test_a_file_that_is_no_database(tmp_path: Path, opens: Callable[[Path], None]) -> None:
    (tmp_path / "experience.db").write_bytes(b"not a database at all, but long enough" * 100)
    with pytest.raises(ExperienceError, match="restore it from a backup"):
        opens(tmp_path)


def test_somebody_elses_database(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "experience.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    with pytest.raises(ExperienceError, match="move it away"):
        opened(tmp_path)


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="CHAFFINCH_HOME"):
        Experience(tmp_path / "file" / "home")


def test_a_full_disk(experience: Experience) -> None:
    experience.flag("mail", item(1), "spam")
    with experience._write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    # Random bytes do not shrink when they are packed.
    big = Item(random.Random(0).randbytes(5_000_000))
    with pytest.raises(StorageError, match="free some space"):
        experience.flag("mail", big, "spam")
    assert standing(experience)[0] == (item(1).data, "spam", 1)
    assert list(experience.verify()) == []


def test_verify_finds_what_is_wrong(experience: Experience, tmp_path: Path) -> None:
    experience.flag("mail", item(1), "spam")
    experience.flag("mail", item(2), "spam")
    experience.flag("mail", item(3), "spam")
    store_model(experience, "m1")
    experience.launches.add("mail", "m1", "first", flags_from=0)
    connection = sqlite3.connect(tmp_path / "experience.db")
    connection.execute("UPDATE items SET data = X'00' WHERE id = ?", (item(1).id,))
    connection.execute(
        "UPDATE items SET data = (SELECT data FROM items WHERE id = ?) WHERE id = ?",
        (item(3).id, item(2).id),
    )
    connection.execute("UPDATE flags SET label = 'eggs' WHERE seq = 2")
    connection.execute("DELETE FROM items WHERE id = ?", (item(3).id,))
    connection.commit()
    connection.close()
    found = "\n".join(experience.verify())
    assert f"item {item(1).id}: cannot be unpacked" in found
    assert f"item {item(2).id}: its bytes have changed" in found
    assert "'eggs' is no label of mail" in found
    assert "of flags refers to a missing row of items" in found
    assert "m1.safetensors is missing" in found
    with pytest.raises(ExperienceError, match="damaged"):
        list(experience.examples("mail"))


def test_a_migration_that_fails_changes_nothing(
    experience: Experience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experience.flag("mail", item(1), "spam")

    def breaks(connection: Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE items ADD COLUMN colour VARCHAR")
        raise RuntimeError("killed")

    def works(connection: Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE items ADD COLUMN colour VARCHAR")

    monkeypatch.setattr(engine, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setattr(engine, "MIGRATIONS", (*engine.MIGRATIONS, breaks))
    with pytest.raises(RuntimeError, match="killed"):
        opened(tmp_path)
    monkeypatch.setattr(engine, "MIGRATIONS", (*engine.MIGRATIONS[:-1], works))
    with Experience(tmp_path) as migrated:
        assert standing(migrated) == [(item(1).data, "spam", 1)]
    connection = sqlite3.connect(tmp_path / "experience.db")
    assert connection.execute("SELECT version FROM schema").fetchall() == [(SCHEMA_VERSION + 1,)]
    connection.close()


def test_a_database_without_refusals_gets_them(experience: Experience, tmp_path: Path) -> None:
    experience.flag("mail", item(1), "spam")
    store_model(experience, "m1")
    experience.launches.add("mail", "m1", "first", flags_from=0)
    experience.close()
    as_of_version_1(tmp_path)
    requests = open_for_requests(tmp_path)
    assert requests is not None
    requests.close()
    with Experience(tmp_path) as migrated:
        assert standing(migrated) == [(item(1).data, "spam", 1)]
        assert migrated.launches.refused("mail") == []
        migrated.launches.refuse("mail", "m1", "worse", champion="m2", evidence={})
        assert [one.reason for one in migrated.launches.refused("mail")] == ["worse"]


def as_of_version_1(home: Path) -> None:
    connection = sqlite3.connect(home / "experience.db")
    connection.execute("DROP TABLE refusals")
    connection.execute("ALTER TABLE items DROP COLUMN source")
    connection.execute("UPDATE schema SET version = 1")
    connection.commit()
    connection.close()


def take(source: str = "") -> Item:
    return Item(b"RIFF", "words", source=source)


def test_an_item_is_known_by_where_it_came_from(experience: Experience, tmp_path: Path) -> None:
    experience.flag("words", take("3_theo_5.wav"), "three", by="ada")
    (one,) = experience.examples("words")
    assert (one.name, one.item.source, one.by) == ("3_theo_5.wav", "3_theo_5.wav", "ada")
    with LightExperience(tmp_path) as light:
        (same,) = light.examples("words")
        assert (same, same.item.source) == (one, "3_theo_5.wav")
    # What comes again under another name keeps the first.
    experience.flag("words", take("copy.wav"), "one", by="ada")
    assert experience.items.get(take().id).source == "3_theo_5.wav"
    assert take("copy.wav") == take("3_theo_5.wav")


@pytest.mark.parametrize("again", ["flagged", "judged", "judged by the light store"])
def test_a_home_without_sources_gets_them(
    experience: Experience, tmp_path: Path, again: str
) -> None:
    experience.flag("words", take(), "three", by="ada")
    experience.close()
    as_of_version_3(tmp_path)
    with History(tmp_path, "words") as history:
        # Only read, and so as it is.
        ((_, met),) = history.examples(history.seen(time.time() + 60, 10))
        assert (met.item.data, met.name) == (b"RIFF", take().id)
        connection = sqlite3.connect(tmp_path / "experience.db")
        assert connection.execute("SELECT version FROM schema").fetchall() == [(3,)]
        connection.close()
    with Experience(tmp_path) as migrated:
        ((example),) = migrated.examples("words")
        assert (example.name, example.item.source) == (take().id, "")
        named = take("3_theo_5.wav")
        if again == "flagged":
            migrated.flag("words", named, "three", by="bob")
        elif again == "judged":
            migrated.remember("words", named, VERDICT, door="predict")
        else:
            with LightExperience(tmp_path) as light:
                light.remember("words", [(named, VERDICT)], door="predict")
        assert migrated.items.get(named.id).source == "3_theo_5.wav"
        assert list(migrated.verify()) == []


def as_of_version_3(home: Path) -> None:
    connection = sqlite3.connect(home / "experience.db")
    connection.execute("ALTER TABLE items DROP COLUMN source")
    connection.execute("UPDATE schema SET version = 3")
    connection.commit()
    connection.close()


def test_refusals_are_a_history(experience: Experience) -> None:
    store_model(experience, "m1")
    store_model(experience, "m2")
    experience.launches.refuse("mail", "m1", "costs more", champion="m2", evidence={"items": 7})
    experience.launches.refuse("mail", "m2", "too little", champion="m1", evidence={})
    newest, first = experience.launches.refused("mail")
    assert (first.model, first.rung, first.champion) == ("m1", "linear", "m2")
    assert (first.reason, first.evidence, first.seq) == ("costs more", {"items": 7}, 1)
    assert newest.seq == 2
    assert experience.launches.refused("message") == []
    with pytest.raises(ExperienceError, match="does not know it"):
        experience.launches.refuse("mail", "m3", "unknown", champion="m1", evidence={})


def test_there_are_as_many_migrations_as_versions() -> None:
    assert len(engine.MIGRATIONS) == SCHEMA_VERSION
