"""The verbs of `chaffinch rules` for a task of many labels, and rules of an installation's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from chaffinch.predictor import Predictor
from chaffinch.readers.image.pnm import write_pgm
from chaffinch.rules.files import local_path
from chaffinch.settings import home_folder
from chaffinch.task import get_task
from shell import Chaffinch


def ring(two: bool = False) -> bytes:
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 8:20] = 255
    picture[7:21, 11:17] = 0
    if two:
        picture[13:15, 11:17] = 255
    return write_pgm(picture)


def own(text: str) -> None:
    path = local_path(home_folder(), "digits")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def predictor() -> Predictor:
    task = get_task("digits")
    return Predictor(task, task.rung("rules"), task.rung("rules").start(), "test")


def test_own_rules_count(chaffinch: Chaffinch) -> None:
    own(
        "disable = ['HOLLOW']\n[weights]\nLARGE_HOLE = 0.5\n[[rule]]\nname = 'MINE'\nlabel = '7'\n"
        "description = 'Any hole'\npredicate = 'holes >= 1'\nweight = 30\n"
    )
    listed = json.loads(chaffinch("rules", "list", "digits", "--json").out)
    found = {one["name"]: one for one in listed["rules"]}
    assert "HOLLOW" not in found
    assert (found["MINE"]["label"], found["MINE"]["conditions"]) == ("7", ["holes >= 1"])
    assert (found["LARGE_HOLE"]["weight"], found["LARGE_HOLE"]["weighed"]) == (0.5, "local")
    assert predictor().predict(ring()).label == "7"


def test_what_is_wrong_in_the_own_file_is_an_error_without_a_traceback(
    chaffinch: Chaffinch,
) -> None:
    own("[[rule]]\nname = 'MINE'\nlabel = '7'\ndescription = 'x'\npredicate = 'hole >= 1'\n")
    result = chaffinch("rules", "list", "digits")
    assert result.code == 3
    assert "digits.toml, line 5, column 1: rule MINE: 'hole' is no measure" in result.err


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for label, two in (("0", False), ("8", True)):
        (tmp_path / "digits" / label).mkdir(parents=True)
        for number in range(4):
            shifted = np.roll(np.frombuffer(ring(two), np.uint8, 784, 13), number).reshape(28, 28)
            (tmp_path / "digits" / label / f"{number}.pgm").write_bytes(write_pgm(shifted))
    return tmp_path / "digits"


def test_the_verbs(chaffinch: Chaffinch, data: Path) -> None:
    found = json.loads(chaffinch("rules", "test", "digits", str(data), "--json").out)
    assert found["items"] == {"0": 4, "8": 4}
    accounts = {one["name"]: one for one in found["rules"]}
    assert accounts["TWO_HOLES"]["hits"] == {"label": 4, "others": 0}
    assert found["report"]["error_percent"] == 0.0
    assert accounts["NARROW"]["share"]["label"] is None  # there is no 1
    said = chaffinch("rules", "test", "digits", str(data)).out
    assert "TWO_HOLES" in said
    assert "nan" not in said
    assert "wrong: 0 of 8" in chaffinch("rules", "errors", "digits", str(data)).out
    own(
        "[[rule]]\nname = 'MINE'\nlabel = '7'\ndescription = 'Two holes, it is said'\n"
        "predicate = 'holes == 2'\nweight = 30\n"
    )
    assert "8 taken for 7: 4" in chaffinch("rules", "errors", "digits", str(data)).out
    wrong = json.loads(chaffinch("rules", "errors", "digits", str(data), "--json").out)
    assert wrong["confused"][0]["spoke"] == {"MINE": 4}


def test_nothing_is_suggested_where_labels_are_many(chaffinch: Chaffinch, data: Path) -> None:
    result = chaffinch("rules", "suggest", "digits", data)
    assert result.code == 2
    said = " ".join(result.err.split())
    assert "digits has more than two labels" in said
    assert "`chaffinch study digits DATA` tells for each two the condition" in said


def test_a_heat_map_of_rules_is_refused(chaffinch: Chaffinch, data: Path, tmp_path: Path) -> None:
    assert chaffinch("launch", "digits", "--rung", "rules").code == 0
    picture = data / "8" / "0.pgm"
    told = " ".join(chaffinch("predict", "digits", picture).out.split())
    assert "rule for 8 Two holes" in told
    assert "the rules that fit" in told
    result = chaffinch("predict", "digits", picture, "--heat", tmp_path / "heat.png")
    assert result.code == 2
    assert "the hand-written rules look at no pixels" in result.err
