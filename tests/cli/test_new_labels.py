"""A label that nobody has heard of begins a class, and only where that is meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chaffinch.errors import UsageError
from chaffinch.predictor import Predictor
from chaffinch.readers.audio import write_wav
from digit_samples import digit, digits_or_skip
from shell import Chaffinch
from sound_samples import pause, word


@pytest.fixture(autouse=True)
def _extra() -> None:
    digits_or_skip()


@pytest.fixture
def five(tmp_path: Path) -> Path:
    path = tmp_path / "five.png"
    path.write_bytes(digit("5"))
    return path


def standing() -> list[str]:
    from chaffinch.experience.store import Experience

    with Experience.look() as experience:
        return sorted(experience.log.count("digits"))


def test_a_label_is_kept_as_it_is_meant(chaffinch: Chaffinch, five: Path, tmp_path: Path) -> None:
    assert chaffinch("flag", "digits", "\uff15", five).code == 0
    assert chaffinch("flag", "digits", " 5 ", five).code == 0
    assert standing() == ["5"]
    assert chaffinch("flag", "digits", "\uff15", five, "--undo").code == 0
    assert standing() == []


def test_a_new_label_is_refused_where_nobody_can_be_asked(
    chaffinch: Chaffinch, five: Path, tmp_path: Path
) -> None:
    refused = chaffinch("flag", "digits", "05", five)
    assert refused.code == 2
    assert "'05' (did you mean '5'?) is new to digits" in refused.err
    assert "--new" in refused.err
    assert standing() == []
    told = chaffinch("flag", "digits", "×", five, "--new")
    assert told.code == 0
    assert "'×' is new to digits" in told.err
    again = chaffinch("flag", "digits", "×", five)
    assert (again.code, again.err) == (0, "")


@pytest.mark.parametrize(("keys", "code"), [(b"\n", 2), (b"n\n", 2), (b"", 2), (b"y\n", 0)])
def test_a_terminal_is_asked(
    chaffinch: Chaffinch, five: Path, tmp_path: Path, keys: bytes, code: int
) -> None:
    asked = chaffinch.typed("flag", "digits", "x", five, keys=keys)
    assert asked.code == code
    assert "Is that meant? [y/N]" in asked.err
    assert standing() == ([] if code else ["x"])


def test_what_flags_of_many_labels_are_worth(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for number, (label, by) in enumerate([("3", "ann"), ("8", "bob"), ("3", "ann"), ("8", "bob")]):
        path = tmp_path / f"{number}.png"
        path.write_bytes(digit(label, number))
        assert chaffinch("flag", "digits", label, path, "--by", by).code == 0
    told = chaffinch.json("evaluate", "digits", "--without-flagger", "bob")
    assert (told["flags"], told["learned"]["n"]) == (2, 2)
    assert set(told["learned"]["extra"]["higher_by"]) == {"error_percent"}
    shown = chaffinch("evaluate", "digits", "--without-flagger", "bob")
    assert shown.code == 0, shown.err
    assert "    errors          " in shown.out


def test_each_door_names_its_own_remedy(chaffinch: Chaffinch, five: Path, home: Path) -> None:
    refused = chaffinch("flag", "digits", "x", five)
    assert refused.err.rstrip().endswith("say so by --new")
    with (
        Predictor.load("digits", home=home) as predictor,
        pytest.raises(UsageError, match=r"say so by new=True$"),
    ):
        predictor.flag(digit("5"), "x")


def test_none_of_the_labels_is_not_taken_for_one_of_them(chaffinch: Chaffinch, home: Path) -> None:
    sound = home.parent / "noise.wav"
    sound.write_bytes(write_wav(np.concatenate((pause(0.3), word(), pause(0.3)))))
    for label in ("none", "None"):
        refused = chaffinch("flag", "words", label, sound)
        assert refused.code == 2
        assert "did you mean" not in refused.err
        assert "--new" in refused.err
    assert chaffinch("flag", "words", "none", sound, "--new").code == 0
    assert "did you mean 'none'" in chaffinch("flag", "words", "None", sound).err


def test_learning_from_folders_asks_too(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for label in ("5", "05", "7", "seven"):
        folder = tmp_path / "data" / label
        folder.mkdir(parents=True)
        for seed in range(3):
            (folder / f"{label}{seed}.png").write_bytes(digit(label[-1].replace("n", "7"), seed))
    refused = chaffinch("learn", "digits", tmp_path / "data")
    assert refused.code == 2
    assert "'05' (did you mean '5'?), 'seven' are new to digits" in refused.err
    one = chaffinch("learn", "digits", "--label", f"05={tmp_path / 'data' / '5'}")
    assert one.code == 2
    assert standing() == []
    both = [f"\uff15={tmp_path / 'data' / '5'}", f"7={tmp_path / 'data' / '7'}"]
    learned = chaffinch("learn", "digits", "--label", both[0], "--label", both[1])
    assert learned.code == 0, learned.err
    assert standing() == ["5", "7"]


def test_python_has_to_say_so(tmp_path: Path) -> None:
    with Predictor.load("digits", home=tmp_path) as predictor:
        with pytest.raises(UsageError, match="new=True"):
            predictor.flag(digit("5"), "05")
        assert predictor.flag(digit("5"), "\uff15").label == "5"
        assert predictor.flag(digit("5"), "x", new=True).label == "x"
        assert predictor.flag(digit("7"), "x").label == "x"
