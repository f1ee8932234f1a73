from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import digit_samples
from chaffinch import Predictor
from chaffinch.checks import learners
from chaffinch.errors import InputError, ModelError, UsageError
from chaffinch.experience.champion import load_champion
from chaffinch.experience.store import Experience
from chaffinch.models.committee import CommitteeLearner
from chaffinch.readers.audio import write_wav
from chaffinch.readers.image import write_pgm
from chaffinch.task import get_task
from samples import mail, two_folders
from shell import Chaffinch
from sound_samples import line

ONE = np.pad(np.zeros((40, 6), np.uint8), 20, constant_values=255)


@pytest.fixture
def taught(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    chaffinch = Chaffinch(capfdbinary, monkeypatch)
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 40)).code == 0
    assert chaffinch("launch", "mail", "--rung", "linear").code == 0


def test_the_three_lines_of_the_readme(taught: None) -> None:
    predictor = Predictor.load("mail")
    verdict = predictor.predict(mail("spam", 1001))
    flag = predictor.flag(mail("spam", 1001), "ham", by="ada")
    assert verdict.label == "spam"
    assert (flag.label, flag.by, flag.item) == ("ham", "ada", verdict.item)
    assert predictor.predict(mail("spam", 1001)).score < verdict.score
    predictor.close()
    with Predictor.load("mail") as again:
        assert again.predict(mail("spam", 1001)).label is not None


def test_what_flag_learns_here_every_later_load_knows(taught: None) -> None:
    with Predictor.load("mail") as predictor:
        predictor.flag(mail("spam", 1001), "ham")
        here = predictor.predict(mail("spam", 1003)).score
    with Predictor.load("mail") as later:
        assert later.predict(mail("spam", 1003)).score == here


def test_predicting_changes_nothing(taught: None, tmp_path: Path) -> None:
    with Predictor.load("mail") as predictor:
        before = {name: t.tobytes() for name, t in predictor.learner.tensors.items()}
        scores = {predictor.predict(mail("ham", 1000)).score for _ in range(5)}
        after = {name: t.tobytes() for name, t in predictor.learner.tensors.items()}
    assert len(scores) == 1
    assert before == after


def test_verdicts_are_remembered_unless_told_not_to(
    taught: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Predictor.load("mail") as predictor:
        kept = predictor.predict(mail("ham", 1000)).item
    monkeypatch.setenv("CHAFFINCH_REMEMBER", "no")
    with Predictor.load("mail") as predictor:
        not_kept = predictor.predict(mail("ham", 1002)).item
    with Experience.open() as experience:
        assert experience.items.get(kept).data == mail("ham", 1000)
        with pytest.raises(Exception, match="no item"):
            experience.items.get(not_kept)


def test_the_action_follows_the_costs() -> None:
    policy = get_task("mail").policy
    ten_to_one = math.log(10.0)
    assert [policy.action(score) for score in (-9.0, -0.1, 0.0, 2.3, ten_to_one, 9.0)] == [
        "deliver",
        "deliver",
        "unsure",
        "unsure",
        "junk",
        "junk",
    ]


def test_what_is_no_item() -> None:
    task = get_task("mail")
    rung = task.rung("linear")
    with pytest.raises(UsageError, match="a str cannot be judged: give bytes"):
        Predictor(task, rung, rung.start(), "mine").predict("text")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "data", "said"),
    [
        ("words", write_wav(line(["one", "two", "one"])), "holds 3 words"),
        ("digits", write_pgm(np.hstack([ONE] * 2)), "shows 2 signs"),
    ],
)
def test_of_several_judged_as_a_whole_the_first_is_and_that_is_said(
    task: str, data: bytes, said: str, tmp_path: Path
) -> None:
    with Predictor.load(task, home=tmp_path) as predictor:
        # Of several, however sure the model is of the first.
        predictor.policy = replace(predictor.policy, junk=-100.0, unsure=-200.0)
        assert predictor.task.parts is not None
        parts = predictor.task.parts(data)
        verdict = predictor.predict(data)
        each = [predictor.predict(part.data, part=part) for part in parts]
        alone = [predictor.predict(part.data) for part in parts]
    first = f"{said}: only the first is judged; judge each part (Task.parts)"
    assert verdict.notes == (first,)
    assert (verdict.action, verdict.label) == ("unsure", each[0].label)
    assert {one.action for one in (*each, *alone)} == {"accept"}
    assert {one.notes for one in (*each, *alone)} == {()}


@pytest.mark.parametrize("task", ["mail", "message"])
def test_before_the_first_flag_the_starter_judges(task: str, tmp_path: Path) -> None:
    with Predictor.load(task, home=tmp_path / "new") as predictor:
        verdict = predictor.predict(b"Subject: hello\n\nWIN a FREE prize, call now!\n")
    assert verdict.model == f"{task}-starter-1"
    assert verdict.action != "junk", "what nobody taught it yet it must not be sure of"
    assert verdict.notes == ()
    with Experience.open(tmp_path / "new") as experience:
        kept = experience.items.get(verdict.item)
    assert kept.data.endswith(b"now!\n"), "it can be flagged by its id"


def test_where_there_can_be_no_home_the_verdict_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with Predictor.load("mail", home=tmp_path / "file" / "home") as predictor:
        verdict = predictor.predict(b"Subject: hello\n\nhi\n")
    assert any("not remembered" in note for note in verdict.notes)


def test_nothing_launched_and_no_starter(tmp_path: Path) -> None:
    task = replace(get_task("mail"), ladder=get_task("mail").ladder[:3])
    with pytest.raises(ModelError, match="chaffinch learn mail --label spam=PATH"):
        load_champion(task, tmp_path, None)


def test_a_predictor_of_ones_own_has_nothing_to_flag_into() -> None:
    task = get_task("mail")
    rung = task.rung("linear")
    predictor = Predictor(task, rung, rung.start(), "mine")
    assert predictor.predict(b"").label == "ham"
    with pytest.raises(UsageError, match=r"Predictor\.load"):
        predictor.flag(b"", "spam")


def test_what_can_be_no_example_is_not_stored(tmp_path: Path) -> None:
    with Predictor.load("digits", home=tmp_path) as predictor:
        for data, said in (
            (b"no picture", "shows no digit"),
            (digit_samples.line("12"), "2 signs"),
        ):
            with pytest.raises(InputError, match=said):
                predictor.flag(data, "3")
        with pytest.raises(UsageError, match="write '7' for 7"):
            predictor.flag(digit_samples.digit("7"), 7)  # type: ignore[arg-type]
        assert predictor.flagged(9) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 5000,
        b"no header at all",
        b"Subject: " + b"x" * 2_000_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 50_000,
        b"Content-Type: text/html\n\n" + b"<div>" * 200_000,
        bytes(range(256)) * 4000,
    ],
    ids=["empty", "NUL", "headless", "one line", "parts", "tags", "bytes"],
)
def test_any_bytes_get_a_verdict_with_reasons_that_add_up(taught: None, data: bytes) -> None:
    with Predictor.load("mail") as predictor:
        verdict = predictor.predict(data, reasons=100_000)
        total = verdict.intercept + sum(reason.weight for reason in verdict.reasons)
    assert total == pytest.approx(verdict.score, abs=1e-6)


def test_judging_imports_nothing_heavy(taught: None) -> None:
    code = (
        "import sys, chaffinch\n"
        "with chaffinch.Predictor.load('mail') as predictor:\n"
        "    predictor.predict(b'Subject: 4U\\n\\nfree')\n"
        "print(sorted({'sklearn', 'torch', 'sqlalchemy', 'scipy', 'rich'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"[]\n", done.stdout


def test_learners_of_the_ladder_are_those_found() -> None:
    assert {rung.learner for rung in get_task("mail").ladder} == set(learners())
    assert get_task("mail").ladder[-1].learner is CommitteeLearner
