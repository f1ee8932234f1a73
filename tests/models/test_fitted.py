from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier

from chaffinch.features.rows import Row
from chaffinch.models import boosting
from chaffinch.models.boosting import BoostingLearner
from chaffinch.models.fitted import FittedLearner
from chaffinch.models.forest import ExtraTreesLearner, ForestLearner
from chaffinch.models.logistic import LogisticLearner
from chaffinch.models.perceptron import PerceptronLearner
from chaffinch.models.svm import SVMLearner
from chaffinch.models.trees import levels
from chaffinch.models.warping import WarpingLearner

RUNGS = [
    *(ForestLearner, ExtraTreesLearner, BoostingLearner, SVMLearner),
    *(PerceptronLearner, LogisticLearner, WarpingLearner),
]
DIGITS = tuple("0123456789")


def digits() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    X, y = load_digits(return_X_y=True)
    return (X / 16.0).astype(np.float32), y


def fitted(
    rung: type[FittedLearner], X: Any, y: Any, labels: tuple[str, ...] = DIGITS
) -> FittedLearner:
    learner = rung.blank(X.shape[1], labels)
    learner.fit([row_of(values) for values in X], [str(code) for code in y])
    return learner


def row_of(values: Any) -> Row:
    return Row(np.arange(values.size), values.astype(np.float64))


def probabilities(learner: FittedLearner, X: Any) -> np.ndarray[Any, Any]:
    labels = len(learner.labels)
    return np.array([learner.probabilities(values.astype(np.float64), labels) for values in X])


@pytest.mark.parametrize("rung", RUNGS)
def test_real_digits(rung: type[FittedLearner]) -> None:
    X, y = digits()
    said = probabilities(fitted(rung, X[:600], y[:600]), X[600:800])
    assert said.sum(axis=1) == pytest.approx(1.0)
    assert np.mean(said.argmax(axis=1) == y[600:800]) > 0.8


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("count", [2, 3, 30])
def test_few_labels_of_few_examples(rung: type[FittedLearner], count: int) -> None:
    X, y = digits()
    few = np.concatenate([np.flatnonzero(y == code)[:count] for code in (3, 8)])
    # The second of two labels may have a single example here.
    learner = fitted(rung, X[few][: count + 1], y[few][: count + 1])
    said = probabilities(learner, X[few])
    others = np.setdiff1d(np.arange(10), (3, 8))
    assert said[:, others] == pytest.approx(0.0)
    learned = fitted(rung, X[few], y[few])
    right = probabilities(learned, X[few]).argmax(axis=1) == y[few]
    # Boosting splits no leaf that few examples come to.
    assert right.all() or (rung is BoostingLearner and count < 30)


@pytest.mark.parametrize("labels", [(3, 8), (1, 3, 8)])
def test_the_trees_of_boosting_say_what_scikit_learn_says(
    labels: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = []

    class Kept(HistGradientBoostingClassifier):  # type: ignore[misc]
        def fit(self, X: Any, y: Any) -> Any:
            kept.append(self)
            return super().fit(X, y)

    monkeypatch.setattr("sklearn.ensemble.HistGradientBoostingClassifier", Kept)
    X, y = digits()
    # An edge that is left out.
    monkeypatch.setattr(boosting, "_COLUMNS", 40)
    some = np.isin(y, labels)
    learner = fitted(BoostingLearner, X[some][:200], y[some][:200])
    asked = X[some][200:230]
    shown = np.sort(np.argsort(-levels(X[some][:200]).var(axis=0), kind="stable")[:40])
    theirs = kept[0].predict_proba(levels(asked)[:, shown])
    assert probabilities(learner, asked)[:, labels] == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("rung", [ForestLearner, ExtraTreesLearner])
def test_the_trees_of_a_forest_say_what_scikit_learn_says(rung: type[ForestLearner]) -> None:
    X, y = digits()
    learner = fitted(rung, X[:300], y[:300])
    forest = rung.blank(64, DIGITS).estimator().fit(levels(X[:300]).astype(np.float32), y[:300])
    theirs = forest.predict_proba(levels(X[300:400]).astype(np.float32))
    assert probabilities(learner, X[300:400]) == pytest.approx(theirs)
    assert sum(learner.tensors[name].itemsize for name in ("feature", "threshold", "jump")) == 5


def test_margins_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA
    from sklearn.svm import SVC

    from chaffinch.models.svm import _C, _machine, _margins

    X, y = digits()
    for labels in ((3, 8), (1, 3, 8, 9)):
        some = np.isin(y, labels)
        seen, codes, asked = X[some][:200], y[some][:200], X[some][200:260]
        pca = PCA(50, svd_solver="full").fit(seen)
        tensors = _machine(seen, codes)
        machine = SVC(C=_C, gamma=float(tensors["gamma"][0]), decision_function_shape="ovo")
        machine.fit(pca.transform(seen), codes)
        theirs = machine.decision_function(pca.transform(asked)).reshape(len(asked), -1)
        ours = np.array([_margins(tensors, row) for row in asked])
        above = ours[:, *np.triu_indices(len(labels), 1)]
        # Of two labels theirs speaks for the second.
        assert above == pytest.approx(-theirs if len(labels) == 2 else theirs, abs=1e-3)


@pytest.mark.parametrize("frames", [1, 2, 3, 9, 20])
def test_warping_finds_the_cheapest_way(frames: int) -> None:
    from chaffinch.models.warping import _BAND, _laid_out, warped

    random = np.random.default_rng(frames)
    row = random.random((frames, 4)).astype(np.float32)
    X = random.random((5, 4 * frames)).astype(np.float32)
    found = warped(row, _laid_out(X, frames))
    for template, distance in zip(X.reshape(5, frames, 4), found, strict=True):
        total = np.full((frames + 1, frames + 1), np.inf)
        total[0, 0] = 0.0
        for i in range(frames):
            for j in range(max(0, i - _BAND), min(frames, i + _BAND + 1)):
                step = np.square(row[i] - template[j]).sum()
                total[i + 1, j + 1] = step + min(total[i, j], total[i, j + 1], total[i + 1, j])
        assert distance == pytest.approx(total[-1, -1], rel=1e-4, abs=1e-5)


def test_of_many_templates_the_newest_of_each_label_are_kept(monkeypatch: Any) -> None:
    from chaffinch.models import warping

    monkeypatch.setattr(warping, "_MOST", 4)
    X, y = np.arange(20, dtype=np.float32).reshape(10, 2), np.array([0] * 9 + [1])
    learner = fitted(warping.WarpingLearner, X, y, ("0", "1"))
    assert learner.tensors["of"].tolist() == [0, 0, 1]
    assert learner.tensors["templates"].T.reshape(3, 2).tolist() == X[[7, 8, 9]].tolist()
