"""How well each synthetic voice is understood by a recogniser that learned from people.

PocketSphinx (D. Huggins-Daines et al., ICASSP 2006), whose American model its package brings, is to
tell each digit that scripts/voices.py let speak from the ten others. What it does not understand
is not wrong: many a clip has an accent that it was never taught, and of the s in "six" little is
left below 4 kHz, where it expects it. But a voice that it understands much worse than the others
of its engine says something else than people do: the worst of espeak-ng are not in
scripts/speech/espeak.py for that.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

from chaffinch.datasets import cache
from chaffinch.readers.audio.resample import resampled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Clip = NDArray[np.int16]

DIGITS = "zero one two three four five six seven eight nine oh".split()
RATE = 16000  # of its model
MARGIN = 3200  # samples of faint noise before a word and after it
AT_ONCE = 200
FEW = 10  # clips: of fewer nothing is said


def heard(clips: list[Clip]) -> list[str]:
    """What it hears in each clip; nothing is an empty string."""
    import pocketsphinx

    with tempfile.TemporaryDirectory() as folder:
        grammar = Path(folder) / "digits.gram"
        grammar.write_text(
            f"#JSGF V1.0;\ngrammar digits;\npublic <digit> = {' | '.join(DIGITS)};\n"
        )
        decoder = pocketsphinx.Decoder(jsgf=str(grammar), samprate=RATE, loglevel="FATAL")
    noise = np.random.default_rng(0).normal(scale=30, size=1 << 16)
    said = []
    for clip in clips:
        samples = np.pad(resampled(clip.astype(np.float32), 8000, RATE) / 2, MARGIN)
        decoder.start_utt()
        decoder.process_raw(
            (samples + noise[: samples.size]).astype("<i2").tobytes(), full_utt=True
        )
        decoder.end_utt()
        best = decoder.hyp()
        said.append(best.hypstr if best else "")
    return said


def shares(names: Iterable[str], right: Iterable[bool]) -> dict[str, dict[str, float]]:
    """Clips of each name, and which share of them was understood; the least first."""
    groups = defaultdict(list)
    for name, understood in zip(names, right, strict=True):
        groups[name].append(bool(understood))
    told = {
        name: {"clips": len(group), "understood": round(float(np.mean(group)), 3)}
        for name, group in groups.items()
        if len(group) >= FEW
    }
    return dict(sorted(told.items(), key=lambda one: one[1]["understood"]))


def main() -> None:
    path = cache.kept(cache.place("voices"))
    if path is None:
        raise SystemExit("nothing was spoken yet: python scripts/voices.py")
    with np.load(path) as file:
        held = {name: file[name] for name in file.files}
    places = np.flatnonzero(np.isin(held["words"], DIGITS))
    clips = [held["samples"][held["starts"][n] : held["starts"][n + 1]] for n in places]
    parts = [clips[start : start + AT_ONCE] for start in range(0, len(clips), AT_ONCE)]
    with ProcessPoolExecutor() as processes:
        said = [word for part in processes.map(heard, parts) for word in part]
    words, engines = held["words"][places], held["engines"][places]
    right = words == np.array(said)
    voices = [name.split("+")[0] for name in held["voices"][places]]
    measured = {
        "engines": shares(engines, right),
        "words": shares(map("{} {}".format, engines, words), right),
        "accents": shares(map("{} {}".format, engines, held["accents"][places]), right),
        "voices": shares(map("{} {}".format, engines, voices), right),
    }
    rows = [
        [name, f"{one['clips']:,}", f"{one['understood']:.3f}"]
        for name, one in measured["engines"].items()
    ]
    print(markdown(["engine", "clips", "understood"], rows))
    write("words_voices", measured)


if __name__ == "__main__":
    main()
