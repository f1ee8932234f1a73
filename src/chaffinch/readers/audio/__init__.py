"""Any bytes are a readable recording: its sound at one rate, and the words in it."""

from __future__ import annotations

from chaffinch.readers.audio.content import DEFAULT, RATE, AudioLimits, Recording, Utterance
from chaffinch.readers.audio.decode import audio_format, require_decoder
from chaffinch.readers.audio.listen import words_as_they_come
from chaffinch.readers.audio.reader import read_audio
from chaffinch.readers.audio.stream import sound_as_it_comes
from chaffinch.readers.audio.wav import write_wav

__all__ = [
    "DEFAULT",
    "RATE",
    "AudioLimits",
    "Recording",
    "Utterance",
    "audio_format",
    "read_audio",
    "require_decoder",
    "sound_as_it_comes",
    "words_as_they_come",
    "write_wav",
]
