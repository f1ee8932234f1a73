"""Every verb, on messages."""

from __future__ import annotations

import csv
import json
from itertools import pairwise
from pathlib import Path

import pytest

from chaffinch.task import TASKS
from samples import mail, message
from shell import Chaffinch


def examples(count: int) -> list[tuple[str, str]]:
    labels = ("ham", "spam")
    return [(labels[k % 2], message(labels[k % 2], k).decode()) for k in range(count)]


def jsonl(path: Path, count: int = 120) -> Path:
    lines = (json.dumps({"label": label, "text": text}) for label, text in examples(count))
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def taught(chaffinch: Chaffinch, tmp_path: Path) -> Chaffinch:
    assert chaffinch("learn", "message", jsonl(tmp_path / "sms.jsonl")).code == 0
    assert chaffinch("launch", "message", "--rung", "linear").code == 0
    return chaffinch


def test_learn_judge_flag_and_undo(taught: Chaffinch) -> None:
    def judged() -> dict[str, object]:
        out = taught("predict", "message", "-", "--json", stdin=message("spam", 1001)).out
        verdict: dict[str, object] = json.loads(out)
        return verdict

    before = judged()
    assert before["label"] == "spam"
    assert str(before["model"]).startswith("message-linear-")
    flagged = taught("flag", "message", "ham", str(before["item"]), "--json")
    assert flagged.code == 0
    assert judged()["score"] < before["score"]  # type: ignore[operator]
    assert taught("flag", "message", "ham", str(before["item"])[:12], "--undo").code == 0
    assert judged() == before


@pytest.mark.parametrize(
    "columns", [("label", "text"), ("Category", "Message"), ("class", "content"), ("label", "raw")]
)
def test_a_table(chaffinch: Chaffinch, tmp_path: Path, columns: tuple[str, str]) -> None:
    with (tmp_path / "sms.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *examples(20)])
    learned = chaffinch("learn", "message", tmp_path / "sms.csv", "--json").json
    assert (learned["new"], learned["skipped"]) == (20, 0)


def test_folders_of_texts(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for number, (label, text) in enumerate(examples(20)):
        (tmp_path / "sms" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "sms" / label / f"{number:02}.txt").write_text(text)
    assert chaffinch("learn", "message", tmp_path / "sms", "--json").json["new"] == 20
    words = [f"--label={label}={tmp_path / 'sms' / label}" for label in ("ham", "spam")]
    assert chaffinch("learn", "message", *words, "--json").json["known"] == 20
    judged = chaffinch("predict", "message", tmp_path / "sms" / "spam", "--json").out
    assert len(judged.splitlines()) == 10
    one = chaffinch("predict", "message", tmp_path / "sms" / "spam" / "01.txt", "--json").out
    assert one == judged.splitlines(keepends=True)[0]


def test_evaluate_explain_and_export(
    taught: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = taught("evaluate", "message", tmp_path / "sms.jsonl", "--json").json
    assert (report["task"], report["rung"], report["n"]) == ("message", "committee", 120)
    assert report["one_minus_roca_percent"] < 5
    explained = taught("explain", "message", "--json").json
    assert explained["items"] == {"ham": 60, "spam": 60}
    assert taught("export", "message", tmp_path / "out.jsonl").code == 0
    assert taught("verify").code == 0
    monkeypatch.setenv("CHAFFINCH_HOME", str(tmp_path / "elsewhere"))
    again = taught("learn", "message", tmp_path / "out.jsonl", "--json").json
    assert again["new"] == 120


def test_rungs_roll_back(taught: Chaffinch) -> None:
    history = taught("launch", "message", "--list", "--json").json
    rolled = taught("launch", "message", "--rollback", "--json").json
    assert rolled["model"] == history[1]["model"]
    assert rolled["left_out"] == 0


def test_a_roll_back_says_what_it_leaves_out_and_how_to_come_back(taught: Chaffinch) -> None:
    for number in range(9000, 9003):
        taught("flag", "message", "spam", "-", stdin=message("spam", number))
    assert taught("launch", "message").code == 0
    for said in (taught("launch", "message", "--rollback").out, taught("learn", "message").out):
        told = " ".join(said.split())
        assert "3 flags given while another model was live are left out" in told
        assert "`chaffinch learn message --afresh` learns them" in told
        assert "has learned them all" not in told
    told = taught.json("learn", "message", "--afresh")
    assert (told["left_out"], "trained on 123 flags" in told["reason"]) == (0, True)


def test_tasks_keep_apart(taught: Chaffinch, tmp_path: Path) -> None:
    """Equal bytes are another item in another task, with flags and models of its own."""
    judged = taught("predict", "mail", "-", "--json", stdin=mail("spam", 1))
    assert judged.json["model"] == "mail-starter-1"
    first = taught("flag", "message", "spam", "-", "--json", stdin=mail("spam", 1)).json
    second = taught("flag", "mail", "ham", "-", "--json", stdin=mail("spam", 1)).json
    assert first["flags"][0]["item"] != second["flags"][0]["item"]
    assert taught("flag", "message", "spam", "-", "--undo", stdin=mail("spam", 1)).code == 0


def test_reasons_fit_80_columns(taught: Chaffinch) -> None:
    text = "Click here: http://cash.example.com/" + "x" * 200 + " free \u202e cash"
    out = taught("predict", "message", "-", stdin=text.encode()).out
    assert max(map(len, out.splitlines())) <= 80
    assert "\u202e" not in out


def test_help_names_every_task(chaffinch: Chaffinch) -> None:
    said = " ".join(chaffinch("predict", "--help").out.split())
    assert f"The task: {' or '.join(TASKS)}." in said


@pytest.mark.parametrize("words", [("flag",), ("adapt",), ("rules", "test")])
def test_help_is_folded_as_wide_as_the_terminal(
    chaffinch: Chaffinch, words: tuple[str, ...]
) -> None:
    lines = chaffinch(*words, "--help").out.splitlines()
    told = [line.strip() for line in lines[2 : next(n for n, x in enumerate(lines) if "╭" in x)]]
    short = [one for one, after in pairwise(told) if after and 0 < len(one) < 50]
    assert not short
