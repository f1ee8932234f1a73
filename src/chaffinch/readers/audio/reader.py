"""Reading a recording: bytes in, words out, whatever the bytes are."""

from __future__ import annotations

import numpy as np

from chaffinch.readers.audio.content import DEFAULT, RATE, AudioLimits, Recording
from chaffinch.readers.audio.decode import decode
from chaffinch.readers.audio.resample import resampled
from chaffinch.readers.audio.words import find_words
from chaffinch.readers.notes import Notes

_FULL = 0.999  # of full scale
_CLIPPED = 0.002  # share of samples at full scale from which sound is noticeably distorted
_CONSTANT = 0.02  # of full scale


def read_audio(data: bytes, limits: AudioLimits = DEFAULT) -> Recording:
    """Return what is said in a recording; any bytes are a readable recording.

    WAV is read as it is, FLAC, Ogg and MP3 through libsndfile where it is installed, and these and
    WebM and MP4 through FFmpeg. Channels become one, any rate becomes 8 kHz, what is constant is
    taken out, and the words are found.

    Parameters
    ----------
    data : bytes
        The file's bytes, or anything else.
    limits : AudioLimits
        How much of it is read.

    Returns
    -------
    Recording
        What could be read, and notes on what could not.

    Examples
    --------
    >>> from chaffinch.readers.audio.wav import write_wav
    >>> beep = np.zeros(16000, np.float32)
    >>> beep[4000:8000] = np.sin(np.arange(4000))
    >>> recording = read_audio(write_wav(beep, 16000))
    >>> [(round(one.start, 1), round(one.end, 1)) for one in recording.utterances]
    [(0.2, 0.6)]
    >>> read_audio(b"Subject: tea").notes
    ('no sound: it begins as none of WAV, FLAC, Ogg, WebM, MP3 and MP4 does',)
    """
    notes = Notes()
    sound = decode(data, limits, notes)
    if sound is None:
        return Recording(np.empty(0, np.float32), (), notes.taken())
    samples = resampled(_centred(sound.samples, notes), sound.rate)
    utterances = find_words(samples, limits, notes)
    if not utterances:
        notes.add(_why_none(samples))
    return Recording(samples, utterances, notes.taken(), sound.rate, notes.doubts())


def _centred(samples: np.ndarray, notes: Notes) -> np.ndarray:
    """Return sound around 0 and within full scale, and note what was wrong with it."""
    if not samples.size:
        return samples
    low, high = float(samples.min()), float(samples.max())
    loudest = max(-low, high)
    if loudest > 1:
        samples = samples / np.float32(loudest)
        low, high, loudest = low / loudest, high / loudest, 1.0
    if loudest >= _FULL:
        clipped = float((np.abs(samples) >= _FULL).mean())
        if clipped >= _CLIPPED:
            notes.add(f"clipped: {clipped:.1%} of it is at full scale: record it less loud")
    mean = float(samples.mean(dtype=np.float64))
    if abs(mean) > _CONSTANT and high > low:
        notes.add(f"a constant offset of {mean:+.0%} of full scale was taken out")
    return np.asarray(samples - np.float32(mean), np.float32)


def _why_none(samples: np.ndarray) -> str:
    if not samples.size:
        return "no sound: it lasts no time"
    if float(np.abs(samples).max()) < 1e-4:
        return f"silence: {len(samples) / RATE:.1f} s in which nothing is heard"
    return "no word stands out of the noise"
