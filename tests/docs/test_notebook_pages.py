"""The site shows each notebook as a page: all that is in it, and links that lead somewhere."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

import notebook_pages
from markdown_pages import ROOT, anchors
from trainable import package_or_skip

FILES = sorted(notebook_pages.NOTEBOOKS.glob("[0-9]-*.ipynb"))
#: Pages that point into the notebooks.
POINTING = ("notebooks.html", "questions.html", "glossary.html", "index.html")


def kept(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def code_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def output(kind: str, **what: Any) -> dict[str, Any]:
    return {"output_type": kind, "metadata": {}, **what}


def notebook_of(*cells: tuple[str, str, list[dict[str, Any]]]) -> dict[str, Any]:
    """A notebook of cells, after a title and a set-up."""
    begun = [("markdown", "# 9. A\n\nabout", []), ("code", "begin()", []), *cells]
    made = [
        {"cell_type": kind, "source": text, "metadata": {}, "outputs": outputs}
        for kind, text, outputs in begun
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def shown(*cells: tuple[str, str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return list(notebook_pages.page("9-a.ipynb", notebook_of(*cells))["cells"])


def test_a_page_begins_with_a_download_and_a_folded_set_up() -> None:
    title, setup = shown()
    assert title["source"].startswith(
        "# 9. A\n\n{download}`Download the notebook <../../notebooks/9-a.ipynb>`\n\nabout"
    )
    assert setup["metadata"]["tags"] == ["hide-cell"]


def test_links_lead_from_where_the_page_is() -> None:
    text = "[a](../docs/rules.md#x) [b](data/README.md) [c](7-2006.ipynb) [d](https://example.org/)"
    assert shown(("markdown", text, []))[-1]["source"] == (
        "[a](../rules.md#x) [b](../../notebooks/data/README.md) [c](7-2006.ipynb) "
        "[d](https://example.org/)"
    )


def test_folds_and_formulas_are_closed_and_shown() -> None:
    text = "$$a_1$$\n\n<details><summary>1. Why?</summary>\n\nSo.\n</details>"
    assert shown(("markdown", text, []))[-1]["source"] == (
        "```{math}\na_1\n```\n\n<details><summary>1. Why?</summary>\n\nSo.\n\n</details>"
    )


def test_a_solution_is_folded_under_its_title() -> None:
    cell = shown(("code", "# @title Solution 1\n1 + 1", []))[-1]
    assert cell["source"] == "1 + 1"
    assert cell["metadata"]["tags"] == ["hide-cell"]
    assert cell["metadata"]["mystnb"]["code_prompt_show"] == "Solution 1"


def test_what_is_written_stays_beside_what_it_tells_of() -> None:
    written = [output("stream", name="stdout", text=[one]) for one in ("a\n", "b\n", "c\n")]
    sound = output("display_data", data={"text/html": "<audio></audio>"})
    cell = shown(("code", "play()", [*written[:2], sound, written[2]]))[-1]
    assert [one.get("text", "sound") for one in cell["outputs"]] == ["a\nb\n", "sound", "c\n"]


def test_pictures_say_what_they_show() -> None:
    title = '<g role="x" class="mark-text role-title-text"><text y="1">Spam &amp; ham</text></g>'
    chart = output("execute_result", data={"image/svg+xml": [title]})
    digits = output("display_data", data={"image/png": "AA=="})
    digits["metadata"] = {"image/png": {"alt": "Handwriting"}}
    cell = shown(("code", "draw()", [digits, digits, chart]))[-1]
    assert cell["metadata"]["mystnb"]["image"]["alt"] == "Handwriting; A chart: Spam & ham"


def test_only_what_changed_is_written_and_what_is_gone_goes(tmp_path: Path) -> None:
    gone = tmp_path / "9-gone.ipynb"
    gone.touch()
    notebook_pages.write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in FILES]
    first, second = sorted(tmp_path.iterdir())[:2]
    before = second.stat().st_mtime_ns
    content = first.read_text(encoding="utf-8")
    first.write_text("changed", encoding="utf-8")
    notebook_pages.write(tmp_path)
    assert first.read_text(encoding="utf-8") == content
    assert second.stat().st_mtime_ns == before


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_links_of_a_page_lead_somewhere(path: Path) -> None:
    here = ROOT / "docs" / "notebooks"
    cells = notebook_pages.page(path.name, kept(path))["cells"]
    text = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    found = re.findall(r"\]\((?![a-z]+:)([^)\s]+)\)|`[^`]+ <([^>]+)>`", text)
    assert found
    for target, download in found:
        parts = urlsplit(target or download)
        place = (here / unquote(parts.path)).resolve() if parts.path else path
        if place.parent == here:  # another page, which is made of a notebook
            place = notebook_pages.NOTEBOOKS / place.name
        assert place.is_file(), target
        if parts.fragment:
            assert unquote(parts.fragment) in anchors(place), target


class Page(HTMLParser):
    """What a page of the site holds."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.downloads: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self.sounds: list[str] = []
        self.text = ""
        self.depth = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        classes = has.get("class", "").split()
        if "id" in has:
            self.ids.append(has["id"])
        if tag == "article" or self.depth:
            self.depth += tag == "article"
            self.tags.update([tag, *classes])
            if tag == "a":
                (self.downloads if "download" in classes else self.links).append(has["href"])
            elif tag == "img":
                self.pictures.append(has)
            elif tag == "source":
                self.sounds.append(has["src"])

    def handle_endtag(self, tag: str) -> None:
        self.tags[f"/{tag}"] += self.depth > 0
        self.depth -= tag == "article" and self.depth > 0

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.text += data


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The site without the reference of the code, and what was said when it was built."""
    package_or_skip("myst_nb", "docs")
    site = tmp_path_factory.mktemp("built") / "site"
    settings = ("exclude_patterns=_templates,reference,lookup.md", "autosummary_generate=0")
    options = [word for one in settings for word in ("-D", one)]
    said = subprocess.run(
        [sys.executable, "-m", "sphinx", "--quiet", *options, ROOT / "docs", site],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return site, said.stderr


def test_the_site_shows_all_of_each_notebook(built: tuple[Path, str]) -> None:
    site, said = built
    named = ("docs/notebooks", "questions.md", "glossary.md", "cards/")
    assert not [line for line in said.splitlines() if any(one in line for one in named)]
    for path in FILES:
        _assert_all_is_shown(path, Page(site / "notebooks" / f"{path.stem}.html"), site)


def _assert_all_is_shown(path: Path, page: Page, site: Path) -> None:
    cells = code_of(kept(path))
    outputs = [one for cell in cells for one in cell["outputs"]]
    kinds = Counter(kind for one in outputs for kind in one.get("data", {}))
    assert page.tags["cell_input"] == len(cells), path.name
    words = " ".join(page.text.split())
    for one in outputs:
        for line in "".join(one.get("text", ())).splitlines():
            assert " ".join(line.split()) in words, f"{path.name}: {line!r} is lost"
    assert "$$" not in words
    assert "\x1b" not in words
    source = "".join("".join(cell["source"]) for cell in kept(path)["cells"])
    folded = source.count("<details>") + source.count("# @title Solution") + len(["Set up"])
    assert page.tags["details"] == page.tags["/details"] == folded, path.name
    _assert_media_are_there(path, page, kinds)
    assert [one for one, count in Counter(page.ids).items() if count > 1] == [], path.name
    here = site / "notebooks"
    (download,) = page.downloads
    assert (here / unquote(download)).read_bytes() == path.read_bytes()


def _assert_media_are_there(path: Path, page: Page, kinds: Counter[str]) -> None:
    pictures = kinds["image/png"] + kinds["image/svg+xml"]
    assert len(page.pictures) == pictures, path.name
    assert len(page.sounds) == page.tags["audio"] == kinds["text/html"], path.name
    for picture in page.pictures:
        assert picture["alt"], path.name
    for sound in page.sounds:
        kind, _, data = sound.partition(";base64,")
        assert kind == "data:audio/wav"
        assert base64.b64decode(data)[:4] == b"RIFF"


def test_links_of_the_site_lead_into_its_notebooks(built: tuple[Path, str]) -> None:
    site, _ = built
    pages = {path: Page(path) for path in (site / "notebooks").glob("*.html")}
    assert len(pages) == len(FILES)
    pages |= {site / name: Page(site / name) for name in POINTING}
    pointed = 0
    for path, page in pages.items():
        assert not [one for one in page.downloads if path.name in POINTING], path.name
        for picture in page.pictures:
            assert (path.parent / unquote(picture["src"])).stat().st_size > 0
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            place = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert place.is_file(), f"{path.name}: {link}"
            if parts.fragment and place in pages:
                assert unquote(parts.fragment) in pages[place].ids, f"{path.name}: {link}"
                pointed += path.name == "questions.html" and place.parent.name == "notebooks"
    asked = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8").count("\n- Shown in: ")
    assert pointed == asked
