"""The recipes of docs/recipes, run as they stand."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from programs import needed

ROOT = Path(__file__).parent.parent.parent
RECIPES = ROOT / "docs" / "recipes"
#: The programs that each takes, beside Chaffinch.
NEEDS = {"spamc": ("spamc", "curl"), "procmail": ("procmail",)}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name leaves room for that of a socket."""
    with TemporaryDirectory(prefix="chf") as name:
        yield Path(name)


def steps(name: str) -> str:
    text = (RECIPES / f"{name}.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_a_recipe_works_as_it_stands(name: str, folder: Path) -> None:
    for program in NEEDS[name]:
        needed(program)
    # `chaffinch` is this one, wherever it is installed.
    program = folder / "bin" / "chaffinch"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m chaffinch "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    script = f"trap 'kill $(jobs -p) 2>&- || true' EXIT\n{steps(name)}"
    done = subprocess.run(
        ["bash", "-eux", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_every_recipe_is_run() -> None:
    assert {path.stem for path in RECIPES.glob("*.md")} == set(NEEDS)
    assert all(steps(name).count("\n") > 10 for name in NEEDS)


def test_the_unit_starts_a_verb_that_there_is_and_stops_in_time() -> None:
    from chaffinch.servers import serve

    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(ROOT / "examples" / "chaffinch.service", encoding="utf-8")
    service = unit["Service"]
    assert service["ExecStart"].endswith("/chaffinch serve")
    assert float(service["TimeoutStopSec"]) > serve._FAREWELL
    assert service["Environment"] == "CHAFFINCH_HOME=/var/lib/" + service["StateDirectory"]
