"""`make run` keeps what it learned, and whatever else it finds."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from markdown_pages import ROOT

LEARN = "learn mail spamassassin"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder in which chaffinch only notes what it was asked, and in which home."""
    program = tmp_path / ".venv" / "bin" / "chaffinch"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$CHAFFINCH_HOME: $*" >> asked\n[ ! -e "fail-$1" ]\n')
    program.chmod(0o755)
    return tmp_path


def run(clone: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(ROOT / "scripts" / "run.sh")],
        cwd=clone,
        env={"PATH": os.environ["PATH"], **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_second_run_goes_on(clone: Path) -> None:
    assert run(clone).returncode == 0
    flags = clone / ".run" / "experience.db"
    flags.write_text("what was flagged")
    again = run(clone)
    assert again.returncode == 0
    assert "Going on" in again.stdout
    assert flags.read_text() == "what was flagged"
    asked = (clone / "asked").read_text()
    assert asked.count(LEARN) == 1
    assert asked.count("predict mail") == 2


def test_what_was_broken_off_is_learned_the_next_time(clone: Path) -> None:
    (clone / "fail-learn").touch()
    assert run(clone).returncode != 0
    (clone / "fail-learn").unlink()
    assert run(clone).returncode == 0
    assert (clone / "asked").read_text().count(LEARN) == 2


def test_a_home_of_ones_own_is_left_alone(clone: Path) -> None:
    own = clone / "own"
    own.mkdir()
    (own / "experience.db").write_text("mine")
    assert run(clone, CHAFFINCH_HOME=str(own)).returncode == 0
    assert str(own) not in (clone / "asked").read_text()
    (clone / "asked").unlink()
    refused = run(clone, RUN_HOME=str(own))
    assert refused.returncode == 1
    assert f"{own} holds what make run did not put there" in refused.stderr
    assert not (clone / "asked").exists()
    assert [one.name for one in own.iterdir()] == ["experience.db"]
    assert (own / "experience.db").read_text() == "mine"
