"""Listening from the shell: words as they come, until the sound ends or somebody ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chaffinch.cli.listen import _Told
from chaffinch.experience.store import Experience
from chaffinch.readers.audio import write_wav
from chaffinch.task import get_task
from chaffinch.types import Part, Policy, Verdict
from shell import Chaffinch
from sound_samples import line, spoken

LINE = line(["one", "two", "one"])
RAW = write_wav(LINE)[44:]


@pytest.fixture(autouse=True)
def _taught(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for label in ("one", "two"):
        (tmp_path / f"{label}.wav").write_bytes(write_wav(spoken(label, 9)))
    learned = (f"--label={label}={tmp_path / label}.wav" for label in ("one", "two"))
    assert chaffinch("learn", "words", *learned).code == 0


def test_words_are_told_with_their_times(chaffinch: Chaffinch, tmp_path: Path) -> None:
    path = tmp_path / "line.wav"
    path.write_bytes(write_wav(LINE))
    told = chaffinch("listen", "words", path)
    assert told.code == 0
    lines = [line.split() for line in told.out.splitlines()]
    assert [label for _, label, *_ in lines] == ["one", "two", "one"]
    assert [time[:3] for time, *_ in lines] == ["0:0", "0:0", "0:0"]
    unsure = sum(line[3:] == ["unsure"] for line in lines)
    assert told.err == f"chaffinch: 3 words heard, unsure of {unsure}\n"
    assert chaffinch("listen", "words", stdin=write_wav(LINE)).out == told.out
    assert chaffinch("listen", "words", "-", "--rate", "8000", stdin=RAW).out == told.out


def test_the_word_at_which_a_recording_is_cut_off_is_unsure(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    path = tmp_path / "cut.wav"
    # In the last word.
    path.write_bytes(write_wav(LINE)[: -2 * round(0.4 * 8000)])
    told = chaffinch("listen", "words", path, "--json")
    first, *_, last = (json.loads(one) for one in told.out.splitlines())
    said = f"cut off: {path.stat().st_size - 44:,} of {len(RAW):,} bytes of sound are there"
    assert f"chaffinch: {said}\n" in told.err
    assert (first["notes"], last["notes"]) == ([], [said])
    assert last["action"] == "unsure"


def test_what_is_sure_is_told_as_such(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    told = _Told("stdin", get_task("words"), Policy(), json=False, ids=False)
    told.word(Part((61.3249, 61.8), b""), Verdict("0" * 32, "two", 0.984, 4.1, "accept", "m"))
    told.word(Part((62.0, 62.4), b""), Verdict("1" * 32, "six", 0.99996, 10.1, "unsure", "m"))
    told.end()
    out, err = capfdbinary.readouterr()
    assert out == b"   1:01.32  two        0.984\n   1:02.00  six        0.999  unsure\n"
    assert err == b"chaffinch: 2 words heard, unsure of 1\n"


def test_json_is_that_of_predict(chaffinch: Chaffinch, tmp_path: Path) -> None:
    path = tmp_path / "line.wav"
    path.write_bytes(write_wav(LINE))
    heard = [
        json.loads(one) for one in chaffinch("listen", "words", path, "--json").out.split("\n")[:-1]
    ]
    judged = chaffinch("predict", "words", path, "--json").out.split("\n")[:-1]
    assert [set(one) for one in heard] == [set(json.loads(one)) for one in judged]
    assert all(one["box"][0] < one["box"][1] for one in heard)


def test_what_is_heard_is_kept_only_where_that_is_wanted(chaffinch: Chaffinch) -> None:
    out = chaffinch("listen", "words", "--json", stdin=write_wav(LINE)).out
    ids = [json.loads(line)["item"] for line in out.splitlines()]
    assert chaffinch("flag", "words", "two", ids[0]).code != 0
    kept = chaffinch("listen", "words", "--keep", stdin=write_wav(LINE)).out
    shown = [line.split()[-1] for line in kept.splitlines()]
    assert [id_.startswith(one) for id_, one in zip(ids, shown, strict=True)] == [True] * 3
    assert chaffinch("flag", "words", "two", shown[0]).code == 0
    with Experience.look() as experience:
        assert len(list(experience.examples("words"))) == 3


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (["mail"], b"", "mail has nothing to listen to"),
        (["words"], b"", "stdin: no sound: it is empty"),
        (["words"], b"Subject: tea and cake", "stdin: no sound: it begins as none of"),
        (["words", "-", "--rate", "99"], RAW, "99 samples a second"),
        (["words", "-", "--rate", "8000"], write_wav(LINE), "leave --rate out"),
        (["words", "nowhere.wav"], b"", "nowhere.wav: No such file"),
        (["words", ""], b"", "names nothing"),
    ],
)
def test_what_cannot_be_heard_is_said(
    words: list[str], stdin: bytes, said: str, chaffinch: Chaffinch
) -> None:
    told = chaffinch("listen", *words, stdin=stdin)
    assert told.code in (2, 3, 5)
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_closed_stdin_is_said() -> None:
    command = [sys.executable, "-m", "chaffinch", "listen", "words"]
    closed = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, check=False
    )
    assert b"stdin is closed" in closed.stderr
    assert closed.returncode == 3


def test_ctrl_c_ends_it_with_what_was_heard(home: Path) -> None:
    command = [sys.executable, "-m", "chaffinch", "listen", "words", "--rate", "8000"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"CHAFFINCH_HOME": str(home)},
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        # Without the pause after the last word: it has ended only when all has.
        running.stdin.write(RAW[: -2 * 2000])
        running.stdin.flush()
        told = [running.stdout.readline(), running.stdout.readline()]
        running.send_signal(signal.SIGINT)
        # The pipe is open still, as that of a microphone is.
        told += running.stdout.readlines()
        assert running.wait() == 130
        assert running.stderr is not None
        assert b"words heard, unsure of" in running.stderr.read()
    # The last was heard, or had not yet come through the pipe.
    assert [line.split()[1] for line in told][:2] == [b"one", b"two"]
    assert all(line.endswith(b"\n") for line in told)
