"""What more words cost: two, ten and thirty of them.

Each rung learns from the voices of programs (``--voices``, the file that scripts/voices.py writes)
and judges the recordings of Speech Commands, of people whom none has heard. Told are the share that
is right, seconds of the processor to learn, the size of the model, and the time from a file's bytes
to a verdict. A net is taught each number of words afresh, in a short course.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import DIGITS, Clip, clips

from chaffinch.features.mel import log_mel
from chaffinch.features.sounds import CepstralFeatures
from chaffinch.features.spoken import SpokenNetFeatures, around
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.nets.words import RECIPE, Lessons, synthesised, word_net
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.readers.audio import Recording, read_audio, write_wav
from chaffinch.task import get_task

_OTHERS = tuple(
    "yes no up down left right on off stop go bed bird cat dog happy house marvin sheila tree wow"
    " ".split()
)
_SETS = (("one", "two"), DIGITS, DIGITS + _OTHERS)
_RUNGS = ("logistic", "forest", "svm", "warping")
_EACH = 60  # clips of a word that are learned: as many of each, or numbers could not be compared
_EPOCHS = 60
_TIMED = 100

Judge = Callable[[Recording], str]


def chosen(lessons: Lessons, words: int) -> Lessons:
    """Return as many clips of each word, drawn at random."""
    random = np.random.default_rng(0)
    places = np.concatenate(
        [random.permutation(np.flatnonzero(lessons.codes == code))[:_EACH] for code in range(words)]
    )
    return Lessons(lessons.words[places], lessons.codes[places], lessons.others)


def by_rung(name: str, words: tuple[str, ...], lessons: Lessons) -> tuple[Judge, int]:
    """Return what judges by a rung that has learned, and its size in bytes."""
    rung = replace(get_task("words").rung(name), features=CepstralFeatures(words))
    learner = cast(MulticlassLearner, rung.start())
    heard = [read_audio(write_wav(sound / np.float32(32768))) for sound in lessons.words]
    rows = [rung.features.row(one) for one in heard]
    learner.fit(rows, [words[code] for code in lessons.codes])
    size = sum(tensor.nbytes for tensor in learner.tensors.values())

    def judge(recording: Recording) -> str:
        return learner.labels[int(learner.scores(rung.features.row(recording)).argmax())]

    return judge, size


def by_net(words: tuple[str, ...], lessons: Lessons) -> tuple[Judge, int]:
    """Return what judges by a net that has learned, and its size in bytes."""
    import torch

    from chaffinch.nets.export import export

    torch.set_num_threads(1)
    recipe = replace(RECIPE, epochs=_EPOCHS)
    strangers = lessons.others if len(lessons.others) else None
    net = word_net(lessons.words, lessons.codes, len(words), strangers=strangers, recipe=recipe)
    path = Path(tempfile.mkdtemp()) / "net.onnx"
    about = {"name": f"{len(words)} words", "labels": " ".join(words)}
    export(net, path, shape=(40, 101), about=about)
    features = SpokenNetFeatures(path, words)

    def judge(recording: Recording) -> str:
        said = features.of_spectra(log_mel(around(recording)[np.newaxis]))[0, : len(words)]
        return words[int(said.argmax())]

    return judge, path.stat().st_size


def measured(
    rung: str, words: tuple[str, ...], lessons: Lessons, asked: Sequence[Clip]
) -> dict[str, Any]:
    """Return what a rung costs, and how often it is right."""
    begun = time.process_time()
    judge, size = by_net(words, lessons) if rung == "net" else by_rung(rung, words, lessons)
    learned = time.process_time() - begun
    right, took = 0, []
    for one in asked:
        start = time.perf_counter()
        said = judge(read_audio(one.data))
        took.append(time.perf_counter() - start)
        right += said == one.label
    share = clopper_pearson(right, len(asked))
    return {
        "rung": rung,
        "words": len(words),
        "learned": len(lessons.words),
        "right_percent": round(100 * share.value, 1),
        "right_percent_95": [round(100 * share.low, 1), round(100 * share.high, 1)],
        "judged": len(asked),
        "cpu_seconds": round(learned, 2),
        "kilobytes": round(size / 1000, 1),
        "milliseconds": round(1000 * float(np.median(took[:_TIMED])), 3),
    }


def main() -> None:
    """Measure; print the table, and write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--voices", type=Path, required=True, help="written by scripts/voices.py")
    path = parser.parse_args().voices
    heard = clips("speech_commands")
    found = []
    for words in _SETS:
        lessons = chosen(synthesised(path, words), len(words))
        asked = [one for one in heard if one.label in words]
        for rung in (*_RUNGS, "net"):
            found.append(measured(rung, words, lessons, asked))
            print(found[-1], flush=True)
    rows = [
        [
            one["rung"],
            str(one["words"]),
            f"{one['right_percent']:.1f} [{'–'.join(map(str, one['right_percent_95']))}]",
            f"{one['cpu_seconds']:,.1f}",
            f"{one['kilobytes']:,.0f}",
            f"{one['milliseconds']:.2f}",
        ]
        for one in sorted(found, key=lambda one: (one["rung"], one["words"]))
    ]
    head = ["rung", "words", "right %", "learning, CPU s", "kB", "ms a recording"]
    print(markdown(head, rows))
    write("words_more", {"clips_of_each": _EACH, "epochs": _EPOCHS, "found": found})


if __name__ == "__main__":
    main()
