"""Asking, reviewing, explaining and studying where the items are recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chaffinch.experience.store import Experience
from chaffinch.readers.audio import write_wav
from chaffinch.types import Example, Item
from shell import Chaffinch
from sound_samples import hiss, pause, spoken, word


def said(label: str, seed: int) -> bytes:
    return write_wav(spoken(label, seed))


# Between the two: a hiss as short as hardly any.
HARD = write_wav(np.concatenate((pause(0.3), hiss(0.03), word(0.4), pause(0.3))))


def in_80_columns(out: str) -> bool:
    return max(map(len, out.splitlines())) <= 80


@pytest.fixture
def taught(chaffinch: Chaffinch, home: Path) -> Chaffinch:
    """A command line at which a model of "one" and "two" is live, with a flag that is wrong."""
    examples = [
        Example(Item(said(label, seed), "words"), label)
        for seed in range(30)
        for label in ("one", "two")
    ]
    examples.append(Example(Item(said("two", 99), "words"), "one"))
    with Experience.open(home) as experience:
        experience.add("words", examples, by="me")
    assert chaffinch("launch", "words", "--rung", "logistic").code == 0
    return chaffinch


def test_what_is_asked_can_be_recognised(taught: Chaffinch, tmp_path: Path) -> None:
    hard = tmp_path / "hard.wav"
    hard.write_bytes(HARD)
    assert taught("predict", "words", hard).code == 0
    asked = taught.json("ask", "words")
    (question,) = asked["questions"]
    assert question["item"] == Item(HARD, "words").id
    assert " s, " in question["title"]
    assert " dB" in question["title"]
    told = taught("ask", "words")
    assert "(no words)" not in told.out
    assert in_80_columns(told.out)
    # The spectrum: ten lines of Braille.
    assert sum(any(0x2800 < ord(one) < 0x2900 for one in line) for line in told.out.splitlines())


def test_what_is_reviewed_can_be_recognised(taught: Chaffinch) -> None:
    found = taught.json("review", "words")
    (wrong,) = [
        one for one in found["likely_wrong"] if one["item"] == Item(said("two", 99), "words").id
    ]
    assert "█" in wrong["title"]
    assert "dB" in taught("review", "words").out
