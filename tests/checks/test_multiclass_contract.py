from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chaffinch.checks import MULTICLASS_CHECKS, multiclass_learners
from chaffinch.checks.multiclass import COLUMNS, LABELS, rows_of
from chaffinch.models.boosting import BoostingLearner
from chaffinch.models.convnet import ConvnetLearner, TunedConvnetLearner
from chaffinch.models.dbn import DBNLearner
from chaffinch.models.forest import ExtraTreesLearner, ForestLearner
from chaffinch.models.head import HeadLearner
from chaffinch.models.logistic import LogisticLearner
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.models.onnx_net import squares
from chaffinch.models.own_net import OwnNetLearner
from chaffinch.models.perceptron import PerceptronLearner
from chaffinch.models.softmax import SoftmaxLearner
from chaffinch.models.soundnet import SoundnetLearner, TunedSoundnetLearner
from chaffinch.models.svm import SVMLearner
from chaffinch.models.tuned import TunedLearner
from chaffinch.models.warping import WarpingLearner
from chaffinch.models.written import WrittenLearner
from onnx_samples import fit_one_layer, one_layer
from trainable import torch_or_skip


def begin(learner: type[Any]) -> Callable[[], MulticlassLearner]:
    if issubclass(learner, TunedLearner):
        return partial(begin_tuned, learner)
    if learner is HeadLearner:
        return begin_head
    return lambda: learner.blank(COLUMNS, LABELS)


def begin_tuned(learner: type[TunedLearner]) -> TunedLearner:
    """A net that knows the three labels a little, and nothing it is to keep."""
    net = np.frombuffer(one_layer(np.eye(3, COLUMNS), np.zeros(3), 4), np.uint8)
    return learner.of_file(net, LABELS, np.zeros((0, COLUMNS), np.uint8))


class OfAllColumns(HeadLearner):
    """Its net says what the first three columns do, and sees all of them."""

    def key(self, values: NDArray[Any]) -> NDArray[Any]:
        return values


def begin_head() -> HeadLearner:
    """A net that knows the three labels, and some of what it was trained on."""
    anchors = np.array([row.values for row, _ in rows_of(9)], np.float32)
    learner = OfAllColumns.of_net(COLUMNS, LABELS, anchors)
    learner.tensors["met"] = np.zeros(COLUMNS, np.uint8)
    return learner


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What deep learners are taught with, for pictures of sixteen pixels."""
    monkeypatch.setattr(OwnNetLearner, "fit_tensors", fit_one_layer)
    monkeypatch.setattr(SoundnetLearner, "inputs", staticmethod(squares))
    monkeypatch.setattr(DBNLearner, "hidden", (40, 40, 80))
    monkeypatch.setattr(DBNLearner, "settings", {"pretrain_epochs": 1, "epochs": 30, "batch": 5})


def test_discovery_finds_every_learner_of_many_labels() -> None:
    assert set(multiclass_learners()) == {
        BoostingLearner,
        ConvnetLearner,
        DBNLearner,
        ExtraTreesLearner,
        ForestLearner,
        HeadLearner,
        LogisticLearner,
        PerceptronLearner,
        SVMLearner,
        SoftmaxLearner,
        SoundnetLearner,
        TunedConvnetLearner,
        TunedSoundnetLearner,
        WarpingLearner,
        WrittenLearner,
    }


@pytest.mark.parametrize("check", MULTICLASS_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("learner", multiclass_learners(), ids=lambda learner: learner.__name__)
def test_contract(learner: type[Any], check: Callable[[Any], None]) -> None:
    if learner is DBNLearner:
        torch_or_skip().set_num_threads(1)
    check(begin(learner))


class Forgetful(SoftmaxLearner):
    """Breaks the contract: judging changes it."""

    def scores(self, row: Any) -> Any:
        self.tensors["weights"] += 1.0
        return super().scores(row)


class Amnesiac(SoftmaxLearner):
    """Breaks the contract: it learns nothing and says it does."""

    def learn(self, row: Any, label: str) -> None:
        self.code(label)


class Closed(SoftmaxLearner):
    """Breaks the contract: it takes a new label for the first."""

    def learn(self, row: Any, label: str) -> None:
        super().learn(row, label if label in self.labels else self.labels[0])


@pytest.mark.parametrize(
    ("learner", "name"),
    [
        (Forgetful, "check_prediction_changes_nothing"),
        (Amnesiac, "check_learning_raises_performance"),
        (Amnesiac, "check_a_flag_counts_at_once"),
        (Closed, "check_a_new_label_is_learned"),
    ],
)
def test_the_suite_catches_a_broken_learner(learner: type[Any], name: str) -> None:
    (check,) = (check for check in MULTICLASS_CHECKS if check.__name__ == name)
    with pytest.raises(AssertionError):
        check(begin(learner))
