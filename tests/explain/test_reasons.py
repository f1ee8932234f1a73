from __future__ import annotations

import numpy as np
import pytest

from chaffinch.explain.reasons import choose, explain
from chaffinch.explain.wording import Wording
from chaffinch.features.rows import Line, Shares
from chaffinch.types import Reason


def shares(text: str, weights: list[float], where: str = "body", *, named: bool = False) -> Shares:
    words = text.split(" ")
    own = np.zeros(len(words))
    return Shares(words, [Line(where, 0, len(words), named)], np.array(weights), own)


def told(of: Shares, wording: Wording | None = None, count: int = 99) -> list[tuple[str, str]]:
    reasons, _ = explain(of, wording or Wording(), count)
    return [(reason.where, reason.text) for reason in reasons]


def test_the_strongest_come_first_whatever_their_sign() -> None:
    reasons, rest = explain(shares("a b c d", [0.1, -0.5, 0.3, -0.01]), Wording(), 2)
    assert [reason.text for reason in reasons] == ["b", "c"]
    assert rest == pytest.approx(0.09)


def test_half_of_them_speak_for_the_label_where_there_are_so_many() -> None:
    weights = np.array([-5.0, -4.0, -3.0, 1.0, 2.0, -2.5])
    assert choose(weights, 4, positive=True).tolist() == [0, 1, 4, 3]
    assert choose(weights, 4, positive=False).tolist() == [0, 1, 2, 5]
    assert choose(weights[:4], 3, positive=True).tolist() == [0, 1, 3]
    assert choose(np.array([-1.0, 0.0]), 5, positive=True).tolist() == [0]


def test_nothing_to_explain() -> None:
    assert explain(Shares([], [], np.empty(0), np.empty(0)), Wording(), 5) == ((), 0.0)


def test_words_that_read_alike_are_one_reason() -> None:
    (first, second), rest = explain(shares("Free, x FREE! x", [0.5, -0.1, 0.25, 0.0]), Wording(), 9)
    assert first == Reason("Free", "body", 0.75)
    assert (second.text, rest) == ("x", 0.0)


def test_one_word_in_two_parts_is_two_reasons() -> None:
    lines = [Line("subject", 0, 1), Line("body", 1, 2)]
    both = Shares(["FREE!", "free"], lines, np.array([0.2, 0.1]), np.zeros(2))
    assert told(both) == [("subject", "FREE"), ("body", "free")]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([0.3, 0.2, 0.25], ["a free card"]),
        ([0.3, -0.2, 0.25], ["a", "card", "free"]),
        ([0.01, 0.2, 0.25], ["free card", "a"]),
    ],
    ids=["together", "one against", "one weak"],
)
def test_neighbours_that_push_alike_are_a_phrase(weights: list[float], expected: list[str]) -> None:
    assert [text for _, text in told(shares("a free card", weights))] == expected


def test_phrases_end_with_sentences_and_after_four_words() -> None:
    found = told(shares("one two. three four five six seven", [0.1] * 7))
    assert sorted(text for _, text in found) == ["one two.", "seven", "three four five six"]


def test_a_word_that_stands_elsewhere_too_joins_no_phrase() -> None:
    found = told(shares("free card x free", [0.2, 0.2, -0.1, 0.2]))
    assert [text for _, text in found] == ["free", "card", "x"]


def test_headers_are_one_reason_where_they_are_short() -> None:
    wording = Wording(names={"from": "from", "subject": "subject"}, prose=frozenset(("subject",)))
    mailer = shares("X-Mailer: The Bat!", [0.1, 0.3, -0.1], "x-mailer", named=True)
    assert told(mailer, wording) == [("header X-Mailer", "The Bat!")]
    there = shares("References: <a@b>", [0.5, 0.01], "references", named=True)
    assert told(there, wording) == [("header", "has a header References")]
    sender = shares("From: Ann <a@b.example>", [0.0, 0.1, 0.2], "from", named=True)
    assert told(sender, wording) == [("from", "Ann <a@b.example>")]
    subject = shares("Subject: buy nothing", [0.05, 0.3, -0.2], "subject", named=True)
    assert told(subject, wording) == [
        ("subject", "buy"),
        ("subject", "nothing"),
        ("header", "has a header Subject"),
    ]


def test_long_headers_are_told_by_their_words() -> None:
    words = "Received: " + " ".join(f"w{number}" for number in range(20))
    found = told(shares(words, [0.5, 0.4] + [-0.01] * 19, "received", named=True))
    assert found[:2] == [("header", "has a header Received"), ("header Received", "w0")]


def test_parts_that_are_no_text_are_told_in_words() -> None:
    wording = Wording(tell={"structure": lambda words: [f"is {word}" for word in words]})
    reasons, _ = explain(shares("long long short", [0.2, 0.1, -0.1], "structure"), wording, 9)
    assert [(one.text, one.quoted) for one in reasons] == [("is long", False), ("is short", False)]


def test_how_much_is_the_owners_own() -> None:
    of = shares("free lunch free", [0.3, -0.2, 0.1])._replace(own=np.array([0.2, 0.0, 0.05]))
    reasons, _ = explain(of, Wording(), 9)
    assert [reason.own for reason in reasons] == pytest.approx([0.25, 0.0])


def test_no_text_is_told_at_length() -> None:
    (reason,), _ = explain(shares("y " * 3 + "x" * 10_000, [0, 0, 0, 1.0], "text"), Wording(), 1)
    assert len(reason.text) < 70
