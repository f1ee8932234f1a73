"""The contract of a learner of many labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from chaffinch.checks.learner import state_of
from chaffinch.features.rows import Row
from chaffinch.models.files import ModelCard, read_model, save_model
from chaffinch.models.multiclass import MulticlassLearner

#: Makes a learner as it is before any experience.
BeginMany = Callable[[], MulticlassLearner]

LABELS = ("a", "b", "c")
COLUMNS = 16


def rows_of(seed: int, count: int = 60) -> list[tuple[Row, str]]:
    """Return dense rows of 16 columns, of which the first three tell their labels apart.

    Parameters
    ----------
    seed : int
        Of the random numbers.
    count : int
        How many rows.
    """
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        values = random.uniform(0.0, 0.3, COLUMNS)
        values[number % 3] += 1.0
        rows.append((Row(np.arange(COLUMNS), values), LABELS[number % 3]))
    return rows


def _of_last(random: np.random.Generator) -> Row:
    """Return a row of a fourth label, which the last columns tell."""
    values = random.uniform(0.0, 0.3, COLUMNS)
    values[-4:] += 1.0
    return Row(np.arange(COLUMNS), values)


def _taught(begin: BeginMany, seed: int = 0) -> MulticlassLearner:
    learner = begin()
    examples = rows_of(seed)
    if learner.fits:
        learner.fit([row for row, _ in examples[:45]], [label for _, label in examples[:45]])
        examples = examples[45:]
    for row, label in examples:
        learner.learn(row, label)
    return learner


def check_prediction_changes_nothing(begin: BeginMany) -> None:
    """Judging leaves the state as it was, bit by bit."""
    learner = _taught(begin)
    before = state_of(learner)
    for row, _ in rows_of(1):
        learner.best(row)
        learner.novelty(row)
    assert state_of(learner) == before, "judging changed the model"


def check_same_experience_same_model(begin: BeginMany) -> None:
    """Learning the same examples in the same order gives the same state, bit by bit."""
    assert state_of(_taught(begin)) == state_of(_taught(begin)), "two trainings differ"


def check_learning_raises_performance(begin: BeginMany) -> None:
    """P rises with E, by learning one by one and by fitting alike."""
    taught = _taught(begin)
    if not taught.learns:
        return
    examples = rows_of(2)
    right = [
        sum(learner.best(row)[0] == label for row, label in examples)
        for learner in (begin(), taught)
    ]
    assert right[1] > 0.9 * len(examples), f"{right} of {len(examples)} right"
    # What begins from a trained net may know them all before.
    assert right[1] > right[0] or right[0] == len(examples), "P does not rise"


def check_a_flag_counts_at_once(begin: BeginMany) -> None:
    """Judge an item as it was flagged, once it was learned a few times."""
    learner = _taught(begin)
    if not learner.learns:
        return
    row, label = rows_of(7)[0]
    other = next(one for one in LABELS if one != label)
    for _ in range(3 if learner.fits else 40):
        learner.learn(row, other)
    assert learner.best(row)[0] == other, "a flag does not count"


def check_a_new_label_is_learned(begin: BeginMany) -> None:
    """Learn a label that people add by flagging it, and tell the others apart as before."""
    learner = _taught(begin)
    if not learner.learns:
        return
    random = np.random.default_rng(4)
    new = [_of_last(random) for _ in range(40)]
    for row, (known, label) in zip(new[:30], rows_of(8, 30), strict=True):
        learner.learn(row, "×")
        learner.learn(known, label)
    assert learner.labels[-1] == "×"
    assert np.mean([learner.best(row)[0] == "×" for row in new[30:]]) > 0.8, "not learned"
    examples = rows_of(5)
    right = np.mean([learner.best(row)[0] == label for row, label in examples])
    assert right > 0.6, f"only {right:.0%} of the other labels are right"
    if learner.fits:
        both = [*rows_of(0), *((row, "×") for row in new)]
        learner.fit([row for row, _ in both], [label for _, label in both])
        assert np.mean([learner.best(row)[0] == "×" for row in new[30:]]) > 0.8


def check_stored_and_read_again(begin: BeginMany) -> None:
    """Give identical scores, and go on learning identically, after a way through a file."""
    learner = _taught(begin)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        save_model(path, ModelCard("m", "t", "r", "f", 0, 0, learner.params), learner.tensors)
        card, tensors = read_model(path)
        again = type(learner)(card.params, tensors)
        judge = type(learner)(card.params, read_model(path, type(learner).tensors_to_judge)[1])
    untouched = _taught(begin)
    for row, label in rows_of(3):
        assert judge.best(row) == untouched.best(row), "tensors_to_judge lacks something"
        assert again.best(row) == learner.best(row), "scores differ after reading"
        again.learn(row, label)
        learner.learn(row, label)
    assert state_of(again) == state_of(learner), "learning differs after reading"


def check_a_blank_row(begin: BeginMany) -> None:
    """Judge and learn an item without anything in it, before and after any other."""
    nothing = Row(np.arange(COLUMNS), np.zeros(COLUMNS))
    for learner in (begin(), _taught(begin)):
        assert np.isfinite(learner.scores(nothing)).all()
        learner.learn(nothing, LABELS[0])
        assert np.isfinite(learner.scores(nothing)).all()
        assert 0.0 <= learner.novelty(nothing) <= 1.0


def check_a_single_example_can_be_fitted(begin: BeginMany) -> None:
    """Go on judging where there is one example to fit, or one label."""
    learner = begin()
    if not learner.fits:
        return
    row, label = rows_of(6)[0]
    for count in (1, 5):
        learner.fit([row] * count, [label] * count)
        assert np.isfinite(learner.scores(row)).all()


#: Every check of the contract; each takes what begins a learner and raises AssertionError.
MULTICLASS_CHECKS: tuple[Callable[[BeginMany], None], ...] = (
    check_prediction_changes_nothing,
    check_same_experience_same_model,
    check_learning_raises_performance,
    check_a_flag_counts_at_once,
    check_a_new_label_is_learned,
    check_stored_and_read_again,
    check_a_blank_row,
    check_a_single_example_can_be_fitted,
)
