"""The words of sound without an end, each told as soon as it has ended.

What the last ten seconds hold is looked at as if they were a recording: so the noise that words
stand out of, and the loudest of them, are those of a while, and what they were before is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.content import RATE, Utterance
from chaffinch.readers.audio.resample import rechunked
from chaffinch.readers.audio.spectrum import HOP, power_spectra
from chaffinch.readers.audio.words import (
    ONE_WORD,
    PAUSE,
    Span,
    above_noise,
    among,
    band_levels,
    spans_of,
    spans_since,
)

if TYPE_CHECKING:
    from chaffinch.readers.audio.content import AudioLimits, Samples
    from chaffinch.readers.notes import Notes

# Frames from one look to the next, those that are looked at, and those in which a word may yet be
# found to begin: what lies before and was quiet stays so, whatever the noise is later.
_STEP, _WINDOW, _RECENT = 10, 1000, 60
# Frames of sound before those whose spectra are wanted: half a frame of a spectrum reaches there.
_BEFORE = 2
# Frames on each side that the level of one is the mean of.
_SMOOTHED = 2


def words_as_they_come(
    sound: Iterable[Samples], limits: AudioLimits, notes: Notes
) -> Iterator[Utterance]:
    """Yield the words of sound that goes on, each a third of a second after it has ended.

    Of sound that ends before ten seconds these are nearly the words that `read_audio` finds. A word
    is at most as long as the limits have it; what goes on after that is left out up to the next
    pause. Memory is bounded however long the sound is.

    Parameters
    ----------
    sound : iterable of ndarray of float32, shape (n,)
        What comes in at `RATE`, in pieces of any size, on which nothing depends.
    limits : AudioLimits
        How long a word is at most.
    notes : Notes
        Where it is said what was left out.

    Yields
    ------
    Utterance

    Raises
    ------
    KeyboardInterrupt
        If waiting for sound was interrupted, after what had been heard until then.

    Examples
    --------
    >>> from chaffinch.readers.audio.content import DEFAULT
    >>> from chaffinch.readers.notes import Notes
    >>> beep = np.sin(np.arange(4000, dtype=np.float32))
    >>> line = [np.zeros(8000, np.float32), beep, np.zeros(8000, np.float32)]
    >>> [round(one.onset, 1) for one in words_as_they_come(line, DEFAULT, Notes())]
    [1.0]
    """
    window = _Window(int(limits.word * RATE) // HOP, notes)
    try:
        for samples in rechunked(sound, _STEP * HOP):
            window.hear(samples)
            yield from window.ended()
    except KeyboardInterrupt:
        yield from window.rest()
        raise
    yield from window.rest()


class _Window:
    """The last seconds of what was heard, and which words of it have been told.

    Parameters
    ----------
    longest : int
        Frames of a word, at most.
    notes : Notes
        Where it is said what was left out.
    """

    def __init__(self, longest: int, notes: Notes) -> None:
        self._longest = longest
        self._notes = notes
        # Sound from `_BEFORE` frames before the first level; silence before the beginning.
        self._samples = np.zeros(_BEFORE * HOP, np.float32)
        self._levels = band_levels(power_spectra(self._samples[:0]))[:0]
        self._first = 0  # the number of the first frame that is kept
        self._told = 0  # the frame before which all words are told
        self._goes_on = False  # whether what was told goes on there, longer than a word

    @property
    def _end(self) -> int:
        """The frame up to which all is heard."""
        return self._first + len(self._levels)

    def hear(self, samples: Samples) -> None:
        """Take in more sound, and forget what has gone by."""
        kept = max(0, len(self._levels) - _WINDOW)
        self._samples = np.concatenate((self._samples[kept * HOP :], samples))
        self._levels = self._levels[kept:]
        self._first += kept
        # Those whose spectra reach no further than what is heard.
        count = len(self._samples) // HOP - 2 * _BEFORE - len(self._levels) + 1
        self._measure(self._samples, count)
        self._told = max(self._told, self._first)

    def _measure(self, samples: Samples, count: int) -> None:
        """Add the levels of the next frames."""
        if count > 0:
            spectra = power_spectra(samples[len(self._levels) * HOP :])
            more = band_levels(spectra[_BEFORE : _BEFORE + count])
            self._levels = np.concatenate((self._levels, more))

    def ended(self) -> Iterator[Utterance]:
        """Yield the words that have ended, and no further sound can change."""
        if self._end < ONE_WORD:
            return
        levels = above_noise(self._levels)
        if self._goes_on:
            self._pass_by(levels)
        begun = len(levels)  # where a word begins that has not ended
        spans = spans_since(levels, self._told - self._first)
        for span, after in _followed(spans, len(levels)):
            if self._has_ended(span):
                yield self._tell(span, after)
            elif len(levels) - span.first >= self._longest:
                self._goes_on = True
                yield self._tell(span, after)
            else:
                begun = span.first
        self._told = max(self._told, self._first + min(begun, len(levels) - _RECENT))

    def _has_ended(self, span: Span) -> bool:
        """Return whether the pause after a word has been heard."""
        return span.surely + PAUSE + _SMOOTHED < len(self._levels)

    def _pass_by(self, levels: Samples) -> None:
        """Leave out what goes on of a word that was longer than one."""
        for span in spans_since(levels, self._told - self._first)[:1]:
            if span.onset + self._first - self._told <= PAUSE:
                self._told = self._first + span.surely
        self._goes_on = self._end - _SMOOTHED - self._told <= PAUSE

    def rest(self) -> Iterator[Utterance]:
        """Yield what is left when the sound has ended."""
        samples = np.concatenate((self._samples, np.zeros(_BEFORE * HOP, np.float32)))
        heard = (len(self._samples) - _BEFORE * HOP) // HOP + 1
        self._measure(samples, heard - len(self._levels))
        levels = above_noise(self._levels)
        if self._goes_on:
            self._pass_by(levels)
        short = self._end < ONE_WORD
        spans = spans_of(levels) if short else spans_since(levels, self._told - self._first)
        for span, after in _followed(spans, len(levels)):
            yield self._tell(span, after)

    def _tell(self, span: Span, after: int) -> Utterance:
        """Return a word, which another follows at some frame, and remember that it was told."""
        first, end = span.first, span.end
        whole = end - first < self._longest
        if end - first > self._longest:
            seconds = self._longest * HOP / RATE
            self._notes.add(f"sound without a pause: only {seconds:.0f} s of it are read as a word")
            end = first + self._longest
        heard = self._samples[_BEFORE * HOP :]
        start, stop = first * HOP, min(end * HOP, len(heard))
        begin, last = among(start, stop, (self._told - self._first) * HOP, after * HOP)
        # As of a recording, what is louder than full scale is brought to it.
        loudest = max(1.0, float(np.abs(heard).max()))
        context = (heard[begin:last] - heard.mean(dtype=np.float64)) / loudest
        context = np.asarray(context, np.float32)
        begun = self._first * HOP
        self._told = self._first + end
        return Utterance(
            (begun + start) / RATE,
            (begun + stop) / RATE,
            context[start - begin : stop - begin],
            (begun + span.onset * HOP) / RATE,
            context,
            whole,
            self._has_ended(span),
        )


def _followed(spans: list[Span], end: int) -> Iterator[tuple[Span, int]]:
    """Yield each word and where the next begins, or all ends."""
    return zip(spans, [*(one.first for one in spans[1:]), end], strict=False)
