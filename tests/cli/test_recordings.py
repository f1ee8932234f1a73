"""Asking, reviewing, explaining and studying where the items are recordings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chaffinch.experience.store import Experience
from chaffinch.readers.audio import write_wav
from chaffinch.types import Example, Item
from harmless import read_page
from shell import Chaffinch
from sound_samples import hiss, pause, spoken, word


def said(label: str, seed: int) -> bytes:
    return write_wav(spoken(label, seed))


# Between the two: a hiss as short as hardly any.
HARD = write_wav(np.concatenate((pause(0.3), hiss(0.03), word(0.4), pause(0.3))))


def in_80_columns(out: str) -> bool:
    return max(map(len, out.splitlines())) <= 80


@pytest.fixture
def taught(chaffinch: Chaffinch, home: Path) -> Chaffinch:
    """A command line at which a model of "one" and "two" is live, with a flag that is wrong."""
    examples = [
        Example(Item(said(label, seed), "words"), label)
        for seed in range(30)
        for label in ("one", "two")
    ]
    examples.append(Example(Item(said("two", 99), "words"), "one"))
    with Experience.open(home) as experience:
        experience.add("words", examples, by="me")
    assert chaffinch("launch", "words", "--rung", "logistic").code == 0
    return chaffinch


def test_before_anything_was_flagged_nothing_untrue_is_told_of_the_net(
    chaffinch: Chaffinch,
) -> None:
    told = chaffinch("explain", "words", "filters")
    assert told.code == 0, told.err
    assert "convolutional network" in told.out
    assert "not been fitted" not in told.out
    assert "No word was flagged yet" in told.out


def test_the_way_back_to_the_starter_is_told_and_works(taught: Chaffinch) -> None:
    listed = taught("launch", "words", "--list")
    assert "`chaffinch launch words --rung net`" in " ".join(listed.out.split())
    assert in_80_columns(listed.out)
    assert taught("launch", "words", "--rung", "net").code == 0
    assert "the starter was live" not in taught("launch", "words", "--list").out


def test_a_roll_back_leads_to_the_starter(taught: Chaffinch) -> None:
    rolled = taught.json("launch", "words", "--rollback")
    assert (rolled["rung"], rolled["rollback"]) == ("net", True)
    assert "to the starter" in rolled["reason"]


def test_what_is_asked_can_be_recognised(taught: Chaffinch, tmp_path: Path) -> None:
    hard = tmp_path / "hard.wav"
    hard.write_bytes(HARD)
    assert taught("predict", "words", hard).code == 0
    asked = taught.json("ask", "words")
    (question,) = asked["questions"]
    assert question["item"] == Item(HARD, "words").id
    assert question["name"] == str(hard)
    again = taught("predict", "words", question["item"][:12], "--json")
    assert json.loads(again.out)["name"] == str(hard)
    assert " s, " in question["title"]
    assert " dB" in question["title"]
    told = taught("ask", "words")
    assert "hard.wav" in told.out
    assert "(no words)" not in told.out
    assert in_80_columns(told.out)
    # What is neither can be said, too.
    assert ", or none --new" in told.out
    assert "`chaffinch flag words none ID --new`" in " ".join(told.out.split())
    assert "the key - is for none" in " ".join(told.out.split())
    # The spectrum: ten lines of Braille.
    assert sum(any(0x2800 < ord(one) < 0x2900 for one in line) for line in told.out.splitlines())


def test_what_is_reviewed_can_be_recognised(taught: Chaffinch) -> None:
    found = taught.json("review", "words")
    (wrong,) = [
        one for one in found["likely_wrong"] if one["item"] == Item(said("two", 99), "words").id
    ]
    assert "█" in wrong["title"]
    assert "dB" in taught("review", "words").out


def test_what_is_reviewed_is_named(chaffinch: Chaffinch, tmp_path: Path) -> None:
    wrong = tmp_path / "two_theo_7.wav"
    wrong.write_bytes(said("two", 7))
    assert chaffinch("review", "words", "--json").code == 0
    assert chaffinch("flag", "words", "one", wrong, "--by", "mallory").code == 0
    assert chaffinch("review", "words", "--distrust", "mallory").code == 0
    (held,) = chaffinch.json("review", "words")["held"]
    assert held["name"] == str(wrong)
    assert "two_theo_7.wav" in chaffinch("review", "words").out


def test_one_recording_is_explained(taught: Chaffinch, tmp_path: Path) -> None:
    asked, png, html = (tmp_path / name for name in ("two.wav", "why.png", "why.html"))
    asked.write_bytes(said("two", 50))
    told = taught("explain", "words", asked, "--png", png, "--html", html)
    assert told.code == 0, told.err
    assert "for and against one, the second best" in told.out
    assert in_80_columns(told.out.replace(str(asked), "two.wav").replace(str(tmp_path), ""))
    (found,) = taught.json("explain", "words", asked)
    assert found["label"] == "two"
    # The hiss that it begins with speaks for it most, and against the other label.
    first = found["reasons"]["two"][0]
    assert (first["text"], first["weight"] > 0) == ("high sounds", True)
    (same,) = [
        one
        for one in found["reasons"]["one"]
        if (one["text"], one["where"]) == (first["text"], first["where"])
    ]
    assert same["weight"] < 0
    assert [one["label"] for one in found["nearest"]] == ["two"] * 3
    with Image.open(png) as image:
        assert image.size[0] > 500
    page = read_page(html.read_text("utf-8"))
    assert page.tags.count("audio") == 4
    assert found["nearest"][0]["item"] in page.text
    # Of each picture it stands beside it how high, and when.
    assert page.text.count("2 kHz") == 6
    assert page.text.count("0.4 s") >= 6
    with Experience.open() as experience:
        assert not list(experience.items.unflagged("words", 10)), "looking remembers nothing"


def test_recordings_are_known_by_their_names(
    chaffinch: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = tmp_path / "takes"
    takes.mkdir()
    for number, folder in enumerate(("one", "two")):
        for seed in range(3):
            take = takes / f"{folder}_theo_{number}{seed}.wav"
            take.write_bytes(said(folder, seed))
    assert chaffinch("flag", "words", "two", takes / "two_theo_10.wav", "--by", "ada").code == 0
    assert chaffinch("flag", "words", "one", takes / "one_theo_00.wav").code == 0
    asked = takes / "two_theo_11.wav"
    (found,) = chaffinch.json("explain", "words", asked)
    near = {one["name"]: one for one in found["nearest"]}[str(takes / "two_theo_10.wav")]
    assert (near["speaker"], near["label"], near["by"]) == ("theo", "two", "ada")
    png, html = tmp_path / "why.png", tmp_path / "why.html"
    told = chaffinch("explain", "words", asked, "--html", html, "--png", png).out
    assert "two by ada" in told
    assert "two_theo_10.wav" in told
    text = read_page(html.read_text("utf-8")).text
    assert "two_theo_10.wav: flagged two by ada" in " ".join(text.split())
    # An export carries the names to another home.
    out = tmp_path / "all.jsonl"
    assert chaffinch("export", "words", out).code == 0
    assert {json.loads(line)["source"] for line in out.read_text().splitlines()} == {
        str(takes / "two_theo_10.wav"),
        str(takes / "one_theo_00.wav"),
    }
    monkeypatch.setenv("CHAFFINCH_HOME", str(tmp_path / "other"))
    assert chaffinch("learn", "words", out).code == 0
    with Experience.open() as experience:
        names = {one.name for one in experience.examples("words")}
    assert names == {str(takes / "two_theo_10.wav"), str(takes / "one_theo_00.wav")}


@pytest.mark.parametrize("rung", ["rules", "warping"])
def test_whatever_judges_is_explained(taught: Chaffinch, tmp_path: Path, rung: str) -> None:
    asked, png, html = (tmp_path / name for name in ("two.wav", "why.png", "why.html"))
    asked.write_bytes(said("two", 50))
    assert taught("launch", "words", "--rung", rung).code == 0
    assert taught("explain", "words", asked, "--png", png, "--html", html).code == 0
    with Image.open(png) as image:
        assert image.size[0] > 500
    text = read_page(html.read_text("utf-8")).text
    # Of a rule it is drawn what it measures, and to what that is compared.
    said_by_rule = "onset.crossings" in text and "compared to 1,600" in text
    assert said_by_rule == (rung == "rules")


def test_several_words_are_explained_each_and_silence_is_said(
    taught: Chaffinch, tmp_path: Path
) -> None:
    line, silent = tmp_path / "line.wav", tmp_path / "silent.wav"
    line.write_bytes(write_wav(np.concatenate([spoken("one", 60), spoken("two", 61)])))
    silent.write_bytes(write_wav(pause(1.0)))
    assert [one["label"] for one in taught.json("explain", "words", line)] == ["one", "two"]
    told = taught("explain", "words", silent, "--html", tmp_path / "silent.html")
    assert told.code == 0, told.err
    assert "silence: 1.0 s" in told.out


def test_what_is_no_item_is_refused(taught: Chaffinch, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_text("Subject: tea\n\nAt four.\n")
    refused = taught("explain", "mail", mail)
    assert refused.code == 2
    assert "chaffinch predict mail" in refused.err
    unknown = taught("explain", "words", "nothing")
    assert unknown.code == 2
    assert "the path or id of one recording" in " ".join(unknown.err.split())
    over = taught("explain", "words", mail, "--png", mail)
    assert over.code == 2


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for label in ("one", "two"):
        (tmp_path / "data" / label).mkdir(parents=True)
        for seed in range(8):
            (tmp_path / "data" / label / f"{seed}.wav").write_bytes(said(label, seed))
    return tmp_path / "data"


def test_words_are_studied(chaffinch: Chaffinch, data: Path, tmp_path: Path) -> None:
    html = tmp_path / "study.html"
    told = chaffinch("study", "words", data, "--html", html)
    assert told.code == 0, told.err
    assert "16 recordings of 2 labels" in told.out
    assert "mean spectra" in told.out
    assert in_80_columns(told.out)
    page = read_page(html.read_text("utf-8"))
    assert page.tags.count("audio") > 4
    assert "one against two" in page.text
    found = chaffinch.json("study", "words", data)
    assert np.shape(found["means"]["two"]) == (40, 76)
    (pair,) = found["pairs"]
    # The hiss of "two" is found in the sounds, and in what rules measure of them.
    first = next(part for part in pair["differ"] if part["label"] == "two")
    assert first["where"].split("–")[1].startswith("3.7 kHz at ")
    assert pair["told_apart_by"][0]["condition"].startswith("onset.")
    alone = chaffinch("study", "words", "--label", f"one={data / 'one'}")
    assert alone.code == 3
    assert "recordings of two labels or more" in " ".join(alone.err.split())
