"""chaffinch rules: list, test, errors, fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.rules.files import fitted_path, local_path
from chaffinch.settings import home_folder
from samples import folder, two_folders
from shell import Chaffinch

VERBS = ("test", "errors", "fit")


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    return two_folders(tmp_path / "mails", 20)


def test_the_list_tells_what_is_in_force(chaffinch: Chaffinch) -> None:
    path = local_path(home_folder(), "mail")
    path.parent.mkdir(parents=True)
    path.write_text('disable = ["SIGNED"]\n[weights]\nCLICK_HERE = 0.25\n')
    result = chaffinch("rules", "list", "mail")
    assert result.code == 0
    assert "CLICK_HERE" in result.out
    assert "+0.25" in result.out
    assert "disabled: SIGNED" in result.out
    assert max(map(len, result.out.splitlines()[:-1])) <= 80
    listed = chaffinch.json("rules", "list", "mail")
    click = next(rule for rule in listed["rules"] if rule["name"] == "CLICK_HERE")
    assert (click["weight"], click["weighed"]) == (0.25, "local")
    assert listed["disabled"] == ["SIGNED"]


def test_rules_are_tested_on_what_is_named(chaffinch: Chaffinch, words: list[str]) -> None:
    result = chaffinch("rules", "test", "mail", *words)
    assert result.code == 0
    assert "CLICK_HERE" in result.out
    assert "1-ROCA" in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    found = chaffinch.json("rules", "test", "mail", *words)
    assert found["items"] == {"ham": 20, "spam": 20}
    rule = next(rule for rule in found["rules"] if rule["name"] == "CLICK_HERE")
    assert (
        rule["share"]["spam"]["low"] <= rule["hits"]["spam"] / 20 <= rule["share"]["spam"]["high"]
    )
    assert found["report"]["n"] == 40


def test_errors_are_grouped(chaffinch: Chaffinch, words: list[str]) -> None:
    result = chaffinch("rules", "errors", "mail", *words)
    assert result.code == 0
    assert "spam missed: " in result.out
    assert "ham judged spam: " in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    found = chaffinch.json("rules", "errors", "mail", *words)
    grouped = sum(len(group["items"]) for group in found["missed"]["groups"])
    assert grouped + len(found["missed"]["alone"]) == found["missed"]["count"]


def test_weights_are_fitted_and_put_into_force(chaffinch: Chaffinch, words: list[str]) -> None:
    path = fitted_path(home_folder(), "mail")
    before = chaffinch("rules", "fit", "mail", *words)
    assert before.code == 0
    assert "nothing was changed" in before.err
    assert not path.exists()
    assert max(map(len, before.out.splitlines())) <= 80
    found = chaffinch.json("rules", "fit", "mail", *words, "--write")
    assert found["written"] == str(path)
    assert [report["rung"] for report in found["reports"]] == ["weights by hand", "fitted weights"]
    listed = chaffinch.json("rules", "list", "mail")
    assert listed["intercept"] == pytest.approx(found["intercept"], abs=1e-4)
    for rule in listed["rules"]:
        assert rule["weight"] == pytest.approx(found["weights"][rule["name"]], abs=1e-4)
        assert rule["weighed"] == "fitted"


def test_what_was_fitted_can_be_launched(chaffinch: Chaffinch, words: list[str]) -> None:
    assert chaffinch("learn", "mail", *words).code == 0
    assert chaffinch("rules", "fit", "mail", "--write").code == 0
    assert chaffinch("launch", "mail", "--rung", "rules").code == 0
    judged = chaffinch.json("predict", "mail", str(next((Path(words[3][5:])).iterdir())))
    assert "rules" in judged["model"]


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_experience(chaffinch: Chaffinch, verb: str) -> None:
    result = chaffinch("rules", verb, "mail")
    assert result.code == 3
    assert "the experience holds no spam: give items of both labels" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("verb", VERBS)
def test_one_label_alone(chaffinch: Chaffinch, verb: str, tmp_path: Path) -> None:
    spam = folder(tmp_path / "spam", "spam", range(1, 9))
    result = chaffinch("rules", verb, "mail", "--label", f"spam={spam}")
    assert result.code == 3
    assert "holds no ham" in result.err


@pytest.mark.parametrize("verb", ["list", *VERBS])
def test_a_broken_file_is_told(chaffinch: Chaffinch, verb: str, words: list[str]) -> None:
    path = local_path(home_folder(), "mail")
    path.parent.mkdir(parents=True)
    path.write_text("[[rule]]\nnam = 1\n")
    more = [] if verb == "list" else words
    result = chaffinch("rules", verb, "mail", *more)
    assert result.code == 3
    assert "line 2, column 1: rule 1: unknown key 'nam' (did you mean 'name'?)" in result.err


def test_titles_do_not_steer_the_terminal(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for label, text in (("spam", "\x1b[31mgolden turnips\x1b]0;x\x07 [red]"), ("ham", "minutes")):
        (tmp_path / label).mkdir()
        for k in range(25):
            raw = f"Subject: {text} {k}\n\n{text} {k} {k * k}\n"
            (tmp_path / label / f"{k}.eml").write_text(raw)
    words = ["--label", f"spam={tmp_path / 'spam'}", "--label", f"ham={tmp_path / 'ham'}"]
    result = chaffinch("rules", "errors", "mail", *words)
    assert result.code == 0
    assert "turnips" in result.out
    assert "\x1b" not in result.out
    assert "\x07" not in result.out
