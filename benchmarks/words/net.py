"""Measure nets for words: each speaker of FSDD left out in turn, and the official split.

``left-out`` teaches a net all speakers but one, and the voices of programs (``--voices``, the file
that scripts/voices.py writes), and judges that one. ``official`` leaves recordings 0 to 4 of each
speaker and digit out. ``--words`` teaches some of the digits and nothing of the others, as the
rungs below the nets are taught "one" and "two" alone. In noise a net judges what ladder.py lets the
rungs judge, a hundred recordings of the speaker. ``--keep`` keeps the nets: ladder.py
``--nets`` judges with those of ``left-out`` in noise. Recordings of Speech Commands are judged by
each, and were never learned.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import DIGITS, Clip, clips
from words.nets import logits, named
from words.noise import KINDS, RATIOS, each_noise, some_of

from chaffinch.features.spoken import around
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.readers.audio import read_audio, write_wav

_OFFICIAL = 5  # recordings of each speaker and digit that the official split tests on


class Lessons:
    """What nets learn, and where they are kept."""

    def __init__(
        self, voices_file: Path | None, folder: Path, seed: int, labels: Sequence[str]
    ) -> None:
        from chaffinch.nets.words import synthesised

        self.said = synthesised(voices_file, labels) if voices_file is not None else None
        self.folder = folder
        self.seed = seed
        self.labels = labels

    def net(self, name: str, learned: Sequence[Clip]) -> tuple[Path, float | None]:
        """Return the file of a net that has learned recordings, and the CPU seconds it took.

        Of one that was kept from before nobody knows them.
        """
        from dataclasses import replace

        import torch

        from chaffinch.nets.export import export
        from chaffinch.nets.words import beside, recipe_of, recorded, word_net

        path = self.folder / named(name, self.labels)
        if path.exists():
            return path, None
        torch.set_num_threads(1)
        words, strangers = recorded(one.data for one in learned), None
        numbers = codes(learned, self.labels)
        if self.said is not None:
            words, numbers, strangers = beside(words, numbers, self.said)
        recipe = replace(recipe_of(len(words), len(self.labels)), seed=self.seed)
        begun = time.process_time()
        net = word_net(words, numbers, len(self.labels), strangers=strangers, recipe=recipe)
        took = time.process_time() - begun
        export(net, path, shape=(40, 101), about={"name": name, "labels": " ".join(self.labels)})
        return path, took

    def judged(
        self, path: Path, asked: Sequence[Clip], files: Iterable[bytes] | None = None
    ) -> NDArray[np.bool_]:
        """Return of which recordings a net is right, as they are or as files of them."""
        data = (one.data for one in asked) if files is None else files
        heard = np.stack([around(read_audio(one)) for one in data])
        said = logits(path, heard, self.labels).argmax(1)
        right: NDArray[np.bool_] = said == codes(asked, self.labels)
        return right

    def in_noise(
        self, path: Path, learned: Sequence[Clip], asked: Sequence[Clip]
    ) -> dict[tuple[str, float], NDArray[np.bool_]]:
        """Return of which of some recordings a net is right, by kind of noise and ratio."""
        some = some_of(asked)
        words, voices = ([one.samples for one in clips] for clips in (some, learned))
        return {
            (kind, ratio): self.judged(path, some, map(write_wav, sounds))
            for kind, ratio, sounds in each_noise(words, voices)
        }


def codes(some: Sequence[Clip], labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the number of each word."""
    return np.array([labels.index(one.label) for one in some])


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
    parser.add_argument("--words", nargs="*", choices=DIGITS, default=DIGITS, help="only these")
    options = parser.parse_args()
    labels = tuple(options.words)
    heard = [one for one in clips("fsdd") if one.label in labels]
    others = [one for one in clips("speech_commands") if one.label in labels]
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        lessons = Lessons(options.voices, options.keep or Path(scratch), options.seed, labels)
        parts: dict[str, tuple[list[Clip], list[Clip]]] = {}
        if options.what == "official":
            late = [one for one in heard if one.take >= _OFFICIAL]
            parts["official"] = late, [one for one in heard if one.take < _OFFICIAL]
        else:
            for speaker in options.speakers or sorted({one.speaker for one in heard}):
                learned = [one for one in heard if one.speaker != speaker]
                asked = [one for one in heard if one.speaker == speaker]
                parts[f"without-{speaker}"] = learned, asked
        rights, noisy = [], []
        for name, (learned, asked) in parts.items():
            path, took = lessons.net(name, learned)
            right = lessons.judged(path, asked)
            rights.append(right)
            noisy.append(lessons.in_noise(path, learned, asked))
            found[name] = {
                **share(right),
                "strangers": share(lessons.judged(path, others)),
                "cpu_seconds": None if took is None else round(took, 1),
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
    in_noise = {
        kind: {
            "clean" if np.isinf(ratio) else f"{ratio:g} dB": share(
                np.concatenate([one[kind, ratio] for one in noisy])
            )
            for ratio in RATIOS
        }
        for kind in KINDS
    }
    print()
    print(
        markdown(
            ["right % in noise", *in_noise[KINDS[0]]],
            [
                [kind, *(f"{one['right_percent']:.1f}" for one in by_ratio.values())]
                for kind, by_ratio in in_noise.items()
            ],
        )
    )
    told = {
        "voices": options.voices is not None,
        "seed": options.seed,
        "nets": found,
        "noise": in_noise,
    }
    write(f"words_net_{named(options.what, labels, '')}".replace("-", "_"), told)


if __name__ == "__main__":
    main()
