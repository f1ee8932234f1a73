"""scikit-learn's own contract, for every estimator that discovery finds."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.utils.estimator_checks import check_estimator

from chaffinch.checks import estimators
from trainable import torch_or_skip

#: Checks that skip themselves where an optional program is missing; every other skip is a failure.
SKIPPED = {
    "check_array_api_input": "needs the environment variable SCIPY_ARRAY_API",
    "check_classifier_data_not_an_array": "needs pandas, which Chaffinch does not use",
    "check_transformer_data_not_an_array": "needs pandas, which Chaffinch does not use",
}
#: How many checks run and pass; a smaller number would mean that checks went missing. scikit-learn
#: has one alone for what takes no matrix; tests/features/test_transformers.py has the others.
LEAST = {
    "OnlineCommittee": 54,
    "OnlineLogisticRegression": 54,
    "OnlineNaiveBayes": 54,
    "DBNClassifier": 53,
    "ItemFeatures": 1,
}
#: Where an estimator's defaults are for large data: settings for scikit-learn's some dozen rows.
SMALL: dict[str, dict[str, Any]] = {
    "DBNClassifier": {
        "hidden": (16,),
        "pretrain_epochs": 1,
        "epochs": 30,
        "rate": 0.02,
        "batch": 20,
        "dropout": 0.0,
        "input_dropout": 0.0,
        "device": "cpu",
    }
}


def test_discovery_finds_every_estimator() -> None:
    assert {estimator.__name__ for estimator in estimators()} == set(LEAST)


# scikit-learn warns that it cannot test what takes no matrix, and of its own data.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator", estimators(), ids=lambda estimator: estimator.__name__)
def test_check_estimator(estimator: type[Any]) -> None:
    if estimator.__module__.startswith("chaffinch.nets."):
        torch_or_skip()
    settings = SMALL.get(estimator.__name__, {})
    results = check_estimator(estimator(**settings), on_skip=None)
    skipped = {result["check_name"] for result in results if result["status"] == "skipped"}
    assert skipped <= set(SKIPPED), skipped - set(SKIPPED)
    passed = [result for result in results if result["status"] == "passed"]
    assert len(passed) >= LEAST[estimator.__name__]
    assert len(passed) + len(skipped) == len(results)
