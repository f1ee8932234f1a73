"""The verb that keeps up with the world, as people and programs call it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chaffinch.cli import common
from chaffinch.loop.lock import adapting_turn
from samples import two_folders
from shell import Chaffinch


@pytest.fixture
def taught(chaffinch: Chaffinch, tmp_path: Path) -> Chaffinch:
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 110)).code == 0
    return chaffinch


def test_a_round_that_is_asked_for(taught: Chaffinch) -> None:
    assert "refused: chaffinch" not in taught("launch", "mail", "--list").out
    done = taught("adapt", "mail", "--now")
    assert done.code == 0
    assert "mail: refused" in done.out
    assert "noticed   asked for" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    history = taught("adapt", "--list")
    assert "mail: refused" in history.out
    assert "message: no new model was tried yet" in history.out
    (told,) = taught("adapt", "mail", "--list", "--json").json
    assert told["outcome"] == "refused"
    assert told["triggers"][0]["kind"] == "asked"
    foot = taught("launch", "mail", "--list").out.splitlines()[-1]
    assert foot == "1 challenger was refused: chaffinch adapt mail --list"


def test_how_far_it_is_is_told_where_there_is_no_terminal(
    taught: Chaffinch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(common, "_LINE_EVERY", 0.05)
    told = [line for line in taught("adapt", "mail", "--now").err.splitlines() if " min" in line]
    assert any(re.match(r"chaffinch: trying: [\d,]+ of 220, 0 min", line) for line in told)
    assert {line.split(":")[1] for line in told} <= {" looking", " training", " trying"}
    assert not [line for line in told if ": 0, " in line]
    monkeypatch.undo()


def test_nothing_calls_for_it(chaffinch: Chaffinch) -> None:
    done = chaffinch("adapt", "mail")
    assert (done.code, done.out) == (0, "mail: nothing calls for a new model\n")


def test_one_is_enough(taught: Chaffinch, home: Path) -> None:
    with adapting_turn(home):
        done = taught("adapt", "mail")
    assert done.code == 4
    assert f"process {os.getpid()} adapts here already" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mial",), "did you mean 'mail'"),
        (("mail", "--now", "--list"), "exclude each other"),
        (("mail", "--watch", "--every", "0"), "--every"),
    ],
)
def test_what_cannot_be_meant(chaffinch: Chaffinch, words: tuple[str, ...], said: str) -> None:
    done = chaffinch("adapt", *words)
    assert done.code == 2
    assert said in done.err


def test_the_service_stops_when_it_is_told_to(taught: Chaffinch, home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "chaffinch", "adapt", "mail", "--watch", "--every", "0.1"],
        env={**os.environ, "CHAFFINCH_HOME": str(home)},
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stderr is not None
        assert b"a look every 0.1 seconds" in child.stderr.readline()
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0


def test_a_second_service_says_that_the_first_has_the_turn_and_nothing_else(
    taught: Chaffinch, home: Path
) -> None:
    with adapting_turn(home):
        done = taught("adapt", "mail", "--watch")
    assert done.code == 4
    assert "a look every" not in done.err


def test_nothing_to_do_is_said_to_programs_too(taught: Chaffinch) -> None:
    told = json.loads(taught("adapt", "message", "--json").out)
    assert told == {"task": "message", "outcome": "nothing"}
