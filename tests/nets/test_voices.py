"""Words said again: what the net sees of them, and how they are changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chaffinch.features.mel import log_mel, seen_of
from chaffinch.nets.soundnet import soundnet
from chaffinch.nets.training import Recipe, train
from chaffinch.nets.voices import Voices, _babble, heard, spectra
from trainable import torch_or_skip

LENGTH = 4000
SAME = Voices(
    speed=0, tract=0, stretch=0, shift=0, microphone=0, telephone=0, room=0, noise=(90, 90), masks=0
)


@pytest.fixture(name="torch", autouse=True)
def _torch() -> Any:
    torch = torch_or_skip()
    torch.set_num_threads(1)
    return torch


def tones(n: int, seed: int = 0) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    """A tone that rises (1) or falls (0), in the middle of half a second."""
    random = np.random.default_rng(seed)
    labels = random.integers(2, size=n)
    seconds = np.arange(2000) / 8000
    sweep = np.where(labels[:, None] == 1, seconds, 0.25 - seconds)
    turns = np.cumsum(400 + 6000 * sweep + random.uniform(-100, 100, (n, 1)), axis=1) / 8000
    words = np.zeros((n, LENGTH), np.int16)
    words[:, 1000:3000] = 20000 * np.sin(2 * np.pi * turns)
    return words, labels


def sound(words: NDArray[np.int16]) -> NDArray[np.float32]:
    return (words / np.float32(32768)).astype(np.float32)


def chance(torch: Any, seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


def test_a_net_hears_in_training_what_it_hears_when_it_judges(torch: Any) -> None:
    words, _ = tones(3)
    inside = heard(spectra(torch.tensor(sound(words))))[:, 0].numpy()
    assert np.abs(inside - seen_of(log_mel(sound(words)))).max() < 1e-4


def test_unchanged_words_are_as_they_were(torch: Any) -> None:
    words, _ = tones(3)
    changed = SAME(torch.tensor(words), chance(torch))[:, 0].numpy()
    plain = seen_of(log_mel(sound(words)))
    assert changed.shape == (3, 40, LENGTH // 80 + 1)
    # what little noise there is lies where there was silence
    assert np.abs(changed - plain)[plain > 0.5].max() < 0.02


def test_the_same_random_numbers_make_the_same_words(torch: Any) -> None:
    words = torch.tensor(tones(4)[0])
    one, two, other = (Voices()(words, chance(torch, seed)).numpy() for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_what_is_said_too_late_to_be_heard_leaves_silence(torch: Any) -> None:
    words = torch.tensor(tones(3)[0])
    late = replace(SAME, shift=0.2)._said_again(
        words.float(), lambda *shape: torch.ones((3, *shape))
    )
    gone = replace(SAME, shift=0.5)._said_again(
        words.float(), lambda *shape: torch.ones((3, *shape))
    )
    assert late.any()
    assert not gone.any()


@pytest.mark.parametrize(
    "how",
    [
        replace(SAME, noise=(-20, -20)),
        replace(SAME, noise=(-20, -20), babble=1.0),
        replace(SAME, noise=(-20, -20), babble=0.0, music=1.0),
        replace(SAME, room=1.0),
        replace(SAME, telephone=1.0),
        replace(SAME, tract=0.3),
        replace(SAME, speed=0.3),
        replace(SAME, stretch=0.3),
        replace(SAME, masks=3),
    ],
)
def test_each_change_changes_and_stays_within_what_a_net_sees(torch: Any, how: Voices) -> None:
    words = torch.tensor(tones(6)[0])
    changed = how(words, chance(torch)).numpy()
    assert np.isfinite(changed).all()
    assert 0 <= changed.min() <= changed.max() <= 1
    assert not np.allclose(changed, SAME(words, chance(torch)).numpy(), atol=0.05)


def test_babble_is_made_of_few_words_and_of_many(torch: Any) -> None:
    clicks = torch.nn.functional.one_hot(torch.arange(64) * 10, LENGTH).float() / 2
    random = chance(torch)
    for doubled, several in ((0, {5}), (2, {5, 10, 15, 20})):
        babble = _babble(
            clicks, 40, lambda *shape: torch.rand((64, *shape), generator=random), doubled
        )
        assert babble.shape == (40, LENGTH)
        assert {round(float(words)) for words in babble.sum(1)} == several
        assert len({tuple(one.nonzero().flatten().tolist()) for one in babble}) == 40


def test_silence_is_heard_as_no_word(torch: Any) -> None:
    changed = Voices()(torch.zeros((4, LENGTH), dtype=torch.int16), chance(torch))
    assert bool(torch.isfinite(changed).all())


def test_a_net_learns_words(torch: Any) -> None:
    words, labels = tones(256)
    recipe = Recipe(epochs=4, batch=32, average=0.9, strangers=0, augmentation=Voices(masks=0))
    net = train(lambda: soundnet(2, widths=(4, 4, 8, 8, 8, 8)), words, labels, recipe)
    others, truth = tones(100, seed=1)
    looked_at = torch.tensor(seen_of(log_mel(sound(others))))[:, None]
    with torch.no_grad():
        said = net(looked_at).argmax(1).numpy()
    assert (said == truth).mean() > 0.95


def test_words_cut_close_lose_what_is_faint(torch: Any) -> None:
    words = torch.zeros((4, LENGTH), dtype=torch.int16)
    seconds = np.arange(2000) / 8000
    tone = 20000 * np.sin(2 * np.pi * 500 * seconds)
    tone[:800] *= 0.01  # 40 decibels below the rest
    words[:, 1000:3000] = torch.tensor(tone.astype(np.int16))
    close = replace(SAME, noise=(20, 20), babble=0.0, music=0.0, cut=1.0, depth=(30, 30))
    far = replace(close, cut=0.0)
    cut, whole = (how(words, chance(torch))[:, 0] for how in (close, far))
    silent = (cut.amax(1) == 0).float()  # (n, moments)
    assert (whole.amax(1) > 0).all()
    assert (silent[:, 28:37] == 0).all()
    assert (silent[:, 49:] == 1).all()
    assert (silent[:, :12] == 1).all()
    assert silent[:, 18].any()  # where the word is faint
