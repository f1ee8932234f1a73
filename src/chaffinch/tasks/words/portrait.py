"""How a recording is shown: the spectrum of its word, what it is in a few words, how it sounds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chaffinch.features.mel import BANDS, log_mel, pitches
from chaffinch.features.sounds import Floats, said_in
from chaffinch.medium import Portrait
from chaffinch.readers.audio import RATE, write_wav
from chaffinch.readers.audio.spectrum import HOP

#: Frames that are drawn of a word, 10 ms each, and how many of them lie before it is first heard.
FRAMES, BEFORE = 76, 5
# Decibels from what is drawn darkest to what is not drawn.
_DEPTH = 50.0
_BARS, _BARRED = "▁▂▃▄▅▆▇█", 8
_FAINT = 1e-5  # of full scale


def spectrum_of(content: Any) -> Floats:
    """Return what the first word of a recording looks like: high sounds above, early ones left.

    Words begin at the same place, and are neither stretched nor, but for what lies beyond 0.7 s,
    cut.

    Parameters
    ----------
    content : Recording
        As `chaffinch.readers.audio.read_audio` read it.

    Returns
    -------
    ndarray of float32, shape (40, 76)
        1 for the loudest moment of the loudest band, 0 for what is 50 dB below it.

    Examples
    --------
    >>> from chaffinch.readers.audio import read_audio
    >>> spectrum_of(read_audio(b"no recording")).any()
    np.False_
    """
    if content.blank:
        return np.zeros((BANDS, FRAMES), np.float32)
    word = content.utterances[0]
    window = np.zeros((FRAMES - 1) * HOP, np.float32)
    first = round((word.onset - word.start) * RATE) - BEFORE * HOP
    heard = word.samples[max(0, first) : max(0, first + window.size)]
    at = max(0, -first)
    window[at : at + heard.size] = heard[: window.size - at]
    levels = log_mel(window)
    inked = 1 - (levels.max() - levels) / np.float32(_DEPTH)
    return np.asarray(np.maximum(inked, 0)[::-1], np.float32)


def told_of(content: Any) -> str:
    """Return how loud a recording is from moment to moment, how long its word lasts, and notes.

    Examples
    --------
    >>> from chaffinch.readers.audio import read_audio
    >>> told_of(read_audio(write_wav(np.zeros(8000, np.float32))))
    'silence: 1.0 s in which nothing is heard'
    """
    notes = list(content.notes)
    if not content.blank:
        word = content.utterances[0]
        of = f" of {len(content.utterances)} words" if len(content.utterances) > 1 else ""
        level = 20 * math.log10(max(float(np.sqrt(np.square(word.samples).mean())), _FAINT))
        lasts = f"{word.end - word.start:.2f} s{of}"
        notes.insert(0, f"{loudness_line(word.samples)} {lasts}, {level:.0f} dB")
    return "; ".join(notes)


def loudness_line(samples: Floats, wide: int = _BARRED) -> str:
    """Return how loud sound is from moment to moment, in bars of 6 dB each.

    Parameters
    ----------
    samples : ndarray of float32, shape (n,)
        The sound.
    wide : int
        How many bars.

    Examples
    --------
    >>> loudness_line(np.repeat([0.1, 1.0, 0.01], 800).astype(np.float32), 3)
    '▅█▁'
    """
    parts = np.array_split(samples, wide)
    power = np.array([float(np.square(one).mean()) if one.size else 0.0 for one in parts])
    levels = 10 * np.log10(np.maximum(power / max(power.max(), _FAINT**2), _FAINT**2))
    bars = np.clip(len(_BARS) - 1 + np.rint(levels / 6), 0, len(_BARS) - 1)
    return "".join(_BARS[bar] for bar in bars.astype(int).tolist())


def _played(content: Any) -> bytes:
    return write_wav(said_in(content))


def _size(content: Any) -> str:
    return f"{content.rate:,} Hz"


def _place(rows: range, columns: range) -> str:
    low, high = pitches(BANDS - rows.stop, BANDS - rows.start)
    first, end = (10 * (column - BEFORE) for column in (columns.start, columns.stop))
    return f"{low / 1000:.1f}–{high / 1000:.1f} kHz at {first}–{end} ms"


PORTRAIT = Portrait(
    of=spectrum_of,
    told=told_of,
    dark="sound",
    light="quiet",
    looks="spectra",
    legend="High sounds are above, early ones left; milliseconds since the word is first heard.",
    size=_size,
    patch=(8, 5),
    place=_place,
    played=_played,
    before=BEFORE,
)
