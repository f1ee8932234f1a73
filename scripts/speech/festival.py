"""Festival: a voice of joined diphones, and one of hidden Markov models."""

from __future__ import annotations

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

NAME = "festival"
LICENCE = "as BSD's (University of Edinburgh, Carnegie Mellon University): free for any use"

# Voices and where they are installed, and in Scheme how pace and pitch are set, of which the second
# has only pace.
_DIPHONES, _MODELS = "ked_diphone", "cmu_us_slt_arctic_hts"
_VOICES = ((_DIPHONES, "m"), (_MODELS, "f"))
_PLACES = (f"english/{_DIPHONES}", f"us/{_MODELS}")
_VOICES_AT = Path("/usr/share/festival/voices")
_HOW = {
    _DIPHONES: """
(Parameter.set 'Duration_Stretch {slower:.3f})
(set! int_lr_params '((target_f0_mean {pitch:.1f}) (target_f0_std 14)
                      (model_f0_mean 170) (model_f0_std 34)))""",
    _MODELS: """
(set! hts_engine_params (append hts_engine_params '(("-r" {faster:.3f}))))""",
}
_PITCH = 105  # hertz of the first
_DIGIT, _WORD = 24, 6  # clips of each


def missing() -> str:
    """Return what is not installed of it, or an empty string."""
    voices = [f"its voice {place}" for place in _PLACES if not (_VOICES_AT / place).is_dir()]
    return absent("festival") or " and ".join(voices)


def version() -> str:
    """Return which version it is."""
    return about("festival", "--version").strip().removeprefix("festival: ")


def orders(chance: np.random.Generator) -> list[Order]:
    """Return what it is to say."""
    ordered = []
    for word in (*DIGITS, OH, *COMMANDS, *OTHERS):
        count = _DIGIT if word in (*DIGITS, OH) else _WORD
        for voice, sex in spread(_VOICES, count, chance):
            pace, tract = between(0.8, 1.5, chance), between(0.85, 1.2, chance)
            pitch = between(0.85, 1.2, chance)
            ordered.append(Order(word, voice, "", sex, word, pace, pitch, tract))
    return ordered


def speak(orders: Sequence[Order]) -> Iterator[Sound | None]:
    """Yield what each order sounds like; None if it could not be said."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.wav" for number in range(len(orders))]
        script = Path(folder) / "orders.scm"
        script.write_text("".join(map(_scheme, orders, paths)))
        output("festival", "-b", str(script))
        for path in paths:
            yield from_wav(path.read_bytes()) if path.is_file() else None


def _scheme(order: Order, path: Path) -> str:
    slower, pitch = order.pace * order.tract, _PITCH * order.pitch
    how = _HOW[order.voice].format(slower=slower, faster=1 / slower, pitch=pitch)
    return f"""
(voice_{order.voice}){how}
(utt.save.wave (SynthText "{order.said}") "{path}" 'riff)
"""
