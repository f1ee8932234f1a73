"""Measure listening to a stream: false alarms an hour, words found, and how fast.

A model listens to what one speaker of FSDD says, whom it has not heard: digits strung together with
pauses, clean and in noise. Each word told is held against the one that was said there and then.
Then it listens to the words of Speech Commands that are no digits, and to what ``--speech`` names:
whatever it accepts of that is a false alarm. Without options a model is taught the other speakers
here, as `chaffinch learn` does; ``--home`` takes the model launched in an installation, and
``--nets`` the net that net.py kept of which the speaker was left out, with the policy of the
starter, which was measured in the same way.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import DIGITS, Clip, clips
from words.nets import alone
from words.noise import RATE, disturbed

from chaffinch.experience.importers import Skipped, open_source
from chaffinch.experience.store import Experience
from chaffinch.loop.launch import choose, launch
from chaffinch.loop.train import train
from chaffinch.predictor import Predictor
from chaffinch.readers.audio import read_audio, write_wav
from chaffinch.readers.notes import Notes
from chaffinch.task import get_task
from chaffinch.types import Example, Item

_TASK = get_task("words")
_PAUSES = (0.3, 1.0)  # seconds, at least and at most
_NOISES = (
    ("none", float("inf")),
    *(("white noise", ratio) for ratio in (20.0, 10.0, 5.0, 0.0)),
    *(("babble", ratio) for ratio in (20.0, 10.0, 5.0)),
)
# Recordings of a speaker and digit that are strung together.
_TAKES = 10
# From which probability words are accepted, beside what the model's policy says.
_THRESHOLDS = (0.5, 0.9, 0.99, 0.999)
_SLACK = 0.1  # seconds by which a word may miss the one that was said


@dataclass(frozen=True)
class Said:
    """A word that was said in a stream, from and to which second."""

    label: str
    start: float
    end: float


@dataclass(frozen=True)
class Told:
    """A word that was told of a stream, and whether the policy accepts it."""

    label: str
    start: float
    end: float
    probability: float
    accepted: bool


def speech_at(path: Path) -> list[Clip]:
    """Return the recordings of a folder or an archive, whatever is said in them."""
    found = [one for one in open_source(path) if not isinstance(one, Skipped)]
    return [Clip("", "", 0, one.data, read_audio(one.data).samples) for one in found]


def strung(some: Sequence[Clip], random: np.random.Generator) -> tuple[NDArray[Any], list[Said]]:
    """Return recordings in a random order, with pauses between, and what is said when."""
    pieces, said, at = [], [], 0
    for number in random.permutation(len(some)):
        one = some[int(number)]
        pause = np.zeros(int(random.uniform(*_PAUSES) * RATE), np.float32)
        begun = at + len(pause)
        at = begun + len(one.samples)
        pieces += [pause, one.samples]
        said.append(Said(one.label, begun / RATE, at / RATE))
    return np.concatenate(pieces), said


def heard(predictor: Predictor, line: NDArray[np.float32]) -> list[Told]:
    """Return what a model tells of a stream."""
    assert _TASK.listen is not None
    told = []
    for part in _TASK.listen(io.BytesIO(write_wav(line)), Notes(), None):
        item = Item(part.data, _TASK.name)
        verdict = predictor.predict(item, reasons=0, remember=False, part=part)
        accepted = verdict.action == "accept"
        begin, end = part.box
        told.append(Told(verdict.label, begin, end, verdict.probability, accepted))
    return told


def matched(said: Sequence[Said], told: Sequence[Told]) -> tuple[list[tuple[Said, Told]], int]:
    """Return which word told is which that was said, and how many were told beside."""
    pairs, place, beside = [], 0, 0
    for one in told:
        middle = (one.start + one.end) / 2
        while place < len(said) and said[place].end + _SLACK < middle:
            place += 1
        if place < len(said) and said[place].start - _SLACK <= middle:
            pairs.append((said[place], one))
            place += 1
        else:
            beside += 1
    return pairs, beside


def outcome(said: Sequence[Said], told: Sequence[Told]) -> dict[str, float]:
    """Return how the words that a model is sure of fared."""
    pairs, beside = matched(said, told)
    right = sum(one.label == other.label for one, other in pairs)
    return {
        "right_percent": round(100 * right / len(said), 2),
        "wrong_percent": round(100 * (len(pairs) - right) / len(said), 2),
        "missed_percent": round(100 * (len(said) - len(pairs)) / len(said), 2),
        "beside_percent": round(100 * beside / len(said), 2),
    }


def in_noise(
    predictor: Predictor, some: Sequence[Clip], others: Sequence[Clip]
) -> list[dict[str, Any]]:
    """Return what becomes of the words of a stream, by noise."""
    found = []
    for kind, ratio in _NOISES:
        random = np.random.default_rng(0)
        line, said = strung(some, random)
        noisy = disturbed(line, kind, ratio, random, [one.samples for one in others])
        shift = (len(noisy) - len(line)) / 2 / RATE
        said = [Said(one.label, one.start + shift, one.end + shift) for one in said]
        told = heard(predictor, noisy)
        pairs, beside = matched(said, told)
        begun = np.abs([other.start - one.start for one, other in pairs])
        found.append(
            {
                "noise": kind,
                "decibels": None if np.isinf(ratio) else ratio,
                "said": len(said),
                "found_percent": round(100 * len(pairs) / len(said), 2),
                "found_beside_percent": round(100 * beside / len(said), 2),
                "begin_off_ms_median": round(1000 * float(np.median(begun)), 0),
                "begin_off_ms_90_percent": round(1000 * float(np.quantile(begun, 0.9)), 0),
                "all": outcome(said, told),
                "accepted": outcome(said, [one for one in told if one.accepted]),
                "from": {
                    str(limit): outcome(said, [one for one in told if one.probability >= limit])
                    for limit in _THRESHOLDS
                },
            }
        )
        print(found[-1], flush=True)
    return found


def false_alarms(predictor: Predictor, some: Sequence[Clip], ratio: float) -> dict[str, Any]:
    """Return how many words an hour are accepted of speech that holds none."""
    random = np.random.default_rng(1)
    line, _ = strung(some, random)
    told = heard(predictor, disturbed(line, "white noise", ratio, random, []))
    hours = len(line) / RATE / 3600
    return {
        "recordings": len(some),
        "decibels": None if np.isinf(ratio) else ratio,
        "hours": round(hours, 3),
        "told_an_hour": round(len(told) / hours, 1),
        "accepted": an_hour(sum(one.accepted for one in told), hours),
        "from": {
            str(limit): an_hour(sum(one.probability >= limit for one in told), hours)
            for limit in _THRESHOLDS
        },
    }


def an_hour(count: int, hours: float) -> dict[str, Any]:
    """Return a rate with its exact interval, of events that come independently of each other."""
    low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    high = chi2.ppf(0.975, 2 * count + 2) / 2
    return {
        "count": count,
        "an_hour": round(count / hours, 1),
        "an_hour_95": [round(float(low) / hours, 1), round(float(high) / hours, 1)],
    }


def speed(predictor: Predictor, some: Sequence[Clip]) -> dict[str, float]:
    """Return how many times faster than real time a stream is heard, and milliseconds a clip.

    Both of a core's time.
    """
    line, _ = strung(some, np.random.default_rng(2))
    heard(predictor, line[: 10 * RATE])
    begun = time.process_time()
    heard(predictor, line)
    stream = time.process_time() - begun
    took = []
    for one in some:
        begun = time.process_time()
        predictor.predict(Item(one.data, _TASK.name), reasons=0, remember=False)
        took.append(1000 * (time.process_time() - begun))
    return {
        "stream_seconds": round(len(line) / RATE, 1),
        "times_real_time": round(len(line) / RATE / stream, 0),
        "clip_ms_median": round(float(np.median(took)), 2),
        "clip_ms_95_percent": round(float(np.quantile(took, 0.95)), 2),
    }


@contextmanager
def listening(
    options: argparse.Namespace, speaker: str, learned: Sequence[Clip]
) -> Iterator[Predictor]:
    """Open what listens."""
    if options.nets is not None:
        rung, learner = alone(options.nets / f"without-{speaker}.onnx")
        predictor = Predictor(_TASK, rung, learner, f"without-{speaker}")
        measured = _TASK.rung("net").measured()
        if measured is not None:
            predictor.policy = measured.policy(_TASK, _TASK.scheme.may_lose)
        yield predictor
        return
    with tempfile.TemporaryDirectory() as scratch:
        home = options.home or Path(scratch)
        if options.home is None:
            with Experience.open(home) as experience:
                examples = [Example(Item(one.data, _TASK.name), one.label) for one in learned]
                experience.add(_TASK.name, examples, by="benchmark")
                trained = train(_TASK, experience)
                launch(_TASK, experience, trained, choose(_TASK, trained), {})
        with Predictor.load(_TASK.name, home=home) as predictor:
            yield predictor


def main() -> None:
    """Measure; print the tables, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speaker", default="theo", help="of FSDD, who has not been heard")
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--home", type=Path, help="an installation with a launched model")
    model.add_argument("--nets", type=Path, help="folder of nets that net.py kept")
    parser.add_argument("--speech", type=Path, nargs="*", default=[], help="that has no digits")
    parser.add_argument("--name", default="words_stream", help="what the results are called")
    options = parser.parse_args()
    all_ = clips("fsdd")
    learned = [one for one in all_ if one.speaker != options.speaker]
    asked = [one for one in all_ if one.speaker == options.speaker and one.take < _TAKES]
    strangers = {"speech_commands": [o for o in clips("speech_commands") if o.label not in DIGITS]}
    strangers |= {path.stem: speech_at(path) for path in options.speech}
    with listening(options, options.speaker, learned) as predictor:
        result: dict[str, Any] = {
            "rung": predictor.rung.name,
            "speaker": options.speaker,
            "accepted_from_probability": round(1 / (1 + np.exp(-predictor.policy.junk)), 4),
            "speed": speed(predictor, asked),
            "words": in_noise(predictor, asked, learned),
            "false_alarms": {
                f"{name}, {'clean' if np.isinf(ratio) else f'{ratio:.0f} dB white noise'}": (
                    false_alarms(predictor, some, ratio)
                )
                for name, some in strangers.items()
                for ratio in (float("inf"), 10.0)
            },
        }
    print(table_of_words(result["words"]), table_of_alarms(result["false_alarms"]), sep="\n\n")
    print(result["rung"], result["accepted_from_probability"], result["speed"])
    write(options.name, result)


def table_of_words(rows: Sequence[dict[str, Any]]) -> str:
    """Return what becomes of words, in percent of those said."""
    head = ["noise", "dB", "found", "right", "sure and right", "sure and wrong", "beside", "off ms"]
    return markdown(
        head,
        [
            [
                one["noise"],
                "" if one["decibels"] is None else f"{one['decibels']:.0f}",
                f"{one['found_percent']:.1f}",
                f"{one['all']['right_percent']:.1f}",
                f"{one['accepted']['right_percent']:.1f}",
                f"{one['accepted']['wrong_percent']:.1f}",
                f"{one['found_beside_percent']:.1f}",
                f"{one['begin_off_ms_median']:.0f}",
            ]
            for one in rows
        ],
    )


def table_of_alarms(rows: dict[str, dict[str, Any]]) -> str:
    """Return false alarms an hour, at the policy and from each probability."""

    def told(rate: dict[str, Any]) -> str:
        low, high = rate["an_hour_95"]
        return f"{rate['an_hour']:.0f} [{low:.0f}–{high:.0f}]"

    head = ["speech", "minutes", "told an hour", "accepted", *map(str, _THRESHOLDS)]
    return markdown(
        head,
        [
            [
                name,
                f"{60 * one['hours']:.1f}",
                f"{one['told_an_hour']:.0f}",
                told(one["accepted"]),
                *(told(one["from"][str(limit)]) for limit in _THRESHOLDS),
            ]
            for name, one in rows.items()
        ],
    )


if __name__ == "__main__":
    main()
