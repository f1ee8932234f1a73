"""The stage on which the docs' commands are played: every file that they name is there."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile, gettempdir

import numpy as np

import digit_samples
import sound_samples
from markdown_pages import ROOT
from samples import folder, mail, message

# How much there is of each label: as little as every verb is content with.
_MAILS, _PICTURES, _WORDS = 30, 6, 4
# In a script whose programs listen at ports, which the docs write as numbers.
_PORT = re.compile(r"127\.0\.0\.1:\d")


def _mails(stage: Path) -> None:
    for name in ("Maildir/new", "Maildir/tmp", "Maildir/.Junk/new", "Maildir/.Junk/tmp"):
        (stage / name).mkdir(parents=True)
    folder(stage / "Maildir" / "cur", "ham", range(0, 2 * _MAILS, 2))
    folder(stage / "Maildir" / ".Junk" / "cur", "spam", range(1, 2 * _MAILS, 2))
    for name in ("spamassassin", "DATA"):
        folder(stage / name / "ham", "ham", range(0, 2 * _MAILS, 2))
        folder(stage / name / "spam", "spam", range(1, 2 * _MAILS, 2))
    (stage / "message.eml").write_bytes(mail("spam", 1001))
    (stage / "mail").write_bytes(mail("ham", 1002))
    # As a Maildir names it.
    (stage / "Maildir" / "cur" / "1745000000.M1.host:2,S").write_bytes(mail("spam", 1003))
    lines = [
        json.dumps({"text": message(label, number).decode(), "label": label})
        for number in range(_MAILS)
        for label in ("ham", "spam")
    ]
    (stage / "sms.jsonl").write_text("\n".join(lines), encoding="utf-8")


def _pictures(stage: Path) -> None:
    for name in ("mnist", "my-digits"):
        for label in "0123456789":
            (stage / name / label).mkdir(parents=True)
            for seed in range(_PICTURES):
                (stage / name / label / f"{seed}.png").write_bytes(digit_samples.digit(label, seed))
    for name in ("seven.png", "my-odd-seven.png"):
        (stage / name).write_bytes(digit_samples.digit("7", 99))
    shutil.copy(ROOT / "examples" / "4-postcode.png", stage / "postcode.png")


def _wav(sound: sound_samples.Sound) -> bytes:
    return sound_samples.wav(np.asarray(sound * 32767, "<i2").tobytes())


def _sounds(stage: Path) -> None:
    for name in ("recordings", "fsdd"):
        for label in ("one", "two", "six"):
            (stage / name / label).mkdir(parents=True)
            for seed in range(_WORDS):
                sound = _wav(sound_samples.spoken(label, seed))
                (stage / name / label / f"{seed}.wav").write_bytes(sound)
    (stage / "said.wav").write_bytes(_wav(sound_samples.spoken("two", 99)))
    (stage / "meeting.wav").write_bytes(_wav(sound_samples.line(("one", "two", "six"))))


def put_programs(stage: Path) -> None:
    """Let `chaffinch` be this one, wherever it is installed, and a microphone a file."""
    programs = {
        "chaffinch": f'exec {sys.executable} -m chaffinch "$@"',
        "python": f'exec {sys.executable} "$@"',
        "arecord": f"tail -c +45 {stage / 'meeting.wav'}",
    }
    for name, does in programs.items():
        program = stage / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        program.chmod(0o755)


def _rules() -> None:
    """A rule of one's own for mail and for digits, in the home folder."""
    rules = Path(os.environ["CHAFFINCH_HOME"]) / "rules"
    rules.mkdir(parents=True)
    bicycles = 'name = "BICYCLES"\ndescription = "Sells bicycles"\npart = "subject"\nweight = 1'
    plain = "pattern = '(?i)bicycles for sale'"
    (rules / "mail.toml").write_text(f"[[rule]]\n{bicycles}\n{plain}\n", encoding="utf-8")
    hole = 'name = "HOLE"\ndescription = "A hole"\nlabel = "0"\nweight = 1\nall = ["holes == 1"]'
    (rules / "digits.toml").write_text(f"[[rule]]\n{hole}\n", encoding="utf-8")


def set_up(stage: Path) -> None:
    """Lay out all that the docs speak of."""
    shutil.copytree(ROOT / "examples", stage / "examples")
    _mails(stage)
    _pictures(stage)
    _sounds(stage)
    _rules()
    put_programs(stage)


@contextmanager
def _alone(script: str) -> Iterator[None]:
    """While a script runs let no other listen at the ports that the docs name, in any process."""
    if not _PORT.search(script):
        yield
        return
    with (Path(gettempdir()) / f"chaffinch-ports-{os.getuid()}").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def play(
    script: str, stage: Path, environment: Mapping[str, str] | None = None, *, seconds: float = 900
) -> tuple[int, str]:
    """Run a shell script, which ends at the first step that fails, and end all that it started.

    Returns
    -------
    int
        Its exit code.
    str
        What it wrote: each step, and what came of it.
    """
    path = f"{stage / 'bin'}:{os.environ['PATH']}"
    # Into a file: a pipe would end no sooner than the last program that a script leaves running.
    with (
        _alone(script),
        TemporaryFile() as output,
        subprocess.Popen(
            ["bash", "-eux", "-o", "pipefail", "-c", script],
            cwd=stage,
            env={
                **os.environ,
                "HOME": str(stage),
                "COLUMNS": "80",
                **(environment or {}),
                "PATH": path,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as shell,
    ):
        # One that is not done in time says by its exit code that it was killed.
        with suppress(subprocess.TimeoutExpired):
            shell.wait(seconds)
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        code = shell.wait()
        output.seek(0)
        return code, output.read().decode(errors="replace")
