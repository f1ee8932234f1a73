"""Every verdict of every rung is explained, to the last digit, whatever came in."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from chaffinch.predictor import Predictor
from chaffinch.task import TASKS, get_task
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


@pytest.mark.parametrize("owner", ["", "ann"])
@pytest.mark.parametrize(
    ("task", "rung"), [(task, rung.name) for task in TASKS for rung in get_task(task).ladder]
)
def test_reasons_add_up(task: str, rung: str, owner: str) -> None:
    what = get_task(task)
    step = what.rung(rung)
    learner = step.start()
    made = mail if task == "mail" else message
    for number in range(40):
        label = what.labels[number % 2]
        row = step.features.row(what.reader(made(label, number)), owner)
        learner.learn(row, what.is_positive(label))
    predictor = Predictor(what, step, learner, "test")
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
