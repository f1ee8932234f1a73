"""Whoever flags digits wrongly is noticed, though nobody else has flagged any one by one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chaffinch.experience.store import Experience
from chaffinch.loop.flag import flag, keep_up
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from digit_samples import digit, digits_or_skip, line, picture, png
from shell import Chaffinch

TASK = get_task("digits")
DIGITS = "0123456789"
# One picture in three hands: as it is, tall and slanted.
HANDS: tuple[Callable[[NDArray[np.uint8]], NDArray[np.uint8]], ...] = (
    lambda plain: plain,
    lambda plain: np.repeat(plain, 2, axis=0),
    lambda plain: np.stack([np.roll(row, at // 3 - 16) for at, row in enumerate(plain)]),
)


@pytest.fixture(scope="module")
def taught_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that somebody has taught digits in bulk."""
    digits_or_skip()
    home = tmp_path_factory.mktemp("taught")
    with Experience.open(home) as experience:
        given = [
            Example(Item(digit(label, seed), "digits"), label)
            for seed in range(4)
            for label in DIGITS
        ]
        experience.add("digits", given, by="ada")
        keep_up(TASK, experience)
    return home


@pytest.fixture
def taught(taught_once: Path, home: Path) -> None:
    """The home of this test is such a one."""
    shutil.copytree(taught_once, home)


@pytest.mark.usefixtures("taught")
def test_wrong_flags_are_listed_and_then_held(chaffinch: Chaffinch, home: Path) -> None:
    shown = [
        (label, Item(png(hand(picture(label, 7))), "digits")) for hand in HANDS for label in DIGITS
    ]
    turned = [(item, str((int(label) + 5) % 10)) for label, item in shown]
    for item, label in turned[:2]:
        assert not flag(TASK, item, label, home=home, by="mallory").held
    told = chaffinch.json("review", "digits")
    doubted = {one["item"]: (one["said"], one["label"], one["by"]) for one in told["likely_wrong"]}
    assert doubted == {
        item.id: (label, said, "mallory")
        for (label, _), (item, said) in zip(shown[:2], turned[:2], strict=True)
    }
    result = chaffinch("review", "digits")
    assert "model said" in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    held = [flag(TASK, item, label, home=home, by="mallory").held for item, label in turned[2:]]
    assert held[-1]
    assert chaffinch.json("review", "digits")["held_count"] == len(turned)
    result = chaffinch("predict", "digits", turned[0][0].id)
    assert ": 0, probability" in result.out


def test_what_shows_several_digits_is_refused_by_name(chaffinch: Chaffinch, tmp_path: Path) -> None:
    digits_or_skip()
    (tmp_path / "one.png").write_bytes(digit("8"))
    (tmp_path / "many.png").write_bytes(line("8231"))
    result = chaffinch("flag", "digits", "8", tmp_path / "one.png", tmp_path / "many.png")
    assert result.code == 3
    assert "many.png shows 4 signs" in result.err
    flagged = result.out.splitlines()[0]
    assert re.fullmatch(r"[0-9a-f]{12}  8", flagged.strip())
    # Any beginning of the id that is its own is taken, by all verbs.
    for short in (flagged[:12], flagged[:7]):
        assert "probability" in chaffinch("predict", "digits", short).out


@pytest.mark.usefixtures("taught")
def test_odd_hands_and_labels_of_ones_own_are_not_held(home: Path) -> None:
    for seed in range(20):
        odd = Item(png(picture("7", seed)[:, ::-1]), "digits")
        assert not flag(TASK, odd, "7", home=home, by="bob").held
        letter = Item(png(np.rot90(picture("4", seed))), "digits")
        assert not flag(TASK, letter, f"sign {seed}", home=home, by="bob", new=True).held
