"""What HTML hides from a person, and what it only seems to."""

from __future__ import annotations

import pytest

from chaffinch.readers.html.looks import Change, parse_colour, parse_style
from chaffinch.readers.html.page import read_html
from chaffinch.readers.html.stylesheet import parse_sheet
from chaffinch.readers.limits import Limits
from chaffinch.readers.links import Links
from chaffinch.readers.notes import Notes


def read(page: str) -> tuple[str, str]:
    limits, notes = Limits(), Notes()
    return read_html(page, Links(limits, notes), limits, notes)


HIDING = [
    "style='display:none'",
    'style="DISPLAY : NONE !important"',
    "style='color:red;display:none;'",
    "style='display&#58;none'",
    "style='visibility:hidden'",
    "style='visibility: collapse'",
    "style='opacity:0'",
    "style='opacity: 0.0'",
    "style='font-size:0'",
    "style='font-size:0px'",
    "style='font-size: 1px'",
    "style='font-size:.5pt'",
    "style='font-size:0.05em'",
    "style='font-size:1%'",
    "style='font:0/0 a'",
    "style='font: bold 1px serif'",
    "style='color:white'",
    "style='color:#FFF'",
    "style='color:#fefefe'",
    "style='color:#ffffffff'",
    "style='color:rgb(255,250, 255)'",
    "style='color:rgba(0, 0, 0, 0)'",
    "style='color:transparent'",
    "style='background:black'",
    "style='background-color:#000;color:#010101'",
    "style='height:0;overflow:hidden'",
    "style='max-height:0px; overflow:hidden'",
    "hidden",
    "hidden=''",
    "color=white",
    'color="#ffffff"',
    "color=ffffff",
    "bgcolor=black",
]


@pytest.mark.parametrize("attribute", HIDING)
def test_text_is_hidden(attribute: str) -> None:
    assert read(f"a<font {attribute}>b <i>c</i></font>d") == ("ad", "b c")


@pytest.mark.parametrize(
    "attribute",
    [
        "style='display:block'",
        "style='visibility:visible'",
        "style='opacity:0.5'",
        "style='font-size:10px'",
        "style='font-size:larger'",
        "style='font: 700 12px serif'",
        "style='color:#ccc'",
        "style='color:inherit'",
        "style='color:oklch(1 0 0)'",
        "style='background:black;color:white'",
        "style='background:white url(x.gif);color:white'",
        "style='background:linear-gradient(red, white);color:white'",
        "style='height:0'",
        "style='overflow:hidden;height:10px'",
        "style='x-display:none'",
        "style='display:none;display:block'",
        "title='display:none'",
        "bgcolor=red",
        "background=x.gif color=white",
    ],
)
def test_text_is_not_hidden(attribute: str) -> None:
    assert read(f"a<font {attribute}>b</font>c") == ("abc", "")


@pytest.mark.parametrize(
    ("page", "visible", "hidden"),
    [
        # What is hidden stays so inside, except what is made visible again.
        ("<p hidden>a<b style='display:block'>b</b></p>c", "c", "ab"),
        ("<div style='visibility:hidden'>a<b style='visibility:visible'>b</b>c</div>", "b", "ac"),
        ("<div style='font-size:0'>a<b style='font-size:9px'>b</b>c</div>d", "b\nd", "ac"),
        # Colours depend on what is behind them.
        ("<body bgcolor=black text=white>a<font color=black>b</font>", "a", "b"),
        (
            "<table bgcolor=navy><td><font color=white>a</font><td bgcolor=white>b</table>",
            "a b",
            "",
        ),
        ("<font color=white>a<a href=x>b</a>c</font>", "b", "ac"),
        ("<font color=white>a<a href=x style='color:white'>b</a></font>", "", "ab"),
        ("<font color=white>a<a name=x>b</a></font>", "", "ab"),
        # Where elements end.
        ("<p hidden>a<p>b", "b", "a"),
        ("<p hidden>a<div>b</div>", "b", "a"),
        ("<ul><li hidden>a<li>b</ul>", "b", "a"),
        ("<table><tr hidden><td>a<tr><td>b</table>", "b", "a"),
        ("<td hidden>a<td>b", "b", "a"),
        ("<div><span hidden>a</div>b", "b", "a"),
        ("<table><td><span hidden>a</td><td>b</table>", "b", "a"),
        ("<div hidden><table><td>a</div>b</table>c</div>d", "d", "a\nb\nc"),
        ("<div hidden><div>a</div>b</div>c", "c", "a\nb"),
        ("<b hidden>a</i></x>b</b>c", "c", "ab"),
        ("<b hidden/>a</b>b", "b", "a"),
        ("<br hidden>a<img hidden alt=b>c", "ac", "b"),
        ("<hr color=white>a", "a", ""),
        # Style sheets.
        ("<style>.a{display:none}</style>a<p class='x A'>b</p>c", "a\nc", "b"),
        ("<style>p.a,#i{display:none}</style><p class=a>a<p id=i>b<b class=a>c", "", "a\nbc"),
        ("<style>b{display:none}</style>a<b>b</b>c", "ac", "b"),
        ("a<b class=n>b</b><style>.n{opacity:0}</style>", "a", "b"),
        ("<style>p{display:none}</style><p style='display:block'>a", "a", ""),
        ("<style>.a{color:white}b{color:red}</style><b class=a>a", "", "a"),
        ("<style>p b{display:none}b:hover{opacity:0}</style><p><b>a", "a", ""),
    ],
)
def test_hiding_begins_and_ends(page: str, visible: str, hidden: str) -> None:
    assert read(page) == (visible, hidden)


def test_deep_nesting_keeps_the_innermost_looks() -> None:
    deep = "<div>" * 300
    assert read(f"{deep}a<b hidden>b</b>c{'</div>' * 300}d") == ("ac\nd", "b")
    assert read("<b>" * 500 + "<i hidden>a</i>b") == ("b", "a")
    assert read("<font color=red>" * 500 + "<i hidden>a</i>b" + "</font>" * 500) == ("b", "a")


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("RED", 0xFF0000),
        (" #0a0B0c ", 0x0A0B0C),
        ("0a0b0c", 0x0A0B0C),
        ("#abc", 0xAABBCC),
        ("rgb(1, 2 3)", 0x010203),
        ("rgb(999,0,0)", 0xFF0000),
        ("rgba(1,2,3,0.5)", 0x010203),
        ("transparent", -1),
        ("rgba(1,2,3,0)", -1),
        ("hsl(1,2,3)", -2),
        ("x" * 9999, -2),
        ("", None),
        ("Inherit", None),
    ],
)
def test_colours_are_read(text: str, colour: int | None) -> None:
    assert parse_colour(text) == colour


def test_styles_beyond_reason_are_cut() -> None:
    assert parse_style("x;" * 2000 + "display:none") == Change()
    assert parse_style("font-size:" + "1" * 3000 + "px").tiny is False


def test_style_sheets_are_read_in_part() -> None:
    rules: dict[str, Change] = {}
    parse_sheet(
        "<!-- @import 'x'; .a{color:red} /* .b{color:red} */ @media x{.c{color:red}.d{color:red}}"
        ".e{margin:0} .f .g{color:red} .h,.i{color:red} } .j{color:red} -->",
        rules,
    )
    assert sorted(rules) == [".a", ".h", ".i", ".j"]
    parse_sheet("".join(f".x{number}{{color:red}}" for number in range(900)), rules)
    assert len(rules) == 500
    parse_sheet("{" * 999 + "}" * 999 + "/*", rules)
    parse_sheet("}" * 999 + ".y{color:red", rules)
    assert len(rules) == 500


@pytest.mark.parametrize("head", ["<style>", '<style a=">">', "<style title='a>b' type=text/css>"])
def test_the_sheet_begins_behind_its_whole_tag(head: str) -> None:
    page = f"{head}.h {{ display: none }}</style><p class=h>not seen</p>seen"
    assert read(page) == ("seen", "not seen")
