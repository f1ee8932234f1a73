from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.features.grams import GramFeatures
from chaffinch.features.rows import ACCOUNTS, Row
from chaffinch.models.committee import CommitteeLearner
from chaffinch.models.files import ModelCard, read_model, save_model
from chaffinch.task import get_task
from samples import mail

# Two views of the slots of everybody, and one of an owner: no two views share a slot.
_VIEW = 6


def row_of(*views: list[int], owner: int = -1) -> Row:
    """A row as the features make it: equal values, of length 1 over the number of views."""
    slots = np.array([slot for view in views for slot in view], np.int64)
    values = [len(view) ** -0.5 / len(views) for view in views for _ in view]
    return Row(slots, np.array(values), tuple(np.cumsum([len(view) for view in views])), owner)


def plain(*slots: int) -> Row:
    return Row(np.array(slots, np.int64), np.full(len(slots), len(slots) ** -0.5))


def odds(count: int, alpha: float) -> float:
    return math.log((count + 1 + alpha) / (count + alpha))


def test_first_steps_are_those_of_adagrad_and_naive_bayes() -> None:
    """Two steps of one view, worked out by hand from the definitions."""
    learner = CommitteeLearner.blank(
        2, rate=0.5, epsilon=0.1, lean=0.4, alpha=0.5, damping=1.0, patience=0.0
    )
    row = Row(np.array([1]), np.array([1.0]))
    learner.learn(row, True)
    # p = 1/2, and no item of either label before: naive Bayes is worth nothing yet.
    weight = 0.5 * 0.5 / (0.1 + 0.5)
    intercept = 0.5 * 0.5 / (0.1 + 0.5)
    assert learner.score(row) == pytest.approx(weight + intercept, rel=1e-6)
    for _ in range(2):
        error = -1 / (1 + math.exp(-learner.score(row)))
        # The rarer label has none before the first of these two, and one before the second.
        lean = 0.0 if learner.tensors["seen"][0] == 0 else 0.4 * 1 / (1 + 1)
        count = int(learner.tensors["seen"][0])
        squares = float(learner.tensors["squares"][1]) + error**2
        weight += 0.5 * error / (0.1 + math.sqrt(squares)) - lean * odds(count, 0.5)
        intercept += 0.5 * error / (0.1 + math.sqrt(squares))
        learner.learn(row, positive=False)
        assert learner.score(row) == pytest.approx(weight + intercept, rel=1e-5)
    assert learner.tensors["counts"].tolist() == [[0, 0], [2, 1]]


def test_members_learn_by_themselves() -> None:
    """What one view knows already does not keep the other from learning, nor the reverse."""
    together = CommitteeLearner.blank(4)
    alone = CommitteeLearner.blank(4)
    for _ in range(40):
        together.learn(row_of([0], [2]), True)
        together.learn(row_of([1], [3]), positive=False)
        alone.learn(plain(0), True)
        alone.learn(plain(1), positive=False)
    assert together.tensors["weights"][[0, 1]].tolist() == alone.tensors["weights"][[0, 1]].tolist()
    assert together.tensors["weights"][2] == together.tensors["weights"][0]
    before = together.tensors["weights"].copy()
    # The view 0 is sure by now, the view 3 says the contrary.
    together.tensors["weights"][0] = before[0] = 20.0
    together.learn(row_of([0], [3]), True)
    assert together.tensors["weights"][0] == before[0]
    assert together.tensors["weights"][3] > before[3]


def test_who_is_sure_learns_nothing() -> None:
    learner = CommitteeLearner.blank(2, margin=0.1)
    row = plain(0)
    learner.tensors["weights"][0] = math.log(0.91 / 0.09)
    learner.learn(row, True)
    assert learner.tensors["counts"].sum() == 0
    assert learner.intercept == 0.0
    learner.tensors["weights"][0] = math.log(0.89 / 0.11)
    learner.learn(row, True)
    assert learner.tensors["counts"][0, 1] == 1
    assert learner.tensors["seen"].tolist() == [0.0, 2.0]


@pytest.mark.parametrize("patience", [0.0, 4.0, 100.0])
def test_scores_begin_timid(patience: float) -> None:
    learner = CommitteeLearner.blank(2, patience=patience)
    learner.tensors["weights"][0] = 8.0
    for both in range(4):
        assert learner.score(plain(0)) == pytest.approx(8 * (both + 1) / (both + 1 + patience))
        learner.tensors["seen"] += 1.0


def test_a_step_is_taken_back_as_far_as_all_items_share_it() -> None:
    """Of four features one is in every item: its share of a step goes back, worked out by hand."""
    learner = CommitteeLearner.blank(8, common=0.25)
    without = CommitteeLearner.blank(8)
    for first, positive in ((1, False), (2, False), (3, False), (4, True)):
        items = float(learner.tensors["seen"].sum())
        timidity = (4.0 / (min(learner.tensors["seen"]) + 5.0)) ** 2
        row, before = plain(0, first), learner.tensors["weights"].copy()
        for one in (learner, without):
            one.tensors["weights"][:] = before
            one.tensors["squares"][:] = learner.tensors["squares"]
            one.tensors["intercept"][:] = learner.tensors["intercept"]
            one.tensors["intercept_squares"][:] = learner.tensors["intercept_squares"]
        learner.learn(row, positive)
        without.learn(row, positive)
        step = learner.tensors["weights"] - before
        # As if two items more had come, a quarter of which had each feature.
        back = (step[0] * (items + 0.5) + step[first] * 0.5) / (items + 2.0) * 2**-0.5
        taken = without.tensors["intercept"][0] - learner.tensors["intercept"][0]
        assert taken == pytest.approx(timidity * back, rel=1e-4)
        assert learner.tensors["weights"].tobytes() == without.tensors["weights"].tobytes()


@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("owner", [-1, 5])
def test_the_first_flag_leaves_what_was_known_standing(positive: bool, owner: int) -> None:
    """What an item has in common with all others says little, before any of the other label."""

    def item(number: int) -> Row:
        # A quarter of each view is in every item, as the headers of a mailbox are.
        slots = [*range(16), *range(16 + 48 * number, 64 + 48 * number)]
        views = [slots, [200 + slot for slot in slots]]
        return row_of(*views, [400 + number], owner=owner) if owner >= 0 else row_of(*views)

    verdicts = {}
    for common in (0.0, 0.3):
        learner = CommitteeLearner.blank(500, common=common, allowance=99.0, at_once=99.0)
        for number, known in ((1, 0.8), (2, -0.8)):
            slots = item(number).slots[:128]
            learner.tensors["weights"][slots[slots % 200 >= 16]] = known / 6
        learner.learn(item(0), positive)
        verdicts[common] = [learner.score(item(number)) > 0 for number in (1, 2)]
        assert (learner.score(item(0)) > 0) == positive
    assert verdicts == {0.0: [positive, positive], 0.3: [True, False]}


def test_a_model_of_an_earlier_version_learns_as_it_did() -> None:
    old, new = CommitteeLearner.blank(8), CommitteeLearner.blank(8)
    del old.params["common"]
    for number in range(20):
        for learner in (old, new):
            learner.learn(plain(number % 3, 3 + number % 4), number % 2 == 0)
    for name, tensor in new.tensors.items():
        assert tensor.tobytes() == old.tensors[name].tobytes(), name


def test_counts_saturate() -> None:
    learner = CommitteeLearner.blank(1, damping=0.0, margin=0.0)
    learner.tensors["seen"][:] = 1e6
    learner.tensors["counts"][0] = [65_533, 7]
    for expected in (65_534, 65_535, 65_535, 65_535):
        learner.learn(plain(0), positive=False)
        assert learner.tensors["counts"].tolist() == [[expected, 7]]
        assert np.isfinite(learner.score(plain(0)))


def test_a_row_without_views_is_a_row_of_one() -> None:
    with_ends, without = CommitteeLearner.blank(8), CommitteeLearner.blank(8)
    for number in range(20):
        slots = [number % 3, 3 + number % 4]
        with_ends.learn(row_of(slots), positive=number % 2 == 0)
        without.learn(plain(*slots), positive=number % 2 == 0)
    for name, tensor in with_ends.tensors.items():
        assert tensor.tobytes() == without.tensors[name].tobytes(), name


@pytest.mark.parametrize("owner", [-1, 0, 5])
def test_rows_of_nothing(owner: int) -> None:
    learner = CommitteeLearner.blank(4)
    nothing = Row(np.empty(0, np.int64), np.empty(0), (), owner)
    learner.learn(nothing, True)
    assert math.isfinite(learner.score(nothing))
    assert learner.score(nothing) == learner.intercept
    learner.learn(row_of([2], owner=owner), True)
    assert learner.tensors["weights"][2] > 0


def test_scores_are_not_clamped() -> None:
    learner = CommitteeLearner.blank(2, margin=0.0)
    scores = []
    for _ in range(3000):
        learner.learn(plain(0), True)
        learner.learn(plain(1), positive=False)
        scores.append(learner.score(plain(0)))
    assert len(set(scores)) == len(scores), "ties"
    assert all(math.isfinite(score) for score in scores)
    learner.tensors["weights"][0] = 1e30
    assert learner.score(plain(0)) > 1e29


def test_the_way_through_a_file(tmp_path: Path) -> None:
    learner = CommitteeLearner.blank(12, allowance=3.0)
    rows = [row_of([k % 4], [4 + k % 3], [8 + k % 2], owner=k % 5) for k in range(30)]
    for k, row in enumerate(rows):
        learner.learn(row, positive=k % 3 == 0)
    assert learner.tensors["spent"][:5].min() > 0
    path = tmp_path / "model.safetensors"
    card = ModelCard("m", "mail", "committee", "f", 0, 0, learner.params)
    save_model(path, card, learner.tensors)
    whole, tensors = read_model(path)
    again = CommitteeLearner(whole.params, tensors)
    for k, row in enumerate(rows):
        assert again.score(row) == learner.score(row)
        for one in (again, learner):
            one.learn(row, positive=k % 2 == 0)
    for name, tensor in learner.tensors.items():
        assert tensor.dtype == again.tensors[name].dtype
        assert tensor.tobytes() == again.tensors[name].tobytes(), name


# What one owner can do to everybody


def everybodys(first: int, second: int) -> tuple[list[int], list[int]]:
    return list(range(first, first + _VIEW)), list(range(20 + second, 20 + second + _VIEW))


def own(owner: int, first: int) -> list[int]:
    return list(range(40 + 20 * owner + first, 40 + 20 * owner + first + _VIEW))


def flagged_by(owner: int, first: int, second: int) -> Row:
    return row_of(*everybodys(first, second), own(owner, first), owner=owner)


def total(learner: CommitteeLearner, row: Row) -> float:
    weights = learner.tensors["weights"][row.slots].astype(np.float64)
    return float(learner.tensors["intercept"][0] + weights @ row.values)


def taught_by_others(allowance: float, common: float = 0.0) -> CommitteeLearner:
    learner = CommitteeLearner.blank(80, allowance=allowance, at_once=allowance, common=common)
    random = np.random.default_rng(0)
    for k in range(60):
        learner.learn(row_of(*everybodys(*random.integers(0, 14, 2).tolist())), positive=k % 2 == 0)
    return learner


FLAGS = st.lists(
    st.tuples(st.integers(0, 13), st.integers(0, 13), st.booleans(), st.integers(1, 30)),
    min_size=1,
    max_size=25,
)


@settings(max_examples=150)
@given(FLAGS, st.sampled_from([0.0, 0.3, 1.0, 5.0]), st.sampled_from([0.0, 0.5]))
def test_one_owner_moves_others_verdicts_by_the_allowance_at_most(
    flags: list[tuple[int, int, bool, int]], allowance: float, common: float
) -> None:
    learner = taught_by_others(allowance, common)
    others = [row_of(*everybodys(one, two)) for one in range(14) for two in range(14)]
    others += [flagged_by(1, one, 13 - one) for one in range(14)]
    others += [row_of(everybodys(one, 0)[0]) for one in range(14)]
    before = [total(learner, row) for row in others]
    for first, second, positive, times in flags:
        for time in range(times):
            # Even ones insist, odd ones change their mind every time.
            learner.learn(flagged_by(0, first, second), positive ^ (times % 2 * time % 2 == 1))
    moved = [abs(total(learner, row) - then) for row, then in zip(others, before, strict=True)]
    assert max(moved) <= allowance + 1e-3
    assert float(learner.tensors["spent"][0]) <= allowance
    # The worst row that there could be: everything that was moved, in one direction.
    fresh = taught_by_others(allowance, common)
    step = learner.tensors["weights"][:40] - fresh.tensors["weights"][:40]
    assert np.linalg.norm(step) <= allowance + 1e-3


def test_one_flag_moves_others_verdicts_by_its_part_of_the_allowance() -> None:
    learner = taught_by_others(5.0)
    learner.params["at_once"] = 0.5
    row = flagged_by(0, 3, 3)
    seen = [total(learner, row_of(*everybodys(3, 3)))]
    for _ in range(30):
        learner.learn(row, positive=False)
        learner.learn(row, positive=True)
        seen.append(total(learner, row_of(*everybodys(3, 3))))
    moved = np.abs(np.diff(seen))
    assert moved.max() <= 2 * learner.params["at_once"] + 1e-3
    assert moved[-1] == 0.0, "the allowance is spent"
    assert float(learner.tensors["spent"][0]) == 5.0


def test_an_owner_without_allowance_still_has_a_taste() -> None:
    """The own view goes on learning, and outvotes everybody for its owner alone."""
    learner = CommitteeLearner.blank(80, allowance=1.0)
    for _ in range(200):
        learner.learn(row_of(*everybodys(3, 3)), positive=False)
        learner.learn(row_of(*everybodys(10, 10)), True)
    newsletter, others = flagged_by(0, 3, 3), flagged_by(1, 3, 3)
    assert learner.score(newsletter) < -2
    said = total(learner, row_of(*everybodys(3, 3)))
    for _ in range(60):
        learner.learn(newsletter, True)
    assert learner.score(newsletter) > 1
    assert learner.score(others) < -1
    assert abs(total(learner, row_of(*everybodys(3, 3))) - said) <= 1.0 + 1e-3


def test_spent_owners_do_not_wear_out_what_others_learn_by() -> None:
    """Step sizes and counts of everybody's weights stay as they were, too."""
    learner = taught_by_others(0.5)
    row = flagged_by(0, 3, 3)
    while learner.tensors["spent"][0] < 0.5:
        learner.learn(row, True)
    everybody = {
        name: learner.tensors[name][:40].copy() for name in ("weights", "squares", "counts")
    }
    for k in range(2000):
        learner.learn(row, positive=k % 2 == 0)
    for name, tensor in everybody.items():
        assert learner.tensors[name][:40].tobytes() == tensor.tobytes(), name


def test_memory_does_not_grow_with_owners() -> None:
    rung = get_task("mail").rung("committee")
    learner = rung.start()
    size = sum(tensor.nbytes for tensor in learner.tensors.values())
    assert rung.features.n_features == 1 << 22
    assert size <= 64_000_000
    assert learner.tensors["spent"].size == ACCOUNTS
    content = get_task("mail").reader(mail("spam", 1))
    for number in range(50):
        row = rung.features.row(content, f"owner {number}")
        assert 0 <= row.owner < ACCOUNTS
        learner.learn(row, number % 2 == 0)
    assert sum(tensor.nbytes for tensor in learner.tensors.values()) == size


@pytest.mark.parametrize("owner", ["", "ann", "\ud800", "ann " * 1000])
def test_shares_of_all_views_add_up_to_the_score(owner: str) -> None:
    task = get_task("mail")
    features = task.rung("committee").features
    assert isinstance(features, GramFeatures)
    learner = CommitteeLearner.blank(features.n_features)
    for number in range(30):
        label = ("ham", "spam")[number % 2]
        learner.learn(features.row(task.reader(mail(label, number)), owner), label == "spam")
    for data in (
        mail("spam", 1001),
        mail("ham", 1000),
        b"",
        b"\n\n",
        b"Subject: a\n\n",
        b"\0" * 99,
    ):
        content = task.reader(data)
        shares = features.shares(content, learner.weights_of, owner)
        score = learner.score(features.row(content, owner))
        assert learner.intercept + shares.weights.sum() == pytest.approx(score, abs=1e-6)
        assert bool(owner) or not shares.own.any()


def test_owners_have_views_of_their_own() -> None:
    task = get_task("mail")
    features: Any = task.rung("committee").features
    content = task.reader(mail("ham", 2))
    nobody, ann, bob = (features.row(content, owner) for owner in ("", "ann", "bob"))
    assert (nobody.owner, len(nobody.ends) + 1) == (-1, len(ann.ends))
    assert ann.owner != bob.owner
    start = ann.ends[-2]
    assert ann.slots[:start].tolist() == bob.slots[:start].tolist() == nobody.slots.tolist()
    assert len(np.intersect1d(ann.slots[start:], bob.slots[start:])) < 5
    assert np.square(ann.values).sum() == pytest.approx(1 / len(ann.ends))
