"""The recipes of docs/recipes, run as they stand."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from markdown_pages import ROOT, blocks
from programs import needed
from stage import play, put_programs

RECIPES = ROOT / "docs" / "recipes"
#: The programs that each takes, beside Chaffinch.
NEEDS = {"spamc": ("spamc", "curl"), "procmail": ("procmail",)}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name leaves room for that of a socket."""
    with TemporaryDirectory(prefix="chf") as name:
        yield Path(name)


def steps(name: str) -> str:
    page = RECIPES / f"{name}.md"
    return "\n".join(one.text for one in blocks(page) if one.language == "sh" and one.runs)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_a_recipe_works_as_it_stands(name: str, folder: Path) -> None:
    for program in NEEDS[name]:
        needed(program)
    put_programs(folder)
    code, said = play(steps(name), folder)
    assert code == 0, said


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
