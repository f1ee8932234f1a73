from __future__ import annotations

import numpy as np
import pytest

from chaffinch.datasets.campaign import STEPS
from chaffinch.errors import InputError
from chaffinch.loop.compare import compare
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from samples import mail, message

MAKERS = {"mail": mail, "message": message}


def examples(kind: str, count: int, labels: tuple[str, ...] = ("ham", "spam")) -> list[Example]:
    return [
        Example(Item(MAKERS[kind](label, number), kind), label)
        for number in range(count)
        for label in labels
    ]


@pytest.mark.parametrize("kind", ["mail", "message"])
def test_every_way_judges_the_same_items(kind: str) -> None:
    seen = []
    task = get_task(kind)
    arms = compare(task, examples(kind, 30), data="made up", judged=lambda: seen.append(1))
    assert len(seen) == 60 + 30
    names = [arm.name for arm in arms]
    assert names[:2] == ["rules as written", "rules, weights fitted"]
    assert names[2:] == [rung.title for rung in task.ladder[1:]]
    assert {arm.report.n for arm in arms} == {30}
    for arm in arms:
        assert arm.report.data == "made up"
        assert [one.step for one in arm.campaign] == list(STEPS)
        assert all(
            0.0 <= share <= 1.0 for one in arm.campaign for share in (one.at_once, one.flagged)
        )
    written, fitted, *learned = arms
    assert written.rules == fitted.rules >= 20
    assert (written.weights, fitted.weights > 0) == (0, True)
    assert all(arm.rules == 0 and arm.weights > 1000 for arm in learned)


def test_rules_never_change_and_what_learns_catches_up() -> None:
    written, _, *learned = compare(get_task("mail"), examples("mail", 30))
    at_once = np.array([one.at_once for one in written.campaign])
    flagged = np.array([one.flagged for one in written.campaign])
    assert flagged == pytest.approx(at_once, abs=0.1)
    assert (at_once[0], at_once[1]) == (1.0, 0.0), "they know 4U, and not For U"
    top = learned[-1].campaign
    assert all(one.flagged > 0.9 for one in top)


def test_the_same_twice() -> None:
    first, second = (compare(get_task("message"), examples("message", 20)) for _ in range(2))
    assert [arm.campaign for arm in first] == [arm.campaign for arm in second]
    assert [arm.report.metrics for arm in first] == [arm.report.metrics for arm in second]


@pytest.mark.parametrize("labels", [("spam",), ("ham",), ()])
def test_what_one_label_alone_cannot_tell(labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="the earlier half of the items has no"):
        compare(get_task("mail"), examples("mail", 10, labels))
