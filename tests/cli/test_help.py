"""Help speaks to everybody: its examples are commands that there are, for mail and for digits."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from chaffinch.cli import app

#: Verbs that are for two labels, or for mail, and say so.
OF_TWO = {"study", "filter", "suggest"}
#: Verbs that are for recordings alone.
OF_SOUND = {"listen"}


def verbs(command: Any = None) -> Iterator[Any]:
    command = command or typer.main.get_command(app)
    children = getattr(command, "commands", {})
    for child in children.values():
        yield from verbs(child)
    if not children:
        yield command


def examples(verb: Any) -> list[list[str]]:
    told = [part for part in verb.help.split("\n\n") if part.startswith("Example: ")]
    # Of a pipe the last program is ours.
    lines = [part.removeprefix("Example: ").rpartition(" | ")[2] for part in told]
    return [shlex.split(line.partition(" < ")[0]) for line in lines]


@pytest.mark.parametrize("verb", list(verbs()), ids=lambda verb: verb.name)
def test_every_example_is_understood(verb: Any) -> None:
    assert examples(verb)
    for program, *words in examples(verb):
        assert program == "chaffinch"
        assert verb.name in words
        verb.make_context(verb.name, words[words.index(verb.name) + 1 :]).close()


@pytest.mark.parametrize("verb", list(verbs()), ids=lambda verb: verb.name)
def test_what_may_be_given_often_says_so(verb: Any) -> None:
    for one in verb.params:
        if one.param_type_name == "argument":
            assert ("..." in (one.metavar or "")) == (one.nargs == -1)


@pytest.mark.parametrize("verb", list(verbs()), ids=lambda verb: verb.name)
def test_what_works_for_digits_shows_it(verb: Any) -> None:
    takes_task = any(one.name == "task" for one in verb.params)
    tasks = {word for words in examples(verb) for word in words} & {"mail", "digits"}
    if verb.name in OF_SOUND:
        assert all("words" in words for words in examples(verb))
    elif takes_task:
        assert tasks == ({"mail"} if verb.name in OF_TWO else {"mail", "digits"})


_AS_INSTALLED = "import sys; sys.argv = ['chaffinch']; from chaffinch.cli import run; run()"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("chaffinch pre", {"predict"}), ("chaffinch learn m", {"mail", "message"})],
)
def test_a_shell_completes_what_is_typed(typed: str, offered: set[str]) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    said = subprocess.run(
        [sys.executable, "-c", _AS_INSTALLED],
        env=os.environ | words | {"_CHAFFINCH_COMPLETE": "complete_bash"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(said.stdout.split()) == offered
