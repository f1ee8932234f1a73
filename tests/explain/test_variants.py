from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.explain.terms import phrases
from chaffinch.explain.variants import canonical, disguised_words, stands_for_itself


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("for you", ["4U", "4u", "For U", "f0r u", "F O R  U", "4 u", "for u", "4 you", "4you"]),
        ("viagra", ["v1agra", "v.i.a.g.r.a", "V I A G R A", "v-i-a-g-r-a", "vi@gra", "viagraaa"]),
        ("free", ["fr€e", "FREE", "fr\u200bee", "fr\u0435e", "freeee", "\uff46\uff52\uff45\uff45"]),
        ("cash", ["ca$h", "c4sh", "c.a.s.h", "ca5h"]),
        ("great offer", ["gr8 offer", "great 0ffer", "GR8 0FFER"]),
        ("before", ["b4"]),
        ("today", ["2day"]),
        ("to you", ["2 u", "2u", "to u"]),
        ("email", ["e-mail", "E-Mail"]),
    ],
)
def test_variants_of_one_word_have_one_spelling(word: str, spellings: list[str]) -> None:
    known = {"viagra": 9, "free": 9, "offer": 9}
    assert {canonical(spelling, known) for spelling in [*spellings, word]} == {word}


@pytest.mark.parametrize(
    "text",
    (
        "40|2002|4|2|4 pm|2 of|2 free|"
        "1st|4th|2nd|mp3|3com|win95|pop3|11am|set5|x86|h2o|p2p|ieee|pppd|www|"
        "1.5%|$400|m-f|don't|we're|a|2 4|100 200|1-2-3|0x1f|t1|u.s"
    ).split("|"),
)
def test_numbers_and_names_stand_for_themselves(text: str) -> None:
    known = dict.fromkeys(("art", "wings", "pope", "liam", "sets", "ist", "were", "ie", "mf"), 9)
    assert canonical(text, known) == text


def test_words_that_differ_by_a_letter_are_two() -> None:
    words = "mail mall of off to too lose loose for four were we're god good its it's".split()
    assert len({canonical(word) for word in words}) == len(words)


def test_what_can_be_read_in_two_ways_is_the_word_that_is_known() -> None:
    assert canonical("c1ick", {"click": 3}) == "click"
    assert canonical("c1alis", {"cialis": 3}) == "cialis"
    assert canonical("1oan") == "1oan"
    assert canonical("1oan", {"loan": 1}) == "loan"
    assert canonical("winnn", {"win": 9, "winn": 1}) == "win"
    assert canonical("freee", {"free": 9}) == "free"


def test_u_of_the_us_is_no_word() -> None:
    assert canonical("of u") == "of you"
    known = {"u": 10, "u s": 9}
    assert canonical("u citizens", known) == "u citizens"
    assert canonical("address u", known) == "address u"
    assert canonical("4 u", known) == canonical("for u", known) == "for you"


def test_disguised_words_are_found_as_they_are_written() -> None:
    text = "buy v.i.a.g.r.a or c*a*s*h, fr€e! vi@gra f o r  u"
    assert list(disguised_words(text)) == ["v.i.a.g.r.a", "c*a*s*h", "f o r  u", "fr€e", "vi@gra"]


@pytest.mark.parametrize(
    "text",
    [
        "a@b.example",
        "someone@example.org",
        "at 9 a.m. e.g. this",
        "1 2 3 4 5",
        "http://a.b.c.example/x!y",
        "plain words, nothing else!",
        "192.0.2.1",
        "1.2.3.4",
    ],
)
def test_addresses_numbers_and_initials_are_no_disguise(text: str) -> None:
    assert not list(disguised_words(text))


def test_disguised_words_are_terms() -> None:
    assert "v.i.a.g.r.a" in list(phrases("cheap V.I.A.G.R.A now"))


def test_disguised_words_are_bounded() -> None:
    assert len(list(disguised_words("a.b.c " * 20_000))) == 200


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "a." * 10**5, "1" * 10**5, "i1!|" * 1000, "\x00\x1b[2J", "@" * 9999, " "]
)
def test_hostile_texts_are_read(text: str) -> None:
    assert len(canonical(text)) <= 200
    assert len(list(disguised_words(text[:20_000]))) <= 200


@given(st.text(max_size=40))
def test_a_canonical_spelling_is_its_own(text: str) -> None:
    once = canonical(text)
    if stands_for_itself(once):
        assert canonical(once) == once
