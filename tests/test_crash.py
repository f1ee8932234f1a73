"""Killed at any moment, nothing that was acknowledged is lost, and the next run works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaffinch.experience.store import Experience
from chaffinch.explain.readable import short_id
from chaffinch.predictor import Predictor
from samples import mail, two_folders

#: Times that a command is killed in one test, and tests of a command: each moment is in a part of
#: its run of its own.
TIMES, TESTS = 8, 4


def moments(test: int, duration: float) -> Iterator[float]:
    """Yield when to kill a command that takes so many seconds."""
    draw = random.Random(test)
    for time_ in range(TIMES):
        yield duration * (test + TESTS * time_ + draw.random()) / (TESTS * TIMES)


def start(home: Path, *words: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "chaffinch", *words],
        env={**os.environ, "CHAFFINCH_HOME": str(home)},
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def flag(home: Path, number: int) -> str:
    """Flag a mail, and return its id once the command has returned."""
    command = [sys.executable, "-m", "chaffinch", "flag", "mail", "spam", "-"]
    done = subprocess.run(
        command,
        input=mail("spam", 5000 + number),
        env={**os.environ, "CHAFFINCH_HOME": str(home)},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().split()[0]


@pytest.mark.parametrize("test", range(TESTS))
def test_kill_during_learn(tmp_path: Path, test: int) -> None:
    home = tmp_path / "home"
    words = two_folders(tmp_path / "mails", 100)
    began = time.monotonic()
    assert start(home, "learn", "mail", *words).wait() == 0
    duration = time.monotonic() - began
    acknowledged: set[str] = set()
    for number, moment in enumerate(moments(test, duration)):
        if number % 4 == 0:
            acknowledged.add(flag(home, number))
        # Each time there is something new to learn, by every rung, from the beginning.
        more = two_folders(tmp_path / f"new{number}", 5 + TESTS * number + test)
        child = start(home, "learn", "mail", *more, "--afresh")
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
        with Experience(home) as experience:
            assert list(experience.verify()) == []
            stored = {short_id(example.item.id) for example in experience.examples("mail")}
        assert acknowledged <= stored
        with Predictor.load("mail", home=home) as predictor:
            assert predictor.predict(mail("spam", 9999)).label in ("spam", "ham")
    assert start(home, "learn", "mail", *words).wait() == 0
    assert not list((home / "models").glob(".*.part")), "what a killed run left is cleaned up"


@pytest.mark.parametrize("moment", range(8))
def test_kill_during_flag(tmp_path: Path, moment: int) -> None:
    home = tmp_path / "home"
    first = flag(home, 0)
    child = start(home, "flag", "mail", "ham", "-", stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(mail("ham", 1))
    child.stdin.close()
    time.sleep(0.2 + moment * 0.15)
    child.kill()
    child.wait()
    with Experience(home) as experience:
        assert list(experience.verify()) == []
        assert first in {short_id(example.item.id) for example in experience.examples("mail")}


@pytest.mark.parametrize("test", range(TESTS))
def test_kill_during_adapt(tmp_path: Path, test: int) -> None:
    """Killed in any phase of a round: one champion, whole; no flag lost; the loop goes on."""
    home = tmp_path / "home"
    assert start(home, "learn", "mail", *two_folders(tmp_path / "mails", 110)).wait() == 0
    began = time.monotonic()
    assert start(home, "adapt", "mail", "--now").wait() == 0
    duration = time.monotonic() - began
    acknowledged = {flag(home, 0)}
    for number, moment in enumerate(moments(test, duration)):
        child = start(home, "adapt", "mail", "--now")
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
        if number % 4 == 3:
            acknowledged.add(flag(home, number))
        with Experience(home) as experience:
            assert list(experience.verify()) == []
            assert experience.champion("mail") is not None
            assert acknowledged <= {short_id(one.item.id) for one in experience.examples("mail")}
        with Predictor.load("mail", home=home) as predictor:
            assert predictor.predict(mail("spam", 9999)).label in ("spam", "ham")
    assert start(home, "adapt", "mail", "--now").wait() == 0
    with Experience(home) as experience:
        rounds = experience.adaptations.all("mail")
        assert all(one.finished for one in rounds), "the last run finished what was begun"
    assert not (home / "challenge" / "mail").exists()
