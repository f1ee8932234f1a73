"""Links within the project lead to files and headings that there are."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from markdown_pages import ROOT, anchors, links, pages


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
        elif parts.fragment and parts.fragment not in anchors(place):
            broken.append(f"{page.name}:{line}: {target}: there is no such heading")
    assert not broken, "\n".join(broken)


def test_there_are_links_and_anchors() -> None:
    assert sum(1 for page in pages() for _ in links(page)) > 50
    assert "t-e-and-p" in anchors(ROOT / "docs" / "concepts.md")
