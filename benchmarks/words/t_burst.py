"""Whether it is found that "two" begins with a T, which nobody told: in data, and by models.

Of FSDD's "one" and "two". In the data: the part of the spectra that "two" has most of, set against
"one", as `chaffinch study words` finds it, of all speakers and of each. By the models: each rung
learns from all speakers but one; of that one's "two"s it is counted which share of what speaks for
the label lies in the burst (above 1.6 kHz, in the first 80 ms), what share of the drawn word that
is, and where the strongest part lies. Then the burst is silenced, and instead as much of the high
sounds that follow: how many log-odds "two" loses, and how many are still taken for it. With
``--nets`` the nets for ten digits are asked, too, of which each has not heard one speaker.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown
from words.corpora import Clip, clips
from words.nets import alone

from chaffinch.explain.differences import differences, strongest
from chaffinch.explain.listening import placed
from chaffinch.explain.odds import odds
from chaffinch.features.sounds import CepstralFeatures, SoundFeatures
from chaffinch.models.forest import ForestLearner
from chaffinch.models.logistic import LogisticLearner
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.models.svm import SVMLearner
from chaffinch.readers.audio import read_audio
from chaffinch.readers.audio.content import RATE
from chaffinch.readers.audio.spectrum import HOP
from chaffinch.task import Judge, get_task
from chaffinch.types import Policy

TASK = get_task("words")
PORTRAIT = TASK.portrait
FEATURES = CepstralFeatures(("one", "two"))
RUNGS: dict[str, type[Any]] = {
    "logistic": LogisticLearner,
    "forest": ForestLearner,
    "svm": SVMLearner,
}
# The burst: bands from 1.6 kHz on, and 80 ms; and how many "two"s of a speaker are looked into.
_HIGH, _LASTS, _LOOKED = 25, 8, 20


def in_data(some: list[Clip]) -> list[dict[str, Any]]:
    """Return what "two" has most of, and by how much: of all speakers, and of each."""
    looks = np.array([PORTRAIT.of(read_audio(one.data)) for one in some])
    truth = np.array([one.label for one in some])
    speakers = np.array([one.speaker for one in some])
    found = []
    for speaker in ("all", *np.unique(speakers).tolist()):
        among = (speakers == speaker) | (speaker == "all")
        told = differences(looks[among], truth[among], patch=PORTRAIT.patch, place=PORTRAIT.place)[
            "one", "two"
        ]
        most = next(part for part in told.parts if part.label == "two")
        found.append(
            {"speaker": speaker, "items": int(among.sum()), "where": most.where, "d": most.size}
        )
    return found


def in_model(name: str, some: list[Clip], speaker: str) -> dict[str, Any]:
    """Return what a rung that has not heard a speaker listens to in that speaker's "two"s."""
    contents: dict[bool, list[Any]] = {True: [], False: []}
    labels: dict[bool, list[str]] = {True: [], False: []}
    for one in some:
        contents[one.speaker == speaker].append(read_audio(one.data))
        labels[one.speaker == speaker].append(one.label)
    learner: MulticlassLearner = RUNGS[name].start(FEATURES)
    learner.fit([FEATURES.row(one) for one in contents[False]], labels[False])
    judge = Judge(TASK, replace(TASK.rung(name), features=FEATURES), learner, Policy())
    return listened(judge, contents[True], labels[True], speaker)


def in_net(nets: Path, some: list[Clip], speaker: str) -> dict[str, Any]:
    """Return what the net for ten digits that has not heard a speaker listens to."""
    own = [one for one in some if one.speaker == speaker]
    contents = [read_audio(one.data) for one in own]
    rung, learner = alone(nets / f"without-{speaker}.onnx")
    judge = Judge(TASK, rung, learner, Policy())
    return listened(judge, contents, [one.label for one in own], speaker)


def listened(judge: Judge, contents: list[Any], labels: list[str], speaker: str) -> dict[str, Any]:
    """Return what a model listens to in the "two"s of a speaker whom it has not heard."""
    learner, features = cast(MulticlassLearner, judge.learner), judge.rung.features
    right = [
        learner.best(features.row(one))[0] == label
        for one, label in zip(contents, labels, strict=True)
    ]
    twos = [one for one, label in zip(contents, labels, strict=True) if label == "two"][:_LOOKED]
    heat = np.mean([placed(judge, "two", one) for one in twos], axis=0)
    height, before = PORTRAIT.of(twos[0]).shape[0], PORTRAIT.before
    burst = (slice(0, height - _HIGH), slice(before - 1, before + _LASTS))
    speaks = np.maximum(heat, 0)
    drawn = np.mean([PORTRAIT.of(one) > 0 for one in twos], axis=0)
    ((_, where),) = strongest(heat, PORTRAIT.patch, most=1)
    said = np.array([without(judge, one) for one in twos])  # (words, whole or without)
    return {
        "speaker": speaker,
        "accuracy": float(np.mean(right)),
        "speaks_in_burst": float(speaks[burst].sum() / speaks.sum()),
        "burst_of_word": float(drawn[burst].sum() / drawn.sum()),
        "strongest": PORTRAIT.place(*where),
        "lost_with_burst": float((said[:, 0] - said[:, 1]).mean()),
        "lost_with_later": float((said[:, 0] - said[:, 2]).mean()),
        **{
            name: float((said[:, place] > 0).mean())
            for place, name in enumerate(("two", "without_burst", "without_later"))
        },
    }


def without(judge: Judge, content: Any) -> list[float]:
    """Return the log-odds of "two": of a word, without its burst, without what follows that."""
    features = cast(SoundFeatures, judge.rung.features)
    begins = features.begins(content)
    first = max(0, round((content.utterances[0].onset - begins) * RATE / HOP))
    patches = [
        (slice(_HIGH, None), slice(start, start + _LASTS)) for start in (first, first + _LASTS)
    ]
    rows: NDArray[np.float32] = features.silenced(content, patches)
    return [float(odds(judge, features, row, ["two"])[0]) for row in rows]


def main() -> None:
    """Measure, show and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--nets", type=Path, help="folder of nets that net.py left-out kept")
    nets = parser.parse_args().nets
    some = [one for one in clips("fsdd") if one.label in ("one", "two")]
    speakers = sorted({one.speaker for one in some})
    data = in_data(some)
    print(
        markdown(
            ["speaker", "recordings", "what two has most of", "d"],
            [[one["speaker"], str(one["items"]), one["where"], f"{one['d']:.1f}"] for one in data],
        )
    )
    models = {name: [in_model(name, some, speaker) for speaker in speakers] for name in RUNGS}
    if nets is not None:
        models["net"] = [in_net(nets, some, speaker) for speaker in speakers]
    for name, found in models.items():
        print(f"\n{name}\n")
        shares = ("accuracy", "speaks_in_burst", "burst_of_word")
        lost = ("lost_with_burst", "lost_with_later")
        taken = ("two", "without_burst", "without_later")
        print(
            markdown(
                ["left out", *shares, "strongest", *lost, *taken],
                [
                    [
                        one["speaker"],
                        *(f"{one[key]:.1%}" for key in shares),
                        one["strongest"],
                        *(f"{one[key]:.2f}" for key in lost),
                        *(f"{one[key]:.0%}" for key in taken),
                    ]
                    for one in found
                ],
            )
        )
    write("words_t_burst", {"speakers": speakers, "data": data, "models": models})


if __name__ == "__main__":
    main()
