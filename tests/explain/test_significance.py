from __future__ import annotations

from math import comb

import numpy as np
import pytest

from chaffinch.explain.significance import as_many, benjamini_hochberg, unusual


def tail(drawn: int, total: int, draws: int, size: int) -> float:
    most = min(total, draws)
    ways = (comb(total, k) * comb(size - total, draws - k) for k in range(drawn, most + 1))
    return sum(ways) / comb(size, draws)


def test_it_is_fishers_exact_test() -> None:
    draw = np.random.default_rng(0)
    totals = draw.integers(1, 60, 200)
    drawn = draw.hypergeometric(totals, 60 - totals, 20)
    rising, falling = unusual(drawn, totals, 20, 60)
    for place, (k, total) in enumerate(zip(drawn.tolist(), totals.tolist(), strict=True)):
        assert rising.p[place] == pytest.approx(tail(k, total, 20, 60), rel=1e-9)
        below = 1.0 - tail(k + 1, total, 20, 60)
        assert falling.p[place] == pytest.approx(below, rel=1e-9, abs=1e-12)


def test_the_chance_of_a_cluster_is_exact_above_the_mean() -> None:
    draw = np.random.default_rng(1)
    totals, draws = draw.integers(5, 80, 300), draw.integers(5, 100, 300)
    for chance, total, sample in zip(as_many(5, totals, draws, 100), totals, draws, strict=True):
        exact = tail(5, int(total), int(sample), 100)
        mean = total * sample / 100
        assert chance == (pytest.approx(exact, rel=1e-9) if mean < 5 else 1.0)


def test_what_must_be_so_is_no_surprise() -> None:
    assert as_many(3, np.array([3]), np.array([3]), 3).tolist() == [1.0]
    rising, falling = unusual(np.array([0, 4]), np.array([0, 9]), 4, 9)
    assert rising.p.tolist() == falling.p.tolist() == [1.0, 1.0]


def test_q_is_no_less_than_p_and_in_its_order() -> None:
    draw = np.random.default_rng(2)
    totals = draw.integers(1, 200, 500)
    drawn = draw.hypergeometric(totals, 1000 - totals, 100)
    rising, _ = unusual(drawn, totals, 100, 1000)
    order = np.argsort(rising.p)
    assert (np.diff(rising.q[order]) >= 0).all()
    low = rising.p < 0.1
    assert (rising.q[low] >= rising.p[low]).all()


def test_rare_terms_cost_nothing() -> None:
    few, _ = unusual(np.array([8]), np.array([8]), 50, 1000)
    many, _ = unusual(np.array([8] + [0] * 9999), np.array([8] + [1] * 9999), 50, 1000)
    assert few.q[0] == many.q[0]


def test_false_discoveries_are_as_few_as_promised() -> None:
    draw = np.random.default_rng(3)
    false = 0
    for _ in range(200):
        totals = draw.integers(1, 60, 60)
        drawn = draw.hypergeometric(totals, 300 - totals, 60)
        rising, falling = unusual(drawn, totals, 60, 300)
        false += bool(min(rising.q.min(), falling.q.min()) <= 0.05)
    assert 0 < false <= 18  # 10 are expected at most; 18 have a chance of 1%


def test_no_tests() -> None:
    none = np.empty(0, np.int64)
    rising, falling = unusual(none, none, 3, 9)
    assert rising.q.size == falling.q.size == 0
    assert not benjamini_hochberg(np.empty(0)).size
    assert not as_many(4, none, none, 0).size


def test_large_tables_are_worked_on_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    totals = np.arange(1, 400)
    drawn = totals // 3
    whole = unusual(drawn, totals, 150, 500)
    monkeypatch.setattr("chaffinch.explain.significance._CELLS", 200)
    for one, other in zip(whole, unusual(drawn, totals, 150, 500), strict=True):
        np.testing.assert_allclose(one.p, other.p, rtol=1e-9)
        np.testing.assert_allclose(one.q, other.q, rtol=1e-9)
