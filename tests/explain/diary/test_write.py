from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine

from chaffinch.errors import ExperienceError
from chaffinch.experience import engine
from chaffinch.experience.history import History
from chaffinch.explain.diary import arrivals
from chaffinch.explain.diary import write as writing
from chaffinch.explain.diary.entries import Diary
from chaffinch.explain.diary.write import write
from chaffinch.task import get_task
from happenings import Happenings, at, mail

TASK = get_task("mail")


@pytest.fixture
def happenings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Happenings]:
    happened = Happenings(tmp_path, monkeypatch)
    yield happened
    happened.experience.close()


def diary(home: Path, since: str = "2026-11-01", until: str = "2026-11-25") -> Diary:
    with History(home, "mail") as history:
        return write(TASK, history, since=at(f"{since} 12:00"), until=at(f"{until} 12:00"))


def lines(written: Diary, date: str) -> list[str]:
    (entry,) = (entry for entry in written.entries if entry.date == date)
    return [line.text for line in entry.lines]


def evidence(written: Diary, key: str) -> str:
    (one,) = (one for one in written.evidence if one.key == key)
    return f"{one.text} {one.command}"


def test_flags_are_told_by_label_person_and_door(happenings: Happenings, tmp_path: Path) -> None:
    happenings.flag("2026-11-02 09:00", mail("a"), "spam")
    happenings.flag("2026-11-02 09:01", mail("b"), "spam")
    happenings.flag("2026-11-02 23:59", mail("c"), "ham", by="bob", door="api")
    written = diary(tmp_path)
    assert lines(written, "2026-11-02") == [
        "Flagged: 1 ham and 2 spam, by “ada” through “flag” (2), “bob” through “api” (1)."
    ]
    assert written.entries[0].title == "Monday, 2026-11-02"
    (line,) = written.entries[0].lines
    assert line.evidence == ("flags 1-3",)
    assert f"{mail('a').id[:12]} as spam" in evidence(written, "flags 1-3")


def test_what_is_said_again_after_a_roll_back_changes_nothing(
    happenings: Happenings, tmp_path: Path
) -> None:
    happenings.flag("2026-11-02 09:00", mail("a"), "spam")
    happenings.clock.now = at("2026-11-03 09:00")
    happenings.experience.flag("mail", mail("a"), "spam", by="ada", gaps=[(0, 1)])
    assert lines(diary(tmp_path), "2026-11-03") == ["Flagged: 1 spam, by “ada” through “flag”."]


def test_bulk_learning_is_one_line(happenings: Happenings, tmp_path: Path) -> None:
    happenings.learn("2026-11-02 09:00", "spam", [mail(f"s{k}", k) for k in range(3)])
    happenings.learn("2026-11-02 10:00", "ham", [mail(f"h{k}", k) for k in range(2)])
    assert lines(diary(tmp_path), "2026-11-02") == ["Learned in bulk: 2 ham and 3 spam, by “ada”."]


def test_changes_and_what_was_taken_back(happenings: Happenings, tmp_path: Path) -> None:
    happenings.flag("2026-11-02 09:00", mail("Lunch?"), "spam")
    happenings.flag("2026-11-02 09:05", mail("Minutes"), "spam")
    happenings.flag("2026-11-03 09:00", mail("Lunch?"), "ham")
    happenings.undo("2026-11-04 09:00", mail("Lunch?"))
    happenings.undo("2026-11-04 09:01", mail("Lunch?"), by="mal")
    written = diary(tmp_path)
    assert lines(written, "2026-11-02")[0].startswith("Flagged: 2 spam")
    assert lines(written, "2026-11-03") == ["Changed: 1 spam to ham: “Lunch?”."]
    (taken,) = lines(written, "2026-11-04")
    assert taken == (
        "Taken back: 1 ham and 1 spam, by “ada” through “undo” (1), “mal” through “undo” (1): "
        "“Lunch?”, “Lunch?”."
    )
    key = f"mail {mail('Lunch?').id[:12]}"
    assert written.entries[0].lines[0].evidence[0] == key
    assert f"chaffinch predict mail {mail('Lunch?').id}" in evidence(written, key)
    assert "flagged" not in evidence(written, key)


def test_a_day_ends_at_midnight_utc_and_the_newest_comes_first(
    happenings: Happenings, tmp_path: Path
) -> None:
    happenings.flag("2026-11-02 23:59:59", mail("a"), "spam")
    happenings.flag("2026-11-03 00:00:00", mail("b"), "spam")
    happenings.flag("2026-11-03 00:00:01", mail("c"), "spam")
    written = diary(tmp_path)
    assert [entry.date for entry in written.entries] == ["2026-11-03", "2026-11-02"]
    assert lines(written, "2026-11-02")[0].startswith("Flagged: 1 spam")
    assert lines(written, "2026-11-03")[0].startswith("Flagged: 2 spam")
    assert [entry.date for entry in diary(tmp_path, until="2026-11-02").entries] == ["2026-11-02"]
    assert [entry.date for entry in diary(tmp_path, since="2026-11-03").entries] == ["2026-11-03"]


def test_what_was_judged_caught_and_wrong(happenings: Happenings, tmp_path: Path) -> None:
    happenings.model("2026-11-01 08:00", "mail-linear-20261101-080000-abcd", "linear", 7)
    happenings.launch("2026-11-01 08:00", "mail-linear-20261101-080000-abcd", "first")
    model = "mail-linear-20261101-080000-abcd"
    truths = [("Lunch?", "junk", "ham"), ("pills", "junk", "spam"), ("cash", "deliver", "spam")]
    truths += [("offer", "unsure", "spam"), ("notes", "deliver", "ham"), ("never", "junk", "")]
    for subject, action, _ in truths:
        happenings.judge("2026-11-02 09:00", mail(subject), action, model)  # type: ignore[arg-type]
    for subject, _, truth in truths:
        if truth:
            happenings.flag("2026-11-03 09:00", mail(subject), truth)
    written = diary(tmp_path)
    assert lines(written, "2026-11-02") == [
        "Judged: 6: 2 delivered, 1 left unsure, 3 put into junk."
    ]
    _, checked, lost, missed = lines(written, "2026-11-03")
    assert checked.startswith("Checked by flags: 2 right, 2 wrong, 1 unsure.")
    assert "right 2 of 5 (40.0% [5.3–85.3])" in checked
    assert "ham lost 1 of 2 (50.0% [1.3–98.7])" in checked
    assert "spam missed 1 of 3" in checked
    assert lost == "Ham lost, put into junk: 1: “Lunch?”."
    assert missed == "Spam missed, delivered: 1: “cash”."
    assert [line.worst for line in written.entries[0].lines] == [False, False, True, False]
    assert "judged spam on 2026-11-02 09:00 UTC" in evidence(
        written, f"mail {mail('Lunch?').id[:12]}"
    )
    assert f"{model}: online logistic regression" in evidence(written, "linear abcd")


def test_a_verdict_after_the_flag_proves_nothing(happenings: Happenings, tmp_path: Path) -> None:
    happenings.flag("2026-11-02 09:00", mail("a"), "spam")
    happenings.judge("2026-11-02 10:00", mail("a"), "deliver")
    assert not any("Checked" in line for line in lines(diary(tmp_path), "2026-11-02"))


def test_a_mistake_that_was_none_is_not_held_against_a_verdict(
    happenings: Happenings, tmp_path: Path
) -> None:
    happenings.judge("2026-11-02 08:00", mail("a"), "junk")
    happenings.flag("2026-11-02 09:00", mail("a"), "ham")
    assert any("Ham lost" in line for line in lines(diary(tmp_path), "2026-11-02"))
    happenings.undo("2026-11-02 10:00", mail("a"))
    assert not any("Ham lost" in line for line in lines(diary(tmp_path), "2026-11-02"))
    happenings.flag("2026-11-02 11:00", mail("a"), "spam")
    assert any("1 right, 0 wrong" in line for line in lines(diary(tmp_path), "2026-11-02"))


def test_owners_are_apart(happenings: Happenings, tmp_path: Path) -> None:
    for owner, truth in (("ada", "ham"), ("bob", "spam")):
        happenings.judge("2026-11-02 08:00", mail("a", owner=owner), "junk")
        happenings.flag("2026-11-02 09:00", mail("a", owner=owner), truth)
    written = diary(tmp_path)
    assert any("1 right, 1 wrong" in line for line in lines(written, "2026-11-02"))
    assert ", of “ada”" in evidence(written, f"mail {mail('a').id[:12]}")


def test_launches_roll_backs_and_refusals(happenings: Happenings, tmp_path: Path) -> None:
    for name, rung, count in (("m1", "rules", 10), ("m2", "linear", 60), ("m3", "linear", 110)):
        happenings.model("2026-11-02 08:00", name, rung, count)
    happenings.launch("2026-11-02 08:00", "m1", "hand-written rules: begun from nothing")
    happenings.launch("2026-11-03 08:00", "m2", "online logistic regression: costs 9 less")
    happenings.refuse("2026-11-03 08:00", "m1", "hand-written rules: costs 9 more")
    happenings.refuse("2026-11-03 09:00", "m1", "hand-written rules: costs 8 more")
    happenings.launch("2026-11-04 08:00", "m3", "online logistic regression: no other")
    happenings.launch("2026-11-05 08:00", "m1", "rolled back from m3", rollback=True)
    written = diary(tmp_path)
    linear, rules = "online logistic regression", "hand-written rules"
    p = " P on 200, each judged before it was learned: accuracy 95.0% [91.0–97.5]."
    assert lines(written, "2026-11-02") == [
        f"Launched: hand-written rules, trained from 10 flags: begun from nothing.{p}"
    ]
    assert lines(written, "2026-11-03") == [
        f"Launched: {linear} in place of {rules}, trained from 60 flags: costs 9 less.{p}",
        "Not launched: hand-written rules: costs 8 more (2 times).",
    ]
    assert lines(written, "2026-11-04") == [
        f"Kept live: online logistic regression trained from 110 flags: no other.{p}"
    ]
    assert lines(written, "2026-11-05") == [
        "Rolled back to hand-written rules, trained from 10 flags, from online logistic regression."
    ]
    assert "m2 in place of m1 chaffinch launch mail --list" in evidence(written, "launch 2")
    assert "90 flags judged by it and linear before they were learned, 12 otherwise" in evidence(
        written, "refusal 2"
    )


def test_a_day_of_many_launches(happenings: Happenings, tmp_path: Path) -> None:
    for number in range(9):
        happenings.model("2026-11-02 08:00", f"m{number}", "linear", 50 * number)
        happenings.launch(f"2026-11-02 09:0{number}", f"m{number}", "linear: no other")
    for number in range(9):
        happenings.model("2026-11-03 08:00", f"n{number}", ("rules", "bayes")[number % 2])
        happenings.launch(f"2026-11-03 09:0{number}", f"n{number}", "by hand")
    written = diary(tmp_path)
    first, kept = lines(written, "2026-11-02")
    assert first.startswith("Launched: online logistic regression, trained from 0 flags")
    assert "regression 8 times, the last time trained from 400 flags" in kept
    assert lines(written, "2026-11-03")[-1] == "And 5 launches more."
    assert len(lines(written, "2026-11-03")) == 5


def test_new_campaigns_are_told_once(happenings: Happenings, tmp_path: Path) -> None:
    text = "your parcel waits for the customs fee, settle it with this form before the evening"
    happenings.flag("2026-11-02 08:00", mail("notes", body="the minutes of the meeting"), "ham")
    for number in range(6):
        happenings.judge(f"2026-11-03 09:0{number}", mail("Parcel", number, text), "junk")
    for number in range(6, 12):
        happenings.flag("2026-11-04 09:00", mail("Parcel", number, text), "spam")
    written = diary(tmp_path)
    new = lines(written, "2026-11-03")[-1]
    assert new.startswith("New: 6 near-copies, spam: “Parcel”; with “")
    assert "customs" in new or "parcel" in new
    assert written.entries[1].lines[-1].evidence == (f"mail {mail('Parcel', 0, text).id[:12]}",)
    for date in ("2026-11-02", "2026-11-04"):
        assert not any("near-copies" in line for line in lines(written, date))
    assert not any(
        "near-copies" in line.text
        for entry in diary(tmp_path, since="2026-11-04").entries
        for line in entry.lines
    )


def test_more_than_a_month_is_told_by_weeks(happenings: Happenings, tmp_path: Path) -> None:
    happenings.flag("2026-10-01 08:00", mail("a"), "ham")
    happenings.flag("2026-11-08 23:59", mail("b"), "ham")
    happenings.flag("2026-11-09 00:00", mail("c"), "ham")
    happenings.flag("2026-11-10 00:00", mail("d"), "ham")
    written = diary(tmp_path, since="2000-01-01", until="2030-01-01")
    assert written.by == "week"
    assert [entry.title for entry in written.entries] == [
        "2026-11-09 to 2026-11-10",
        "2026-11-02 to 2026-11-08",
        "2026-09-28 to 2026-10-04",
    ]
    assert lines(written, "2026-11-09")[0].startswith("Flagged: 2 ham")


def test_years_leave_the_oldest_weeks_out(happenings: Happenings, tmp_path: Path) -> None:
    happenings.flag("2020-01-06 08:00", mail("a"), "ham")
    happenings.flag("2026-11-10 00:00", mail("b"), "ham")
    written = diary(tmp_path, since="2000-01-01")
    assert [entry.date for entry in written.entries] == ["2026-11-09"]
    assert written.left_out == 298


def test_nothing_happened(tmp_path: Path, happenings: Happenings) -> None:
    assert diary(tmp_path / "nowhere").last == ""
    assert not (tmp_path / "nowhere").exists()
    assert diary(tmp_path).entries == ()
    happenings.flag("2026-10-01 08:00", mail("a"), "ham")
    written = diary(tmp_path)
    assert (written.entries, written.last) == ((), "2026-10-01")


def test_the_last_month_is_the_default(happenings: Happenings, tmp_path: Path) -> None:
    with History(tmp_path, "mail") as history:
        written = write(TASK, history, until=at("2026-11-25 12:00"))
    assert (written.since, written.until) == ("2026-10-26", "2026-11-25")


def test_an_earlier_version_is_read_as_it_is(happenings: Happenings, tmp_path: Path) -> None:
    happenings.flag("2026-11-02 08:00", mail("a"), "ham")
    happenings.experience.close()
    with sqlite3.connect(tmp_path / "experience.db") as connection:
        connection.execute("DROP TABLE refusals")
        connection.execute("UPDATE schema SET version = 1")
    connection.close()
    assert len(diary(tmp_path).entries) == 1
    with sqlite3.connect(tmp_path / "experience.db") as connection:
        assert connection.execute("SELECT version FROM schema").fetchone() == (1,)
        connection.execute("UPDATE schema SET version = 99")
    connection.close()
    with pytest.raises(ExperienceError, match="upgrade Chaffinch"):
        diary(tmp_path)


def test_a_folder_that_may_not_be_written(
    happenings: Happenings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happenings.flag("2026-11-02 08:00", mail("a"), "ham")
    happenings.experience.close()
    ways = []

    def refused(url: URL) -> Engine:
        # As SQLite does where it may not make the files that it shares with other processes.
        ways.append(url.query)
        return create_engine(url if "immutable" in url.query else "sqlite:////nowhere/none.db")

    monkeypatch.setattr(engine, "create_engine", refused)
    assert len(diary(tmp_path).entries) == 1
    assert [way.get("mode") for way in ways] == ["ro", None]


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "experience.db").write_bytes(b"not a database at all, but long enough" * 100)
    with pytest.raises(ExperienceError, match="restore it from a backup"):
        diary(tmp_path)


def test_what_came_before_the_items_that_are_read_is_not_known(
    happenings: Happenings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "your parcel waits for the customs fee, settle it with this form before the evening"
    for day in (2, 3):
        for number in range(6):
            happenings.judge(f"2026-11-0{day} 09:0{number}", mail("Parcel", number, text), "junk")
            text = text if number < 5 else "the garden needs rain and the library needs a new roof"
    monkeypatch.setattr(arrivals, "_ITEMS", 11)
    told = [line.text for entry in diary(tmp_path).entries for line in entry.lines]
    assert [line[:20] for line in told if "near-copies" in line] == ["New: 6 near-copies, "]


def test_a_day_has_so_many_people_and_items_and_no_more(
    happenings: Happenings, tmp_path: Path
) -> None:
    for number in range(9):
        one = mail(f"subject{number}")
        happenings.judge("2026-11-02 08:00", one, "junk")
        happenings.flag("2026-11-02 09:00", one, "ham", by=f"person{number}")
    flagged, _, _, lost = lines(diary(tmp_path), "2026-11-02")
    assert flagged.endswith("(1) and 6 others.")
    assert flagged.count("person") == 3
    assert lost.startswith("Ham lost, put into junk: 9: “subject3”, “subject4”, ")
    assert lost.endswith("“subject8” and 3 more.")


def test_an_entry_has_so_many_lines_and_no_more(
    happenings: Happenings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happenings.judge("2026-11-02 08:00", mail("a"), "junk")
    happenings.flag("2026-11-02 09:00", mail("a"), "ham")
    assert len(lines(diary(tmp_path), "2026-11-02")) == 4
    monkeypatch.setattr(writing, "_MOST_LINES", 3)
    assert lines(diary(tmp_path), "2026-11-02")[2] == "And 2 more."


def test_what_rises_is_told_in_its_period(happenings: Happenings, tmp_path: Path) -> None:
    for number in range(40):
        happenings.flag(f"2026-11-02 08:{number:02}", mail("4u today", number), "spam")
    for number in range(20):
        happenings.flag(f"2026-11-03 08:{number:02}", mail("For U today", 100 + number), "spam")
    written = diary(tmp_path)
    (risen,) = (line for line in written.entries[0].lines if line.text.startswith("Risen"))
    assert "for u" in risen.text
    assert "20 of 20, before 0 of 40" in risen.text
    assert risen.evidence[0].startswith("mail ")
    assert not any("Risen" in line for line in lines(written, "2026-11-02"))
