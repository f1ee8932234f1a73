"""Measure the ladder of words: each speaker of FSDD left out in turn, and then in noise.

Every rung below the nets learns all speakers but one and judges that one, whom it has never heard:
"one" and "two" alone, and the ten digits. In noise it judges a hundred recordings of that speaker,
from clean to -5 dB; babble is made of the recordings of the others. Then each learns all speakers
and judges the digits of Speech Commands: other people, other rooms. The rule is measured as it is
written, and with the best threshold of each of its measures on the speakers that are learned; its
own threshold was chosen on the recordings of Speech Commands, so that it is no stranger to them.
With ``--nets`` the nets that net.py kept judge, too, each the speaker that it has not heard: of
"one" and "two" those that were taught these alone (net.py ``--words one two``), as the other rungs
were, and those of ten digits.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import RESULTS, write
from tables import markdown
from words.corpora import DIGITS, Clip, clips
from words.nets import logits, named
from words.noise import each_noise, some_of

from chaffinch.features.onset import FACTS, sound_facts
from chaffinch.features.rows import Row
from chaffinch.features.spoken import around
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.readers.audio import Recording, read_audio, write_wav
from chaffinch.task import Rung, get_task

_NAME = "words_ladder"
_SETS = {"one and two": ("one", "two"), "ten digits": DIGITS}
_TIMED = 200
# Rungs that are measured here; nets have a benchmark of their own.
_RUNGS = ("rules", "logistic", "forest", "svm", "warping")
_OF_TEN = "net of ten digits"  # that has learned more than the words that it is to tell
_MEASURES = tuple(name for name in FACTS if name.startswith("onset."))

Judge = Callable[[Recording], str]


def taught(rung: Rung, learned: Sequence[Clip]) -> Judge:
    """Return what judges by a rung that has learned some recordings."""
    learner = cast(MulticlassLearner, rung.start())
    if learner.learns:
        rows = [_row(rung, read_audio(one.data)) for one in learned]
        learner.fit(rows, [one.label for one in learned])
    known = sorted({one.label for one in learned})
    places = [learner.labels.index(label) for label in known]

    def judge(recording: Recording) -> str:
        return known[int(learner.scores(_row(rung, recording))[places].argmax())]

    return judge


def _row(rung: Rung, recording: Recording) -> Row:
    return rung.features.row(recording)


def by_threshold(measure: str, learned: Sequence[Clip]) -> Judge:
    """Return the rule of one measure that parts "one" from "two" best among some recordings."""
    values = np.array([sound_facts(read_audio(one.data))[measure] for one in learned])
    two = np.array([one.label == "two" for one in learned])
    limits = np.unique(values)
    limit = limits[int(np.argmax([((values > limit) == two).mean() for limit in limits]))]
    return lambda recording: "two" if sound_facts(recording).get(measure, 0.0) > limit else "one"


def by_net(path: Path, known: tuple[str, ...], labels: tuple[str, ...]) -> Judge:
    """Return what judges by a net in a file that knows these words, and maybe others."""
    places = [known.index(label) for label in labels]

    def judge(recording: Recording) -> str:
        said = logits(path, around(recording)[np.newaxis], known)[0]
        return labels[int(said[places].argmax())]

    return judge


def judges(
    labels: tuple[str, ...], learned: Sequence[Clip], nets: Path | None, name: str
) -> Iterator[tuple[str, Judge]]:
    """Yield each rung, and of one and two each threshold, with what it has learned.

    Parameters
    ----------
    labels : tuple of str
        The words that are told apart.
    learned : sequence of Clip
        What the rungs below the nets learn.
    nets : Path, optional
        The folder of nets that have learned the same.
    name : str
        Which of them.
    """
    if nets is not None:
        yield "net", by_net(nets / named(name, labels), labels, labels)
        if labels != DIGITS:
            yield _OF_TEN, by_net(nets / named(name), DIGITS, labels)
    task = get_task("words")
    for rung in _RUNGS:
        yield rung, taught(task.rung(rung), learned)
    if labels == _SETS["one and two"]:
        for measure in _MEASURES:
            yield f"{measure} > best", by_threshold(measure, learned)


def left_out(
    name: str, heard: Sequence[Clip], nets: Path | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return accuracy by rung and speaker, and by rung, noise and ratio."""
    labels = _SETS[name]
    heard = [one for one in heard if one.label in labels]
    speakers = sorted({one.speaker for one in heard})
    right: dict[str, dict[str, int]] = {}
    noisy: dict[tuple[str, str, float], int] = {}
    judged_in_noise = 0
    for speaker in speakers:
        learned = [one for one in heard if one.speaker != speaker]
        asked = [one for one in heard if one.speaker == speaker]
        ready = dict(judges(labels, learned, nets, f"without-{speaker}"))
        rungs = [rung for rung in ready if rung in (*_RUNGS, "net", _OF_TEN)]
        clean = [read_audio(one.data) for one in asked]
        for rung, judge in ready.items():
            said = [judge(recording) for recording in clean]
            hits = sum(one.label == label for one, label in zip(asked, said, strict=True))
            right.setdefault(rung, {})[speaker] = hits
        some = some_of(asked)
        judged_in_noise += len(some)
        words, voices = ([one.samples for one in clips] for clips in (some, learned))
        for kind, ratio, sounds in each_noise(words, voices):
            recordings = [read_audio(write_wav(sound)) for sound in sounds]
            for rung in rungs:
                said = [ready[rung](recording) for recording in recordings]
                hits = sum(one.label == label for one, label in zip(some, said, strict=True))
                noisy[rung, kind, ratio] = noisy.get((rung, kind, ratio), 0) + hits
        print(name, "without", speaker, {rung: one[speaker] for rung, one in right.items()})
    counts = {speaker: sum(one.speaker == speaker for one in heard) for speaker in speakers}
    table = {rung: _accuracy(hits, counts) for rung, hits in right.items()}
    curve = [
        {
            "words": name,
            "rung": rung,
            "noise": kind,
            "decibels": None if np.isinf(ratio) else ratio,
            "right_percent": round(100 * hits / judged_in_noise, 2),
            "judged": judged_in_noise,
        }
        for (rung, kind, ratio), hits in noisy.items()
    ]
    return table, curve


def _accuracy(right: dict[str, int], counts: dict[str, int]) -> dict[str, Any]:
    share = clopper_pearson(sum(right.values()), sum(counts.values()))
    return {
        "right_percent": round(100 * share.value, 2),
        "right_percent_95": [round(100 * share.low, 2), round(100 * share.high, 2)],
        "judged": sum(counts.values()),
        "by_speaker": {one: round(100 * right[one] / counts[one], 2) for one in counts},
    }


def strangers(
    name: str, heard: Sequence[Clip], others: Sequence[Clip], nets: Path | None
) -> dict[str, Any]:
    """Return accuracy by rung on recordings of another corpus."""
    labels = _SETS[name]
    learned = [one for one in heard if one.label in labels]
    asked = [one for one in others if one.label in labels]
    found = {}
    for rung, judge in judges(labels, learned, nets, "official"):
        hits = sum(judge(read_audio(one.data)) == one.label for one in asked)
        share = clopper_pearson(hits, len(asked))
        found[rung] = {
            "right_percent": round(100 * share.value, 2),
            "right_percent_95": [round(100 * share.low, 2), round(100 * share.high, 2)],
            "judged": len(asked),
        }
    return found


def milliseconds(heard: Sequence[Clip], nets: Path | None) -> dict[str, float]:
    """Return the time from a file's bytes to a verdict, by rung, that has learned all of these."""
    some = heard[:_TIMED]
    found = {}
    for rung, judge in judges(DIGITS, heard, nets, "official"):
        took = []
        for one in some:
            start = time.perf_counter()
            judge(read_audio(one.data))
            took.append(time.perf_counter() - start)
        found[rung] = round(1000 * float(np.median(took)), 3)
    return found


def main() -> None:
    """Measure; print the tables, and write what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nets", type=Path, help="folder of nets that net.py kept")
    nets = parser.parse_args().nets
    heard = clips("fsdd")
    others = [one for one in clips("speech_commands") if one.label in DIGITS]
    result: dict[str, Any] = {
        "learned": "FSDD, all speakers but the one judged",
        "speakers": sorted({one.speaker for one in heard}),
        "left_out": {},
        "strangers": {},
        "noise": [],
    }
    for name in _SETS:
        table, curve = left_out(name, heard, nets)
        result["left_out"][name] = table
        result["noise"] += curve
        result["strangers"][name] = strangers(name, heard, others, nets)
        rows = [
            [
                rung,
                f"{one['right_percent']:.1f}",
                "–".join(f"{edge:.1f}" for edge in one["right_percent_95"]),
                *(f"{share:.1f}" for share in one["by_speaker"].values()),
                f"{result['strangers'][name][rung]['right_percent']:.1f}",
            ]
            for rung, one in table.items()
        ]
        head = [name, "right %", "95%", *result["speakers"], "strangers %"]
        print(f"\n{markdown(head, rows)}\n")
    result["milliseconds"] = milliseconds(heard, nets)
    print(result["milliseconds"])
    write(_NAME, result)
    # Here, as to measure needs no package that draws.
    from words.chart import noise_curve

    written = json.loads((RESULTS / f"{_NAME}.json").read_text(encoding="utf-8"))
    (RESULTS / f"{_NAME}_noise.svg").write_text(noise_curve(written), encoding="utf-8")


if __name__ == "__main__":
    main()
