"""SVOX Pico: six women, two of whom are at home in English."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.wav import Sound
from speech.orders import Order, between, spread
from speech.programs import absent_packages
from speech.words import COMMANDS, DIGITS, FOREIGN, OH, OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "pico"
LICENCE = "Apache-2.0 (SVOX, as in Android)"

_ENGLISH, _FOREIGN = ("en-GB", "en-US"), ("de-DE", "es-ES", "fr-FR", "it-IT")
_RATE = 16000
_DIGIT, _WORD = 36, 6  # clips of each


def missing() -> str:
    """Return what is not installed of it, or an empty string."""
    return absent_packages("py-nanotts")


def version() -> str:
    """Return which version it is."""
    return f"py-nanotts {metadata.version('py-nanotts')}"


def orders(chance: np.random.Generator) -> list[Order]:
    """Return what it is to say."""
    ordered = []
    for place, word in enumerate((*DIGITS, OH, *COMMANDS, *OTHERS)):
        digit = place <= len(DIGITS)
        voices = (*_ENGLISH, *_FOREIGN) if digit else _ENGLISH
        for voice in spread(voices, _DIGIT if digit else _WORD, chance):
            said = FOREIGN[voice[:2]].split()[place] if voice in _FOREIGN else word
            pace, pitch = between(0.75, 1.3, chance), between(0.8, 1.25, chance)
            tract = between(0.82, 1.15, chance)
            ordered.append(Order(word, voice, voice[:2], "f", said, pace, pitch, tract))
    return ordered


def speak(orders: Sequence[Order]) -> Iterator[Sound | None]:
    """Yield what each order sounds like; None if it could not be said."""
    from py_nanotts import NanoTTS

    engine = NanoTTS()
    for order in orders:
        speed = 1 / (order.pace * order.tract)
        said = engine.speak(order.said, voice=order.voice, speed=speed, pitch=order.pitch)
        samples = np.frombuffer(said, "<i2") / np.float32(32768)
        yield Sound(samples.astype(np.float32), _RATE)
