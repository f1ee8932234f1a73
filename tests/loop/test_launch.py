from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from chaffinch.loop.launch import choose
from chaffinch.loop.trained import Trained
from chaffinch.performance.record import Record
from chaffinch.task import get_task

TASK = replace(get_task("mail"), ladder=get_task("mail").ladder[:3])
COUNT = 2000
TRUTH = np.arange(COUNT) % 3 == 0


def trained(rung: int, wrong: int, *, seed: int = 0, count: int = COUNT) -> Trained:
    """Return a rung that was right but for some of its verdicts."""
    score = np.where(TRUTH, 5.0, -5.0)[:count]
    mistakes = np.random.default_rng(seed).choice(count, wrong, replace=False)
    score[mistakes] *= -1
    one = TASK.ladder[rung]
    record = Record(np.arange(1, count + 1), TRUTH[:count], score)
    return Trained(
        one, one.start() if rung == 0 else TASK.ladder[0].start(), record, trained_to=count
    )


def chosen(*wrong: int, champion: str | None = None, count: int = COUNT) -> str:
    ladder = [trained(rung, number, seed=rung, count=count) for rung, number in enumerate(wrong)]
    return choose(TASK, ladder, champion=champion).trained.rung.name


@pytest.mark.parametrize(
    ("wrong", "champion", "expected"),
    [
        ((40, 41, 42), None, "rules"),  # none is better
        ((60, 20, 18), None, "bayes"),  # the highest does not beat the one below it
        ((60, 30, 2), None, "linear"),  # it beats all
        ((60, 61, 2), None, "linear"),  # so it does, though the one between does not
        ((40, 41, 42), "linear", "linear"),  # the champion stays until it is beaten
        ((5, 41, 60), "linear", "rules"),  # which it is here
        ((0, 0, 0), None, "rules"),
    ],
)
def test_the_rung_that_proved_itself(
    wrong: tuple[int, ...], champion: str | None, expected: str
) -> None:
    assert chosen(*wrong, champion=champion) == expected


def test_a_handful_of_flags_proves_nothing() -> None:
    assert chosen(5, 0, 0, count=12) == "rules"


def test_one_label_alone_proves_nothing() -> None:
    ladder = []
    for rung, score in enumerate((5.0, -5.0, -5.0)):
        one = trained(rung, 0)
        one.record = Record(np.arange(50), np.zeros(50, np.bool_), np.full(50, score))
        ladder.append(one)
    assert choose(TASK, ladder).trained.rung.name == "rules"


def test_the_reason_says_by_how_much() -> None:
    ladder = [trained(rung, wrong, seed=rung) for rung, wrong in enumerate((60, 30, 2))]
    reason = choose(TASK, ladder).reason
    assert "costs" in reason
    assert "less per 1,000 than hand-written rules" in reason
    assert "than naive Bayes" in reason


def test_without_a_champion_the_starters_rung_is_to_be_beaten() -> None:
    whole = get_task("mail")
    assert whole.first.name == "committee"
    ladder = [trained(rung, wrong, seed=rung) for rung, wrong in enumerate((40, 41, 42))]
    top = Trained(whole.first, ladder[0].learner, trained(2, 40).record, trained_to=COUNT)
    choice = choose(whole, [*ladder, top])
    assert choice.trained.rung.name == "committee"
    assert "begun from nothing, as its starter was made of some of these;" in choice.reason
    beaten = Trained(whole.first, ladder[0].learner, trained(2, 60).record, trained_to=COUNT)
    better = [trained(0, 10), *ladder[1:]]
    assert choose(whole, [*better, beaten]).trained.rung.name == "rules"


def test_only_flags_that_both_judged_are_compared() -> None:
    """A rung that began later is not charged with what it never saw."""
    ladder = [trained(0, 40), trained(1, 0), trained(2, 0)]
    late = ladder[2].record
    ladder[2].record = Record(late.seq[-5:], late.truth[-5:], late.score[-5:])
    assert choose(TASK, ladder).trained.rung.name == "bayes"


def test_whoever_is_not_chosen_is_refused_with_a_reason() -> None:
    ladder = [trained(rung, wrong, seed=rung) for rung, wrong in enumerate((60, 20, 18))]
    choice = choose(TASK, ladder)
    assert choice.trained.rung.name == "bayes"
    rules, linear = choice.refused
    assert (rules.trained.rung.name, linear.trained.rung.name) == ("rules", "linear")
    assert "more per 1,000 than naive Bayes [" in rules.reason
    assert re.search(r"more per 1,000 than naive Bayes \[-\d+–\d+\]", linear.reason)
    assert [trial.rival for trial in linear.trials] == ["bayes"]
    assert linear.trials[0].as_json()["items"] == COUNT // 2


def test_the_reason_says_on_how_many_flags_and_why_now() -> None:
    ladder = [trained(0, 5), trained(1, 5)]
    ladder[0].examples = 338
    reason = choose(TASK, ladder, champion="rules", occasion="a flag was taken back").reason
    assert reason == (
        "hand-written rules, trained on 338 flags: a flag was taken back; no other rung has beaten "
        "it beyond doubt"
    )


def test_too_few_flags_to_tell_are_said() -> None:
    ladder = [trained(0, 0, count=2), trained(1, 0, count=2)]
    (refused,) = choose(TASK, ladder).refused
    assert refused.reason.endswith("too few flags that both have judged, 1")


def test_too_little_to_tell_is_said() -> None:
    ladder = [trained(0, 5, count=12), trained(1, 5, count=12)]
    (refused,) = choose(TASK, ladder).refused
    assert refused.reason.endswith("not to be told from hand-written rules: 0 of 6 verdicts differ")
    assert refused.trials[0].as_json()["cost_less_per_1000"] is None


def test_less_but_not_beyond_doubt_is_said() -> None:
    ladder = [trained(rung, wrong, seed=rung) for rung, wrong in enumerate((46, 38))]
    (refused,) = choose(TASK, ladder).refused
    assert "less per 1,000 than hand-written rules [-" in refused.reason
    assert refused.reason.endswith("which is open to doubt")


def of_words(name: str, wrong: Sequence[int] = range(30)) -> Trained:
    """Return a rung of words that was wrong in some of 30 flags of three labels."""
    task = get_task("words")
    truth = np.array(["one", "two", "six"] * 10)
    guess = np.where(np.isin(np.arange(30), wrong), "nine", truth)
    record = Record(np.arange(1, 31), truth, np.zeros(30), guess=guess)
    rung = task.rung(name)
    return Trained(rung, rung.start(), record, trained_to=30, examples=30)


def test_the_reason_compares_with_the_best_of_the_simpler_rungs() -> None:
    """Also where it is one that too few verdicts tell apart, and a far worse one is told apart."""
    words = get_task("words")
    task = replace(words, ladder=tuple(one for one in words.ladder if one.starter is None))
    wrong = {"logistic": range(15, 18), "forest": range(12, 30), "svm": range(0)}
    ladder = [of_words(name, of) for name, of in wrong.items()]
    for one in ladder:
        right = one.record.guess == one.record.truth
        one.record = replace(one.record, score=np.where(right, 5.0, 0.1))
    reason = choose(task, ladder, champion="svm").reason
    assert f"not to be told from {ladder[0].rung.title}: 3 of 15 verdicts differ" in reason
    assert f"than {ladder[1].rung.title}" not in reason


@pytest.mark.parametrize("champion", [None, "rules"])
def test_a_rung_that_never_says_what_was_flagged_gives_way(champion: str | None) -> None:
    words = get_task("words")
    task = replace(words, ladder=tuple(one for one in words.ladder if one.starter is None))
    ladder = [of_words(name) for name in ("rules", "logistic", "svm")]
    choice = choose(task, ladder, champion=champion)
    assert choice.trained.rung.name == "logistic"
    assert "; a hand-written rule never says six" in choice.reason
    assert choose(task, ladder, champion="svm").trained.rung.name == "svm"
    # Of what its rules speak for nothing is lacking.
    known = ladder[0].record.among(np.flatnonzero(ladder[0].record.truth != "six") + 1)
    for one in ladder:
        one.record = known
    assert choose(task, ladder).trained.rung.name == "rules"


def test_a_rung_that_is_kept_though_it_never_says_a_label_says_so() -> None:
    task = replace(get_task("words"), ladder=get_task("words").ladder[:1])
    choice = choose(task, [of_words("rules")])
    assert choice.trained.rung.name == "rules"
    assert "it never says six, flagged as they are" in choice.reason
