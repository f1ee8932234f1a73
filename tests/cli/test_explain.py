"""What was learned, as people and programs read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaffinch.experience.store import Experience
from chaffinch.types import Example, Item
from samples import folder, mail, message, two_folders
from shell import Chaffinch

SECTIONS = ("patterns", "together", "campaigns", "rising", "unsure")


@pytest.fixture
def taught(chaffinch: Chaffinch, tmp_path: Path) -> Chaffinch:
    """A command line whose home has learned 120 mails."""
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 60)).code == 0
    return chaffinch


def doubtful(number: int) -> bytes:
    """Return a mail that is neither one nor the other."""
    return f"Subject: zebra {number}\n\nquartz giraffe xylophone {'abcdefgh'[number]}\n".encode()


def items_of(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for group in groups for item in group["items"]]


def test_everything_in_short(taught: Chaffinch) -> None:
    taught("predict", "mail", stdin=doubtful(0))
    result = taught("explain", "mail")
    assert result.code == 0
    heads = [line.split()[0] for line in result.out.splitlines() if line.endswith("───")]
    assert tuple(head for head in heads if head in SECTIONS) == SECTIONS
    assert "unusually frequent in spam" in result.out
    assert "is not sure of" in result.out
    assert not [line for line in result.out.splitlines() if len(line) > 80]


def test_everything_as_json(taught: Chaffinch) -> None:
    found = taught("explain", "mail", "--json").json
    assert set(found) == {"task", "items", "near_copies", "missing", *SECTIONS}
    assert found["items"] == {"ham": 60, "spam": 60}
    assert set(found["patterns"]) == {"spam", "ham"}
    assert found["together"]["tested"] > 0
    assert found["missing"] == {}
    for section in SECTIONS:
        alone = taught("explain", "mail", section, "--top", "5", "--json").json
        assert alone[section] == found[section]
        assert set(alone) <= {"task", "items", "near_copies", "missing", section}


def test_patterns_and_what_the_model_makes_of_them(taught: Chaffinch) -> None:
    found = taught("explain", "mail", "patterns", "--json", "--top", "5").json["patterns"]
    words = {word for pattern in found["spam"] for word in pattern["text"].split()}
    assert words & {"free", "credit", "card", "cash", "click", "offer", "viagra"}
    assert len(found["ham"]) == 5
    body = [[one for one in found[label] if one["part"] == "body"] for label in ("spam", "ham")]
    assert all(one["model_weight"] > 0 and one["model_items"] > 3 for one in body[0])
    assert all(one["model_weight"] < 0 and one["model_items"] > 3 for one in body[1])


def test_a_wrong_flag_comes_first(taught: Chaffinch, tmp_path: Path) -> None:
    (tmp_path / "wrong.eml").write_bytes(mail("spam", 1001))
    taught("flag", "mail", "ham", tmp_path / "wrong.eml")
    # A checkpoint has judged it before it learned it.
    taught("launch", "mail")
    found = taught("explain", "mail", "unsure", "--json").json["unsure"]
    assert found["flagged"] == 121
    doubts = items_of(found["flagged_groups"])
    worst = max(doubts, key=lambda one: one["before"] if one["label"] == "ham" else 0.0)
    assert worst["item"] == Item(mail("spam", 1001)).id
    assert worst["label"] == "ham"
    assert worst["before"] > 0.5
    assert worst["item"][:12] in taught("explain", "mail", "unsure").out
    taught("flag", "mail", "spam", worst["item"][:12])
    taught("launch", "mail")
    again = taught("explain", "mail", "unsure", "--json").json["unsure"]
    labels = {one["item"]: one["label"] for one in items_of(again["flagged_groups"])}
    assert labels.get(worst["item"]) != "ham"


def test_unflagged_doubts_come_in_order_and_go_when_flagged(taught: Chaffinch) -> None:
    sure = mail("spam", 1001)
    for raw in (
        doubtful(0),
        mail("ham", 1000),
        doubtful(1),
        sure,
        b"Subject: hm\n\nfree meeting\n",
    ):
        taught("predict", "mail", stdin=raw)
    found = taught("explain", "mail", "unsure", "--json").json["unsure"]
    assert found["judged"] == 5
    doubts = items_of(found["unflagged_groups"])
    assert found["doubted"] == len(doubts)
    assert {Item(doubtful(k)).id for k in (0, 1)} <= {one["item"] for one in doubts}
    assert all(one["label"] == "" and one["before"] is None for one in doubts)
    for group in found["unflagged_groups"]:
        margins = [abs(one["now"] - 0.5) for one in group["items"]]
        assert margins == sorted(margins)
    copies = [group for group in found["unflagged_groups"] if group["copies"]]
    assert [len(group["items"]) for group in copies] == [2]
    text = taught("explain", "mail", "unsure").out
    assert "near-copies" in text
    assert Item(doubtful(0)).id[:12] in text
    taught("flag", "mail", "spam", Item(doubtful(0)).id[:12])
    after = taught("explain", "mail", "unsure", "--json").json["unsure"]
    assert after["judged"] == 4
    assert Item(doubtful(0)).id not in json.dumps(after["unflagged_groups"])


def test_copies_with_two_labels_are_shown_with_ids(taught: Chaffinch) -> None:
    text = "refinance your home with a second mortgage at the lowest rate of all lenders"
    copies = [f"Subject: Rates {k}\n\n{text}\n".encode() for k in range(3)]
    for raw, label in zip(copies, ("spam", "spam", "ham"), strict=True):
        taught("flag", "mail", label, "-", stdin=raw)
    out = taught("explain", "mail", "campaigns").out
    assert "two labels: one of the flags may be wrong" in out
    assert f"ham: {Item(copies[2]).id[:12]}  Rates 2" in out
    assert Item(copies[0]).id[:12] not in out


def test_what_a_mail_says_steers_no_terminal(chaffinch: Chaffinch, tmp_path: Path) -> None:
    words = "\x1b[31mred\x1b[0m [bold]loud[/bold] \u202egnitniop \x07 \ud7ff"
    for label in ("spam", "ham"):
        for number in range(4):
            raw = f"Subject: {label} {words}\n\n{label} {words} to all of you, and more {number}\n"
            chaffinch("flag", "mail", label, "-", stdin=raw.encode())
    chaffinch("predict", "mail", stdin=f"Subject: {words}\n\n{words}\n".encode())
    for section in SECTIONS:
        out = chaffinch("explain", "mail", section).out
        assert not {letter for letter in out if not letter.isprintable()} - {"\n"}
        assert not [line for line in out.splitlines() if len(line) > 80]
    assert "[bold]loud[/bold]" in chaffinch("explain", "mail", "campaigns").out
    mixed = chaffinch("explain", "mail", "campaigns", "--json").json["campaigns"]["mixed"]
    assert [one["counts"] for one in mixed] == [{"ham": 4, "spam": 4}]


def test_nothing_learned(chaffinch: Chaffinch) -> None:
    result = chaffinch("explain", "mail")
    assert result.code == 0
    assert "There is no ham and no spam in the experience yet" in result.out
    assert "No three items are near-copies" in result.out
    assert "No item was judged" in result.out
    found = chaffinch("explain", "mail", "--json").json
    assert found["patterns"] == {"spam": [], "ham": []}
    assert set(found["missing"]) == {"patterns", "together"}


def test_one_label_alone_says_what_is_missing(chaffinch: Chaffinch, tmp_path: Path) -> None:
    spam = folder(tmp_path / "spam", "spam", range(5))
    assert chaffinch("learn", "mail", "--label", f"spam={spam}").code == 0
    assert "There is no ham in the experience yet" in chaffinch("explain", "mail").out
    result = chaffinch("explain", "mail", "together")
    assert result.code == 0
    assert "There is no ham in the experience yet" in result.out


def test_without_a_launched_model(chaffinch: Chaffinch, home: Path) -> None:
    with Experience(home) as experience:
        labels = ("ham", "spam") * 20
        examples = [Example(Item(mail(label, k)), label) for k, label in enumerate(labels)]
        experience.add("mail", examples)
    chaffinch("predict", "mail", stdin=doubtful(0))
    assert "unusually frequent in spam" in chaffinch("explain", "mail").out
    out = chaffinch("explain", "mail", "unsure").out
    assert "No launched model of mail has judged flagged items yet" in out
    assert Item(doubtful(0)).id[:12] in out, "the starter judges, and may be unsure"


def test_a_damaged_model_takes_nothing_else_away(taught: Chaffinch, home: Path) -> None:
    live = taught("launch", "mail", "--list", "--json").json[0]["model"]
    path = home / "models" / f"{live}.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    result = taught("explain", "mail")
    assert result.code == 0
    assert "unusually frequent in spam" in result.out
    assert "is damaged" in result.out
    assert "is damaged" in taught("explain", "mail", "--json").json["missing"]["unsure"]
    alone = taught("explain", "mail", "unsure")
    assert alone.code == 5
    assert "is damaged" in alone.err


def test_messages(chaffinch: Chaffinch, home: Path) -> None:
    with Experience(home) as experience:
        labels = ("ham", "spam") * 20
        examples = [
            Example(Item(message(label, k), "message"), label) for k, label in enumerate(labels)
        ]
        experience.add("message", examples)
    found = chaffinch("explain", "message", "--json").json
    assert {one["part"] for one in found["patterns"]["spam"]} <= {"text", "structure", "link"}
    assert any(one["model_items"] for one in found["patterns"]["spam"])


def test_what_cannot_be_explained(chaffinch: Chaffinch) -> None:
    result = chaffinch("explain", "mail", "togehter")
    assert result.code == 2
    assert "did you mean 'together'?" in result.err


def test_what_is_rising_is_told_in_sentences(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for k in range(60):
        text = "pills 4u" if k < 40 else "pills, for u"
        for label, said in (("spam", text), ("ham", "the minutes")):
            path = tmp_path / label / f"{k:03}.eml"
            path.parent.mkdir(exist_ok=True)
            date = f"{1 + k // 3:02} Nov 2026 10:{k % 60:02}:00 +0000"
            path.write_text(f"Subject: {said}\nDate: Sun, {date}\n\n{said} and item {k}\n")
    words = [f"--label={label}={tmp_path / label}" for label in ("spam", "ham")]
    assert chaffinch("learn", "mail", *words).code == 0
    told = chaffinch("explain", "mail", "rising", "--last", "40")
    assert told.code == 0
    assert "'for u'" in told.out
    assert "rose from 0 of 40 to 20 of 20 spam" in " ".join(told.out.split())
    assert max(map(len, told.out.splitlines())) <= 80
    future = chaffinch("explain", "mail", "rising", "--since", "2030-01-01")
    assert "No item is that recent" in future.out
    since = chaffinch.json("explain", "mail", "rising", "--since", "2026-11-15")
    assert since["rising"]["window"]["since"] == 1794700800.0
    assert any(one["change"] == "rose" for one in since["rising"]["findings"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rising", "--since", "tuesday"), "--since tuesday: write the day as in 2026-11-25"),
        (("rising", "--since", "2026-11-01", "--last", "9"), "give one"),
        (("patterns", "--last", "9"), "--since and --last are for what is rising"),
    ],
)
def test_windows_that_make_no_sense(taught: Chaffinch, words: tuple[str, ...], said: str) -> None:
    result = taught("explain", "mail", *words)
    assert result.code == 2
    assert said in result.err
