"""What is read of a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.readers.limits import Limits
from chaffinch.readers.message import DEFAULT, MessageContent, read_message


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"Tea at four?", "Tea at four?"),
        (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("Café für 3 €".encode(), "Café für 3 €"),
        ("Café für 3 €".encode("cp1252"), "Café für 3 €"),
        ("Café \U0001f600".encode("utf-16"), "Café \U0001f600"),
        (b"\xfe\xff" + "Café".encode("utf-16-be"), "Café"),
        ("\ufeffTea".encode(), "\ufeffTea"),
        (b"N\0U\0L\0", "NUL"),
        (b"fish &amp; chips &lt;3 &#163;5 &#x20ac;6", "fish & chips <3 £5 €6"),
        (b"&amp;lt;", "&lt;"),
        (b"&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>"),
        ("it\u0092s \u0096 fine".encode(), "it’s – fine"),
        (b"I <3 tea, 1 < 2 > 0, <grin>, <@ada>, x<y", "I <3 tea, 1 < 2 > 0, <grin>, <@ada>, x<y"),
        (b"Nice <b>song</b><br />Thanks", "Nice song\nThanks"),
        (b"a<br>b &lt;c&gt; <i>d</i>", "a\nb <c> d"),
    ],
)  # fmt: skip
def test_what_a_person_sees(data: bytes, text: str) -> None:
    assert read_message(data).text == text
    assert read_message(data).notes == ()


def test_html_tells_targets_and_hides_text() -> None:
    data = (
        b'Great post! <a href="http://pills.example/buy">my blog</a>'
        b'<div style="display:none">cheap p&shy;ills</div>'
    )
    assert read_message(data) == MessageContent(
        text="Great post! my blog",
        plain="Great post! my blog",
        hidden="cheap pills",
        urls=("http://pills.example/buy",),
        tricks=("html", "hidden-text"),
    )


def test_a_disguised_message_is_read_plainly() -> None:
    message = read_message("F\u200bRЕЕ ｃａｓｈ at ｗｗｗ.ex\u00adample.com".encode())
    assert message.plain == "FREE cash at www.example.com"
    assert message.urls == ("www.example.com",)
    assert message.tricks == ("invisible-characters", "mixed-script")
    assert message.text.startswith("F\u200bRЕЕ")


def test_links_with_and_without_a_scheme() -> None:
    message = read_message(b"See https://a.example/x, www.b.example and sho.rt/abc or win.c.com.")
    assert message.urls == ("https://a.example/x", "www.b.example", "sho.rt/abc", "win.c.com")


def test_what_is_cut_is_noted() -> None:
    message = read_message(b"a" * 100, Limits(raw=10, text=5))
    assert message.text == message.plain == "aaaaa"
    assert message.notes == (
        "message cut at 10 of 100 bytes",
        "text cut at 5 of 10 characters",
    )


def test_half_a_character_at_the_cut() -> None:
    message = read_message("ü".encode() * 10, Limits(raw=11))
    assert message.text == "üüüüü\ufffd"


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_a_message(data: bytes) -> None:
    message = read_message(data)
    assert message == read_message(data)
    for text in (message.text, message.plain, message.hidden, *message.urls):
        text.encode()
        assert "\0" not in text


_PIECES = st.sampled_from(
    [
        "<b>", "</a>", "<a href='", "<!--", "<style>", "&#0;", "&#xd800;", "&shy;", "www.", "http://",
        "\u200b", "\u0301", "\ufdfa", "ﷺ", "а", "a", "\U000e0041", "9", ".com", "/", "\r", "\x92",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=60).map("".join))
def test_any_text_is_a_message(text: str) -> None:
    message = read_message(text.encode())
    for part in (message.text, message.plain, message.hidden, *message.urls):
        part.encode()
        assert "\0" not in part
        assert len(part) <= DEFAULT.text
