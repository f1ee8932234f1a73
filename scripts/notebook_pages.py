"""Make pages of the site of the notebooks: copies in docs/notebooks, which Sphinx reads there.

Nothing is executed: a page shows what came out when the notebook was made. `docs/conf.py` calls
this before the site is built.
"""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"

# A link's target in Markdown, without what stands behind a "#".
_TARGET = re.compile(r"(?<=\]\()(?![a-z]+:)([^)#\s]+)")
# The title of a chart of Vega.
_CHARTED = re.compile(r'role-title-text".*?<text[^>]*>([^<]+)', re.DOTALL)
_FORMULA = re.compile(r"^\$\$(.+?)\$\$$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"# @title (.+)\n")


def write(folder: Path) -> None:
    """Write a page for each notebook, and remove those of notebooks that are gone.

    Parameters
    ----------
    folder : Path
        Where the pages go: ``docs/notebooks``. What is there as it should be is not touched, so
        that Sphinx need not read it again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    kept = {path.name: path for path in sorted(NOTEBOOKS.glob("[0-9]-*.ipynb"))}
    for path in folder.glob("*.ipynb"):
        if path.name not in kept:
            path.unlink()
    for name, path in kept.items():
        made = json.dumps(page(name, json.loads(path.read_text(encoding="utf-8"))), indent=1)
        place = folder / name
        if not place.exists() or place.read_text(encoding="utf-8") != made:
            place.write_text(made, encoding="utf-8")


def page(name: str, notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook as the site shows it.

    Links lead from ``docs/notebooks``, and one to the notebook itself stands below the title. The
    set-up and the solutions are folded, and pictures say what they show.

    Parameters
    ----------
    name : str
        The notebook's file.
    notebook : dict
        What the file holds, of version 4 of the format.
    """
    cells = [_cell(dict(cell, source="".join(cell["source"]))) for cell in notebook["cells"]]
    title, _, about = cells[0]["source"].partition("\n")
    download = f"{{download}}`Download the notebook <../../notebooks/{name}>`"
    cells[0]["source"] = f"{title}\n\n{download}\n{about}"
    _fold(cells[1], "Set up")
    # So that "!chaffinch" and "%pip" are understood where code is coloured.
    language = {"name": "python", "pygments_lexer": "ipython3"}
    return {
        **notebook,
        "cells": cells,
        "metadata": {**notebook["metadata"], "language_info": language},
    }


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell as it is shown."""
    if cell["cell_type"] == "markdown":
        text = _TARGET.sub(lambda found: _from_page(found[1]), cell["source"])
        text = _FORMULA.sub(lambda found: f"```{{math}}\n{found[1]}\n```", text)
        # The end of a fold stands by itself, else Markdown takes it for a word of the paragraph.
        return dict(cell, source=text.replace("\n</details>", "\n\n</details>"))
    cell["metadata"], cell["outputs"] = dict(cell["metadata"]), _joined(cell["outputs"])
    if shown := list(dict.fromkeys(says for output in cell["outputs"] for says in _says(output))):
        cell["metadata"]["mystnb"] = {"image": {"alt": "; ".join(shown)}}
    if titled := _TITLE.match(cell["source"]):
        cell["source"] = cell["source"][titled.end() :]
        _fold(cell, titled[1])
    return cell


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return outputs, with text that was written bit by bit as one, and where it stood.

    Examples
    --------
    >>> bits = [{"output_type": "stream", "name": "stdout", "text": [one]} for one in "ab"]
    >>> _joined(bits)
    [{'output_type': 'stream', 'name': 'stdout', 'text': 'ab'}]
    """
    found: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] != "stream":
            found.append(output)
            continue
        text = "".join(output["text"])
        if found and found[-1].get("name") == output["name"]:
            found[-1]["text"] += text
        else:
            found.append(dict(output, text=text))
    return found


def _from_page(target: str) -> str:
    """Return where a link of a notebook leads to, from its page.

    Examples
    --------
    >>> _from_page("../docs/rules.md"), _from_page("data/README.md"), _from_page("7-2006.ipynb")
    ('../rules.md', '../../notebooks/data/README.md', '7-2006.ipynb')
    """
    if re.fullmatch(r"[0-9]-[\w-]+\.ipynb", target):
        return target
    return posixpath.relpath(posixpath.join("notebooks", target), "docs/notebooks")


def _fold(cell: dict[str, Any], says: str) -> None:
    """Fold a cell of code with what came out."""
    known = cell["metadata"]
    cell["metadata"] = {
        **known,
        "tags": [*known.get("tags", ()), "hide-cell"],
        "mystnb": {**known.get("mystnb", {}), "code_prompt_show": says, "code_prompt_hide": says},
    }


def _says(output: dict[str, Any]) -> Iterator[str]:
    """Yield what a picture among a cell's outputs shows."""
    data = output.get("data", {})
    if "image/svg+xml" in data:
        said = _CHARTED.search("".join(data["image/svg+xml"]))
        yield f"A chart: {html.unescape(said[1])}" if said else "A chart"
    elif "image/png" in data:
        yield output["metadata"].get("image/png", {}).get("alt", "A picture")


def anchor(heading: str) -> str:
    """Return a heading's anchor in a page, of that in JupyterLab.

    Examples
    --------
    >>> anchor("Strangers'-digits,-without-a-single-flag")
    'strangers-digits-without-a-single-flag'
    """
    return re.sub(r"[^\w-]", "", heading.lower())
