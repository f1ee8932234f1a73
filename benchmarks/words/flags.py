"""What flags teach the net for words: a new voice, a new word, the numbers of another language.

``--nets`` is the folder of nets that net.py left-out kept: each has not heard one speaker. A new
speaker flags 1, 5 and 20 recordings of each digit, and the others of that speaker are judged. What
is lost of others is counted on the speakers whom the net has learned, but for what is kept of them,
and on Speech Commands, which no net has learned. A new word is added to "one" and "two" with 10
flags. And the ten digits of another language (``--language``, an archive of recordings named
digit_speaker_number) are learned from 1, 2, 5 and 10 flags of each, by other people than those that
are judged. At once is before anything was fitted: by what is remembered. Fitted is with the layer
that the loop trains. Tuned, of new speakers alone (``--tuned``, so many draws of flags), is the
whole net trained on the flags beside some of what it was trained on, ``--voices`` included.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import DIGITS, Clip, clips, clips_at

from chaffinch.features.spoken import SpokenNetFeatures, TunableSpokenFeatures
from chaffinch.models.head import HeadLearner
from chaffinch.models.soundnet import TunedSoundnetLearner
from chaffinch.nets.words import Lessons, kept_of, recorded, synthesised
from chaffinch.readers.audio import read_audio

_FLAGS, _WORD_FLAGS, _LANGUAGE_FLAGS = (1, 5, 20), 10, (1, 2, 5, 10)
_ANCHORS = 50  # of each digit, as the starter keeps
_DRAWS = 5
_WITHOUT = "without-"  # and the name of a speaker: a net that has not heard them
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


class NewSpeaker:
    """A speaker whom a net was never taught, the others whom it was, and strangers."""

    def __init__(
        self, path: Path, everybody: Sequence[Clip], others: Sequence[Clip], said: Lessons | None
    ) -> None:
        self.name = path.stem.removeprefix(_WITHOUT)
        self.net = np.frombuffer(path.read_bytes(), np.uint8)
        self.of_net = SpokenNetFeatures(path, DIGITS)
        self.of_inputs = TunableSpokenFeatures(path, DIGITS)
        self.clips = {
            features: (Heard(features, everybody), Heard(features, others))
            for features in (self.of_net, self.of_inputs)
        }
        heard = self.clips[self.of_net][0]
        self.own = heard.speakers == self.name
        known = heard.drawn(_ANCHORS, ~self.own, np.random.default_rng(0))
        self.anchors = heard.rows[known]
        self.friends = np.setdiff1d(np.flatnonzero(~self.own), known)
        codes = np.array([DIGITS.index(heard.labels[place]) for place in known])
        kept = kept_of(recorded(everybody[place].data for place in known), codes, said)
        self.kept = np.rint(255 * kept).astype(np.uint8).reshape(len(kept), -1)

    def after(self, way: str, each: int, draw: int) -> list[float]:
        """Return what is right, in percent: of the speaker, of the others, of strangers."""
        features = self.of_inputs if way == "tuned" else self.of_net
        heard, strangers = self.clips[features]
        places = heard.drawn(each, self.own, np.random.default_rng(draw))
        if way == "tuned":
            tuned = TunedSoundnetLearner.of_file(self.net, DIGITS, self.kept)
            rows = [features.dense(heard.rows[place]) for place in places]
            tuned.tune(rows, [str(label) for label in heard.labels[places]])
            learner: HeadLearner = tuned
        else:
            embedding = self.anchors.shape[1] - len(DIGITS)
            learner = HeadLearner.of_net(embedding, DIGITS, self.anchors)
            learner = taught(learner, features, heard, places, fit=way == "fitted")
        return [
            right(learner, features, heard, np.setdiff1d(np.flatnonzero(self.own), places)),
            right(learner, features, heard, self.friends),
            right(learner, features, strangers, np.arange(len(strangers.rows))),
        ]


def speaker(new: NewSpeaker, tunings: int) -> list[Any]:
    """Return how well a speaker is understood who was never heard, by flags."""
    draws = {"at once": _DRAWS, "fitted": _DRAWS, "tuned": tunings}
    arms = [(0, "at once"), *((each, way) for each in _FLAGS for way in draws if draws[way])]
    found = []
    for each, way in arms:
        begun = time.process_time()
        shares = [new.after(way, each, draw) for draw in range(draws[way] if each else 1)]
        own, friends, strangers = (round(float(one), 2) for one in np.mean(shares, axis=0))
        found.append(
            {
                "speaker": new.name,
                "flags_each": each,
                "way": way if each else "before",
                "draws": len(shares),
                "right_percent": own,
                "others_percent": friends,
                "strangers_percent": strangers,
                "cpu_seconds": round((time.process_time() - begun) / len(shares), 1),
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
    parser.add_argument("--voices", type=Path, help="what programs said, from scripts/voices.py")
    parser.add_argument("--tuned", type=int, default=0, help="draws of flags to train nets on")
    options = parser.parse_args()
    everybody = clips("fsdd")
    others = [one for one in clips("speech_commands") if one.label in DIGITS]
    said = synthesised(options.voices, DIGITS) if options.voices is not None else None
    speakers, words = [], []
    for path in sorted(options.nets.glob(f"{_WITHOUT}*.onnx")):
        new = NewSpeaker(path, everybody, others, said)
        speakers += speaker(new, options.tuned)
        words += new_word(path, new.name, everybody)
    arms = dict.fromkeys((one["flags_each"], one["way"]) for one in speakers)
    rows = []
    for each, way in arms:
        some = [one for one in speakers if (one["flags_each"], one["way"]) == (each, way)]
        means = [
            f"{np.mean([one[f'{whose}_percent'] for one in some]):.2f}"
            for whose in ("right", "others", "strangers")
        ]
        rows.append([f"{each} of each digit, {way}" if each else way, *means])
    print(markdown(["flags of a new speaker", "right %", "others %", "strangers %"], rows))
    found = {"speakers": speakers, "three": words}
    if options.language is not None:
        found["language"] = language(path, clips_at(options.language))
    write("words_flags", found)


if __name__ == "__main__":
    main()
