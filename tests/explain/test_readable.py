from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.explain.readable import readable
from chaffinch.explain.wording import tell_links


@pytest.mark.parametrize(
    "text",
    [
        "credit card",
        "internationalisation",
        "2002-10-04T02:38:55+01:00",
        "sub.domain.example.com",
        "déjà vu, Österreich",
        "привет",
        "日本語",
        "$1,000,000.00",
        "09061701461",
        "McDonaldsFastFood",
        "!",
    ],
)
def test_what_people_can_read_stays(text: str) -> None:
    assert readable(text) == (text, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "blank space"),
        ("\ufffd\ufffdab\ufffd", "unreadable characters"),
        ("\x00\x01\x02\x03", "unreadable characters"),
        ("±¤°í", "unreadable characters"),
        ("-----", "a row of '-'"),
        ("xkqpwzrtbd", "xkqpwzrtbd"),
        ("xkqpwzrtbdfg", "random letters 'xkqpwzrt…'"),
        ("TWFuIGlzIGRpc3Rpbmd1aXNoZWQ=", "random letters 'TWFuIGlz…'"),
        ("a" * 500, "random letters 'aaaaaaaa…'"),
    ],
)
def test_what_people_cannot_read_is_called_what_it_is(text: str, said: str) -> None:
    assert readable(text)[0] == said


def test_random_letters_among_others_are_cut_short() -> None:
    assert readable("id TWFuIGlzIGRpc3Rpbmd1aXNoZWQ= end") == ("id TWFuIGlz… end", True)


@given(st.text(max_size=300))
def test_nothing_steers_a_terminal_or_is_long(text: str) -> None:
    said, _ = readable(text)
    assert said.isprintable()
    assert 0 < len(said) <= 60


@pytest.mark.parametrize(
    ("link", "short"),
    [
        ("http://203.0.113.78/remove", "http://203.0.113.78/remove"),
        ("http://a.example/", "http://a.example/"),
        ("https://a.example/x?id=" + "7" * 300, "https://a.example/x…"),
        ("a.example/1/2/3/4", "a.example/1/2/…"),
        ("http://" + "a" * 99 + ".example/", "http://" + "a" * 32 + ".example…"),
        ("", ""),
    ],
)
def test_links_are_told_by_host_and_beginning_of_path(link: str, short: str) -> None:
    assert tell_links([link]) == [short]
