from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from chaffinch.experience.store import Experience
from chaffinch.explain import unsure as module
from chaffinch.explain.unsure import least_sure, unsure
from chaffinch.loop.launch import Choice, launch
from chaffinch.loop.train import train
from chaffinch.loop.trained import Trained
from chaffinch.performance.record import Record
from chaffinch.predictor import Predictor
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from samples import message

TASK = get_task("message")


@pytest.fixture
def experience(tmp_path: Path) -> Iterator[Experience]:
    with Experience(tmp_path) as opened:
        yield opened


def learned(experience: Experience, scores: list[float]) -> list[str]:
    """Learn messages of both labels in turns, launch what said this of them; return their ids."""
    labels = ("spam", "ham") * (len(scores) // 2)
    examples = [
        Example(Item(message(label, k), "message"), label) for k, label in enumerate(labels)
    ]
    experience.add("message", examples)
    (top,) = (one for one in train(TASK, experience) if one.rung.name == "committee")
    said = Record(top.record.seq, top.record.truth, np.array(scores))
    trained = Trained(top.rung, top.learner, said, trained_to=top.trained_to, examples=top.examples)
    launch(TASK, experience, [trained], Choice(trained, "by hand"), {})
    return [example.item.id for example in examples]


def judged(experience: Experience, *texts: str) -> list[float]:
    """Judge messages by the live model and remember it; return the scores."""
    with Predictor.load("message", home=experience.home) as predictor:
        return [predictor.predict(Item(text.encode(), "message")).score for text in texts]


def flat(groups: tuple[module.DoubtGroup, ...]) -> list[module.Doubt]:
    return [doubt for group in groups for doubt in group.doubts]


def test_unflagged_items_come_by_how_unsure_the_live_model_is(experience: Experience) -> None:
    learned(experience, [5.0, -5.0] * 20)
    texts = ["zebra", "free meeting", "cash notes question", "quartz", "call now to win free cash"]
    scores = judged(experience, *texts)
    with Predictor.load("message", home=experience.home) as predictor:
        predictor.close()
        looked_at, _, found = least_sure(predictor, experience)
    assert looked_at == 5
    expected = sorted((abs(score), text) for score, text in zip(scores, texts, strict=True))
    assert [example.item.data.decode() for example, _ in found] == [
        text for score, text in expected if score < np.log(19)
    ]
    assert [verdict.label for _, verdict in found] == [example.label for example, _ in found]


def test_asking_remembers_nothing(experience: Experience) -> None:
    learned(experience, [5.0, -5.0] * 20)
    judged(experience, "zebra", "quartz")
    before = [item.id for item in experience.items.unflagged("message", 9)]
    unsure(TASK, experience)
    assert [item.id for item in experience.items.unflagged("message", 9)] == before


def test_flagged_items_come_by_how_wrong_the_model_was(experience: Experience) -> None:
    scores = [5.0, -5.0] * 20
    # Spam is at even places: wrong, wavering, right but not sure; and ham, very wrong.
    scores[4], scores[8], scores[12], scores[15] = -4.0, 0.1, 2.0, 6.0
    ids = learned(experience, scores)
    found = unsure(TASK, experience)
    assert (found.flagged, found.contradicted) == (40, 4)
    doubts = flat(found.flagged_groups)
    assert {doubt.item for doubt in doubts} == {ids[at] for at in (4, 8, 12, 15)}
    for group in found.flagged_groups:
        places = [[ids[at] for at in (15, 4, 8, 12)].index(doubt.item) for doubt in group.doubts]
        assert places == sorted(places)
    assert found.flagged_groups[0].doubts[0].item == ids[15]
    by_id = {doubt.item: doubt for doubt in doubts}
    assert by_id[ids[15]].label == "ham"
    assert by_id[ids[15]].before == pytest.approx(1 / (1 + np.exp(-6.0)))
    assert by_id[ids[15]].now < 0.5, "it has learned the flag"
    assert flat(unsure(TASK, experience, top=1).flagged_groups)[0].item == ids[15]


def test_a_flag_that_was_taken_back_is_not_told(experience: Experience) -> None:
    scores = [5.0, -5.0] * 20
    scores[4] = -4.0
    ids = learned(experience, scores)
    experience.undo("message", ids[4])
    assert ids[4] not in {doubt.item for doubt in flat(unsure(TASK, experience).flagged_groups)}


def test_what_doubts_have_in_common(experience: Experience) -> None:
    learned(experience, [5.0, -5.0] * 20)
    own = ("amber", "basalt", "cobalt", "dolomite", "emerald", "feldspar", "garnet", "hematite")
    judged(experience, *(f"zebra {one} {two}" for one, two in pairwise(own)), "xylophone 12345")
    (together, alone) = unsure(TASK, experience).unflagged_groups
    assert "zebra" in " ".join(term.text for term in together.terms)
    assert not together.copies
    assert len(together.doubts) == 7
    assert (alone.terms, [doubt.title for doubt in alone.doubts]) == ((), ["xylophone 12345"])


def test_near_copies_are_told_as_such_and_owners_named(experience: Experience) -> None:
    learned(experience, [5.0, -5.0] * 20)
    with Predictor.load("message", home=experience.home) as predictor:
        for owner in ("ada", "bob"):
            predictor.predict(Item(b"zebra crossing ahead of us", "message", owner))
    (group,) = unsure(TASK, experience).unflagged_groups
    assert group.copies
    assert {doubt.owner for doubt in group.doubts} == {"ada", "bob"}


def test_nothing(experience: Experience) -> None:
    found = unsure(TASK, experience)
    assert found.model == "message-starter-1"
    assert (found.judged, found.flagged) == (0, 0)
    assert found.unflagged_groups == found.flagged_groups == ()
