"""What begins from a net that was trained on the very flags: it is measured on others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chaffinch.experience.store import Experience
from chaffinch.features.net import NetFeatures
from chaffinch.loop.launch import choose
from chaffinch.loop.train import train
from chaffinch.loop.trained import ELSEWHERE, Trained, comparable
from chaffinch.loop.trial import tried
from chaffinch.performance.record import Record
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from digit_samples import digit, digits_or_skip

WHOLE = get_task("digits")
TASK = replace(WHOLE, ladder=(WHOLE.rung("softmax"), WHOLE.rung("net")))
NET = TASK.ladder[1]
COUNT = 2000


@pytest.fixture(autouse=True)
def _digits() -> None:
    digits_or_skip()


def record(wrong: int, seqs: range = range(1, COUNT + 1)) -> Record:
    """What was right, and sure, but for some of it."""
    n = len(seqs)
    truth = np.array([str(one % 10) for one in range(n)], np.str_)
    guess = truth.copy()
    score = np.full(n, 6.0)
    at = np.random.default_rng(0).choice(n, wrong, replace=False)
    guess[at] = np.where(truth[at] == "1", "7", "1")
    score[at[::2]] = 1.0
    return Record(np.array(seqs), truth, score, guess=guess)


def rung(of: int, found: Record) -> Trained:
    return Trained(TASK.ladder[of], TASK.ladder[of].start(), found, trained_to=COUNT)


def test_what_has_seen_some_is_shown_on_the_rest_and_costs_the_others_nothing() -> None:
    rest = record(0, range(1901, COUNT + 1))
    (simple, whence), (net, also) = comparable([rung(0, record(90)), rung(1, rest)])
    assert (simple.seq.size, net.seq.size, whence, also) == (COUNT, 100, "experience", "experience")


def test_what_has_seen_all_is_shown_on_what_was_measured_elsewhere() -> None:
    ladder = [rung(0, record(90)), rung(1, Record.empty())]
    (simple, _), (net, whence) = comparable(ladder)
    measured = NET.measured()
    assert measured is not None
    assert (simple.seq.size, net.seq.size, whence) == (COUNT, measured.seq.size, ELSEWHERE)
    assert ladder[1].report(TASK, net, data=whence).errors == measured.wrong.sum()


def test_what_was_measured_elsewhere_counts_where_nothing_else_can() -> None:
    trial = tried(TASK, rung(1, Record.empty()), rung(0, record(90)))
    assert trial.proven
    assert "less per 1,000 than online logistic regression [" in str(trial)
    assert str(trial).endswith("measured on 10,000 other items")
    back = tried(TASK, rung(0, record(90)), rung(1, Record.empty()))
    assert not back.proven
    assert not back.no_worse
    few = tried(TASK, rung(1, Record.empty()), rung(0, record(9, range(1, 150))))
    assert few.gain is None


def test_the_reason_says_what_going_deeper_buys() -> None:
    ladder = [rung(0, record(90)), rung(1, Record.empty())]
    assert "less per 1,000 than online logistic regression" in choose(TASK, ladder).reason


def test_what_others_make_of_flags_that_a_net_knew_does_not_take_its_place() -> None:
    # Takes of one voice are like each other: whoever learned some is right of the rest.
    choice = choose(TASK, [rung(0, record(0)), rung(1, Record.empty())])
    assert choice.trained.rung is NET
    (refused,) = choice.refused
    assert "which proves nothing: convolutional network knew these flags" in refused.reason


def test_a_net_does_not_learn_again_what_it_was_trained_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(NetFeatures, "has_seen", lambda *_: True)
    examples = [
        Example(Item(digit(str(seed % 10), seed), "digits"), str(seed % 10)) for seed in range(20)
    ]
    with Experience(tmp_path) as experience:
        experience.add("digits", examples)
        _, net = train(TASK, experience)
        assert net.record.seq.size == 0
        assert net.learner.tensors["head"].size == 0
        # What it says otherwise is new to it.
        experience.add("digits", [Example(Item(digit("3", 99), "digits"), "7")])
        _, net = train(TASK, experience)
        assert net.learner.tensors["head"].size
