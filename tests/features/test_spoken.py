"""What of a recording a net hears."""

from __future__ import annotations

import numpy as np

from chaffinch.features.spoken import LENGTH, SpokenFeatures, around
from chaffinch.readers.audio.content import Recording, Utterance
from chaffinch.readers.audio.spectrum import power_spectra


def said(seconds: float, *words: tuple[float, float]) -> Recording:
    """A recording of ones, and where its words are."""
    samples = np.ones(round(seconds * 8000), np.float32)
    utterances = tuple(
        Utterance(start, end, samples[round(start * 8000) : round(end * 8000)], start, samples)
        for start, end in words
    )
    return Recording(samples, utterances)


def test_the_word_is_in_the_middle_and_what_is_around_it_is_heard() -> None:
    window = around(said(4.0, (2.0, 2.4)))
    assert window.shape == (LENGTH,)
    assert window.all()


def test_beyond_the_recording_is_silence() -> None:
    window = around(said(0.5, (0.1, 0.4)))
    heard = np.flatnonzero(window)
    assert heard.size == 4000
    assert (heard[0], heard[-1]) == (2000, 5999)


def test_the_next_word_is_not_heard() -> None:
    window = around(said(4.0, (1.0, 1.4), (1.5, 1.9)))
    # the middle is at 1.2 s, the next word begins 0.3 s later
    assert np.flatnonzero(window)[-1] + 1 == LENGTH // 2 + round(0.3 * 8000)


def test_of_a_long_word_the_middle_is_heard() -> None:
    assert around(said(3.0, (0.0, 2.0))).all()


def test_where_nothing_is_said_nothing_is_heard() -> None:
    assert not around(said(1.0)).any()


def test_sound_is_left_out_by_time_and_pitch() -> None:
    time = np.arange(8000) / 8000
    low, high = (np.sin(2 * np.pi * hertz * time).astype(np.float32) for hertz in (400, 3000))
    # both sound for half a second
    sounding = (time > 0.25) & (time < 0.75)
    samples = np.where(sounding, 0.1 * (low + high), 0).astype(np.float32)
    content = Recording(samples, (Utterance(0.2, 0.8, samples[1600:6400], 0.25, samples),))
    features = SpokenFeatures(("one", "two"))
    whole, without = features.silenced(content, [(slice(25, 40), slice(30, 50))])
    assert np.array_equal(whole, samples)
    power = [power_spectra(one) for one in (whole, without)]

    def kept(hertz: float, frames: slice) -> float:
        at = round(hertz * 256 / 8000)
        return float(power[1][frames, at].sum() / power[0][frames, at].sum())

    assert kept(3000, slice(33, 47)) < 0.01
    assert kept(3000, slice(55, 70)) > 0.99
    assert kept(400, slice(33, 47)) > 0.99
    # What it hears begins half a second before the middle of the word.
    assert features.begins(content) == 0.0
