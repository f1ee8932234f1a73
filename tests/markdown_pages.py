"""The pages of Markdown that the project shows people, taken apart for tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Block:
    """A fenced block of code.

    `words` are what stands behind its fence: the language, and ``unrun`` where it cannot be run.
    """

    page: Path
    line: int
    words: tuple[str, ...]
    text: str

    @property
    def language(self) -> str:
        return self.words[0] if self.words else ""

    @property
    def runs(self) -> bool:
        return "unrun" not in self.words

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Return all pages: those at the root, docs/, benchmarks/, and the cards of what ships."""
    found = [*ROOT.glob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
    found += [*(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")]
    return sorted(one for one in found if "modules" not in one.parts)


@cache
def _tokens(page: Path) -> list[Token]:
    markdown = MarkdownIt("commonmark").enable("table")
    return markdown.parse(page.read_text(encoding="utf-8"))


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, those of MyST's directives left out."""
    return [
        Block(page, token.map[0] + 1, tuple(token.info.split()), token.content)
        for token in _tokens(page)
        if token.type == "fence" and token.map and not token.info.startswith("{")
    ]


def links(page: Path) -> Iterator[tuple[int, str]]:
    """Yield line and target of each link and picture of a page."""
    for token in _tokens(page):
        line = token.map[0] + 1 if token.map else 0
        for child in token.children or ():
            if child.type == "link_open":
                yield line, str(child.attrs["href"])
            elif child.type == "image":
                yield line, str(child.attrs["src"])
            elif child.type == "html_inline":
                yield from _of_html(line, child.content)
        if token.type == "html_block":
            yield from _of_html(line, token.content)


def names(page: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each `chaffinch.name` in a page's text."""
    for token in _tokens(page):
        for child in token.children or ():
            if child.type == "code_inline" and re.fullmatch(r"chaffinch(\.\w+)+", child.content):
                yield token.map[0] + 1 if token.map else 0, child.content


def _of_html(line: int, markup: str) -> Iterator[tuple[int, str]]:
    for found in re.finditer(r'(?:href|src|srcset)="([^"]*)"', markup):
        yield line, found[1]


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as viewers of Markdown, or JupyterLab, make them."""
    if page.suffix == ".ipynb":
        cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
        told = [one["source"] for one in cells if one["cell_type"] == "markdown"]
        text = "\n".join("".join(one) for one in told)
        found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        return frozenset(one.replace(" ", "-") for one in found)
    tokens = _tokens(page)
    made: set[str] = set()
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        text = "".join(one.content for one in inline.children or ())
        anchor = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
        unique, number = anchor, 0
        while unique in made:
            number += 1
            unique = f"{anchor}-{number}"
        made.add(unique)
    return frozenset(made)
