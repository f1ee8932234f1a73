"""Where words begin and end in a recording, in noise as well.

After L. Rabiner and M. Sambur, "An algorithm for determining the endpoints of isolated utterances",
Bell System Technical Journal 54, 1975: what is surely a word stands out of the noise by an upper
limit, and reaches as far as a lower one. Both depend on how far it stands out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

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
#: Frames: a pause as long as this parts words. The silence in "eight" and "six" is shorter.
PAUSE = 22
# Frames.
_HISS, _GAP = 20, 6  # how far a word may reach below the upper limit, and with what gap
_SHORTEST, _MARGIN = 8, 5
# Samples that are kept of what is round a word, on both sides together: chosen on FSDD in noise.
_ROUND = 6 * RATE // 10
#: A recording of fewer frames holds one word, whatever else rustles in it.
ONE_WORD = 150
# In a longer one what is so many decibels quieter than the clearest is none.
_MUCH_QUIETER = 20.0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Frames that surely belong to a word."""

    first: int
    end: int
    peak: float  # decibels
    weight: float  # decibels above the upper limit, summed over its frames


class Span(NamedTuple):
    """Where a word lies, in frames.

    Attributes
    ----------
    first, end : int
        Where it begins and ends, with a margin.
    onset : int
        Where it is first heard.
    surely : int
        Where what is surely of it ends; below that it may reach further.
    """

    first: int
    end: int
    onset: int
    surely: int


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
    spans = spans_of(loudness(samples))
    if len(spans) > limits.utterances:
        notes.add(f"only the first {limits.utterances} words were read", doubt=True)
    most = int(limits.word * RATE)
    found = []
    for number, one in enumerate(spans[: limits.utterances]):
        start, stop = one.first * HOP, min(one.end * HOP, len(samples))
        if stop - start > most:
            said = f"{(stop - start) / RATE:.1f} s without a pause"
            notes.add(f"{said}: only the first {limits.word:.0f} s were read as a word", doubt=True)
            stop = start + most
        least = spans[number - 1].end * HOP if number else 0
        last = spans[number + 1].first * HOP if number + 1 < len(spans) else len(samples)
        first, end = among(start, stop, least, last)
        onset = one.onset * HOP / RATE
        heard = samples[first:end]
        found.append(Utterance(start / RATE, stop / RATE, samples[start:stop], onset, heard))
    return tuple(found)


def among(start: int, stop: int, least: int, most: int) -> tuple[int, int]:
    """Return from and to where a word is kept with what is round it, in samples.

    So much that what is kept is still a recording of one word.

    Parameters
    ----------
    start, stop : int
        Where it begins and ends.
    least, most : int
        Where its neighbours end and begin.
    """
    more = min(_ROUND, (ONE_WORD - 1) * HOP - (stop - start)) // 2
    return max(least, start - max(more, 0)), min(max(most, stop), stop + max(more, 0))


def loudness(samples: Samples) -> Levels:
    """Return by how much each 10 ms stand out of the noise of their recording, in decibels.

    Each of ten bands is measured against its own noise, so that a voice is heard below a hiss, and
    a hissed sound above a hum; the three bands that stand out most count.

    Examples
    --------
    >>> loudness(np.zeros(800, np.float32)).tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    return above_noise(band_levels(power_spectra(samples)))


def band_levels(spectra: Samples) -> Levels:
    """Return how loud each of ten bands is in power spectra, in decibels, shape (n, 10)."""
    bands = np.add.reduceat(spectra[:, : _EDGES[-1]], _EDGES[:-1], axis=1)
    return np.asarray(10 * np.log10(bands + _SILENCE), np.float32)


def above_noise(levels: Levels) -> Levels:
    """Return by how much each moment stands out of the noise of all, in decibels, shape (n,).

    Parameters
    ----------
    levels : ndarray of float32, shape (n, 10)
        As `band_levels` gives them.
    """
    levels = _smoothed(levels)
    # The quietest tenth is noise, or in a recording cut close the quietest of the word itself.
    over = np.sort(levels - np.percentile(levels, 10, axis=0), axis=1)
    return np.asarray(np.maximum(over[:, -_HEARD:].mean(axis=1), 0), np.float32)


def spans_of(levels: Levels) -> list[Span]:
    """Return where the words of a recording lie, in order.

    Parameters
    ----------
    levels : ndarray of float32, shape (n,)
        By how much each moment stands out of the noise, in decibels.
    """
    top = float(levels.max())
    if top < _LEAST:
        return []
    stretches = _stretches(levels, max(_NOISE, _UPPER * top))
    clearest = max(stretches, key=lambda one: one.weight)
    if levels.size < ONE_WORD:
        stretches = [clearest]
    else:
        least = clearest.peak - _MUCH_QUIETER
        stretches = [one for one in stretches if _is_word(one, least)] or [clearest]
    return _reaching(levels >= max(_NOISE, _LOWER * top), stretches)


def spans_since(levels: Levels, since: int) -> list[Span]:
    """Return where the words lie that begin at a moment or later, of a recording that goes on.

    Parameters
    ----------
    levels : ndarray of float32, shape (n,)
        By how much each moment stands out of the noise, in decibels.
    since : int
        The frame before which all words are known.
    """
    top = float(levels.max(initial=0.0))
    limit = max(_NOISE, _UPPER * top)
    if top < _LEAST or not (levels[since:] >= limit).any():
        return []
    clearest = max(_stretches(levels, limit), key=lambda one: one.weight)
    later = np.where(np.arange(levels.size) < since, 0, levels)
    found = _stretches(later, limit)
    words = [one for one in found if _is_word(one, clearest.peak - _MUCH_QUIETER)]
    return _reaching(later >= max(_NOISE, _LOWER * top), words, since)


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
    parted = np.flatnonzero(np.diff(loud) > PAUSE)
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


def _reaching(heard: NDArray[np.bool_], stretches: list[_Stretch], since: int = 0) -> list[Span]:
    """Return how far words reach, with a margin, and none into another.

    Parameters
    ----------
    heard : ndarray of bool, shape (n,)
        Whether each frame is above the lower limit.
    stretches : list of _Stretch
        What surely belongs to words.
    since : int
        The frame before which none reaches.
    """
    spans = []
    for number, one in enumerate(stretches):
        before = stretches[number - 1].end if number else 0
        after = stretches[number + 1].first if number + 1 < len(stretches) else heard.size
        # A pause is shared between the words that it parts.
        least = (before + one.first + 1) // 2 if number else since
        most = (one.end + after) // 2 if number + 1 < len(stretches) else heard.size
        onset = one.first - _reach(heard[least : one.first][::-1])
        end = one.end + _reach(heard[one.end : most])
        first = max(least, onset - _MARGIN)
        spans.append(Span(first, min(most, end + _MARGIN), onset, one.end))
    return spans


def _reach(heard: NDArray[np.bool_]) -> int:
    """Return how many frames outwards a word goes on, over short gaps."""
    there = np.flatnonzero(heard[:_HISS])
    gaps = np.flatnonzero(np.diff(there, prepend=-1) > _GAP)
    there = there[: gaps[0]] if gaps.size else there
    return int(there[-1]) + 1 if there.size else 0
