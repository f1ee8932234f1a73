"""Doubtful flags on the command line: who is held, what is listed, and what people decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.experience.store import Experience
from chaffinch.loop.flag import keep_up
from chaffinch.task import get_task
from chaffinch.types import Item
from samples import message
from shell import Chaffinch

TASK = get_task("message")
HOSTILE = "eve\x1b[2J\n[red]"


def text(number: int) -> bytes:
    return message("spam" if number % 3 == 0 else "ham", number)


@pytest.fixture
def flagged(chaffinch: Chaffinch, home: Path) -> Chaffinch:
    """A command line whose experience holds 100 flags of five people, one of whom lies."""
    with Experience(home) as experience:
        for number in range(100):
            by = ("ada", "bob", HOSTILE, "dan", "mallory")[number % 5]
            is_spam = (number % 3 == 0) != (by == "mallory" or number == 61)
            item = Item(text(number), "message")
            experience.flag("message", item, "spam" if is_spam else "ham", by=by)
        keep_up(TASK, experience)
    return chaffinch


def test_who_lies_is_named_and_held_and_decided_on(flagged: Chaffinch, home: Path) -> None:
    told = flagged.json("review", "message")
    least, *others = told["flaggers"]
    assert (least["by"], least["held"], least["decision"]["held"]) == ("mallory", 20, True)
    assert "contradict" in least["decision"]["reason"]
    assert all(not one["held"] and one["decision"] is None for one in others)
    assert least["trust"]["high"] < min(one["trust"]["low"] for one in others)
    assert told["held_count"] == len(told["held"]) == 20
    assert [one["by"] for one in told["likely_wrong"]] == ["bob"]

    # The one who was overruled learns that what they say is stored, and not learned.
    result = flagged("flag", "message", "spam", "-", "--by", "mallory", stdin=text(1000))
    assert "held for review" in result.out
    assert "1 flag by mallory is stored but not learned" in result.err

    good, bad = (one["item"] for one in told["held"][:2])
    done = flagged.json("review", "message", "--accept", good, "--reject", bad[:10])
    assert [one["item"] for one in done["accepted"]] == [good]
    assert [one["item"] for one in done["rejected"]] == [bad]
    assert done["launched"]
    after = flagged.json("review", "message")
    assert after["held_count"] == 19
    assert {good, bad}.isdisjoint(one["item"] for one in after["held"])
    with Experience(home) as experience:
        standing = experience.log.standing("message", good)
        assert standing is not None
        assert standing.by == "mallory"
        assert experience.log.standing("message", bad) is None

    assert flagged.json("review", "message", "--trust", "mallory")["trusted"] == {"mallory": 19}
    told = flagged.json("review", "message")
    assert told["held_count"] == 0
    assert flagged.json("review", "message", "--distrust", "dan")["distrusted"] == {"dan": 20}
    assert "dan: not trusted" in flagged("review", "message").out


def test_what_is_shown_is_narrow_and_steers_nothing(flagged: Chaffinch) -> None:
    assert flagged("flag", "message", "spam", "-", "--by", "zoe", stdin=text(1002)).code == 0
    result = flagged("review", "message")
    assert result.code == 0, result.err
    # What came since the model was stored is looked at, too.
    zoe = next(line for line in result.out.splitlines() if "zoe" in line)
    assert zoe.split()[:4] == ["zoe", "1", "1", "0"]
    assert "\x1b" not in result.out
    assert "eve·[2J·[red]" in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    assert "mallory: not trusted since" in result.out
    said = flagged("review", "message", "--trust", HOSTILE)
    assert "\x1b" not in said.out + said.err
    assert "eve·[2J·[red] is trusted" in said.out


def test_what_somebodys_flags_are_worth(flagged: Chaffinch) -> None:
    told = flagged.json("evaluate", "message", "--without-flagger", "mallory", "--rung", "linear")
    assert (told["flags"], told["learned"]["n"], told["left_out"]["n"]) == (20, 80, 80)
    higher = told["learned"]["extra"]["higher_by"]["one_minus_roca_percent"]
    worse = told["learned"]["one_minus_roca_percent"] - told["left_out"]["one_minus_roca_percent"]
    assert higher["value"] == pytest.approx(worse)
    assert higher["low"] <= higher["value"] <= higher["high"]
    assert worse > 0

    two = ("--without-flagger", HOSTILE, "--without-flagger", "ada")
    shown = flagged("evaluate", "message", "--rung", "linear", *two)
    assert shown.code == 0, shown.err
    # What is held of others is learned in neither.
    assert "40 flags of others, judged with and without 40 by eve·[2J·[red] and ada" in shown.out
    assert "So few prove nothing" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80

    for words, code, said in (
        (("--without-flagger", "nobody"), 3, "these have: ada"),
        (("data.jsonl", "--without-flagger", "ada"), 2, "goes over the experience: name no data"),
        (
            tuple(f"--without-flagger={by}" for by in ("ada", "bob", "dan", "mallory", HOSTILE)),
            3,
            "nobody but",
        ),
    ):
        result = flagged("evaluate", "message", *words)
        assert (result.code, said in result.err) == (code, True), result.err


def test_an_empty_experience(chaffinch: Chaffinch) -> None:
    assert "Nobody has flagged" in chaffinch("review", "message").out
    assert chaffinch.json("review", "message")["flaggers"] == []


def test_what_cannot_be_decided_changes_nothing(flagged: Chaffinch, home: Path) -> None:
    with Experience(home) as experience:
        before = experience.log.last_seq("message")
    for words, code, said in (
        (("--trust", "nobody"), 3, "these have: ada, bob"),
        (("--accept", "ffffff"), 3, "no flag waits for review"),
        (("--reject", ""), 3, "too little of an id: give at least 6 digits"),
        (("--trust", "ada", "--distrust", "ada"), 2, "give one of them"),
    ):
        result = flagged("review", "message", *words)
        assert (result.code, said in result.err) == (code, True), result.err
    with Experience(home) as experience:
        assert experience.log.last_seq("message") == before


def test_many_are_passed_on_in_somebodys_name(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for label in ("spam", "ham"):
        (tmp_path / label).mkdir()
        for number in range(5):
            (tmp_path / label / f"{number}.txt").write_bytes(message(label, number))
    labels = [f"--label={label}={tmp_path / label}" for label in ("spam", "ham")]
    assert chaffinch.json("learn", "message", *labels, "--by", "ada")["held"] == 0
    told = chaffinch.json("review", "message")
    assert [(one["by"], one["flags"]) for one in told["flaggers"]] == [("ada", 10)]
    chaffinch.json("review", "message", "--distrust", "ada")
    (tmp_path / "spam" / "9.txt").write_bytes(message("spam", 9))
    assert chaffinch.json("learn", "message", *labels, "--by", "ada")["held"] == 1
