"""Where labels differ, in sounds written for it."""

from __future__ import annotations

import numpy as np

from chaffinch.explain.differences import Difference, differences
from chaffinch.readers.audio import read_audio, write_wav
from chaffinch.task import get_task
from sound_samples import Sound, hiss, pause

PORTRAIT = get_task("words").portrait


def tone(seed: int) -> Sound:
    """Return a third of a second of a low tone, a little different each time."""
    random = np.random.default_rng(seed)
    time = np.arange(int(random.uniform(0.3, 0.4) * 8000)) / 8000
    low = random.uniform(180, 260)
    sound = np.sin(2 * np.pi * low * time) + 0.5 * np.sin(4 * np.pi * low * time)
    return (0.2 * sound * np.hanning(time.size)).astype(np.float32)


def heard(*parts: Sound, seed: int = 0) -> np.ndarray:
    noise = 1e-4 * np.random.default_rng(seed).normal(size=8000).astype(np.float32)
    line = np.concatenate((pause(0.25), *parts, pause(0.25)))
    recording = read_audio(write_wav(line + np.resize(noise, line.size)))
    looks: np.ndarray = PORTRAIT.of(recording)
    return looks


def studied(burst_of: str) -> Difference:
    """Return how "one", a tone, and "two", which begins with a burst or not, differ."""
    looks, truth = [], []
    for seed in range(10):
        looks.append(heard(tone(seed), seed=seed))
        truth.append("one")
        parts = [hiss(0.06, seed=seed), pause(0.02)] if burst_of == "two" else []
        looks.append(heard(*parts, tone(seed + 50), seed=seed + 50))
        truth.append("two")
    found = differences(
        np.array(looks), np.array(truth), patch=PORTRAIT.patch, place=PORTRAIT.place
    )
    return found["one", "two"]


def test_the_burst_that_a_word_begins_with_is_found() -> None:
    found = studied("two")
    mine = [part for part in found.parts if part.label == "two"]
    # The strongest that "two" has and "one" has not lies high and early.
    assert mine[0].size > 3
    where = mine[0].where
    assert float(where.split("–")[0]) > 1.5, where
    assert int(where.split(" at ")[1].split("–")[0]) <= 30, where
    high_early, high_late = found.sizes[:15, 5:12].mean(), found.sizes[:15, 25:40].mean()
    assert high_early < -2
    assert abs(high_late) < 1


def test_where_there_is_no_burst_none_is_found() -> None:
    assert all(part.size < 1.5 for part in studied("none").parts)


def test_looks_that_are_the_same_differ_nowhere() -> None:
    looks = np.ones((6, 9, 9), np.float32)
    found = differences(
        looks, np.array(["a", "b", "c"] * 2), patch=(20, 20), place=lambda *_: "somewhere"
    )
    assert len(found) == 3
    assert not any(one.parts for one in found.values())
