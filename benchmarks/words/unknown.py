"""What the nets for words make of what is none of their words.

The nets that net.py left-out kept (``--nets``) judge recordings that none has learned: the speaker
each has not heard, the digits of Speech Commands, and, where nothing should be accepted, its other
words and recordings that hold no word: noise, music, voices through each other, silence, and digits
backwards. Other words by programs were among what they were taught to doubt, and so was nothing
else. Told is the share that is accepted from several probabilities on.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import DIGITS, Clip, clips
from words.nets import logits
from words.noise import disturbed

from chaffinch.features.spoken import LENGTH, around
from chaffinch.models.multiclass import softmax
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.readers.audio import read_audio, write_wav

_FROM = (0.5, 0.75, 0.9, 0.95)
_EACH = 100  # recordings without a word, of each kind
Sounds = NDArray[np.float32]


def heard(some: list[Clip]) -> Sounds:
    """Return the second that a net hears of each."""
    return np.stack([around(read_audio(one.data)) for one in some])


def without_words(digits: list[Clip]) -> dict[str, Sounds]:
    """Return recordings that hold no word, by kind, as far as the reader finds a word in them."""
    random = np.random.default_rng(0)
    silence = np.full(LENGTH, 1e-4, np.float32)
    voices = [one.samples for one in digits]
    made: dict[str, list[Sounds]] = {
        f"{kind} alone": [disturbed(silence, kind, -60.0, random, voices) for _ in range(_EACH)]
        for kind in ("white noise", "music", "babble")
    }
    made["silence"] = [1e-3 * random.normal(size=LENGTH).astype(np.float32) for _ in range(_EACH)]
    some = random.permutation(len(digits))[:_EACH]
    made["digits backwards"] = [digits[one].samples[::-1] for one in some]
    return {
        kind: np.stack([around(read_audio(write_wav(sound))) for sound in sounds])
        for kind, sounds in made.items()
    }


def said(path: Path, sounds: Sounds) -> tuple[NDArray[np.int64], Sounds]:
    """Return which digit a net hears, and how probable it is; nothing where there is no sound."""
    scores = logits(path, sounds)
    sure = softmax(scores).max(axis=1).astype(np.float32)
    sure[~sounds.any(axis=1)] = 0
    return scores.argmax(axis=1), sure


def main() -> None:
    """Measure; print the table, and write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nets", type=Path, required=True)
    nets = sorted(parser.parse_args().nets.glob("without-*.onnx"))
    everybody, commands = clips("fsdd"), clips("speech_commands")
    digits = [one for one in commands if one.label in DIGITS]
    others = {"other words": heard([one for one in commands if one.label not in DIGITS])}
    others |= without_words(everybody)
    known: dict[str, list[tuple[NDArray[np.bool_], Sounds]]] = {}
    unknown: dict[str, list[Sounds]] = {}
    for net in nets:
        own = [one for one in everybody if f"without-{one.speaker}" == net.stem]
        for kind, some in (("digits, speaker left out", own), ("digits, Speech Commands", digits)):
            labels, sure = said(net, heard(some))
            right = labels == [DIGITS.index(one.label) for one in some]
            known.setdefault(kind, []).append((right, sure))
        for kind, sounds in others.items():
            unknown.setdefault(kind, []).append(said(net, sounds)[1])
    found: dict[str, dict[str, Any]] = {}
    for kind, parts in known.items():
        right = np.concatenate([one for one, _ in parts])
        sure = np.concatenate([one for _, one in parts])
        for least in _FROM:
            share = clopper_pearson(int((sure >= least).sum()), len(sure))
            wrong = clopper_pearson(
                int((~right[sure >= least]).sum()), max(1, int((sure >= least).sum()))
            )
            found.setdefault(kind, {})[str(least)] = {
                "accepted_percent": round(100 * share.value, 2),
                "wrong_of_accepted_percent": round(100 * wrong.value, 2),
                "judged": len(sure),
            }
    for kind, sures in unknown.items():
        sure = np.concatenate(sures)
        for least in _FROM:
            share = clopper_pearson(int((sure >= least).sum()), len(sure))
            found.setdefault(kind, {})[str(least)] = {
                "accepted_percent": round(100 * share.value, 2),
                "accepted_percent_95": [round(100 * share.low, 2), round(100 * share.high, 2)],
                "judged": len(sure),
            }
    rows = [
        [kind, *(f"{one['accepted_percent']:.1f}" for one in by.values())]
        for kind, by in found.items()
    ]
    print(markdown(["accepted % from", *map(str, _FROM)], rows))
    write("words_unknown", {"nets": len(nets), "accepted": found})


if __name__ == "__main__":
    main()
