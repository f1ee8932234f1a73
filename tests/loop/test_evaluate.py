from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaffinch.errors import InputError, UsageError
from chaffinch.loop.evaluate import baseline, evaluate
from chaffinch.performance.progressive import Run
from chaffinch.task import get_task
from chaffinch.types import Example, Item, Report
from samples import mail

TASK = get_task("mail")


def stream(begin: int, end: int) -> Iterator[Example]:
    for number in range(begin, end):
        for label in ("ham", "spam"):
            yield Example(Item(mail(label, number)), label, f"{label}/{number}")


def measured(protocol: str, train: Iterator[Example] | None = None) -> tuple[Report, list[str]]:
    rung = TASK.rung("linear")
    names: list[str] = []
    report = evaluate(
        TASK,
        Run(rung, rung.start()),
        stream(0, 30),
        protocol=protocol,
        delay=20,
        train=train,
        judged=lambda example: names.append(example.name),
    )
    return report, names


def test_immediate_judges_everything_in_order() -> None:
    report, names = measured("immediate")
    assert names == [example.name for example in stream(0, 30)]
    assert (report.n, report.protocol, report.rung) == (60, "immediate", "linear")
    assert report.errors < 20


def test_a_baseline_is_never_unsure() -> None:
    report = baseline(get_task("digits"), ["3", "3", "7", "1"])
    assert (report.rung, report.errors) == ("always 3", 2)
    assert report.metrics["unsure_percent"].value == 0
    assert report.metrics["accepted_error_percent"].value == 50


def test_flags_that_come_late_cost_performance() -> None:
    assert measured("delayed")[0].errors > measured("immediate")[0].errors


def test_batch_learns_the_first_half_and_judges_the_second() -> None:
    report, names = measured("batch")
    assert names == [example.name for example in stream(15, 30)]
    assert report.errors <= 2


def test_batch_with_a_training_set_judges_everything() -> None:
    report, names = measured("batch", stream(50, 80))
    assert report.n == len(names) == 60
    assert report.errors <= 2


def test_frozen_learns_nothing() -> None:
    report, _ = measured("frozen")
    assert report.errors == 30, "a blank model calls everything ham"


def test_the_digest_tells_streams_apart() -> None:
    assert measured("immediate")[0].data_hash == measured("delayed")[0].data_hash
    assert measured("immediate")[0].data_hash != measured("batch")[0].data_hash


def test_unknown_protocol() -> None:
    with pytest.raises(UsageError, match="did you mean 'immediate'"):
        measured("imediate")


def test_nothing_to_judge() -> None:
    rung = TASK.rung("linear")
    with pytest.raises(InputError, match="leaves nothing to judge"):
        evaluate(TASK, Run(rung, rung.start()), iter(()), protocol="batch")
