"""HTML to text: what is text at all, where lines break, and what is pointed to."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.readers.html.page import read_html
from chaffinch.readers.limits import Limits
from chaffinch.readers.links import Links
from chaffinch.readers.notes import Notes


def read(page: str, limits: Limits | None = None) -> tuple[str, str, tuple[str, ...]]:
    limits, notes = limits or Limits(), Notes()
    links = Links(limits, notes)
    visible, hidden = read_html(page, links, limits, notes)
    assert hidden == ""
    return visible, " / ".join(notes.taken()), links.found()


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("V<b></b>iagra Vi<!-- x -->agra V<i>i</i>a<x-y>g</x-y>ra", "Viagra Viagra Viagra"),
        ("one<br>two<BR/>three<p>four</p>five<div>six</div>", "one two three four five six"),
        ("<td>one<td>two</td><th>three", "one two three"),
        ("  a \n\t b&nbsp; &nbsp;c\xa0d  ", "a b c d"),
        ("<p> </p><p>\n</p>a<p></p>", "a"),
        ("caf&eacute; &#x20AC;&#65;&lt;b&gt; &amp;amp; &bogus; &", "café €A<b> &amp; &bogus; &"),
        ("&#0;&#xd800;&#x110000;&#99999999999;", "\ufffd\ufffd\ufffd\ufffd"),
        ("soft\xadhyphen zero\u200bwidth", "soft\xadhyphen zero\u200bwidth"),
        ("a < b <3 <<c>d << >", "a < b <3 <d << >"),
        ("<", "<"),
        ("a<>b</>c</ x>d<?php e ?>f<!doctype html>g<![if x]>h", "a<>bcdfgh"),
        ('<a title="1 > 2">a</a><a title=\'<b>\'>b</a><a t="<i>" u=1>c</a>', "abc"),
        ('<a b="c>d</a>e', "de"),
        ("<a b='c>d</a>e", "de"),
        ("<a b'c\"d>e", "e"),
        ("<a <b <c>d", "d"),
        ("<a\nhref=x\n>b", "b"),
        ("<img alt='see'><img alt=this>", "seethis"),
        ("a<!-->b<!--->c<!-- > -- --!>d<!-- <b> -->e<!----->f", "abcdef"),
        ("a<script>if (b<c) '</scripted>' </script >d<SCRIPT src=x></SCRIPT\n>e", "ade"),
        ("a<script>b</script<b>c</b>d", "acd"),
        ("<title>a<b></title>b<style>c</style>d<iframe>e</iframe>f", "bd f"),
        ("<noscript>a</noscript><textarea>b</textarea><select><option>c", "a b c"),
        ("", ""),
    ],
)
def test_what_is_text(page: str, text: str) -> None:
    visible, notes, _ = read(page)
    assert " ".join(visible.split("\n")) == text
    assert notes == ""


def test_blocks_stand_on_lines_of_their_own() -> None:
    page = "a<h1>b</h1>c<ul><li>d<li>e</ul><table><tr><td>f<td>g<tr><td>h</table>i<br><hr>j"
    assert read(page)[0] == "a\nb\nc\nd\ne\nf g\nh\ni\nj"


@pytest.mark.parametrize(
    ("page", "text", "inside"),
    [
        ("a<!-- b<p>c", "a", "a comment"),
        ("a<title>b<p>c", "a", "<title>"),
        ("a<script>b</scrip>", "a", "<script>"),
        ("a<style>b</style", "a", "<style>"),
        ("a<b c<d", "a", "a tag"),
        ("a<b", "a", "a tag"),
        ("a</b", "a", "a tag"),
        ("a<!b", "a", "a declaration"),
    ],
)
def test_what_does_not_end_hides_the_rest(page: str, text: str, inside: str) -> None:
    note = f"HTML ends inside of {inside}; what follows its start is not shown"
    assert read(page)[:2] == (text, note)


def test_where_a_page_points_to() -> None:
    page = (
        "<a href=http://a.example/?x=1&amp;y=2>a</a><IMG SRC='http://b.example/i.gif'>"
        '<form action="http://c.example"><body background=d.gif><a href="http://a.example/?x=1&y=2">'
        '<a href=" http://e.\nexa\tmple ">http://f.example</a><a href=""><a href>'
        "<script src=g.js></script><a href=h href=i>"
    )
    assert read(page)[2] == (
        *("http://a.example/?x=1&y=2", "http://b.example/i.gif", "http://c.example", "d.gif"),
        *("http://e.example", "g.js", "h"),
    )


def test_long_tags_and_many_attributes_are_read() -> None:
    many = " ".join(f"x{number}='>'" for number in range(150))
    assert read(f"a<img {many} alt=b>c")[0] == "abc"
    assert read(f"a<b title='{'x' * 5000}'>b</b>c")[0] == "abc"
    # Beyond 200 attributes a tag ends at the first ">".
    assert read(f"a<b {many} {many}>c")[0].startswith("a' x1='>'")


def test_only_so_many_tags_are_read() -> None:
    visible, notes, _ = read("a<b>b<b>c<b>d", Limits(tags=2))
    assert (visible, notes) == ("abc", "only the first 2 tags of HTML were read")
    assert read("a<b>b<b>c", Limits(tags=2))[:2] == ("abc", "")


class Oracle(HTMLParser):
    """What Python's own parser takes for text and for targets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.targets += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


WORDS = st.text("abcé &;#\n", max_size=8).filter(lambda text: not text.endswith("&"))
TAGS = st.sampled_from(
    ["<b>", "</b>", "<i class='x'>", "</i>", "<!-- x -->", "<u a=b c>", "</u>", "<span title='>'>"]
)
LINKS = st.integers(0, 9).map(lambda number: f'<a href="/{number}?a=1&amp;b">')


@given(st.lists(WORDS | TAGS | LINKS, max_size=30))
@settings(max_examples=300)
def test_well_formed_inline_html_reads_as_pythons_parser_has_it(pieces: list[str]) -> None:
    page = "".join(pieces)
    oracle = Oracle()
    oracle.feed(page)
    oracle.close()
    visible, notes, links = read(page)
    # References are decoded per text by the one, over the whole line by the other.
    assert notes == ""
    if "&" not in page.replace("&amp;", ""):
        assert visible == " ".join("".join(oracle.text).split())
    assert links == tuple(dict.fromkeys(oracle.targets))
