from __future__ import annotations

import numpy as np
import pytest

from chaffinch.performance.judged import Judgements


def test_a_nan_score_is_named_by_its_index() -> None:
    with pytest.raises(ValueError, match="score 2 is NaN"):
        Judgements([1, 0, 1], [0.0, 1.0, float("nan")], [1, 0, 1])


@pytest.mark.parametrize(
    ("truth", "score", "predicted", "message"),
    [
        ([1, 0], [0.0], [1, 0], "differ in length"),
        ([1, 2], [0.0, 0.0], [1, 0], "truth holds something other"),
        ([1, 0], [0.0, 0.0], [1, -1], "predicted holds something other"),
        ([[1]], [0.0], [1], "truth has 2 dimensions"),
        ([1], 0.0, [1], "score has 0 dimensions"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    truth: object, score: object, predicted: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Judgements(truth, score, predicted)  # type: ignore[arg-type]  # wrong on purpose


def test_judgements_do_not_change_with_the_callers_arrays() -> None:
    truth, score, predicted = np.array([True, False]), np.array([1.0, -1.0]), np.array([1, 0])
    judged = Judgements(truth, score, predicted)
    truth[:], score[:], predicted[:] = False, 9.0, 0
    assert judged.truth.tolist() == [True, False]
    assert judged.score.tolist() == [1.0, -1.0]
    assert judged.predicted.tolist() == [True, False]


def test_ranks_tell_ties_apart() -> None:
    judged = Judgements([1, 1, 1, 0, 0], [1.0, 2.0, 2.0, 2.0, 0.5], [1] * 5)
    below, not_above = judged.ranks
    assert below.tolist() == [0, 1]
    assert not_above.tolist() == [0, 3]
