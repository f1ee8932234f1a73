"""Studying, explaining and asking where the items are pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chaffinch.cli.pictures import beside, dotted, halved
from chaffinch.loop import study_pictures
from chaffinch.readers.image.pnm import write_pgm
from harmless import read_page
from shell import Chaffinch


def drawn(label: str, seed: int) -> bytes:
    """Return a ring (0), a bar (1) or a ring with a bar across (8), each a little different."""
    random = np.random.default_rng([seed, ord(label)])
    pixels = np.zeros((28, 28), np.uint8)
    left, right = 7 + int(random.integers(2)), 20 + int(random.integers(2))
    if label == "1":
        left, right = 13, 16 + int(random.integers(2))
    pixels[4:24, left:right] = random.integers(200, 256)
    if label != "1":
        pixels[7 : 20 + int(random.integers(2)), left + 3 : right - 3] = 0
    if label == "8":
        pixels[12:15, left:right] = 255
    return write_pgm(pixels)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for label in "018":
        (tmp_path / "data" / label).mkdir(parents=True)
        for seed in range(8):
            (tmp_path / "data" / label / f"{seed}.pgm").write_bytes(drawn(label, seed))
    return tmp_path / "data"


def in_80_columns(out: str) -> bool:
    return max(map(len, out.splitlines())) <= 80


def test_pictures_are_studied(chaffinch: Chaffinch, data: Path) -> None:
    result = chaffinch("study", "digits", data)
    assert result.code == 0, result.err
    assert "24 pictures of 3 labels" in result.out
    assert "mean pictures" in result.out
    assert "if holes" in result.out
    assert in_80_columns(result.out)
    found = chaffinch.json("study", "digits", data)
    assert found["items"] == {"0": 8, "1": 8, "8": 8}
    assert np.shape(found["means"]["8"]) == (28, 28)
    (pair,) = [one for one in found["pairs"] if set(one["labels"]) == {"0", "8"}]
    assert pair["told_apart_by"][0]["right"] == 1.0
    assert found["sizes"] == {"28 × 28": 24}


def test_a_condition_can_be_said_by_a_rule(
    chaffinch: Chaffinch, data: Path, home: Path, tmp_path: Path
) -> None:
    found = chaffinch.json("study", "digits", data)
    (pair,) = [one for one in found["pairs"] if set(one["labels"]) == {"0", "8"}]
    said = pair["told_apart_by"][0]
    (home / "rules").mkdir(parents=True)
    (home / "rules" / "digits.toml").write_text(
        f"[[rule]]\nname = 'MINE'\nlabel = '{said['label']}'\ndescription = 'As studied'\n"
        f"predicate = '{said['condition']}'\nweight = 1\n"
    )
    told = chaffinch.json("rules", "test", "digits", data)
    (mine,) = [one for one in told["rules"] if one["name"] == "MINE"]
    assert mine["hits"]["label"] == round(8 * said["fits"])


def test_a_wrong_flag_is_pointed_at(chaffinch: Chaffinch, data: Path) -> None:
    (data / "1" / "wrong.pgm").write_bytes(drawn("8", 99))
    found = chaffinch.json("study", "digits", data)
    (one,) = [one for one in found["odd"] if one["why"] == "looks like"]
    assert (one["label"], one["like"]) == ("1", "8")
    assert one["name"].endswith("wrong.pgm")


def test_a_page_shows_the_pictures_and_does_nothing(
    chaffinch: Chaffinch, data: Path, tmp_path: Path
) -> None:
    hostile = data / "<script>alert(1)<"
    hostile.mkdir()
    for seed in range(3):
        (hostile / f"' onload='x{seed}.pgm").write_bytes(drawn("0", 50 + seed))
    path = tmp_path / "study.html"
    result = chaffinch("study", "digits", data, "--html", path)
    assert result.code == 0, result.err
    page = read_page(path.read_text("utf-8"))
    assert page.tags.count("img") > 10
    assert "<script>alert(1)<" in page.text
    targets = [value[1:] for name, value in page.attributes if name == "href"]
    assert set(targets) <= {value for name, value in page.attributes if name == "id"}


def test_many_pictures_are_drawn_from(
    chaffinch: Chaffinch, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_pictures, "_MOST", 10)
    found = chaffinch.json("study", "digits", data)
    assert sum(found["items"].values()) == 24
    assert sum(found["seen"].values()) == 10
    assert found == chaffinch.json("study", "digits", data)


def test_many_labels_are_bounded(
    chaffinch: Chaffinch, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_pictures, "_MOST_LABELS", 2)
    found = chaffinch.json("study", "digits", data)
    assert (len(found["items"]), len(found["seen"]), len(found["pairs"])) == (3, 2, 1)


def test_one_label_alone_is_refused(chaffinch: Chaffinch, data: Path) -> None:
    result = chaffinch("study", "digits", "--label", f"8={data / '8'}")
    assert result.code == 3
    assert "only 8" in result.err
    empty = chaffinch("study", "digits")
    assert empty.code == 3
    assert "chaffinch study digits DATA" in empty.err


@pytest.mark.parametrize("drawing", [dotted, halved])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (28, 28)])
def test_any_size_is_drawn(
    drawing: Callable[[np.ndarray], list[str]], shape: tuple[int, int]
) -> None:
    lines = drawing(np.ones(shape))
    assert len({len(line) for line in lines}) <= 1
    assert all(line.strip() for line in lines)


def test_blocks_keep_to_the_width() -> None:
    lines = beside([["caption", "█" * 30]] * 5, width=70)
    assert max(map(len, lines)) <= 70
    assert len(lines) == 6
