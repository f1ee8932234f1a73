"""Measures of a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chaffinch.rules.predicate import MEASURES


@given(st.text() | st.text(alphabet="aZ\u00c4\u00df\u3042\u01c5 1!"))
def test_capitals_are_a_share_of_the_letters(text: str) -> None:
    letters = sum(map(str.isalpha, text))
    expected = sum(map(str.isupper, text)) / letters if letters else 0.0
    assert MEASURES["capitals"][1](text) == expected
