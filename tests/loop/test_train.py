"""A model is made again to the last bit, from wherever it can be gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chaffinch.errors import ModelError
from chaffinch.experience.retention import Bounds
from chaffinch.experience.store import Experience
from chaffinch.loop.flag import keep_up, store_flag
from chaffinch.loop.forget import forget
from chaffinch.loop.launch import KEPT, Choice, launch
from chaffinch.loop.recipe import Recipe
from chaffinch.loop.rollback import roll_back
from chaffinch.loop.train import afresh_by, champions_recipe, left_out, live_model, train
from chaffinch.loop.trained import Trained, taught
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from samples import message

TASK = get_task("message")
WHOLE = Recipe()
RUNGS = ("bayes", "linear", "committee")


@pytest.fixture
def experience(tmp_path: Path) -> Iterator[Experience]:
    with Experience(tmp_path / "home") as opened:
        yield opened


def item(number: int) -> Item:
    return Item(message(label(number), number), "message")


def label(number: int) -> str:
    return "spam" if number % 2 else "ham"


def flag(experience: Experience, *numbers: int) -> None:
    experience.add("message", [Example(item(number), label(number)) for number in numbers])


def launched(experience: Experience) -> list[Trained]:
    trained = train(TASK, experience)
    launch(TASK, experience, trained, Choice(trained[-1], "by hand"), {})
    return trained


def state(trained: Trained) -> dict[str, bytes]:
    return {name: tensor.tobytes() for name, tensor in trained.learner.tensors.items()}


def never_saw(experience: Experience, recipe: Recipe = WHOLE) -> list[Trained]:
    """Return the ladder made from nothing, of what stands."""
    ids = experience.log.item_ids("message")
    ladder = [afresh_by(rung, recipe, ids) for rung in TASK.ladder]
    upto = experience.log.last_seq("message")
    for _ in taught(TASK, ladder, experience.examples("message"), upto):
        pass
    return ladder


def test_undo_is_as_if_the_flag_had_never_been_given(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag(experience, *range(30))
    launched(experience)
    flag(experience, *range(30, 60))
    launched(experience)
    read: list[int] = []
    whole = experience.examples

    def counted(*words: object, **options: object) -> Iterator[Example]:
        for example in whole(*words, **options):  # type: ignore[arg-type]
            read.append(example.seq)
            yield example

    monkeypatch.setattr(experience, "examples", counted)
    experience.undo("message", item(45).id)
    ladder = train(TASK, experience)
    # It went on from the checkpoint before the flag.
    assert min(read) == 31
    for one, other in zip(ladder, never_saw(experience), strict=True):
        assert state(one) == state(other)
    read.clear()
    experience.undo("message", item(10).id)
    ladder = train(TASK, experience)
    assert min(read) == 1
    for one, other in zip(ladder, never_saw(experience), strict=True):
        assert state(one) == state(other)


def test_what_was_taken_back_before_a_model_was_made_does_not_disturb_it(
    experience: Experience,
) -> None:
    flag(experience, *range(20))
    experience.undo("message", item(19).id)
    launched(experience)
    assert keep_up(TASK, experience) is None


@pytest.mark.parametrize("rung", RUNGS)
def test_a_window_learns_what_it_is_to_learn(experience: Experience, rung: str) -> None:
    flag(experience, *range(40))
    one = afresh_by(TASK.rung(rung), Recipe(since=30), [])
    other = afresh_by(TASK.rung(rung), Recipe(), [])
    for _ in taught(TASK, [one], experience.examples("message"), 40):
        pass
    for _ in taught(TASK, [other], experience.examples("message", after=30), 40):
        pass
    assert state(one) == state(other)
    assert one.record.seq.tolist() == list(range(31, 41))
    assert one.examples == 10


@pytest.mark.parametrize("rung", RUNGS)
def test_fading_gives_the_new_more_weight(experience: Experience, rung: str) -> None:
    flag(experience, *range(60))
    # What was spam is ham from now on.
    turned = [Example(item(number), label(number + 1)) for number in range(60, 100)]
    experience.add("message", turned)
    steady, fading = (
        afresh_by(TASK.rung(rung), recipe, []) for recipe in (Recipe(), Recipe(half_life=10))
    )
    for _ in taught(TASK, [steady, fading], experience.examples("message"), 100):
        pass
    late = fading.record.seq > 70
    right = [
        float(np.where(one.record.truth[late], 1, -1) @ one.record.score[late])
        for one in (steady, fading)
    ]
    assert right[1] > right[0]


def test_a_recipe_is_kept_to_by_later_trainings(experience: Experience) -> None:
    flag(experience, *range(40))
    trained = train(TASK, experience)
    one = afresh_by(trained[-1].rung, Recipe(since=20, half_life=8), [])
    for _ in taught(TASK, [one], experience.examples("message"), 40):
        pass
    launch(TASK, experience, [*trained[:-1], one], Choice(one, "a window"), {})
    flag(experience, *range(40, 60))
    assert champions_recipe(TASK, experience) == Recipe(since=20, half_life=8)
    assert state(train(TASK, experience)[-1]) == state(
        never_saw(experience, Recipe(since=20, half_life=8))[-1]
    )
    # Also where a flag is taken back; one from before the window never was in it.
    experience.undo("message", item(30).id)
    assert state(train(TASK, experience)[-1]) == state(
        never_saw(experience, Recipe(since=20, half_life=8))[-1]
    )
    launched(experience)
    experience.undo("message", item(3).id)
    assert keep_up(TASK, experience) is None


def test_a_flag_corrected_after_a_roll_back_does_not_end_it(experience: Experience) -> None:
    flag(experience, *range(30))
    launched(experience)
    flag(experience, *range(30, 40))
    launched(experience)
    roll_back(TASK, experience)
    # One that the model brought back has learned, and one that it never saw.
    experience.flag("message", item(5), "ham", door="flag")
    experience.flag("message", item(35), "ham", door="flag")
    assert keep_up(TASK, experience) is not None
    recipe = champions_recipe(TASK, experience)
    assert recipe.gaps == ((30, 40),)
    expected = never_saw(experience, recipe)[-1]
    trained = train(TASK, experience)[-1]
    assert state(trained) == state(expected)
    assert 40 > trained.examples == 31


def test_a_roll_back_makes_again_what_knew_a_flag_taken_back(experience: Experience) -> None:
    flag(experience, *range(30))
    launched(experience)
    flag(experience, *range(30, 40))
    launched(experience)
    experience.undo("message", item(5).id)
    experience.undo("message", item(35).id)
    back = roll_back(TASK, experience)
    assert back.reason.endswith("without 1 flag taken back or changed since")
    champion = live_model(TASK, experience, back)
    assert champion is not None
    assert champion.examples == 29
    expected = never_saw(experience, Recipe(gaps=((30, 42),)))[-1]
    assert state(champion) == state(expected)


def test_a_flag_left_out_is_learned_when_it_is_given_again(experience: Experience) -> None:
    flag(experience, *range(30))
    launched(experience)
    flag(experience, *range(30, 40))
    launched(experience)
    back = roll_back(TASK, experience)
    known = store_flag(TASK, experience, item(5), label(5))
    assert known.seq == 6
    again = store_flag(TASK, experience, item(35), label(35), by="ada")
    assert (again.seq, again.by) == (41, "ada")
    assert store_flag(TASK, experience, item(35), label(35)).seq == 41
    assert left_out(TASK, experience) == 9
    assert keep_up(TASK, experience) is None
    champion = live_model(TASK, experience, back)
    assert champion is not None
    assert champion.examples == 31
    assert state(champion) == state(never_saw(experience, Recipe(gaps=((30, 40),)))[-1])
    # Taken back, nothing is left of it: neither what was said again nor what was left out.
    experience.undo("message", item(35).id, by="ada")
    assert experience.log.standing("message", item(35).id) is None


def test_a_flag_left_out_and_given_again_is_held_where_its_flagger_is_not_trusted(
    experience: Experience,
) -> None:
    flag(experience, *range(30))
    launched(experience)
    flag(experience, *range(30, 40))
    launched(experience)
    roll_back(TASK, experience)
    experience.review.distrust("message", "eve", "says what is not so")
    for _ in range(2):
        held = store_flag(TASK, experience, item(35), label(35), by="eve")
        assert (held.by, held.held) == ("eve", True)
    assert left_out(TASK, experience) == 10
    experience.review.accept("message", [item(35).id])
    assert left_out(TASK, experience) == 9
    assert sum(experience.log.count("message", after=40).values()) == 1
    # She may take back her own word, and nobody else's.
    experience.undo("message", item(35).id, by="eve")
    assert left_out(TASK, experience) == 10


def test_a_roll_back_steps_over_what_was_only_made_again(experience: Experience) -> None:
    flag(experience, *range(30))
    launched(experience)
    first = experience.champion("message")
    flag(experience, *range(30, 40))
    launched(experience)
    again = experience.champion("message")
    # As many as there are files kept of launches.
    for number in range(5, 5 + KEPT):
        experience.undo("message", item(number).id)
        again = keep_up(TASK, experience)
        assert again is not None
        assert again.rung == "committee"
    assert first is not None
    assert again is not None
    back = roll_back(TASK, experience)
    assert back.reason == (
        f"rolled back from {again.model} to {first.model} without {KEPT} flags taken back or "
        "changed since"
    )
    # Made again after that it is still the first, before which was the starter.
    experience.undo("message", item(20).id)
    assert keep_up(TASK, experience) is not None
    assert "to the starter message-starter" in roll_back(TASK, experience).reason
    with pytest.raises(ModelError, match="no earlier model"):
        roll_back(TASK, experience)


def test_a_roll_back_goes_to_what_was_made_again_as_it_was_live(experience: Experience) -> None:
    flag(experience, *range(30))
    launched(experience)
    experience.undo("message", item(5).id)
    again = keep_up(TASK, experience)
    flag(experience, *range(30, 40))
    launched(experience)
    assert again is not None
    assert roll_back(TASK, experience).model == again.model


def test_a_roll_back_to_what_cannot_be_made_again_is_refused(experience: Experience) -> None:
    flag(experience, *range(30))
    launched(experience)
    flag(experience, *range(30, 40))
    launched(experience)
    forget(TASK, experience, Bounds(flagged=15, reservoir=0))
    experience.undo("message", item(29).id)
    live = experience.champion("message")
    with pytest.raises(ModelError, match=r"learned 1 flag that .* forgotten: `chaffinch learn"):
        roll_back(TASK, experience)
    assert experience.champion("message") == live


def test_an_afresh_training_learns_all(experience: Experience) -> None:
    flag(experience, *range(30))
    launched(experience)
    flag(experience, *range(30, 40))
    launched(experience)
    roll_back(TASK, experience)
    trained = train(TASK, experience, afresh=True)
    assert {one.examples for one in trained} == {40}
    assert replace(trained[-1].recipe) == Recipe()


def test_what_comes_in_meanwhile_is_left_to_the_next_training(experience: Experience) -> None:
    flag(experience, *range(20))
    trained = train(TASK, experience, upto=15)
    assert {(one.trained_to, one.examples) for one in trained} == {(15, 15)}
