from __future__ import annotations

import sys
from xml.etree import ElementTree as ET

import pytest

from chaffinch.errors import MissingExtraError
from chaffinch.pages.charts import Ranked, Series, columns, drawn, ranked_bars, still
from chaffinch.pages.page import Markup, figure, page
from harmless import HOSTILE, read_page


def bars(*texts: str) -> Markup:
    return ranked_bars([Ranked(text, 2.0, 1.0, 3.0, "positive") for text in texts], unit="log-odds")


def test_hostile_labels_are_only_text() -> None:
    markup = bars(*HOSTILE)
    read = read_page(page("x", figure(markup, caption="x")))
    assert (
        read.tags
        == read_page(page("x", figure(bars(*["harmless"] * len(HOSTILE)), caption="x"))).tags
    )
    assert read.unseen == ""
    assert "<script>alert(1)</script>" in read.text
    ET.fromstring(markup)


def test_hostile_axes_and_series() -> None:
    markup = columns(list(HOSTILE), [Series("</svg><script>", (1.0,) * len(HOSTILE))], unit="</g>")
    read = read_page(page("x", markup))
    assert set(read.tags) >= {"svg", "path", "text"}
    assert read.unseen == ""


def test_only_what_a_still_picture_needs() -> None:
    for element in ET.fromstring(bars("free", "cash")).iter():
        assert element.tag in {"svg", "g", "path", "rect", "line", "text"}
        assert not {name for name in element.attrib if "href" in name or name == "id"}


def test_what_could_do_more_than_show_is_left_out() -> None:
    svg = """<svg xmlns="http://www.w3.org/2000/svg" onload="a()" width="9"><style>*{}</style>
    <a href="javascript:a()"><text>x</text></a><image href="http://a.example/"/><g fill="red">
    <path d="M0,0h9" onclick="a()" style="x" filter="url(http://a.example)"/></g></svg>"""
    assert still(svg) == '<svg width="9"><g fill="red"><path d="M0,0h9"></path></g></svg>'


def test_data_from_elsewhere_is_refused() -> None:
    import altair as alt

    chart = alt.Chart("http://127.0.0.1:9/data.json").mark_bar().encode(x="n:Q")
    with pytest.raises(ValueError, match="not allowed"):
        drawn(chart, says="x")


def test_colours_are_the_pages() -> None:
    assert "var(--positive)" in bars("free")
    assert "var(--ink)" in bars("free")


def test_two_of_one_text_are_two_bars() -> None:
    assert bars("free", "free").count(">free</text>") == 2


def test_it_says_what_it_shows() -> None:
    assert 'role="img" aria-label="log-odds: free: 2.0"' in bars("free")


def test_nothing_to_draw() -> None:
    assert bars().startswith("<svg")
    assert columns([], [Series("spam", ())], unit="mails").startswith("<svg")


def test_a_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'chaffinch\[report\]'"):
        bars("free")
