from __future__ import annotations

from chaffinch.explain.reasons import strongest
from chaffinch.features.rows import Share


def test_the_strongest_come_first_whatever_their_sign() -> None:
    shares = [Share("a", "body", 0.1), Share("b", "body", -0.5), Share("c", "body", 0.3)]
    assert [reason.text for reason in strongest(shares, 2)] == ["b", "c"]


def test_one_word_in_two_parts_is_two_reasons() -> None:
    shares = [Share("free", "body", 0.1), Share("FREE!", "subject", 0.2)]
    assert [(one.where, one.text) for one in strongest(shares, 9)] == [
        ("subject", "FREE"),
        ("body", "free"),
    ]


def test_all_of_them_add_up() -> None:
    shares = [Share(word, "body", 0.1) for word in ("x", "X", "-", "...", "", "y,")]
    assert abs(sum(reason.weight for reason in strongest(shares, 99)) - 0.6) < 1e-12


def test_a_header_that_is_there() -> None:
    assert strongest([Share("References:", "references", 1.0)], 1)[0].text == "(is there)"


def test_long_words_are_cut() -> None:
    (reason,) = strongest([Share("x" * 10_000, "link", 1.0)], 1)
    assert len(reason.text) == 60
