from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from chaffinch.errors import UsageError
from chaffinch.features.transformers import ItemFeatures
from chaffinch.models.estimators import OnlineLogisticRegression
from chaffinch.task import get_task
from samples import mail

MAILS = [mail(label, number) for number in range(20) for label in ("ham", "spam")]
LABELS = ["ham", "spam"] * 20


@pytest.mark.parametrize("rung", ["rules", "bayes", "linear"])
def test_rows_are_those_of_the_request_path(rung: str) -> None:
    task = get_task("mail")
    features = task.rung(rung).features
    X = ItemFeatures(rung=rung).fit_transform(MAILS)
    assert X.shape == (len(MAILS), features.n_features)
    for k, data in enumerate(MAILS):
        row = features.row(task.reader(data))
        assert X.indices[X.indptr[k] : X.indptr[k + 1]].tolist() == row.slots.tolist()
        assert X.data[X.indptr[k] : X.indptr[k + 1]].tolist() == row.values.tolist()


def test_nothing_in_nothing_out() -> None:
    assert ItemFeatures().transform([]).shape == (0, 2**22)


def test_in_a_pipeline_it_gives_the_numbers_of_the_ladder() -> None:
    pipeline = make_pipeline(ItemFeatures(), OnlineLogisticRegression(passes=1))
    pipeline.fit(MAILS[:30], LABELS[:30])
    task = get_task("mail")
    rung = task.rung("linear")
    learner = rung.start()
    for data, label in zip(MAILS[:30], LABELS[:30], strict=True):
        learner.learn(rung.features.row(task.reader(data)), task.is_positive(label))
    scores = [learner.score(rung.features.row(task.reader(data))) for data in MAILS[30:]]
    assert pipeline.decision_function(MAILS[30:]) == pytest.approx(scores, rel=1e-9)
    assert np.mean(pipeline.predict(MAILS[30:]) == LABELS[30:]) == 1.0
    assert clone(pipeline).get_params()["itemfeatures__task"] == "mail"


def test_what_is_no_item() -> None:
    with pytest.raises(TypeError, match="item 1 is str: give raw bytes"):
        ItemFeatures().transform([b"Subject: a\n\n", "text"])  # type: ignore[list-item]
    with pytest.raises(UsageError, match="did you mean 'linear'"):
        ItemFeatures(rung="liner").fit([])
