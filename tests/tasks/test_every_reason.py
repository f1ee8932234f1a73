"""Every verdict of every rung is explained, to the last digit, whatever came in."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from chaffinch.predictor import Predictor
from chaffinch.task import get_task
from chaffinch.types import Item
from mail_samples import NAMES, PIECES, sample
from samples import mail, message


def items(task: str) -> Iterator[bytes]:
    """Some hundred items: common ones, those of the readers' tests, and both with pieces broken."""
    draw = random.Random(f"reasons of {task}")
    made = mail if task == "mail" else message
    good = [made(label, number) for label in ("ham", "spam") for number in range(1000, 1030)]
    good += [sample(name) for name in NAMES]
    yield from good
    for _ in range(250):
        data = draw.choice(good)
        for _ in range(draw.randint(1, 8)):
            start = draw.randint(0, len(data))
            piece = draw.choice((draw.choice(PIECES), draw.randbytes(8), b"Xq7" * 30, b" free "))
            data = data[:start] + piece + data[start + draw.randint(0, 40) :]
        yield data
    yield from (b"", b"\n", b"a", b"\0" * 300, bytes(range(256)) * 9, b"Subject:\n\n", b"\xff" * 99)
    yield "Subject: \u202e日本\n\nпривет ".encode() * 50


def taught(task: str, rung: str, owner: str = "") -> Predictor:
    """A predictor that has learned forty items."""
    what = get_task(task)
    step = what.rung(rung)
    learner = step.start()
    made = mail if task == "mail" else message
    for number in range(40):
        label = what.labels[number % 2]
        row = step.features.row(what.reader(made(label, number)), owner)
        learner.learn(row, what.is_positive(label))
    return Predictor(what, step, learner, "test")


@pytest.mark.parametrize("owner", ["", "ann"])
@pytest.mark.parametrize(
    ("task", "rung"),
    [(task, rung.name) for task in ("mail", "message") for rung in get_task(task).ladder],
)
def test_reasons_add_up(task: str, rung: str, owner: str) -> None:
    predictor = taught(task, rung, owner)
    for data in items(task):
        item = Item(data, task, owner)
        whole = predictor.predict(item, reasons=100_000)
        few = predictor.predict(item, reasons=3)
        none = predictor.predict(item, reasons=0)
        assert whole.rest == 0.0
        for verdict in (whole, few, none):
            total = verdict.intercept + verdict.rest + sum(one.weight for one in verdict.reasons)
            assert total == pytest.approx(verdict.score, abs=1e-6)
        assert set(few.reasons) <= set(whole.reasons)
        for reason in whole.reasons:
            assert reason.text.isprintable()
            assert reason.text
            assert len(reason.text) < 160
            assert len(reason.where) < 60
            assert owner or reason.own == 0.0


def said(task: str, data: bytes) -> set[tuple[str, str]]:
    """Where each reason stands, and its text."""
    reasons = taught(task, "bayes").predict(data, reasons=1000).reasons
    return {(reason.where, reason.text) for reason in reasons}


def test_reasons_of_a_mail_are_told_in_words_that_people_know() -> None:
    found = said(
        "mail",
        b"From: Ann <ann@a.example>\nSubject: free lunch\nX-Mailer: Bat 1.5\n"
        b"Content-Type: text/html\n\n<p>free \x01\x02\x03\x04 "
        b"<a href='http://a.example/b/c/d?e'>lunch</a><p style='display:none'>viagra",
    )
    assert {
        ("from", "Ann <ann@a.example>"),
        ("header X-Mailer", "Bat 1.5"),
        ("structure", "is HTML without plain text"),
        ("link", "http://a.example/b/c/…"),
        ("hidden text", "viagra"),
        ("body", "unreadable characters"),
    } <= found


def test_reasons_of_a_message_are_told_in_words_that_people_know() -> None:
    found = said("message", "CALL 09061701461 N​OW www.a.example".encode())
    assert {
        ("structure", "text of 20–39 characters"),
        ("structure", "longest number has 11 digits"),
        ("structure", "has invisible characters"),
        ("structure", "one link"),
        ("number", "a number of 11 digits"),
        ("link", "www.a.example"),
    } <= found


def test_rules_say_what_they_look_for() -> None:
    verdict = taught("mail", "rules").predict(b"Subject: free 4U\n\n", reasons=9)
    told = [(reason.where, reason.text) for reason in verdict.reasons]
    assert told[:2] == [
        ("rule", "Subject says 4U, 2day and the like"),
        ("rule", "Subject says free"),
    ]
