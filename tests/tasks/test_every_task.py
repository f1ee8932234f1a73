"""What holds for every task there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chaffinch.features.dense import DenseFeatures
from chaffinch.features.rules import RuleFeatures
from chaffinch.scheme import Binary
from chaffinch.task import TASKS, Task, get_task

EVERY = pytest.mark.parametrize("task", [get_task(name) for name in TASKS], ids=TASKS)


@EVERY
def test_its_words_are_its_own(task: Task) -> None:
    assert task.name in TASKS
    assert len(set(task.labels)) == len(task.labels) > 1
    names = [rung.name for rung in task.ladder]
    assert len(set(names)) == len(names)
    assert names[0] == "rules"
    assert task.policy.junk > task.policy.unsure


@EVERY
@given(data=st.binary(max_size=300))
def test_any_bytes_have_features_whose_shares_add_up(task: Task, data: bytes) -> None:
    content = task.reader(task.clean(data))
    when = task.received(content)
    assert when is None or np.isfinite(when)
    for where, text in task.vocabulary(content):
        assert where.encode()
        assert text.encode() is not None
    for where, fact in task.facts(content):
        assert where.isalpha()
        assert 0 < len(fact) < 150
    for features in {id(rung.features): rung.features for rung in task.ladder}.values():
        row = features.row(content)
        assert np.isfinite(row.values).all()
        assert ((row.slots >= 0) & (row.slots < features.n_features)).all()
        if isinstance(features, DenseFeatures):
            continue  # pixels and sounds are no words to divide a score among

        def weigh(slots: NDArray[np.int64]) -> NDArray[np.float64]:
            return np.cos(slots)

        total = float(features.shares(content, weigh).weights.sum())
        assert total == pytest.approx(float(weigh(row.slots) @ row.values), abs=1e-9)


@EVERY
def test_its_rules_say_what_they_look_for(task: Task) -> None:
    features = task.ladder[0].features
    assert isinstance(features, RuleFeatures)
    rules = features.rules.rules
    # Of words there is one rule, and its contrary: more would show no more of what rules are worth.
    assert len(rules) >= (2 if task.name == "words" else 20)
    assert len({rule.description for rule in rules}) == len(rules)
    assert all(rule.name.isupper() and rule.description and rule.weight for rule in rules)
    if isinstance(task.scheme, Binary):
        assert features.rules.intercept < 0, "what fits no rule is delivered"
