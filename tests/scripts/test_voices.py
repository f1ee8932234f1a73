"""The pure parts of what lets synthesisers speak, and each engine that is installed here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import voices
from chaffinch.datasets import cache
from chaffinch.readers.audio.wav import Sound
from sound_samples import hiss, pause, word
from speech import kokoro, sounds, words
from speech.orders import Order, finished


class Whistle:
    """An engine that says each word as a sound of another length."""

    NAME, LICENCE = "whistle", "CC0-1.0"

    def missing(self) -> str:
        return ""

    def version(self) -> str:
        return "1.0"

    def orders(self, chance: np.random.Generator) -> list[Order]:
        pitch = float(chance.uniform(1, 2))
        said = [Order(word, "tin", "", "f", word, pitch=pitch) for word in words.DIGITS * 9]
        return [*said, Order("zero", "tin", "", "f", "")]

    def speak(self, orders: Sequence[Order]) -> Iterator[Sound | None]:
        for order in orders:
            length = 0.2 + len(order.said) / 20
            yield Sound(word(length, 150 * order.pitch), 8000) if order.said else None


@pytest.fixture
def whistle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "ENGINES", {"whistle": Whistle()})
    monkeypatch.setattr(voices, "ProcessPoolExecutor", ThreadPoolExecutor)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["voices.py", *arguments])
    return voices.main()


@pytest.mark.usefixtures("whistle")
def test_what_was_spoken_is_kept_with_who_said_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch) == 0
    path = cache.kept(cache.place("voices"))
    assert path is not None
    with np.load(path) as file:
        held = {name: file[name] for name in file.files}
    about = json.loads(str(held.pop("about")))
    assert held["words"].tolist() == [*words.DIGITS] * 9
    assert {len(held[name]) for name in ("engines", "voices", "accents", "sexes")} == {90}
    assert held["starts"][-1] == held["samples"].size
    assert about["versions"] == {"whistle": "1.0"}
    assert about["left_out"] == {"whistle": 1}


@pytest.mark.usefixtures("whistle")
def test_the_same_bytes_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch)
    path = cache.place("voices") / "voices.npz"
    first = path.read_bytes()
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2})
    run(monkeypatch, "whistle")
    assert path.read_bytes() == first


@pytest.mark.usefixtures("whistle")
def test_an_unknown_engine_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "wistle") == 2
    assert "no engine is called 'wistle' (did you mean 'whistle'?)" in capsys.readouterr().err


@pytest.mark.usefixtures("whistle")
def test_what_lacks_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drum = Whistle()
    monkeypatch.setattr(drum, "missing", lambda: "the package drum", raising=False)
    monkeypatch.setitem(voices.ENGINES, "drum", drum)
    assert run(monkeypatch) == 8
    said = capsys.readouterr().err
    assert "drum lacks the package drum: sh scripts/voices.sh installs all" in said
    assert "name those that are there: whistle" in said


def test_a_word_is_cut_out_of_silence_with_its_faint_edges() -> None:
    said = np.concatenate((pause(0.5), 0.1 * hiss(0.1), word(0.3), pause(0.7)))
    clip = finished(Sound(said, 8000), "oh", 1.0)
    assert clip is not None
    assert 0.4 <= len(clip) / 8000 <= 0.5
    assert abs(int(np.abs(clip).max()) - 26213) <= 1


def test_what_follows_a_word_is_left_out() -> None:
    said = np.concatenate((word(0.3), pause(0.1), word(0.1), pause(0.1), word(0.1)))
    nine, eight, hundred = (
        finished(Sound(said, 8000), name, 1.0) for name in ("nine", "eight", "hundred")
    )
    assert nine is not None
    assert eight is not None
    assert hundred is not None
    lengths = [len(one) / 8000 for one in (nine, eight, hundred)]
    assert lengths == pytest.approx([0.3, 0.5, 0.7], abs=0.09)


def test_a_shorter_vocal_tract_is_higher_and_faster() -> None:
    usual, short = (finished(Sound(word(0.5), 8000), "oh", tract) for tract in (1.0, 1.25))
    assert usual is not None
    assert short is not None
    assert len(short) < 0.9 * len(usual)


@pytest.mark.parametrize(
    "samples", [pause(1.0), word(0.05), word(3.0), pause(0.0), 1e-4 * word(0.4)]
)
def test_what_is_no_word_is_left_out(samples: np.ndarray) -> None:
    assert finished(Sound(samples, 8000), "oh", 1.0) is None
    assert finished(None, "oh", 1.0) is None


def test_words_are_listed_once() -> None:
    listed = (*words.DIGITS, words.OH, *words.COMMANDS, *words.OTHERS)
    assert len(set(listed)) == len(listed)
    assert len(words.COMMANDS) == 20
    assert len(words.OTHERS) >= 60
    assert {len(said.split()) for said in words.FOREIGN.values()} == {11}


@pytest.mark.parametrize("accent", sounds.ACCENTS)
@pytest.mark.parametrize("region", sounds.PRONOUNCED)
def test_no_accent_makes_two_words_one(accent: str, region: str) -> None:
    near = {"tree": "tɹˈi", "free": "fɹˈi", "sick": "sˈɪk", "fine": "fˈIn", "no": "nˈO"}
    said = {
        sounds.accented(way, accent): word
        for word, ways in (sounds.PRONOUNCED[region] | near).items()
        for way in ways.split("/")
    }
    assert set(said.values()) == {*words.DIGITS, words.OH, *near}


def test_words_of_a_list_are_parted_where_the_network_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = 4  # frames of each phoneme

    class Network:
        """Makes each phoneme as loud as its number, and pauses silent."""

        def run(self, _: list[str], given: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
            tokens, least = given["tokens"][0], given["least"][0]
            assert given["style"].shape == (1, 2)
            frames = np.maximum(np.where(tokens > 1, held, 1), least)
            loud = np.where(tokens > 1, tokens, 0)
            return np.repeat(loud, (600 * frames).astype(int)).astype(np.float32), frames

    numbers = dict.fromkeys(" ,.!?", 1) | {"a": 2, "b": 3}
    styles = {name: np.full((40, 2), place) for place, name in enumerate(("one", "two"))}
    monkeypatch.setattr(kokoro, "_loaded", lambda: (Network(), styles, numbers))
    orders = [
        Order("first", "one+two", "", "m", "aa, ", pace=1.5),
        Order("second", "one+two", "", "m", "bbb! ", pace=1.5),
        Order("third", "two", "", "m", "b. ", pace=1.5),
    ]
    said = list(kokoro.speak(orders))
    for sound, level, phonemes in zip(said, (2, 3, 3), (2, 3, 1), strict=True):
        assert sound is not None
        assert set(sound.samples) == {0.0, float(level)}
        assert np.count_nonzero(sound.samples) == phonemes * held * 600


@pytest.mark.parametrize("name", voices.ENGINES)
def test_engine_speaks(name: str) -> None:
    engine = voices.ENGINES[name]
    if lacking := engine.missing():
        pytest.skip(f"{name} lacks {lacking}: sh scripts/voices.sh installs it")
    if name == "kokoro":
        pytest.skip("its voices are fetched: test_words_of_a_list… has what is ours")
    orders = engine.orders(np.random.default_rng(1))
    sounds_like = [finished(sound, "oh", 1.0) for sound in engine.speak(orders[:3])]
    assert len(sounds_like) == 3
    assert any(clip is not None for clip in sounds_like)
    assert {order.word for order in orders} == {
        *words.DIGITS, words.OH, *words.COMMANDS, *words.OTHERS
    }  # fmt: skip
