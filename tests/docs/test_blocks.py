"""Every block of code in README and the docs does what it says.

The word behind a block's fence says how it is looked at:

- `sh`: run as it stands, all of a page in one shell, on a stage where each file they name is there;
- `console`: the lines that begin with `$` are run there, too, and say what stands below them;
- `python`, `pycon`: run after these, all of a page in one namespace;
- `toml`, `json`: read;
- `text` and what else is no code is not;
- `sh unrun`: what takes a network, root, hours, or goes on for ever. Its syntax is checked, each
  `chaffinch` in it is a command that there is, and so is each target of make.
"""

from __future__ import annotations

import doctest
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import typer.main

from chaffinch.cli import app
from markdown_pages import ROOT, Block, blocks, pages
from stage import play, set_up

SHELL = ("sh", "console")
PYTHON = ("python", "pycon")
#: What is no code: what programs say, and settings of other programs.
OTHERS = ("text", "toml", "json", "ini", "nginx", "sieve", "html", "yaml", "dockerfile")
#: tests/recipes runs them, with the programs that they need; the lists of changes has none.
ELSEWHERE = ROOT / "docs" / "recipes"
ALL = [block for page in pages() for block in blocks(page)]
UNRUN = [block for block in ALL if not block.runs]


def of(languages: tuple[str, ...]) -> list[Any]:
    """Return the pages that have blocks of these languages to be run."""
    found = {block.page for block in ALL if block.language in languages and block.runs}
    here = sorted(page for page in found if ELSEWHERE not in page.parents)
    return [pytest.param(page, id=str(page.relative_to(ROOT))) for page in here]


@pytest.fixture
def stage() -> Iterator[Path]:
    """A folder whose name leaves room for that of a socket."""
    with TemporaryDirectory(prefix="chf") as name:
        set_up(Path(name))
        yield Path(name)


def test_there_are_blocks_and_few_that_are_not_run() -> None:
    run = [block for block in ALL if block.runs and block.language in (*SHELL, *PYTHON)]
    assert len(run) > 40
    assert len(UNRUN) <= 30, [str(block) for block in UNRUN]


@pytest.mark.parametrize("block", ALL, ids=str)
def test_a_block_says_what_it_is(block: Block) -> None:
    assert block.language in (*SHELL, *PYTHON, *OTHERS), f"{block}: say what it is: {__doc__}"
    assert set(block.words[1:]) <= {"unrun"}, block
    assert block.runs or block.language == "sh", f"{block}: only sh may be unrun"
    assert len(re.findall(r"^\$ ", block.text, re.MULTILINE)) == 0 or block.language == "console"


@pytest.mark.parametrize("page", of(SHELL))
def test_commands_work_as_they_stand(page: Path, stage: Path) -> None:
    script, expected = [], {}
    for block in blocks(page):
        if block.language == "sh" and block.runs:
            script.append(block.text)
        elif block.language == "console":
            for number, (command, said) in enumerate(_said(block.text)):
                name = f"said-{block.line}-{number}"
                script.append(f"{{ {command}\n}} > {name}")
                expected[name] = (command, said)
    code, said_ = play("\n".join(script), stage)
    assert code == 0, said_[-3000:]
    for name, (command, lines) in expected.items():
        _assert_said(command, lines, (stage / name).read_text(encoding="utf-8").splitlines())


def _said(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a console, and the lines that it says."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, said = part.partition("\n")
        yield command, said.splitlines()


def _assert_said(command: str, expected: list[str], said: list[str]) -> None:
    """Assert that lines are as expected; a line with … stands for any number of lines."""
    at = 0
    anything = False
    for line in expected:
        if line.strip() == "…":
            anything = True
            continue
        while anything and at < len(said) and not _alike(line, said[at]):
            at += 1
        assert at < len(said), f"{command} does not say {line!r}, but {said}"
        assert _alike(line, said[at]), f"{command} says {said[at]!r}, not {line!r}"
        at, anything = at + 1, False
    assert anything or not said[at:], f"{command} says more: {said[at:]}"


def _alike(one: str, other: str) -> bool:
    """Return whether two lines are the same but for the last digits of numbers and for spaces."""
    ones, others = one.split(), other.split()
    return len(ones) == len(others) and all(map(_same_word, ones, others))


def _same_word(one: str, other: str) -> bool:
    try:
        # On another machine the last digits may be others.
        return float(one.rstrip(",:")) == pytest.approx(float(other.rstrip(",:")), abs=0.05)
    except ValueError:
        return one == other


@pytest.mark.parametrize("page", of(PYTHON))
def test_python_works_as_it_stands(
    page: Path, stage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(stage)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.language == "python":
            exec(compile(block.text, str(block), "exec"), names)  # the project's own pages
        elif block.language == "pycon":
            test = doctest.DocTestParser().get_doctest(
                block.text, names, str(block), str(page), block.line
            )
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            told: list[str] = []
            runner.run(test, out=told.append, clear_globs=False)
            assert not runner.failures, "".join(told)
            names = test.globs


@pytest.mark.parametrize("block", [one for one in ALL if one.language in OTHERS], ids=str)
def test_data_can_be_read(block: Block) -> None:
    if block.language == "toml":
        assert tomllib.loads(block.text)
    elif block.language == "json":
        assert json.loads(block.text)


@pytest.mark.parametrize("block", UNRUN, ids=str)
def test_what_is_not_run_is_understood(block: Block) -> None:
    checked = subprocess.run(
        ["bash", "-n", "-c", block.text], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    for line in block.text.replace("\\\n", " ").splitlines():
        found = re.match(r"(?:[A-Z_]+=\S* |sudo (?:-u \S+ )?)*((?:chaffinch|make) .*)", line)
        words = shlex.split(found[1], comments=True) if found else [""]
        if words[0] == "chaffinch":
            _assert_understood(words[1:])
        elif words[0] == "make":
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            targets = [word for word in words[1:] if "=" not in word]
            assert all(re.search(f"^{one}:", makefile, re.MULTILINE) for one in targets), line


def _assert_understood(words: list[str]) -> None:
    verb = typer.main.get_command(app)
    if words and words[0].startswith("--"):
        assert words[0] in ("--help", "--version", "--install-completion", "--show-completion")
        return
    while children := getattr(verb, "commands", None):
        verb = children[words.pop(0)]
    verb.make_context(verb.name, words).close()
