"""The promise and the calibration, as people see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samples import mail, two_folders
from shell import Chaffinch


@pytest.fixture
def taught(chaffinch: Chaffinch, tmp_path: Path) -> Chaffinch:
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 60)).code == 0
    return chaffinch


HALF = b"Subject: free meeting\n\n" + b"offer patch lunch winner notes prize cash cash " * 3


def test_what_is_in_doubt_says_how_many_flags_are_missing(taught: Chaffinch) -> None:
    whole = mail("spam", 1001)
    for size in range(150, len(whole), 10):
        asked = whole[:size]
        verdict = json.loads(taught("predict", "mail", "--json", stdin=asked).out)
        if verdict["action"] == "unsure" and verdict["probability"] > 10 / 11:
            break
    assert (verdict["action"], verdict["missing"]) == ("unsure", 2935)
    told = taught("predict", "mail", stdin=asked)
    assert "unsure, and not junk, while 2,935 flags of ham are missing" in told.out
    assert max(map(len, told.out.splitlines())) <= 80


def test_what_no_flag_would_make_junk_does_not_speak_of_the_promise(taught: Chaffinch) -> None:
    verdict = json.loads(taught("predict", "mail", "--json", stdin=HALF).out)
    assert verdict["probability"] < 10 / 11
    assert (verdict["action"], verdict["missing"]) == ("unsure", 0)
    assert "promise" not in taught("predict", "mail", stdin=HALF).out


def test_log_only_delivers_and_writes_down(
    taught: Chaffinch, monkeypatch: pytest.MonkeyPatch
) -> None:
    spam = mail("spam", 1001)
    before = json.loads(taught("predict", "mail", "--json", stdin=spam).out)
    assert before["action"] in ("junk", "unsure")
    monkeypatch.setenv("CHAFFINCH_LOG_ONLY", "yes")
    after = json.loads(taught("predict", "mail", "--json", stdin=spam).out)
    assert (after["action"], after["score"]) == ("deliver", before["score"])
    assert f"log only: would be {before['action']}" in after["notes"]
    _, passed, _ = taught.raw("filter", stdin=spam)
    assert b"X-Chaffinch-Status: ham" in passed
    assert f"X-Chaffinch-Would-Be: {before['action']}".encode() in passed
    assert after["would_be"] == before["action"]
    word = {"junk": "put into junk", "unsure": "left unsure"}[before["action"]]
    diary = taught("diary", "mail").out
    assert f"2 would have been {word} (log only)" in " ".join(diary.split())
    monkeypatch.delenv("CHAFFINCH_LOG_ONLY")
    assert b"Would-Be" not in taught.raw("filter", stdin=passed)[1]


def test_another_promise_needs_no_training(
    taught: Chaffinch, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = taught("launch", "mail", "--list").out
    spam = mail("spam", 1001)
    monkeypatch.setenv("CHAFFINCH_HAM_LOSS", "20")
    generous = json.loads(taught("predict", "mail", "--json", stdin=spam).out)
    assert generous["action"] == "junk"
    assert taught("launch", "mail", "--list").out == history
    monkeypatch.setenv("CHAFFINCH_HAM_LOSS", "0")
    refused = taught("predict", "mail", stdin=spam)
    assert refused.code == 2
    assert "CHAFFINCH_HAM_LOSS" in refused.err


def test_the_report_shows_the_calibration(chaffinch: Chaffinch, tmp_path: Path) -> None:
    words = two_folders(tmp_path / "more", 60)
    told = chaffinch("evaluate", "mail", *words)
    assert "were spam, with 95% interval" in told.out
    curve = chaffinch("evaluate", "mail", *words, "--json").json["extra"]["calibration"]
    assert sum(one["items"] for one in curve) == 60
