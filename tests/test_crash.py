"""Killed at any moment, nothing that was acknowledged is lost, and the next run works."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chaffinch.experience.store import Experience
from chaffinch.explain.readable import short_id
from chaffinch.predictor import Predictor
from samples import mail, two_folders

MOMENTS = 50


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


def test_kill_during_learn(tmp_path: Path) -> None:
    home = tmp_path / "home"
    draw = random.Random(1)
    words = two_folders(tmp_path / "mails", 100)
    began = time.monotonic()
    assert start(home, "learn", "mail", *words).wait() == 0
    duration = time.monotonic() - began
    acknowledged: set[str] = set()
    for moment in range(MOMENTS):
        if moment % 10 == 0:
            acknowledged.add(flag(home, moment))
        # Each time there is something new to learn, by every rung, from the beginning.
        new = tmp_path / f"new{moment}"
        more = two_folders(new, 5 + moment)
        child = start(home, "learn", "mail", *more, "--afresh")
        time.sleep(draw.uniform(0.0, duration))
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


def test_kill_during_adapt(tmp_path: Path) -> None:
    """Killed in any phase of a round: one champion, whole; no flag lost; the loop goes on."""
    home = tmp_path / "home"
    draw = random.Random(4)
    assert start(home, "learn", "mail", *two_folders(tmp_path / "mails", 110)).wait() == 0
    began = time.monotonic()
    assert start(home, "adapt", "mail", "--now").wait() == 0
    duration = time.monotonic() - began
    acknowledged = {flag(home, 0)}
    for moment in range(MOMENTS):
        child = start(home, "adapt", "mail", "--now")
        time.sleep(draw.uniform(0.0, duration))
        child.send_signal(signal.SIGKILL)
        child.wait()
        if moment % 10 == 9:
            acknowledged.add(flag(home, moment))
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
