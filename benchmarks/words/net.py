"""Measure nets for words: each speaker of FSDD left out in turn, and the official split.

``left-out`` teaches a net all speakers but one, and the voices of programs (``--voices``, the file
that scripts/voices.py writes), and judges that one. ``official`` leaves recordings 0 to 4 of each
speaker and digit out. ``--keep`` keeps the nets: ladder.py ``--nets`` judges with those of
``left-out`` in noise. Recordings of Speech Commands are judged by each, and were never learned.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import DIGITS, Clip, clips
from words.nets import logits

from chaffinch.features.spoken import around
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.readers.audio import read_audio

_OFFICIAL = 5  # recordings of each speaker and digit that the official split tests on


class Lessons:
    """What nets learn, and where they are kept."""

    def __init__(self, voices_file: Path | None, folder: Path, seed: int) -> None:
        from chaffinch.nets.words import synthesised

        self.said = synthesised(voices_file, DIGITS) if voices_file is not None else None
        self.folder = folder
        self.seed = seed

    def net(self, name: str, learned: Sequence[Clip]) -> tuple[Path, float]:
        """Return the file of a net that has learned recordings, and the CPU seconds it took."""
        from dataclasses import replace

        import torch

        from chaffinch.nets.export import export
        from chaffinch.nets.words import RECIPE, beside, recorded, word_net

        path = self.folder / f"{name}.onnx"
        if path.exists():
            return path, float("nan")
        torch.set_num_threads(1)
        words, numbers, strangers = recorded(one.data for one in learned), codes(learned), None
        recipe = replace(RECIPE, seed=self.seed)
        if self.said is not None:
            words, numbers, strangers = beside(words, numbers, self.said)
        begun = time.process_time()
        net = word_net(words, numbers, len(DIGITS), strangers=strangers, recipe=recipe)
        took = time.process_time() - begun
        export(net, path, shape=(40, 101), about={"name": name, "labels": " ".join(DIGITS)})
        return path, took


def codes(some: Sequence[Clip]) -> NDArray[np.int64]:
    """Return the number of each digit."""
    return np.array([DIGITS.index(one.label) for one in some])


def judged(path: Path, asked: Sequence[Clip]) -> NDArray[np.bool_]:
    """Return of which recordings a net is right."""
    heard = np.stack([around(read_audio(one.data)) for one in asked])
    right: NDArray[np.bool_] = logits(path, heard).argmax(1) == codes(asked)
    return right


def share(right: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the share that is right, in percent, with its interval."""
    found = clopper_pearson(int(right.sum()), len(right))
    return {
        "right_percent": round(100 * found.value, 2),
        "right_percent_95": [round(100 * found.low, 2), round(100 * found.high, 2)],
        "judged": len(right),
    }


def main() -> None:
    """Measure; print the table, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["left-out", "official"])
    parser.add_argument("--voices", type=Path, help="what programs said, from scripts/voices.py")
    parser.add_argument("--keep", type=Path, help="folder for the nets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speakers", nargs="*", help="only these")
    options = parser.parse_args()
    heard = clips("fsdd")
    others = [one for one in clips("speech_commands") if one.label in DIGITS]
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        lessons = Lessons(options.voices, options.keep or Path(scratch), options.seed)
        parts: dict[str, tuple[list[Clip], list[Clip]]] = {}
        if options.what == "official":
            late = [one for one in heard if one.take >= _OFFICIAL]
            parts["official"] = late, [one for one in heard if one.take < _OFFICIAL]
        else:
            for speaker in options.speakers or sorted({one.speaker for one in heard}):
                learned = [one for one in heard if one.speaker != speaker]
                asked = [one for one in heard if one.speaker == speaker]
                parts[f"without-{speaker}"] = learned, asked
        rights = []
        for name, (learned, asked) in parts.items():
            path, took = lessons.net(name, learned)
            right = judged(path, asked)
            rights.append(right)
            found[name] = {
                **share(right),
                "strangers": share(judged(path, others)),
                "cpu_seconds": round(took, 1),
            }
            print(name, found[name], flush=True)
    found["all"] = share(np.concatenate(rights))
    rows = [
        [
            name,
            f"{one['right_percent']:.2f}",
            "–".join(f"{edge:.2f}" for edge in one["right_percent_95"]),
            f"{one['strangers']['right_percent']:.1f}" if "strangers" in one else "",
        ]
        for name, one in found.items()
    ]
    print(markdown(["net", "right %", "95%", "Speech Commands %"], rows))
    told = {"voices": options.voices is not None, "seed": options.seed, "nets": found}
    write(f"words_net_{options.what.replace('-', '_')}", told)


if __name__ == "__main__":
    main()
