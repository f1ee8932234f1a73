"""What README shows: its commands are understood, and its examples say what it promises."""

from __future__ import annotations

import math
import re
import shlex
from pathlib import Path

import pytest
import typer.main

from chaffinch.cli import app
from digit_samples import digits_or_skip
from shell import Chaffinch

ROOT = Path(__file__).parent.parent.parent
BLOCKS = re.findall(r"```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [
    found[1]
    for block in BLOCKS
    for line in block.splitlines()
    if (found := re.search(r"(?:^|\$ |\| )(chaffinch [^#<>]*)", line))
]
READING = next(block for block in BLOCKS if block.startswith("$ chaffinch predict digits"))
SAMPLE = next(block for block in BLOCKS if block.startswith("$ chaffinch predict mail"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_understood(command: str) -> None:
    _, *words = shlex.split(command)
    verb = typer.main.get_command(app)
    while children := getattr(verb, "commands", None):
        verb = children[words.pop(0)]
    verb.make_context(verb.name, words).close()


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 25


def test_the_sample_adds_up() -> None:
    parts = re.search(r"([+-]\S+) +all else, and base ([+-]\S+): score ([+-][0-9.]+)", SAMPLE)
    assert parts
    rest, base, score = map(float, parts.groups())
    weights = [
        float(one) for one in re.findall(r"^    ([+-]\d\.\d+)  (?!all)", SAMPLE, re.MULTILINE)
    ]
    weights = [one for one in weights if one != rest]
    assert math.isclose(sum(weights) + rest + base, score, abs_tol=0.05)
    probability = re.search(r"probability of spam ([0-9.]+)", SAMPLE)
    assert probability
    assert float(probability[1]) == pytest.approx(1 / (1 + math.exp(-score)), abs=1e-4)


def test_the_sample_looks_like_what_is_said(
    chaffinch: Chaffinch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    command = SAMPLE.splitlines()[0].removeprefix("$ chaffinch ")
    said = chaffinch(*command.split()).out
    # Of the starter, which has learned less than `make run` has; the numbers are others.
    assert "examples/2-for-u.eml: spam, probability of spam 0." in said
    assert "all else, and base" in said
    assert SAMPLE.split()[-1] in said  # the item's id


def _rounded(line: str) -> str:
    return re.sub(r"(\d\.\d)\d+", r"\1", line)


def test_the_picture_is_read(
    chaffinch: Chaffinch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    digits_or_skip()
    monkeypatch.chdir(ROOT)
    heat = tmp_path / "why.png"
    command, *lines = READING.splitlines()
    read = chaffinch(*command.removeprefix("$ chaffinch ").split(), "--heat", heat)
    assert read.code == 0
    # On another machine the last digits may be others.
    assert [_rounded(line) for line in read.out.splitlines()[: len(lines)]] == [
        _rounded(line) for line in lines
    ]
    assert heat.read_bytes().startswith(b"\x89PNG")
