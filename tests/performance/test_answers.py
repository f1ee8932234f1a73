from __future__ import annotations

import numpy as np

from chaffinch.performance.answers import Answers, coverage


def answers(n: int, wrong: int) -> Answers:
    """Return answers of which the least sure are wrong."""
    score = np.arange(n, dtype=np.float64)
    guess = np.where(np.arange(n) < wrong, "4", "9")
    return Answers(np.full(n, "9"), guess, score, score > n)


def test_errors_go_with_the_least_sure() -> None:
    curve = coverage(answers(1000, 20))
    by_share = {one["answered_percent"]: one for one in curve}
    assert [by_share[share]["errors"] for share in (90.0, 98.0, 99.0, 99.9, 100.0)] == [
        0,
        0,
        10,
        19,
        20,
    ]
    whole = by_share[100.0]["error_percent"]
    assert isinstance(whole, dict)
    assert whole["low"] < whole["value"] == 2.0 < whole["high"]


def test_few_items_have_few_points_and_none_has_none() -> None:
    assert [one["answered"] for one in coverage(answers(2, 1))] == [1, 2]
    assert coverage(answers(0, 0)) == []
