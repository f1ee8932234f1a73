"""eSpeak NG: formant synthesis, in eight accents of English, other languages, and many voices."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from chaffinch.readers.audio.wav import Sound
from speech.orders import Order, between, from_wav, spread
from speech.programs import about, absent, output
from speech.words import COMMANDS, DIGITS, FOREIGN, OH, OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np

NAME = "espeak-ng"
LICENCE = "GPL-3.0-or-later; what it says is not covered by it"

_ACCENTS = tuple(
    "en-gb en-us en-gb-scotland en-gb-x-gbclan en-gb-x-rp en-gb-x-gbcwmd en-029 en-us-nyc".split()
)
_WOMEN = "Andrea anika aunty belinda f1 f2 f3 f4 f5 grandma linda steph".split()
_MEN = (
    "Alex Andy Denis Diogo Gene Henrique Hugo Jacky Marco Mario Michael Mike adam antonio"
    " benjamin caleb croak david ed edward grandpa iven john klatt klatt2 klatt3"
    " klatt4 klatt5 klatt6 m1 m2 m3 m4 m5 m6 m7 m8 max michel miguel pablo paul"
    " pedro quincy rob robert sandro victor"
).split()
_VOICES = [*((name, "f") for name in _WOMEN), *((name, "m") for name in _MEN)]
# Clips of each digit in English accents and in others, and of each other word.
_DIGIT, _FOREIGN, _WORD = 120, 90, 40
_SPEED, _PITCH = 160, 50  # words a minute, and a voice's own pitch on a scale to 99


def missing() -> str:
    """Return what is not installed of it, or an empty string."""
    return absent("espeak-ng")


def version() -> str:
    """Return which version it is."""
    return about("espeak-ng", "--version").split(" Data")[0]


def orders(chance: np.random.Generator) -> list[Order]:
    """Return what it is to say."""
    english = [(*voice, accent) for voice in _VOICES for accent in _ACCENTS]
    foreign = [(*voice, language) for voice in _VOICES for language in FOREIGN]
    ordered = []
    for place, word in enumerate((*DIGITS, OH, *COMMANDS, *OTHERS)):
        digit = place <= len(DIGITS)
        chosen = spread(english, _DIGIT if digit else _WORD, chance)
        chosen += spread(foreign, _FOREIGN if digit else 0, chance)
        for voice, sex, accent in chosen:
            said = FOREIGN[accent].split()[place] if accent in FOREIGN else word
            said += str(chance.choice(["", "", ",", "!", "?"]))
            pace, pitch = between(0.8, 1.45, chance), between(0.8, 1.25, chance)
            ordered.append(Order(word, voice, accent, sex, said, pace, pitch))
    return ordered


def speak(orders: Sequence[Order]) -> Iterator[Sound | None]:
    """Yield what each order sounds like; None if it could not be said."""
    for order in orders:
        speed, pitch = round(_SPEED / order.pace), round(min(99.0, _PITCH * order.pitch**2))
        voice = ("-v", f"{order.accent}+{order.voice}", "-s", str(speed), "-p", str(pitch))
        try:
            yield from_wav(output("espeak-ng", *voice, "--stdout", "--", order.said))
        except subprocess.SubprocessError:
            yield None


def phonemes(words: Sequence[str], accent: str) -> list[str]:
    """Return how words are pronounced, in the International Phonetic Alphabet.

    Parameters
    ----------
    words : sequence of str
        The words.
    accent : str
        Its name of an accent.

    Returns
    -------
    list of str
        As many.
    """
    text = output("espeak-ng", "-q", "--ipa", "-v", accent, "--", ".\n".join(words)).decode()
    return [line.strip() for line in text.splitlines() if line.strip()]
