"""Captions of pictures: labels may hold any letters, and none is drawn as an empty box."""

from __future__ import annotations

import pytest

from chaffinch.pages import lettering
from chaffinch.pages.lettering import Lettering


def test_what_no_font_has_is_written_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "_FONTS", ("no-such-font.ttf",))
    letters = Lettering(["\u00d7, 99%", "7"])
    assert letters.written("\u00d7, 99%") == "U+00D7, 99%"
    assert letters.of(14).getlength("7") > 0


def test_a_font_that_has_more_is_taken_where_one_is_here() -> None:
    letters = Lettering(["\u00d7 \uffff"])
    # Whether or not there is a font that has the first: the other has none.
    assert letters.written("\u00d7 7") in ("\u00d7 7", "U+00D7 7")
