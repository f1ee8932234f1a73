from __future__ import annotations

from dataclasses import asdict

from chaffinch.loop.recipe import Recipe


def test_a_card_holds_it() -> None:
    recipe = Recipe(since=3, half_life=100).without(10, 20)
    # JSON has lists for tuples.
    assert Recipe.of({**asdict(recipe), "gaps": [[10, 20]]}) == recipe
    assert Recipe.of({}) == Recipe()


def test_nothing_left_out_is_no_gap() -> None:
    assert Recipe().without(7, 7) == Recipe()


def test_which_checkpoints_one_can_go_on_from() -> None:
    back = Recipe().without(10, 20)
    assert Recipe().begins_like(back, 10)
    assert not Recipe().begins_like(back, 20)
    assert back.begins_like(back, 20)
    assert back.begins_like(back, 30)
    assert not back.begins_like(Recipe(), 30)
    assert not Recipe(since=1).begins_like(Recipe(), 10)
    assert not Recipe(half_life=5).begins_like(Recipe(), 10)


def test_it_is_said_in_words() -> None:
    places = range(1, 101)
    assert Recipe().said(places) == "on all flags"
    assert Recipe(since=60).said(places) == "on the newest 40 flags"
    assert Recipe().without(10, 20).said(places) == "on 90 flags"
