from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chaffinch.checks import examples_of
from chaffinch.models.committee import CommitteeLearner
from chaffinch.models.estimators import OnlineCommittee, OnlineLogisticRegression, OnlineNaiveBayes

ESTIMATORS = [OnlineCommittee, OnlineLogisticRegression, OnlineNaiveBayes]


def matrix(seed: int) -> tuple[csr_array, NDArray[np.str_]]:
    examples = examples_of(seed)
    slots = [row.slots for row, _ in examples]
    values = np.concatenate([row.values for row, _ in examples])
    starts = np.cumsum([0, *(len(one) for one in slots)])
    X = csr_array((values, np.concatenate(slots), starts), shape=(len(examples), 64))
    return X, np.array(["spam" if positive else "ham" for _, positive in examples])


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_one_item_gives_the_same_numbers_as_a_batch(estimator: type[Any]) -> None:
    X, y = matrix(0)
    model = estimator().partial_fit(X, y, classes=["ham", "spam"])
    probabilities = model.predict_proba(X)[:, 1]
    scores = [model.learner_.score(row) for row, _ in examples_of(0)]
    assert probabilities.tolist() == [np.exp(-np.logaddexp(0, -score)) for score in scores]
    alone = np.concatenate([model.predict_proba(X[[k]])[:, 1] for k in range(X.shape[0])])
    assert alone.tolist() == probabilities.tolist()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_partial_fit_row_by_row_is_partial_fit_at_once(estimator: type[Any]) -> None:
    X, y = matrix(0)
    at_once = estimator().partial_fit(X, y, classes=["ham", "spam"])
    rows = estimator()
    for k in range(X.shape[0]):
        rows.partial_fit(X[[k]], y[[k]], classes=["ham", "spam"])
    assert rows.predict_proba(X).tolist() == at_once.predict_proba(X).tolist()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_partial_fit_says_what_is_wrong(estimator: type[Any]) -> None:
    X, y = matrix(0)
    with pytest.raises(ValueError, match="needs classes"):
        estimator().partial_fit(X, y)
    model = estimator().partial_fit(X, y, classes=["ham", "spam"])
    with pytest.raises(ValueError, match="not in classes"):
        model.partial_fit(X[[0]], ["eggs"])


def test_naive_bayes_agrees_with_scikit_learn() -> None:
    from sklearn.naive_bayes import MultinomialNB

    X, y = matrix(0)
    ours = OnlineNaiveBayes(alpha=0.5).fit(X, y)
    theirs = MultinomialNB(alpha=0.5).fit(X, y)
    # The classes are balanced, so that our smoothed prior is theirs.
    assert np.allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)


def test_the_committee_gets_the_parameters_of_its_learner() -> None:
    X, y = matrix(0)
    settings = {"rate": 0.4, "epsilon": 0.1, "lean": 0.2, "alpha": 0.5, "damping": 2.0}
    settings |= {"margin": 0.1, "patience": 3.0, "doubt": 2.0}
    model = OnlineCommittee(**settings).fit(X, y)
    assert model.learner_.params == settings | {"allowance": 5.0, "at_once": 1.0, "common": 0.0}
    learner = CommitteeLearner(model.learner_.params, CommitteeLearner.blank(64).tensors)
    for row, positive in examples_of(0):
        learner.learn(row, positive)
    assert model.decision_function(X) == pytest.approx(
        [learner.score(row) for row, _ in examples_of(0)]
    )
