"""The whole net is trained on the flags, proven and launched; without PyTorch it is said."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from chaffinch.experience.store import Experience
from chaffinch.features.net import TunablePictureFeatures
from chaffinch.loop import adapt as room
from chaffinch.loop.adapt import adapt
from chaffinch.loop.challenge import Places
from chaffinch.loop.launch import Choice, launch
from chaffinch.loop.recipe import Recipe
from chaffinch.loop.train import again_from, train
from chaffinch.loop.trial import Trial
from chaffinch.loop.tune import UNTUNED, challenger, tunable
from chaffinch.nets import tuning
from chaffinch.predictor import Predictor
from chaffinch.readers.image import write_pgm
from chaffinch.task import get_task
from chaffinch.types import Example, Interval, Item
from digit_samples import digit, digits_or_skip
from trainable import package_or_skip, torch_or_skip

WHOLE = get_task("digits")
TASK = replace(WHOLE, ladder=(WHOLE.rung("softmax"), WHOLE.rung("net")))
# The fewest of which fifty are for choosing, fifty for proving.
COUNT = 110


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    digits_or_skip()
    package_or_skip("onnx", "train")
    torch_or_skip().set_num_threads(1)
    quick = partial(tuning.Tuning, steps=3, batch=4, beside=4)
    monkeypatch.setattr(tuning, "Tuning", quick)
    monkeypatch.setattr(room, "FEWEST", COUNT)
    monkeypatch.setattr(room, "challenge", lambda *_, **__: [])


@pytest.fixture
def experience(home: Path) -> Iterator[Experience]:
    with Experience.open(home) as opened:
        opened.add("digits", [written(number) for number in range(COUNT)])
        trained = train(TASK, opened)
        launch(TASK, opened, trained, Choice(trained[1], "by hand"), {})
        yield opened


def written(number: int) -> Example:
    """A digit that is like one that the net was trained on, and yet is none."""
    features = WHOLE.rung("tuned").features
    assert isinstance(features, TunablePictureFeatures)
    label, place = number % 10, number // 10
    image = np.roll(features.kept[50 * label + place].reshape(28, 28), 1, axis=1)
    return Example(Item(write_pgm(image), "digits"), str(label))


def test_a_challenger_judges_what_it_was_not_trained_on(experience: Experience) -> None:
    rung = tunable(TASK)
    assert rung is not None
    assert rung.name == "tuned"
    upto = experience.log.last_seq("digits")
    seqs = experience.log.places("digits", upto=upto)
    places = Places.of(seqs, upto)
    one = challenger(TASK, rung, Recipe(), places, again_from(TASK, experience))
    assert one.record.seq.tolist() == [seq for seq in seqs if seq > places.choose]
    assert (one.examples, one.trained_to) == (COUNT, places.upto)
    before = rung.start().tensors["net"]
    assert not np.array_equal(one.learner.tensors["net"], before)


def test_it_is_launched_and_goes_on_without_pytorch(
    experience: Experience, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = Trial("net", "a rival", 100, 10, Interval(5.0, 2.0, 8.0), 0.01)
    monkeypatch.setattr(room, "tried", lambda *_, **__: proven)
    done = adapt(TASK, experience, asked=True)
    assert done is not None
    assert (done.outcome, UNTUNED in done.reason) == ("launched", False)
    assert "fine-tuned, on all flags: costs 5 less per 1,000 than the live model" in done.reason
    now = experience.champion("digits")
    assert now is not None
    assert now.rung == "tuned"
    for name in ("torch", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)
    with Predictor.load("digits", home=home) as predictor:
        assert predictor.model == now.model
        assert predictor.predict(written(234).item, reasons=0).label == "4"
        predictor.flag(digit("×", 1), "×", new=True)
        assert predictor.predict(digit("×", 1), reasons=0).label == "×"
    on = train(TASK, experience)[-1]
    assert (on.rung.name, on.examples, on.untuned) == ("tuned", COUNT + 1, "")
    kept = on.learner.tensors["net"]
    assert not np.array_equal(kept, on.rung.start().tensors["net"])
    # From nothing the net would have to be trained again.
    again = train(TASK, experience, afresh=True)[-1]
    assert again.untuned.startswith(UNTUNED)
    assert np.array_equal(again.learner.tensors["net"], again.rung.start().tensors["net"])
    assert list(experience.verify()) == []


def test_without_pytorch_it_is_said_once(
    experience: Experience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    rounds = [adapt(TASK, experience, asked=True) for _ in range(2)]
    said = [UNTUNED in one.reason for one in rounds if one]
    assert said == [True, False]
    assert rounds[0] is not None
    assert "pip install 'chaffinch[train]'" in rounds[0].reason
