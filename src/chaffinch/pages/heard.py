"""How a recording looks: its spectrum, what of it speaks for a label, and what a rule hears."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.explain.sounds import heat
from chaffinch.features.mel import log_mel
from chaffinch.features.onset import BEGINNING, beginning, course, sound_facts
from chaffinch.features.rules import RuleFeatures
from chaffinch.features.sounds import HeardFeatures, said_in
from chaffinch.pages.pictures import AGAINST, FOR, enlarged, grey, signed
from chaffinch.pages.sheet import Panel
from chaffinch.pages.ticks import Axes, Tick, of_spectrum, seconds
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import HOP

if TYPE_CHECKING:
    from chaffinch.rules.rule import RuleSet
    from chaffinch.task import Judge

# Pixels of the drawing for a band and a moment; decibels from white to black.
_SCALE, _DEPTH = 4, 50.0
# Of the wave that a rule hears: pixels a sample, and of its height.
_WIDE, _HIGH = 1, 160
_GREY = 190.0


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


def axes_of(content: Any) -> Axes:
    """Return the axes of what `of_sound` draws."""
    begins = content.utterances[0].start if content.utterances else 0.0
    frames = said_in(content).size // HOP + 1
    return of_spectrum(begins, frames, frames * _SCALE)


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
    if isinstance(features, RuleFeatures):
        return _measured(features.rules, content)
    if not isinstance(features, HeardFeatures):
        return []
    spectrum = features.spectrum(content)
    ground = grey(_ink(spectrum) * np.float32(0.35))
    frames = spectrum.shape[1]
    axes = of_spectrum(features.begins(content), frames, frames * _SCALE)
    return [
        Panel(enlarged(signed(seen[::-1], ground), _SCALE), f"speaks for {label}", axes=axes)
        for label, seen in zip(labels, heat(judge, content, labels), strict=True)
    ]


def _ink(spectrum: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how dark each place of a spectrum is drawn, the lowest band last."""
    depth = (spectrum - spectrum.max()) / np.float32(_DEPTH) + 1
    return np.asarray(np.clip(depth, 0, 1)[::-1], np.float32)


def _measured(rules: RuleSet, content: Any) -> list[Panel]:
    """Return the sound that rules measure, and what is measured, with the numbers in rules.

    Each measure is drawn as it would be if the word began later: that of the beginning, at the
    orange line, is the one that counts. What a rule compares it to is blue.
    """
    word, facts = content.utterances[0], sound_facts(content)
    begins = round((word.onset - word.start) * RATE / HOP * _SCALE)
    panels = [_wave(content)]
    for name, values in course(word).items():
        numbers = sorted(
            {
                one.predicate.number
                for rule in rules.rules
                for one in rule.conditions
                if one.predicate is not None and one.predicate.measure == name
            }
        )
        compared = f", compared to {', '.join(f'{number:,g}' for number in numbers)}"
        said = f"{name} {facts[name]:,.{2 if facts[name] < 1 else 0}f}{compared if numbers else ''}"
        top, lasts = _top(values, numbers), len(values) * HOP / RATE
        up = tuple(Tick(number / top, f"{number:,g}") for number in (0.0, *numbers))
        axes = Axes(seconds(word.start, word.start + lasts, len(values) * _SCALE), up)
        panels.append(Panel(_curve(values, numbers, begins), said, axes=axes))
    return panels


def _curve(values: Sequence[float], numbers: Sequence[float], begins: int) -> NDArray[Any]:
    """Return values from left to right as heights, with lines at some numbers and at one moment."""
    top = _top(values, numbers)
    colours = np.full((_HIGH, len(values) * _SCALE, 3), 255.0)
    for place, value in enumerate(values):
        colours[_row(value / top) :, place * _SCALE : (place + 1) * _SCALE] = _GREY
    for number in numbers:
        colours[_row(number / top)] = AGAINST
    colours[:, min(begins, colours.shape[1] - 1)] = FOR
    return colours


def _top(values: Sequence[float], numbers: Sequence[float]) -> float:
    """Return what the upper edge of a drawing of these stands for."""
    return 1.1 * max(*values, *numbers, 1e-9)


def _row(share: float) -> int:
    return round((1 - share) * (_HIGH - 1))


def _wave(content: Any) -> Panel:
    """Return the sound that rules measure, in orange where it has just changed sign."""
    heard = beginning(content.utterances[0])
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
    onset = content.utterances[0].onset
    axes = Axes(seconds(onset, onset + heard.size / RATE, heard.size * _WIDE))
    said = f"its first {1000 * BEGINNING:.0f} ms; orange: it changes sign"
    return Panel(colours, said, axes=axes)
