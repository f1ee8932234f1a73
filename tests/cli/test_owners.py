"""Several people share one model, and each has a taste and ids of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaffinch.predictor import Predictor
from chaffinch.types import Item
from samples import folder, mail, two_folders
from shell import Chaffinch


def newsletter(number: int) -> bytes:
    return (
        b"From: The Weekly Loaf <loaf@news.example>\n"
        b"List-Id: <loaf.news.example>\n"
        b"Subject: The Weekly Loaf, number %d\n\n"
        b"This week: sourdough for beginners, rye for the brave, and letter %d of our readers.\n"
        b"You get this because you subscribed to the Weekly Loaf.\n"
    ) % (number, number * 7)


@pytest.fixture
def taught(chaffinch: Chaffinch, tmp_path: Path) -> Chaffinch:
    """A command line whose committee has learned 120 mails of nobody in particular."""
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 60)).code == 0
    assert chaffinch("launch", "mail", "--rung", "committee").code == 0
    return chaffinch


def judged(chaffinch: Chaffinch, data: bytes, *words: str) -> dict[str, Any]:
    result = chaffinch("predict", "mail", "--json", *words, stdin=data)
    assert result.code == 0, result.err
    verdict: dict[str, Any] = json.loads(result.out)
    return verdict


def flagged(chaffinch: Chaffinch, label: str, data: bytes, *words: str) -> None:
    result = chaffinch("flag", "mail", label, "-", *words, stdin=data)
    assert result.code == 0, result.err


def test_two_who_disagree_about_a_newsletter(taught: Chaffinch) -> None:
    for number in range(6):
        flagged(taught, "ham", newsletter(number), "--owner", "ann")
        flagged(taught, "spam", newsletter(number), "--owner", "bob")

    def verdicts() -> tuple[str, str]:
        ann = judged(taught, newsletter(100), "--owner", "ann")
        bob = judged(taught, newsletter(100), "--owner", "bob")
        assert ann["model"] == bob["model"]
        return ann["label"], bob["label"]

    assert verdicts() == ("ham", "spam")
    for number in range(10, 30):
        flagged(taught, "spam", newsletter(number), "--owner", "bob")
    assert verdicts() == ("ham", "spam")
    taught("launch", "mail", "--rung", "committee")
    assert verdicts() == ("ham", "spam"), "the same from a stored model"
    for owner in ("ann", "bob"):
        assert judged(taught, mail("spam", 1001), "--owner", owner)["label"] == "spam"
        assert judged(taught, mail("ham", 1000), "--owner", owner)["label"] == "ham"


def test_reasons_of_an_owner_add_up(taught: Chaffinch) -> None:
    flagged(taught, "spam", newsletter(1), "--owner", "bob")
    verdict = judged(taught, newsletter(2), "--owner", "bob", "--reasons", "1000")
    total = verdict["intercept"] + sum(reason["weight"] for reason in verdict["reasons"])
    assert total == pytest.approx(verdict["score"], abs=1e-6)
    assert any(reason["own"] > 0.0 for reason in verdict["reasons"])


def test_what_an_owner_flagged_is_marked(taught: Chaffinch) -> None:
    flagged(taught, "spam", newsletter(1), "--owner", "bob")
    assert "(your flags +" in taught("predict", "mail", "--owner", "bob", stdin=newsletter(1)).out
    assert "(your flags +" not in taught("predict", "mail", stdin=newsletter(1)).out


def test_ids_of_one_owner_are_not_visible_to_the_other(taught: Chaffinch) -> None:
    item = judged(taught, newsletter(1), "--owner", "ann")["item"]
    for words in ([], ["--owner", "bob"]):
        result = taught("flag", "mail", "spam", item, *words)
        assert result.code == 3
        assert "no item" in result.err
    assert taught("flag", "mail", "spam", item[:10], "--owner", "ann").code == 0
    for words in ([], ["--owner", "bob"]):
        assert taught("flag", "mail", "spam", item, "--undo", *words).code == 3
        refused = taught("flag", "mail", "spam", "-", "--undo", *words, stdin=newsletter(1))
        assert refused.code == 3
        assert "nothing to undo" in refused.err
    assert taught("flag", "mail", "spam", item, "--undo", "--owner", "ann").code == 0


def test_undo_is_exact_for_an_owner_too(taught: Chaffinch) -> None:
    flagged(taught, "ham", newsletter(1), "--owner", "ann")
    before = judged(taught, newsletter(5), "--owner", "ann")["score"]
    flagged(taught, "spam", newsletter(2), "--owner", "ann")
    assert judged(taught, newsletter(5), "--owner", "ann")["score"] != before
    flagged(taught, "spam", newsletter(2), "--owner", "ann", "--undo")
    assert judged(taught, newsletter(5), "--owner", "ann")["score"] == before


def test_filter_and_files_for_an_owner(taught: Chaffinch, tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"{number}.eml").write_bytes(newsletter(number))
        assert (
            taught("flag", "mail", "spam", tmp_path / f"{number}.eml", "--owner", "bob").code == 0
        )
    scores = {}
    for owner in ("", "bob"):
        _, passed, _ = taught.raw("filter", "--owner", owner, stdin=newsletter(100))
        (line,) = (line for line in passed.splitlines() if line.startswith(b"X-Chaffinch-Score"))
        scores[owner] = float(line.split()[1])
        assert scores[owner] == pytest.approx(
            judged(taught, newsletter(100), "--owner", owner)["score"], abs=1e-3
        )
    assert scores["bob"] > 0
    assert scores["bob"] > scores[""]


def test_learn_and_evaluate_for_an_owner(chaffinch: Chaffinch, tmp_path: Path) -> None:
    words = two_folders(tmp_path / "mails", 40)
    learned = chaffinch("learn", "mail", *words, "--owner", "ann", "--json").json
    assert (learned["new"], learned["known"]) == (80, 0)
    assert chaffinch("learn", "mail", *words, "--owner", "bob", "--json").json["new"] == 80
    assert chaffinch("learn", "mail", *words, "--owner", "ann", "--json").json["known"] == 80
    rung = ["--rung", "committee", "--json"]
    owned = chaffinch("evaluate", "mail", *words, *rung, "--owner", "ann").json
    assert owned["n"] == 80
    assert owned["one_minus_roca_percent"] < 20
    # Frozen, the launched model judges what ann has already: it says what it said to her.
    chaffinch("launch", "mail", "--rung", "committee")
    (tmp_path / "more").mkdir()
    one = folder(tmp_path / "more" / "spam", "spam", range(1001, 1003))
    frozen = ["--protocol", "frozen", "--scores", str(tmp_path / "scores.tsv"), "--owner", "ann"]
    assert chaffinch("evaluate", "mail", "--label", f"spam={one}", *frozen).code == 0
    scores = [float(line.split()[2]) for line in (tmp_path / "scores.tsv").read_text().splitlines()]
    files = sorted(one.iterdir())
    verdicts = [judged(chaffinch, path.read_bytes(), "--owner", "ann")["score"] for path in files]
    assert sorted(scores) == pytest.approx(sorted(verdicts))


def test_export_keeps_whose_taste_it_is(
    taught: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged(taught, "ham", newsletter(1), "--owner", "ann")
    flagged(taught, "spam", newsletter(1), "--owner", "bob")
    out = tmp_path / "experience.jsonl"
    assert taught("export", "mail", out).code == 0
    owners = [json.loads(line)["owner"] for line in out.read_text().splitlines()]
    assert owners[-2:] == ["ann", "bob"]
    taught("launch", "mail", "--rung", "committee")
    before = judged(taught, newsletter(2), "--owner", "bob")["score"]
    monkeypatch.setenv("CHAFFINCH_HOME", str(tmp_path / "elsewhere"))
    assert taught("learn", "mail", out, "--json").json["new"] == 122
    taught("launch", "mail", "--rung", "committee")
    assert judged(taught, newsletter(2), "--owner", "bob")["score"] == before
    again = tmp_path / "again.jsonl"
    assert taught("export", "mail", again).code == 0
    assert again.read_text() == out.read_text()
    # Whoever names an owner takes everything over.
    monkeypatch.setenv("CHAFFINCH_HOME", str(tmp_path / "cleo"))
    assert taught("learn", "mail", out, "--owner", "cleo", "--json").code == 0
    assert taught("export", "mail", again).code == 0
    assert {json.loads(line)["owner"] for line in again.read_text().splitlines()} == {"cleo"}


def test_owners_whose_names_are_no_text(taught: Chaffinch, tmp_path: Path) -> None:
    odd = "\udcff\u202e'; --"
    flagged(taught, "spam", newsletter(1), "--owner", odd)
    assert judged(taught, newsletter(1), "--owner", odd)["item"]
    _, passed, err = taught.raw("filter", "--owner", odd, stdin=newsletter(1))
    assert (b"X-Chaffinch-Status" in passed, err) == (True, b"")
    for owner in (7, ["ann"], "\ud800"):
        line = json.dumps({"label": "spam", "text": "x", "owner": owner})
        (tmp_path / "data.jsonl").write_text(line + "\n")
        refused = taught("learn", "mail", tmp_path / "data.jsonl")
        assert refused.code == 3
        assert "its 'owner' is no text" in refused.err


def test_in_python(taught: Chaffinch) -> None:
    with Predictor.load("mail") as predictor:
        item = Item(newsletter(1), owner="bob")
        before = predictor.predict(item).score
        given = predictor.flag(item, "spam")
        assert given.owner == "bob"
        assert predictor.predict(item).score > before
        assert predictor.flag(newsletter(1), "ham").owner == ""
        assert predictor.predict(newsletter(1)).label == "ham"
