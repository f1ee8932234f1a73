from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from chaffinch.experience.store import Experience
from chaffinch.explain.sounds import heat
from chaffinch.features.sounds import CepstralFeatures
from chaffinch.loop.launch import choose, launch
from chaffinch.loop.train import train
from chaffinch.models.logistic import LogisticLearner
from chaffinch.models.multiclass import MulticlassLearner
from chaffinch.predictor import Predictor
from chaffinch.readers.audio import read_audio, write_wav
from chaffinch.task import Judge, get_task
from chaffinch.tasks.words.utterances import utterances
from chaffinch.types import Example, Item, Policy
from shell import Chaffinch
from sound_samples import hiss, line, pause, spoken, word

TASK = get_task("words")
LABELS = ("one", "two", "six")


def examples(count: int, first: int = 0) -> list[Example]:
    return [
        Example(Item(write_wav(spoken(label, seed)), "words"), label)
        for seed in range(first, first + count)
        for label in LABELS
    ]


def by_the_rule() -> Predictor:
    rung = TASK.rung("rules")
    return Predictor(TASK, rung, rung.start(), "rule")


@pytest.mark.parametrize("label", ["one", "two"])
def test_the_rule_hears_how_a_word_begins(label: str) -> None:
    predictor = by_the_rule()
    for seed in range(5):
        verdict = predictor.predict(write_wav(spoken(label, seed)))
        assert verdict.label == label
        assert verdict.reasons[0].where == f"rule for {label}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no sound at all",
        write_wav(pause(1.0)),
        write_wav(np.random.default_rng(0).normal(size=8000).astype(np.float32) * 0.1),
        write_wav(spoken("one"))[:40],
    ],
    ids=["empty", "no sound", "silence", "noise", "truncated"],
)
def test_what_holds_no_word_is_unsure(data: bytes) -> None:
    verdict = by_the_rule().predict(data)
    assert (verdict.action, verdict.label, verdict.reasons) == ("unsure", "", ())
    assert verdict.notes


def sure_of_all() -> Predictor:
    """Return the rule where whatever it says is accepted."""
    predictor = by_the_rule()
    predictor.policy = Policy(junk=-100.0)
    return predictor


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (write_wav(np.concatenate((pause(0.3), word(2.6), pause(0.3)))), "only the first 2 s"),
        (write_wav(spoken("one"))[:-1600], "cut off: "),
    ],
    ids=["long", "truncated"],
)
def test_a_word_that_was_cut_is_unsure(data: bytes, said: str) -> None:
    predictor = sure_of_all()
    assert predictor.predict(write_wav(spoken("one"))).action == "accept"
    verdict = predictor.predict(data)
    assert (verdict.label, verdict.action) == ("one", "unsure")
    assert any(said in note for note in verdict.notes)


def test_a_line_that_was_cut_leaves_each_of_its_words_unsure() -> None:
    line = np.concatenate([spoken(label) for label in ("one", "two", "one")])
    data = write_wav(line)[:-1600]
    predictor = sure_of_all()
    parts = utterances(data)
    assert len(parts) == 3
    for part in parts:
        assert predictor.predict(part.data).action == "accept"
        verdict = predictor.predict(part.data, part=part)
        assert (verdict.action, verdict.notes[0].startswith("cut off")) == ("unsure", True)


def test_the_ladder_learns_and_what_it_learned_is_launched(home: Path) -> None:
    with Experience.open(home) as experience:
        experience.add("words", examples(30), by="me")
        trained = train(TASK, experience)
        choice = choose(TASK, trained)
        assert choice.trained.rung.name != "rules"
        launch(TASK, experience, trained, choice, {})
    later = examples(4, 100)
    for one in trained[1:]:
        features = one.rung.features
        rows = [features.row(TASK.reader(example.item.data)) for example in later]
        learner = cast(MulticlassLearner, one.learner)
        said = [learner.best(row)[0] for row in rows]
        assert np.mean([a == b.label for a, b in zip(said, later, strict=True)]) > 0.8
    with Predictor.load("words", home=home) as predictor:
        verdict = predictor.predict(write_wav(spoken("six", 50)))
        assert verdict.label == "six"
        assert verdict.reasons
        assert all(reason.text.endswith("sounds") for reason in verdict.reasons)


def test_people_add_words_and_write_digits_as_they_like(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    for label in ("1", "bird"):
        (tmp_path / "said" / label).mkdir(parents=True)
        for seed in range(3):
            sound = spoken("one" if label == "1" else "six", seed)
            (tmp_path / "said" / label / f"{seed}.wav").write_bytes(write_wav(sound))
    learned = chaffinch("learn", "words", tmp_path / "said", "--new", "--json")
    assert learned.json["new"] == 6
    (tmp_path / "odd.wav").write_bytes(write_wav(spoken("two", 9)))
    assert chaffinch("flag", "words", "2", tmp_path / "odd.wav", "--json").json["flags"][0][
        "label"
    ] == "two"  # fmt: skip
    with Experience.look() as experience:
        assert {one.label for one in experience.examples("words")} == {"one", "two", "bird"}


def test_a_line_is_heard_word_by_word(chaffinch: Chaffinch, tmp_path: Path) -> None:
    path = tmp_path / "line.wav"
    path.write_bytes(write_wav(line(["one", "two", "one"])))
    for label in ("one", "two"):
        (tmp_path / f"{label}.wav").write_bytes(write_wav(spoken(label, 9)))
    learned = (f"--label={label}={tmp_path / label}.wav" for label in ("one", "two"))
    assert chaffinch("learn", "words", *learned).code == 0
    out = chaffinch("predict", "words", path, "--reasons", "0").out
    assert f"{path} reads one two one" in out.replace("[", "").replace("?]", "")
    told = [
        json.loads(one) for one in chaffinch("predict", "words", path, "--json").out.splitlines()
    ]
    begins, ends = zip(*(one["box"] for one in told), strict=True)
    assert list(begins) == sorted(begins)
    assert all(begin < end for begin, end in zip(begins, ends, strict=True))
    refused = chaffinch("flag", "words", "one", path)
    assert refused.code == 3
    assert "holds 3 words: flag each by its id" in " ".join(refused.err.split())
    assert chaffinch("flag", "words", "one", told[0]["item"]).code == 0


def test_a_part_is_one_word_again() -> None:
    parts = utterances(write_wav(line(["six", "one", "two"])))
    assert [len(read_audio(part.data).utterances) for part in parts] == [1, 1, 1]


def test_heat_finds_what_a_model_listens_to() -> None:
    features = CepstralFeatures(("one", "two"))
    learner = LogisticLearner.start(features)
    taught = [one for one in examples(20) if one.label != "six"]
    learner.fit(
        [features.row(read_audio(one.item.data)) for one in taught], [one.label for one in taught]
    )
    judge = Judge(TASK, replace(TASK.rung("logistic"), features=features), learner, Policy())
    heard = np.concatenate((pause(0.3), hiss(0.1), word(0.4), pause(0.3)))
    content = read_audio(write_wav(heard))
    spectrum = features.spectrum(content)
    found, against = heat(judge, content, ["two", "one"])
    assert found.shape == spectrum.shape
    # Of two labels what speaks for one speaks against the other.
    assert np.allclose(found, -against)
    half = spectrum.shape[1] // 2
    # The hiss, in high bands at the beginning, speaks for it; what comes late hardly does.
    assert found[25:, :half].max() > 2 * np.abs(found[25:, half:]).max()


def test_learned_from_recordings_whatever_their_rate() -> None:
    features = CepstralFeatures(LABELS)
    for label in LABELS:
        low = spoken(label, 5)
        high = np.repeat(low, 2)  # crude, but above 4 kHz nothing is heard
        rows = [
            features.row(read_audio(write_wav(sound, rate))).values - 0.5
            for sound, rate in ((low, 8000), (high, 16000))
        ]
        likeness = rows[0] @ rows[1] / np.linalg.norm(rows[0]) / np.linalg.norm(rows[1])
        assert likeness > 0.95


@pytest.mark.parametrize("rung", ["rules", "logistic"])
def test_what_speaks_is_drawn(chaffinch: Chaffinch, tmp_path: Path, rung: str) -> None:
    from PIL import Image

    for label in ("one", "two"):
        (tmp_path / label).mkdir()
        for seed in range(4):
            (tmp_path / label / f"{seed}.wav").write_bytes(write_wav(spoken(label, seed)))
    taught = (f"--label={label}={tmp_path / label}" for label in ("one", "two"))
    assert chaffinch("learn", "words", *taught).code == 0
    assert chaffinch("launch", "words", "--rung", rung).code == 0
    asked, drawn = tmp_path / "two.wav", tmp_path / "why.png"
    asked.write_bytes(write_wav(spoken("two", 50)))
    (tmp_path / "silent.wav").write_bytes(write_wav(pause(1.0)))
    told = chaffinch("predict", "words", asked, tmp_path / "silent.wav", "--heat", drawn)
    assert told.code == 0
    with Image.open(drawn) as image:
        assert image.size[0] > 500
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or []}
    assert any(red > blue + 60 for red, _, blue in colours), "nothing speaks for it"
    assert chaffinch("predict", "words", asked, "--heat", asked.with_suffix(".wav")).code == 2


@pytest.mark.parametrize("words", [["rules", "suggest", "words"], ["explain", "words", "patterns"]])
def test_verbs_for_text_say_so(chaffinch: Chaffinch, words: list[str]) -> None:
    refused = chaffinch(*words)
    assert refused.code in (2, 3)
    assert refused.err
