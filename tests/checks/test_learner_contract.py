from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chaffinch.checks import LEARNER_CHECKS, learners
from chaffinch.models.base import Learner
from chaffinch.models.bayes import BayesLearner
from chaffinch.models.committee import CommitteeLearner
from chaffinch.models.linear import LinearLearner
from chaffinch.models.weighted import WeightedLearner


def begin(learner: type[Any]) -> Callable[[int], Learner]:
    if learner is WeightedLearner:
        return lambda n_features: WeightedLearner.given(np.linspace(-1, 1, n_features).tolist())
    blank: Callable[[int], Learner] = learner.blank
    return blank


def test_discovery_finds_every_learner() -> None:
    assert set(learners()) == {BayesLearner, CommitteeLearner, LinearLearner, WeightedLearner}


@pytest.mark.parametrize("check", LEARNER_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("learner", learners(), ids=lambda learner: learner.__name__)
def test_contract(learner: type[Any], check: Callable[[Any], None]) -> None:
    check(begin(learner))


class Forgetful(LinearLearner):
    """Breaks the contract: judging changes it."""

    def score(self, row: Any) -> float:
        self.tensors["intercept"][0] += 1.0
        return super().score(row)


class Amnesiac(LinearLearner):
    """Breaks the contract: it learns nothing and says it does."""

    def learn(self, row: Any, positive: bool) -> None:
        pass


@pytest.mark.parametrize(
    ("learner", "name"),
    [
        (Forgetful, "check_prediction_changes_nothing"),
        (Amnesiac, "check_learning_changes_the_model"),
        (Amnesiac, "check_learning_raises_performance"),
    ],
)
def test_the_suite_catches_a_broken_learner(learner: type[LinearLearner], name: str) -> None:
    (check,) = (check for check in LEARNER_CHECKS if check.__name__ == name)
    with pytest.raises(AssertionError):
        check(learner.blank)
