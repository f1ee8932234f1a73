"""Disguise is seen through, and told only where no language needs it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.readers.disguise import undisguise


@pytest.mark.parametrize(
    ("text", "plain", "trick"),
    [
        ("v\u00adi\u200ba\u2060gra", "viagra", "invisible-characters"),
        ("f\ufe0free", "free", "invisible-characters"),
        ("w\x01in", "win", "invisible-characters"),
        ("𝐅𝐑𝐄𝐄 now", "FREE now", "styled-letters"),
        ("Ⓕⓡⓔⓔ now", "Free now", "styled-letters"),
        ("f\u0336r\u0336e\u0336e", "free", "heaped-marks"),
        ("q\u0301\u0302\u0303\u0304 z", "q z", "heaped-marks"),
        ("саsh and frее", "cash and free", "mixed-script"),
        ("ΡRIZE", "PRIZE", "mixed-script"),
    ],
)
def test_tricks(text: str, plain: str, trick: str) -> None:
    assert undisguise(text) == (plain, (trick,))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain text", "plain text"),
        ("Ｗｅｂ サイト", "Web サイト"),
        ("Привет, как дела?", "Привет, как дела?"),
        ("Καλημέρα", "Καλημέρα"),
        ("می\u200cخواهم", "میخواهم"),
        ("क्\u200dष", "क्ष"),
        ("שלום \u200f!", "שלום !"),
        ("cafe\u0301", "café"),
        ("5 µm", "5 μm"),
        ("👩\u200d🚀 ❤\ufe0f", "👩🚀 ❤"),
        ("ﬁne… ½ ™", "fine... 1⁄2 TM"),
    ],
)
def test_no_language_is_a_trick(text: str, plain: str) -> None:
    assert undisguise(text) == (plain, ())


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=100))
def test_what_is_plain_stays_plain(text: str) -> None:
    plain, tricks = undisguise(text)
    assert len(tricks) == len(set(tricks)) <= 4
    assert "\u200b" not in plain
    plain.encode()
