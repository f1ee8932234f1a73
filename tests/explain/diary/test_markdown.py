from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.cells import cell_len

from chaffinch.explain.diary.entries import Diary, Entry, Evidence, Line, Quote
from chaffinch.explain.diary.markdown import markdown
from harmless import HOSTILE

MARKS = (
    "[free](http://evil.example)",
    "![x](http://evil.example/x.png)",
    "<http://evil.example>",
    "http://evil.example www.evil.example a@evil.example",
    "`` code ` ends ``` here",
    "`",
    "# *not* __a__ ~~heading~~",
    "- list\n\n# heading\n---\n",
    "1. list 2) list + a = b === --- - *",
    "a | b\n| --- | --- |",
    "&lt;b&gt; &#96; \\` \\",
    "[flags 1-3]: http://evil.example",
    "[flags 1-3][flags 1-3] ]: ](",
    "> quote > quote",
    "    code",
    "~~~ ``` fence",
    "漢字" * 40,
)


def diary(*texts: str) -> Diary:
    lines = [Line(("Lost: ", Quote(text), " and ", text, "."), ("mail ab",)) for text in texts]
    parts = (Quote(texts[0]), ", ", texts[0])
    evidence = (Evidence("mail ab", parts, "chaffinch predict mail ab"),)
    entry = Entry("Monday, 2026-11-02", "2026-11-02", tuple(lines))
    return Diary("mail", "2026-11-01", "2026-11-25", "day", (entry,), evidence, 0, "2026-11-02")


def tokens(written: Diary) -> list[Token]:
    """Return what a reader of CommonMark, and of GitHub's strikethrough and tables, sees."""
    reader = MarkdownIt("commonmark").enable(["strikethrough", "table"])
    blocks = reader.parse(markdown(written))
    return [*blocks, *(child for block in blocks for child in block.children or ())]


def assert_harmless(written: Diary) -> None:
    seen = tokens(written)
    links = [token.attrs["href"] for token in seen if token.type == "link_open"]
    lines = sum(len(entry.lines) for entry in written.entries)
    assert links == ["#mail-ab"] * lines
    headings = [token for token in seen if token.type == "heading_open"]
    assert len(headings) == 3
    items = [token for token in seen if token.type == "list_item_open"]
    assert len(items) == lines + len(written.evidence)
    kinds = {token.type for token in seen}
    assert not kinds & {
        "image",
        "html_block",
        "fence",
        "code_block",
        "blockquote_open",
        "ordered_list_open",
        "table_open",
        "hr",
        "em_open",
        "s_open",
    }
    html = {token.content for token in seen if token.type == "html_inline"}
    assert html == {'<a id="mail-ab">', "</a>"} | (html & {"<!-- -->"})


@pytest.mark.parametrize("text", [*HOSTILE, *MARKS], ids=range(len(HOSTILE + MARKS)))
def test_hostile_text_is_text(text: str) -> None:
    assert_harmless(diary(text, "Lunch on Thursday?"))


@given(st.lists(st.text("[]()<>!`*_~#|&\\-+=:/.@w1hx \n\t\0\u202e", max_size=60), min_size=1))
def test_any_text_is_text(texts: list[str]) -> None:
    assert_harmless(diary(*texts[:5]))


def test_quotes_are_shown_as_they_are() -> None:
    seen = tokens(diary("[Re: 50% *off* & <b>more</b>]"))
    code = [token.content for token in seen if token.type == "code_inline"]
    assert code[0] == "[Re: 50% *off* & <b>more</b>]"


def test_nothing_steers_the_terminal() -> None:
    for text in HOSTILE:
        for terminal in (False, True):
            shown = markdown(diary(text), terminal=terminal)
            assert all(letter.isprintable() or letter == "\n" for letter in shown)


def test_a_terminal_is_shown_no_escapes() -> None:
    said = "too few flags that both have judged, 0. See a_b <c> at www.example.com"
    line = Line((said,), ("mail ab",), worst=True)
    entry = Entry("Monday, 2026-11-02", "2026-11-02", (line,))
    evidence = (Evidence("mail ab", (said,), ""),)
    written = Diary("mail", "2026-11-01", "2026-11-25", "day", (entry,), evidence, 0, "2026-11-02")
    shown = " ".join(markdown(written, terminal=True).split())
    assert shown.count(said) == 2
    assert "<a" not in shown
    assert said not in " ".join(markdown(written).split())


@pytest.mark.parametrize("text", [*HOSTILE, *MARKS], ids=range(len(HOSTILE + MARKS)))
def test_lines_fit_80_columns(text: str) -> None:
    line = Line(("word " * 30, *[Quote(text), ", "] * 5), ("mail ab", "flags 1-3"))
    entry = Entry("Monday, 2026-11-02", "2026-11-02", (line,))
    written = Diary("mail", "2026-11-01", "2026-11-25", "day", (entry,), (), 0, "2026-11-02")
    lines = markdown(written).splitlines()
    assert max(map(cell_len, lines)) <= 80


def test_addresses_are_no_links_anywhere() -> None:
    # Some readers make links of bare addresses, in text though not in code.
    shown = markdown(diary("see http://evil.example or www.evil.example, a@evil.example"))
    text = "".join(part for place, part in enumerate(shown.split("`")) if place % 2 == 0)
    for bare in ("http:", "www.", "@evil"):
        assert bare not in text


def test_what_is_worst_stands_out() -> None:
    line = Line(("Ham lost: ", Quote("Lunch?")), (), worst=True)
    entry = Entry("Monday, 2026-11-02", "2026-11-02", (line,))
    written = Diary("mail", "2026-11-01", "2026-11-25", "day", (entry,), (), 0, "2026-11-02")
    assert "- **Ham lost:** `Lunch?`\n" in markdown(written)


def test_weeks_left_out_and_empty_months_are_told() -> None:
    left = Diary("mail", "2020-01-01", "2026-11-25", "week", (), (), 12, "2026-11-02")
    assert "12 older weeks are left out" in markdown(left)
    empty = Diary("mail", "2026-11-01", "2026-11-25", "day", (), (), 0, "2026-10-02")
    shown = " ".join(markdown(empty).split())
    assert "Nothing happened from 2026-11-01 to 2026-11-25. The last time that" in shown
    assert "did was 2026-10-02" in shown
