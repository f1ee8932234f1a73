"""Flite: four voices made of recordings of four people, by Carnegie Mellon University."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from speech.orders import Order, between, from_wav, spread
from speech.programs import about, absent, output
from speech.words import COMMANDS, DIGITS, OH, OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np

    from chaffinch.readers.audio.wav import Sound

NAME = "flite"
LICENCE = "as BSD's (Carnegie Mellon University): free for any use"

_VOICES = (("awb", "m"), ("kal16", "m"), ("rms", "m"), ("slt", "f"))
_DIGIT, _WORD = 40, 8  # clips of each


def missing() -> str:
    """Return what is not installed of it, or an empty string."""
    return absent("flite")


def version() -> str:
    """Return which version it is."""
    return about("flite", "--version").split("version: ")[-1].split(" ")[0]


def orders(chance: np.random.Generator) -> list[Order]:
    """Return what it is to say."""
    ordered = []
    for word in (*DIGITS, OH, *COMMANDS, *OTHERS):
        count = _DIGIT if word in (*DIGITS, OH) else _WORD
        for voice, sex in spread(_VOICES, count, chance):
            pace, tract = between(0.8, 1.5, chance), between(0.85, 1.2, chance)
            ordered.append(Order(word, voice, "", sex, word, pace, tract=tract))
    return ordered


def speak(orders: Sequence[Order]) -> Iterator[Sound | None]:
    """Yield what each order sounds like; None if it could not be said."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        for order in orders:
            slower = f"duration_stretch={order.pace * order.tract:.3f}"
            how = ("-voice", order.voice, "--setf", slower)
            try:
                output("flite", *how, "-t", order.said, "-o", str(path))
                yield from_wav(path.read_bytes())
            except (subprocess.SubprocessError, OSError):
                yield None
