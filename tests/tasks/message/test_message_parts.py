"""Which parts of a message count, and how its structure is told."""

from __future__ import annotations

import pytest

from chaffinch.readers.message import MessageContent, read_message
from chaffinch.tasks.message.parts import gram_parts, vocabulary
from chaffinch.tasks.message.structure import structure


def told(text: str) -> set[str]:
    return set(structure(read_message(text.encode())))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", {"length-0", "digits-0", "numbers-0", "links-0", "capitals-none"}),
        ("a" * 139, {"length-120"}),
        ("a" * 140, {"length-140"}),
        ("a" * 9999, {"length-640"}),
        ("room 12 or 1234", {"digits-4", "numbers-2"}),
        ("0" * 40, {"digits-12", "numbers-1"}),
        ("1 2 3 4 5 6 7", {"digits-1", "numbers-5"}),
        ("a.example.com b.example.com", {"links-2"}),
        ("BUY IT", {"capitals-all"}),
        ("BUY IT now", {"capitals-most"}),
        ("BUY it now", {"capitals-some"}),
        ("I am A", {"capitals-none"}),
        ("only £3", {"money"}),
        ("Rp.50.000", {"money"}),
        ("fun \U0001f600", {"emoji"}),
        ("f\u200bree <b>x</b>", {"html", "invisible-characters"}),
    ],
)
def test_structure(text: str, words: set[str]) -> None:
    assert words <= told(text)


def test_what_is_not_there_is_not_told() -> None:
    assert not told("Tea at four?") & {"money", "emoji", "html", "mixed-script"}


def test_parts_and_where_they_stand() -> None:
    content = MessageContent(
        text="Win £100", plain="Win £100", hidden="pills", urls=("a.example",), tricks=("html",)
    )
    parts = {part.where: part.text for part in gram_parts(content)}
    assert list(parts) == ["structure", "link", "number", "text", "hidden"]
    assert parts["number"] == "£000"
    assert parts["structure"].endswith("money html")
    assert vocabulary(content) == [("text", "Win £100"), ("hidden", content.hidden)]


def test_a_disguise_leaves_the_grams_of_the_text_alone() -> None:
    plain, disguised = (
        next(part.text for part in gram_parts(read_message(text.encode())) if part.where == "text")
        for text in ("Free cash prize", "Fr\u00adee cаsh ｐｒｉｚｅ")
    )
    assert plain == disguised
