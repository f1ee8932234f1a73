"""Links within the project lead to files and headings that there are, and names to code."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from markdown_pages import ROOT, anchors, links, names, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for line, target in links(page):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        place = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not place.exists() or not place.is_relative_to(ROOT):
            broken.append(f"{page.name}:{line}: {target}: there is no such file")
        elif (
            place.suffix in (".md", ".ipynb")
            and parts.fragment
            and unquote(parts.fragment) not in anchors(place)
        ):
            broken.append(f"{page.name}:{line}: {target}: there is no such heading")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_names_are_of_code_that_there_is(page: Path) -> None:
    if page.name == "CHANGELOG.md":
        return  # it tells of what was there once, too
    for line, name in names(page):
        if (ROOT / "examples" / name).exists() or ".example." in name:
            continue  # a file, or a host
        try:
            pkgutil.resolve_name(name)
        except (ImportError, AttributeError) as error:
            pytest.fail(f"{page.name}:{line}: {name}: {error}")


def test_there_are_links_and_anchors() -> None:
    assert sum(1 for page in pages() for _ in links(page)) > 50
    assert "t-e-and-p" in anchors(ROOT / "docs" / "concepts.md")
