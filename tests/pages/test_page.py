from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.errors import StorageError
from chaffinch.pages import page as pages
from chaffinch.pages.page import Bar, Column, Markup
from harmless import HOSTILE, read_page

BLOCKS: dict[str, Callable[[str], Markup]] = {
    "heading": pages.heading,
    "anchor": lambda text: pages.heading("x", anchor=text),
    "paragraph": pages.paragraph,
    "strong": pages.strong,
    "code": pages.code,
    "link": pages.link,
    "link's anchor": lambda text: pages.link("x", text),
    "bullets": lambda text: pages.bullets([text]),
    "figures": lambda text: pages.figures([(text, text)]),
    "details": lambda text: pages.details(text, text),
    "figure": lambda text: pages.figure(Markup("<svg></svg>"), caption=text),
    "table": lambda text: pages.table([Column(text)], [[text]], caption=text),
    "bar": lambda text: pages.table([Column("x")], [[Bar(0.5, text)]]),
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_hostile_text_is_only_text(block: Callable[[str], Markup], text: str) -> None:
    harmless = read_page(pages.page("x", block("harmless")))
    hostile = read_page(pages.page("x", block(text)))
    assert hostile.tags == harmless.tags
    assert hostile.unseen == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_titles(text: str) -> None:
    read = read_page(pages.page(text, lead=text, footer=text))
    assert read.tags == read_page(pages.page("x", lead="x", footer="x")).tags


@given(st.text())
def test_any_text_is_only_text(text: str) -> None:
    markup = pages.page(text, pages.paragraph(text, pages.strong(text)))
    assert (
        read_page(markup).tags
        == read_page(pages.page("x", pages.paragraph("x", pages.strong("x")))).tags
    )
    markup.encode("utf-8")


def test_text_is_shown_as_what_it_is() -> None:
    read = read_page(pages.page("x", pages.paragraph("a < b & \u202ec \ud800")))
    assert "a < b & [U+202E]c [U+D800]" in read.text


def test_other_scripts_and_emoji_stay() -> None:
    assert pages.plain("מזל טוב 祝你好运 👍 Zürich") == "מזל טוב 祝你好运 👍 Zürich"


def test_what_is_put_together_by_hand_is_escaped() -> None:
    by_hand = f"{pages.strong('4U')}<img>"
    assert pages.escaped(by_hand) == "&lt;strong&gt;4U&lt;/strong&gt;&lt;img&gt;"
    assert pages.escaped(pages.strong("a") + "<img>").count("<") == 0


def test_a_text_is_bounded() -> None:
    assert len(pages.plain("x" * 1_000_000)) < 6_000


def test_nothing_is_loaded_and_nothing_runs() -> None:
    markup = pages.page("x")
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
    assert ("http-equiv", "Content-Security-Policy") in read_page(markup).attributes
    assert ("content", policy) in read_page(markup).attributes
    assert "url(" not in markup
    assert "@import" not in markup


def test_a_link_leads_to_its_heading() -> None:
    read = read_page(
        pages.page("x", pages.link("See", "When it comes"), pages.heading("When it comes"))
    )
    (target,) = [value for name, value in read.attributes if name == "href"]
    assert ("id", target.removeprefix("#")) in read.attributes


def test_numbers_are_flush_right_and_bars_keep_to_their_cell() -> None:
    table = pages.table(
        [Column("n", number=True), Column("share")],
        [["7", Bar(0.25, "25 %", "positive")], ["8", Bar(7.0, "700 %")], ["9", Bar(-1.0, "?")]],
    )
    assert '<td class="number">7</td>' in table
    assert [part.split("%")[0] for part in table.split("width:")[1:]] == ["25.0", "100.0", "0.0"]


def test_a_page_is_written_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    pages.write_page(path, pages.page("Ünïcode"))
    assert "<h1>Ünïcode</h1>" in path.read_text("utf-8")
    assert path.stat().st_mode & 0o077 == 0


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        pages.write_page(tmp_path / "none" / "page.html", pages.page("x"))
