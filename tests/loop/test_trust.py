"""Who is to be trusted, told from arrays of flags and verdicts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chaffinch.loop.trust import (
    Evidence,
    contradicted,
    likely_wrong,
    standings,
    suspicions,
)

NAMES = tuple("abcdefghij")


def given(
    count: int,
    *,
    seed: int = 0,
    noise: float = 0.0,
    wrong: dict[int, float] | None = None,
    since: dict[int, int] | None = None,
) -> Evidence:
    """Return flags of ten people; the model is right of all, some people are not.

    ``wrong`` tells how often somebody is, ``since`` from which of their flags on.
    """
    draw = np.random.default_rng(seed)
    by = draw.integers(0, len(NAMES), count)
    label = draw.random(count) < 0.4
    score = np.where(label, 1.0, -1.0) * np.asarray(draw.gamma(4.0, 1.5, count), np.float64)
    rate = np.full(count, noise, np.float64)
    for number, share in (wrong or {}).items():
        own = np.flatnonzero(by == number)
        rate[own[(since or {}).get(number, 0) :]] = share
    flipped = draw.random(count) < rate
    return Evidence(
        np.arange(1, count + 1),
        NAMES,
        by,
        label ^ flipped,
        score,
        # Some minutes apart.
        np.arange(count, dtype=np.float64) * 200.0,
        np.zeros(count, np.bool_),
        np.zeros(count, np.bool_),
    )


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_one_who_turns_every_label_is_found_and_nobody_else(noise: float, seed: int) -> None:
    found = suspicions(given(400, seed=seed, noise=noise, wrong={3: 1.0}))
    assert [(one.by, one.since) for one in found] == [("d", 0)]


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.2])
def test_who_is_no_worse_than_others_is_never_held(noise: float) -> None:
    for seed in range(30):
        whole = given(1500, seed=seed, noise=noise)
        assert not suspicions(whole)


def test_an_account_taken_over_is_found_and_only_what_came_since_is_doubted() -> None:
    evidence = given(2000, noise=0.02, wrong={5: 1.0}, since={5: 180})
    (one,) = suspicions(evidence)
    own = evidence.seq[evidence.by == 5]
    assert one.by == "f"
    assert own[175] <= one.since <= own[190]
    assert "latest" in one.reason


def test_who_errs_more_often_is_not_held() -> None:
    assert not suspicions(given(3000, noise=0.01, wrong={2: 0.1}))


def test_one_flagger_alone_cannot_be_compared() -> None:
    evidence = given(300, noise=0.6)
    alone = Evidence(
        evidence.seq,
        ("a",),
        np.zeros(300, np.int64),
        evidence.truth,
        evidence.score,
        evidence.flagged,
        evidence.bulk,
        evidence.settled,
    )
    assert not suspicions(alone)


def test_fifty_copies_are_one_piece_of_evidence() -> None:
    evidence = given(400, wrong={3: 1.0})
    assert suspicions(evidence)
    assert not suspicions(evidence, copies=lambda rows: np.arange(rows.size) < 9)


def test_bulk_is_compared_with_bulk_only() -> None:
    evidence = given(400, wrong={3: 1.0})
    mixed = Evidence(
        evidence.seq,
        evidence.names,
        evidence.by,
        evidence.truth,
        evidence.score,
        evidence.flagged,
        evidence.by != 3,
        evidence.settled,
    )
    # Who alone flags by hand may flag nothing but mistakes.
    assert not suspicions(mixed)


def by_hand(*, most: str = "", confident: int = 0) -> Evidence:
    """Return flags of which only ``d``'s, all wrong, were given one by one; 20 verdicts erred."""
    evidence = given(400, wrong={3: 1.0})
    mistakes = np.flatnonzero(evidence.by != 3)[:20]
    score = evidence.score.copy()
    score[mistakes] *= np.where(np.arange(20) < confident, -1.0, -0.01)
    return replace(evidence, score=score, bulk=evidence.by != 3, most=most)


def test_who_alone_flags_by_hand_is_set_against_mistakes() -> None:
    (one,) = suspicions(by_hand(confident=4))
    assert one.by == "d"
    assert 0.1 < one.others <= 0.2
    assert "% of others' and of the model's mistakes do" in one.reason
    # Where its mistakes are nearly all as sure, such flags may be honest.
    assert not suspicions(by_hand(confident=19))
    # And who has taught it most is not outvoted by them.
    assert not suspicions(by_hand(confident=4, most="d"))


def test_of_many_labels_what_would_be_accepted_is_contradicted() -> None:
    evidence = given(400)
    said = np.arange(400) % 4 > 0
    many = replace(evidence, truth=said, sure=np.arange(400) % 3 == 0)
    assert many.contradicted().tolist() == (~said & (np.arange(400) % 3 == 0)).tolist()
    # Of a flag that agrees with a doubtful verdict nothing is contradicted.
    assert not replace(many, truth=np.ones(400, np.bool_)).contradicted().any()
    liar = replace(many, truth=evidence.by != 3, sure=evidence.by == 3, bulk=evidence.by != 3)
    assert not suspicions(liar)
    (one,) = suspicions(replace(liar, mistakes=(13, 38)))
    assert one.by == "d"


def test_what_was_settled_is_not_held_against_anybody_again() -> None:
    evidence = given(400, wrong={3: 1.0})
    settled = Evidence(
        evidence.seq,
        evidence.names,
        evidence.by,
        evidence.truth,
        evidence.score,
        evidence.flagged,
        evidence.bulk,
        evidence.by == 3,
    )
    assert not suspicions(settled)


def test_nothing_and_one_label_contradict_nothing() -> None:
    assert not contradicted(np.empty(0, np.bool_), np.empty(0)).size
    assert not contradicted(np.ones(5, np.bool_), np.full(5, -9.0)).any()
    assert not suspicions(given(0))
    assert [one.flags for one in standings(given(0))] == [0] * len(NAMES)


def test_a_model_that_knows_nothing_is_sure_of_nothing() -> None:
    truth = np.arange(100) % 2 == 0
    assert not contradicted(truth, np.where(np.arange(100) % 3 == 0, 0.4, -0.4)).any()


def test_trust_falls_with_contradictions_and_is_sure_with_many_flags() -> None:
    least, *others = standings(given(2000, noise=0.01, wrong={3: 0.5}))
    assert least.by == "d"
    assert 0.4 < least.trust.low < least.trust.value < least.trust.high < 0.7
    assert all(one.trust.value > 0.95 for one in others)


def test_the_likeliest_error_comes_first() -> None:
    truth = np.array([True, True, False, False, False])
    score = np.array([6.0, -7.0, -6.0, 9.0, -6.0])
    evidence = Evidence(
        np.arange(5),
        ("a",),
        np.zeros(5, np.int64),
        truth,
        score,
        np.zeros(5),
        np.zeros(5, np.bool_),
        np.zeros(5, np.bool_),
    )
    assert likely_wrong(evidence).tolist() == [3, 1]
