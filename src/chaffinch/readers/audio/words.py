"""Where words begin and end in a recording, in noise as well.

After L. Rabiner and M. Sambur, "An algorithm for determining the endpoints of isolated utterances",
Bell System Technical Journal 54, 1975: what is surely a word stands out of the noise by an upper
limit, and reaches as far as a lower one. Both depend on how far it stands out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.content import RATE, Utterance
from chaffinch.readers.audio.spectrum import HOP, power_spectra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chaffinch.readers.audio.content import AudioLimits, Samples
    from chaffinch.readers.notes import Notes

    Levels = NDArray[np.float32]

# Edges of the bands, as numbers of frequencies: evenly spaced for the ear, 94 Hz to 3.8 kHz.
_EDGES = np.array([3, 7, 12, 18, 25, 34, 45, 59, 76, 97, 122])
_HEARD = 3
_SILENCE = 1e-5  # of power: sound of a ten-thousandth of full scale
# Decibels: what stands out by less is no word, and mere noise seldom stands out by more than this.
_LEAST, _NOISE = 6.0, 4.5
# The upper and the lower limit, as shares of how far the loudest stands out of the noise.
_UPPER, _LOWER = 0.4, 0.15
# Frames. A pause as long as this parts words: the silence in "eight" and "six" is shorter.
_PAUSE = 22
_HISS, _GAP = 20, 6  # how far a word may reach below the upper limit, and with what gap
_SHORTEST, _MARGIN = 8, 5
# A recording of fewer frames holds one word, whatever else rustles in it; in a longer one what is
# so many decibels quieter than the clearest is none.
_ONE_WORD, _MUCH_QUIETER = 150, 20.0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Frames that surely belong to a word."""

    first: int
    end: int
    peak: float  # decibels
    weight: float  # decibels above the upper limit, summed over its frames


def find_words(samples: Samples, limits: AudioLimits, notes: Notes) -> tuple[Utterance, ...]:
    """Return the words of a recording, in order.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        The recording at `RATE`.
    limits : AudioLimits
        How many are given, and of which length.
    notes : Notes
        Where it is said what was left out.

    Returns
    -------
    tuple of Utterance
    """
    if not samples.size:
        return ()
    spans = _spans(loudness(samples))
    if len(spans) > limits.utterances:
        notes.add(f"only the first {limits.utterances} words were read", doubt=True)
    most = int(limits.word * RATE)
    found = []
    for first, onset, end in spans[: limits.utterances]:
        start, stop = first * HOP, min(end * HOP, len(samples))
        if stop - start > most:
            said = f"{(stop - start) / RATE:.1f} s without a pause"
            notes.add(f"{said}: only the first {limits.word:.0f} s were read as a word", doubt=True)
            stop = start + most
        found.append(Utterance(start / RATE, stop / RATE, samples[start:stop], onset * HOP / RATE))
    return tuple(found)


def loudness(samples: Samples) -> Levels:
    """Return by how much each 10 ms stand out of the noise of their recording, in decibels.

    Each of ten bands is measured against its own noise, so that a voice is heard below a hiss, and
    a hissed sound above a hum; the three bands that stand out most count.

    Examples
    --------
    >>> loudness(np.zeros(800, np.float32)).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    spectra = power_spectra(samples)
    bands = np.add.reduceat(spectra[:, : _EDGES[-1]], _EDGES[:-1], axis=1)
    levels = _smoothed(10 * np.log10(bands + _SILENCE))
    # The quietest tenth is noise, or in a recording cut close the quietest of the word itself.
    over = np.sort(levels - np.percentile(levels, 10, axis=0), axis=1)
    return np.asarray(np.maximum(over[:, -_HEARD:].mean(axis=1), 0), np.float32)


def _spans(levels: Levels) -> list[tuple[int, int, int]]:
    """Return where words begin, with a margin, are first heard, and end, in frames."""
    top = float(levels.max())
    if top < _LEAST:
        return []
    stretches = _stretches(levels, max(_NOISE, _UPPER * top))
    clearest = max(stretches, key=lambda one: one.weight)
    if levels.size < _ONE_WORD:
        stretches = [clearest]
    else:
        least = clearest.peak - _MUCH_QUIETER
        stretches = [one for one in stretches if _is_word(one, least)] or [clearest]
    return _reaching(levels >= max(_NOISE, _LOWER * top), stretches)


def _is_word(one: _Stretch, least: float) -> bool:
    """Return whether a stretch is neither a click nor far away."""
    return one.end - one.first >= _SHORTEST and one.peak >= least


def _smoothed(levels: Levels) -> Levels:
    """Return the mean of each moment and two neighbours on each side, shape (n, bands)."""
    sums = np.cumsum(np.pad(levels, ((3, 2), (0, 0)), mode="edge"), axis=0, dtype=np.float64)
    return np.asarray((sums[5:] - sums[:-5]) / 5, np.float32)


def _stretches(levels: Levels, limit: float) -> list[_Stretch]:
    """Return the stretches above a limit; those that no pause parts are one."""
    loud = np.flatnonzero(levels >= limit)
    parted = np.flatnonzero(np.diff(loud) > _PAUSE)
    firsts = loud[np.concatenate(([0], parted + 1))]
    lasts = loud[np.concatenate((parted, [loud.size - 1]))]
    over = np.maximum(levels - limit, 0)
    return [
        _Stretch(
            int(first),
            int(last) + 1,
            float(levels[first : last + 1].max()),
            float(over[first : last + 1].sum()),
        )
        for first, last in zip(firsts, lasts, strict=True)
    ]


def _reaching(heard: NDArray[np.bool_], stretches: list[_Stretch]) -> list[tuple[int, int, int]]:
    """Return how far words reach, with a margin, and none into another; second where without it.

    Parameters
    ----------
    heard : ndarray of bool, shape (n,)
        Whether each frame is above the lower limit.
    stretches : list of _Stretch
        What surely belongs to words.
    """
    spans = []
    for number, one in enumerate(stretches):
        before = stretches[number - 1].end if number else 0
        after = stretches[number + 1].first if number + 1 < len(stretches) else heard.size
        # A pause is shared between the words that it parts.
        least = (before + one.first + 1) // 2 if number else 0
        most = (one.end + after) // 2 if number + 1 < len(stretches) else heard.size
        first = one.first - _reach(heard[least : one.first][::-1])
        end = one.end + _reach(heard[one.end : most])
        spans.append((max(least, first - _MARGIN), first, min(most, end + _MARGIN)))
    return spans


def _reach(heard: NDArray[np.bool_]) -> int:
    """Return how many frames outwards a word goes on, over short gaps."""
    there = np.flatnonzero(heard[:_HISS])
    gaps = np.flatnonzero(np.diff(there, prepend=-1) > _GAP)
    there = there[: gaps[0]] if gaps.size else there
    return int(there[-1]) + 1 if there.size else 0
