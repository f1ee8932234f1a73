"""The notebooks run from first cell to last, and are kept as their sources make them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

import notebooks
from markdown_pages import anchors
from trainable import torch_or_skip

NAMES = [source.stem for source in notebooks.sources()]
QUESTIONS = notebooks.ROOT / "docs" / "questions.md"


def cells(name: str) -> list[Any]:
    kept = nbformat.read(notebooks.FOLDER / f"{name}.ipynb", as_version=4)
    return list(kept.cells)


def notebook_of(*sources: str) -> Any:
    found = nbformat.v4.new_notebook()
    found.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return found


def test_there_are_nine() -> None:
    assert [name[0] for name in NAMES] == list("012345678")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_kept_as_its_source_makes_it(name: str) -> None:
    assert notebooks.faults(notebooks.FOLDER / f"{name}.md") == []


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_comes_out_as_it_is_kept(name: str) -> None:
    if name.startswith("7"):
        torch_or_skip()
    source = notebooks.FOLDER / f"{name}.md"
    executed = notebooks.made(source)
    seconds = notebooks.execute(executed)
    kept = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert notebooks.structure(executed) == notebooks.structure(kept)
    assert seconds < notebooks.LIMIT


@pytest.mark.parametrize("name", NAMES)
def test_it_teaches(name: str) -> None:
    found = cells(name)
    text = "\n".join(cell.source for cell in found if cell.cell_type == "markdown")
    assert text.count("<details><summary>") >= 5
    assert text.count("<details>") == text.count("</details>")
    assert [int(one) for one in re.findall(r"\*\*Exercise (\d)\.\*\*", text)] == [1, 2, 3]
    solutions = [cell for cell in found if "solution" in cell.metadata.get("tags", ())]
    assert len(solutions) == 3
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in solutions)
    assert all("assert " in cell.source for cell in solutions)


@pytest.mark.parametrize("name", NAMES)
def test_its_links_lead_somewhere(name: str) -> None:
    text = "\n".join(cell.source for cell in cells(name) if cell.cell_type == "markdown")
    linked = [one for one in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in one]
    assert linked
    for one in linked:
        assert (notebooks.FOLDER / one).exists(), one


def test_a_cell_that_fails_is_told() -> None:
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        notebooks.execute(notebook_of("1 / 0"))


def test_there_is_no_network() -> None:
    code = "import urllib.request\nurllib.request.urlopen('http://192.0.2.1', timeout=5)"
    with pytest.raises(CellExecutionError, match="do without a network"):
        notebooks.execute(notebook_of(code))


def test_what_is_not_current_is_told(tmp_path: Path) -> None:
    source = tmp_path / "a.md"
    source.write_text("# A\n\n## B\n\n```python\n1 + 1\n```\n", encoding="utf-8")
    assert notebooks.faults(source) == ["it was never made"]
    made = notebooks.made(source)
    nbformat.write(made, tmp_path / "a.ipynb")
    assert notebooks.faults(source) == ["it was not executed from its first cell to its last"]
    for number, cell in enumerate(cell for cell in made.cells if cell.cell_type == "code"):
        cell.execution_count = number + 1
    nbformat.write(made, tmp_path / "a.ipynb")
    assert notebooks.faults(source) == []
    source.write_text("# A\n\n## B\n\n```python\n1 + 2\n```\n", encoding="utf-8")
    assert notebooks.faults(source) == ["it is not what a.md makes"]


def test_elsewhere_the_first_cell_fetches_a_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://github.com/somebody/chaffinch"
    monkeypatch.setattr(notebooks, "repository", lambda: address)
    first, setup, *_ = notebooks.made(notebooks.sources()[0]).cells
    assert notebooks.badge("0-what-is-machine-learning.ipynb", address) in first.source
    assert f"!git clone --quiet --depth 1 {address} chaffinch" in setup.source


def test_badges_lead_to_where_the_project_is() -> None:
    shown = notebooks.badge("0-a.ipynb", "https://github.com/somebody/chaffinch")
    assert "/github/somebody/chaffinch/blob/main/notebooks/0-a.ipynb" in shown
    assert "/gh/somebody/chaffinch/main?" in shown
    for name in NAMES:
        badges = notebooks.badge(f"{name}.ipynb", notebooks.repository())
        assert badges in cells(name)[0].source


def test_each_question_points_to_a_place_that_there_is() -> None:
    text = QUESTIONS.read_text(encoding="utf-8")
    asked = text.split("\n### ")[1:]
    assert len(asked) >= 25
    seen = set()
    for one in asked:
        title = one.partition("\n")[0]
        assert title.endswith("?"), title
        assert "\n- Source: " in one, title
        place = re.search(r"\n- Shown in: \[.+?\]\(\.\./notebooks/(.+?)\.ipynb#(.+)\)", one)
        assert place, title
        assert place[2] in anchors(notebooks.FOLDER / f"{place[1]}.ipynb"), title
        seen.add(place[1])
    assert seen == set(NAMES)
    assert "What is a neural network?" in text
    assert "What event made people enthusiastic again about machine learning in 2006?" in text
