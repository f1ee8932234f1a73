"""How a recording looks: its spectrum, what of it speaks for a label, and what a rule hears."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.explain.sounds import heat
from chaffinch.features.mel import log_mel
from chaffinch.features.onset import BEGINNING, beginning, sound_facts
from chaffinch.features.sounds import SoundFeatures, said_in
from chaffinch.pages.pictures import AGAINST, FOR, enlarged, grey, signed
from chaffinch.pages.sheet import Panel
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import HOP

if TYPE_CHECKING:
    from chaffinch.task import Judge

# Pixels of the drawing for a band and a moment; decibels from white to black.
_SCALE, _DEPTH = 4, 50.0
# Of the wave that a rule hears: pixels a sample, and of its height.
_WIDE, _HIGH = 1, 160


def of_sound(content: Any) -> NDArray[Any]:
    """Return the spectrum of a recording's first word as colours, low sounds below.

    Two lines mark the beginning that rules measure.
    """
    colours = enlarged(grey(_ink(log_mel(said_in(content)))), _SCALE)
    if content.utterances:
        word = content.utterances[0]
        begins = (word.onset - word.start) * RATE / HOP * _SCALE
        for edge in (begins, begins + BEGINNING * RATE / HOP * _SCALE):
            column = min(round(edge), colours.shape[1] - 1)
            colours[:, column] = FOR
    return colours


def what_speaks(judge: Judge, content: Any, labels: Sequence[str]) -> list[Panel]:
    """Return what of a recording's first word speaks for labels; of a rule what it hears.

    Parameters
    ----------
    judge : Judge
        What judged.
    content : Recording
        The recording.
    labels : sequence of str
        The labels.
    """
    features = judge.rung.features
    if content.blank:
        return []
    if not isinstance(features, SoundFeatures):
        return [_wave(content)]
    spectrum = features.spectrum(content)
    ground = grey(_ink(spectrum) * np.float32(0.35))
    return [
        Panel(
            enlarged(signed(heat(judge, spectrum, label)[::-1], ground), _SCALE),
            f"speaks for {label}",
        )
        for label in labels
    ]


def _ink(spectrum: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how dark each place of a spectrum is drawn, the lowest band last."""
    depth = (spectrum - spectrum.max()) / np.float32(_DEPTH) + 1
    return np.asarray(np.clip(depth, 0, 1)[::-1], np.float32)


def _wave(content: Any) -> Panel:
    """Return the sound that rules measure, in orange where it has just changed sign."""
    heard = beginning(content.utterances[0])
    facts = sound_facts(content)
    colours = np.full((_HIGH, max(1, heard.size) * _WIDE, 3), 255.0)
    colours[_HIGH // 2] = 200.0
    loudest = max(float(np.abs(heard).max(initial=0.0)), 1e-9)
    rows = np.rint((1 - heard / loudest) * (_HIGH - 1) / 2).astype(int)
    signs = np.signbit(heard)
    changed = np.flatnonzero(signs[1:] != signs[:-1]) + 1
    for place in range(1, heard.size):
        first, last = sorted((rows[place - 1], rows[place]))
        colours[first : last + 1, place * _WIDE] = AGAINST
    colours[_HIGH // 2 - 3 : _HIGH // 2 + 4, changed * _WIDE] = FOR
    said = (
        f"its first {1000 * BEGINNING:.0f} ms: {facts['onset.crossings']:,.0f} sign changes a "
        f"second, {facts['onset.high']:.0%} above 2 kHz, centroid {facts['onset.centroid']:,.0f} Hz"
    )
    return Panel(colours, said)
