"""What flags teach the net for words: a new voice, a new word, the numbers of another language.

``--nets`` is the folder of nets that net.py left-out kept: each has not heard one speaker. A new
speaker flags 1, 5 and 20 recordings of each digit, and the others of that speaker are judged; what
is lost of the other speakers is counted on Speech Commands, which no net has learned. A new word is
added to "one" and "two" with 10 flags. And the ten digits of another language (``--language``, an
archive of recordings named digit_speaker_number) are learned from 1, 2, 5 and 10 flags of each, by
other people than those that are judged. At once is before anything was fitted: by what is
remembered; fitted is with the layer that the loop trains.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import DIGITS, Clip, clips, clips_at

from chaffinch.features.spoken import SpokenNetFeatures
from chaffinch.models.head import HeadLearner
from chaffinch.readers.audio import read_audio

_FLAGS, _WORD_FLAGS, _LANGUAGE_FLAGS = (1, 5, 20), 10, (1, 2, 5, 10)
_ANCHORS = 50  # of each digit, as the starter keeps
_DRAWS = 5
Rows = NDArray[np.float32]


class Heard:
    """Recordings as a net hears them."""

    def __init__(self, features: SpokenNetFeatures, some: Sequence[Clip]) -> None:
        spectra = np.stack([features.spectrum(read_audio(one.data)) for one in some])
        self.rows: Rows = features.of_spectra(spectra)
        self.labels = np.array([one.label for one in some])
        self.speakers = np.array([one.speaker for one in some])

    def drawn(self, each: int, among: NDArray[np.bool_], random: np.random.Generator) -> Any:
        """Return the places of so many of each label."""
        found = []
        for label in np.unique(self.labels[among]):
            there = np.flatnonzero(among & (self.labels == label))
            found.append(random.permutation(there)[:each])
        return random.permutation(np.concatenate(found))


def taught(
    learner: HeadLearner, features: SpokenNetFeatures, heard: Heard, places: Any, *, fit: bool
) -> HeadLearner:
    """Return a learner that was told the labels of some recordings."""
    rows = [features.dense(heard.rows[place]) for place in places]
    labels = [str(heard.labels[place]) for place in places]
    for row, label in zip(rows, labels, strict=True):
        learner.learn(row, label)
    if fit:
        learner.fit(rows, labels)
    return learner


def right(learner: HeadLearner, features: SpokenNetFeatures, heard: Heard, places: Any) -> float:
    """Return the share of recordings of which the learner is right, in percent."""
    said = [
        learner.labels[int(learner.scores(features.dense(heard.rows[place])).argmax())]
        for place in places
    ]
    return 100 * float(np.mean(np.array(said) == heard.labels[places]))


def speaker(path: Path, name: str, everybody: Sequence[Clip], others: Sequence[Clip]) -> list[Any]:
    """Return how well a speaker is understood who was never heard, by flags."""
    features = SpokenNetFeatures(path, DIGITS)
    heard, strangers = Heard(features, everybody), Heard(features, others)
    own = heard.speakers == name
    known = heard.drawn(_ANCHORS, ~own, np.random.default_rng(0))
    anchors = heard.rows[known]
    found = []
    for each in (0, *_FLAGS):
        for fit in (False, True) if each else (False,):
            shares, losses = [], []
            for draw in range(_DRAWS if each else 1):
                learner = HeadLearner.of_net(anchors.shape[1] - len(DIGITS), DIGITS, anchors)
                places = heard.drawn(each, own, np.random.default_rng(draw)) if each else []
                learner = taught(learner, features, heard, places, fit=fit)
                asked = np.setdiff1d(np.flatnonzero(own), places)
                shares.append(right(learner, features, heard, asked))
                losses.append(right(learner, features, strangers, np.arange(len(others))))
            found.append(
                {
                    "speaker": name,
                    "flags_each": each,
                    "fitted": fit,
                    "right_percent": round(float(np.mean(shares)), 2),
                    "strangers_percent": round(float(np.mean(losses)), 2),
                }
            )
            print(found[-1], flush=True)
    return found


def new_word(path: Path, name: str, everybody: Sequence[Clip]) -> list[Any]:
    """Return how well "three" is told from "one" and "two" after ten flags of one speaker."""
    features = SpokenNetFeatures(path, DIGITS)
    some = [one for one in everybody if one.label in ("one", "two", "three")]
    heard = Heard(features, some)
    # a net that knows "one" and "two" alone
    columns = np.r_[1, 2, len(DIGITS) : heard.rows.shape[1]]
    heard.rows = heard.rows[:, columns]
    own = heard.speakers == name
    old = ~own & (heard.labels != "three")
    anchors = heard.rows[heard.drawn(_ANCHORS, old, np.random.default_rng(0))]
    found = []
    for fit in (False, True):
        shares = []
        for draw in range(_DRAWS):
            learner = HeadLearner.of_net(anchors.shape[1] - 2, ("one", "two"), anchors)
            is_new = own & (heard.labels == "three")
            places = heard.drawn(_WORD_FLAGS, is_new, np.random.default_rng(draw))
            learner = taught(learner, features, heard, places, fit=fit)
            asked = np.setdiff1d(np.arange(len(some)), places)
            shares.append(right(learner, features, heard, asked))
        found.append({"flags": _WORD_FLAGS, "fitted": fit, "right_percent": np.mean(shares)})
        print(found[-1], flush=True)
    return found


def language(path: Path, words: Sequence[Clip]) -> list[Any]:
    """Return how well the digits of another language are understood, by flags of each."""
    features = SpokenNetFeatures(path, DIGITS)
    heard = Heard(features, words)
    heard.labels = np.array([f"their {label}" for label in heard.labels])
    people = np.unique(heard.speakers)
    found = []
    for each in _LANGUAGE_FLAGS:
        for fit in (False, True):
            shares = []
            for draw in range(_DRAWS):
                random = np.random.default_rng(draw)
                flaggers = random.permutation(people)[: max(1, -(-each // 2)) + 2]
                theirs = np.isin(heard.speakers, flaggers)
                none = np.empty((0, heard.rows.shape[1]), np.float32)
                learner = HeadLearner.of_net(none.shape[1] - len(DIGITS), DIGITS, none)
                places = heard.drawn(each, theirs, random)
                learner = taught(learner, features, heard, places, fit=fit)
                asked = np.flatnonzero(~theirs)
                shares.append(right(learner, features, heard, asked))
            found.append({"flags_each": each, "fitted": fit, "right_percent": np.mean(shares)})
            print(found[-1], flush=True)
    return found


def main() -> None:
    """Measure; print the tables, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", type=Path, required=True)
    parser.add_argument("--language", type=Path, help="digits of another language")
    options = parser.parse_args()
    everybody = clips("fsdd")
    others = [one for one in clips("speech_commands") if one.label in DIGITS]
    speakers, words = [], []
    for path in sorted(options.nets.glob("without-*.onnx")):
        name = path.stem.removeprefix("without-")
        speakers += speaker(path, name, everybody, others)
        words += new_word(path, name, everybody)
    rows = [
        [
            f"{each} of each digit, {'fitted' if fit else 'at once'}" if each else "before",
            f"{np.mean([one['right_percent'] for one in some]):.2f}",
            f"{np.mean([one['strangers_percent'] for one in some]):.2f}",
        ]
        for each in (0, *_FLAGS)
        for fit in (False, True)
        if (some := [one for one in speakers if (one["flags_each"], one["fitted"]) == (each, fit)])
    ]
    print(markdown(["flags of a new speaker", "right %", "strangers right %"], rows))
    found = {"speakers": speakers, "three": words}
    if options.language is not None:
        found["language"] = language(path, clips_at(options.language))
    write("words_flags", found)


if __name__ == "__main__":
    main()
