"""Studying, explaining and asking where the items are pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from chaffinch.cli.pictures import beside, dotted, halved
from chaffinch.experience.store import Experience
from chaffinch.loop import study_pictures
from chaffinch.readers.image.pnm import write_pgm
from chaffinch.types import Example, Item
from digit_samples import digits_or_skip
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
    assert "24 images of 3 labels" in result.out
    assert "mean pictures" in result.out
    assert "if holes" in result.out
    assert in_80_columns(result.out)
    found = chaffinch.json("study", "digits", data)
    assert found["items"] == {"0": 8, "1": 8, "8": 8}
    assert np.shape(found["means"]["8"]) == (28, 28)
    (pair,) = [one for one in found["pairs"] if set(one["labels"]) == {"0", "8"}]
    assert pair["told_apart_by"][0]["right"] == 1.0
    assert found["sizes"] == {"28 × 28 pixels": 24}


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


@pytest.fixture
def taught(chaffinch: Chaffinch, data: Path, home: Path) -> Chaffinch:
    """A command line at which the net is live, and has learned a flag that was wrong."""
    digits_or_skip()
    examples = [
        Example(Item(drawn(label, seed), "digits"), label) for seed in range(12) for label in "018"
    ]
    examples.append(Example(Item(drawn("8", 99), "digits"), "1"))
    with Experience.open(home) as experience:
        experience.add("digits", examples, by="me")
    assert chaffinch("launch", "digits", "--rung", "net").code == 0
    return chaffinch


def test_what_was_learned_of_pictures_is_told(taught: Chaffinch) -> None:
    result = taught("explain", "digits")
    assert result.code == 0, result.err
    heads = [line.split()[0] for line in result.out.splitlines() if line.endswith("───")]
    assert heads == ["filters", "prototypes", "confused", "unsure"]
    assert in_80_columns(result.out)
    found = taught.json("explain", "digits")
    assert np.shape([one["values"] for one in found["filters"]["pictures"]]) == (32, 5, 5)
    typical = {one["label"]: one for one in found["prototypes"]}
    assert set(typical) == {"0", "1", "8"}
    assert sum(share["share"] for share in typical["0"]["kinds"]) == pytest.approx(1)
    assert found["confused"]["judged"] > 30
    (pair,) = [
        one for one in found["confused"]["pairs"] if (one["truth"], one["said"]) == ("1", "8")
    ]
    assert pair["mistaken"][0]["item"] == Item(drawn("8", 99), "digits").id
    alone = taught.json("explain", "digits", "confused")
    assert set(alone) == {"task", "model", "rung", "confused"}
    assert "mean of" in taught("explain", "digits", "prototypes").out


def test_it_is_drawn_and_written(taught: Chaffinch, tmp_path: Path) -> None:
    png, html = tmp_path / "seen.png", tmp_path / "seen.html"
    result = taught("explain", "digits", "--png", png, "--html", html)
    assert result.code == 0, result.err
    from PIL import Image

    with Image.open(png) as image:
        assert image.size[0] > 300
    assert {one.stat().st_mode & 0o777 for one in (png, html)} == {0o600}
    page = read_page(html.read_text("utf-8"))
    assert page.tags.count("img") > 10
    assert "1 taken for 8" in page.text


def test_before_anything_was_flagged_the_net_shows_its_filters(chaffinch: Chaffinch) -> None:
    digits_or_skip()
    result = chaffinch("explain", "digits")
    assert result.code == 0, result.err
    assert "32 patterns" in result.out
    assert "none to be typical" in result.out
    assert "No launched model has judged flagged items" in " ".join(result.out.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["digits", "patterns"], "use one of filters"),
        (["digits", "--since", "2026-11-01"], "--since and --last"),
        (["digits", "--png", "seen.jpg"], "name it seen.png"),
        (["mail", "--png", "seen.png"], "chaffinch study mail --html"),
        (["mail", "--html", "seen.html"], "are for images"),
        (["mail", "filters"], "use one of patterns"),
    ],
)
def test_what_cannot_be_told_is_refused(chaffinch: Chaffinch, words: list[str], said: str) -> None:
    result = chaffinch("explain", *words)
    assert result.code == 2
    assert said in " ".join(result.err.split())


def blank() -> bytes:
    return write_pgm(np.full((60, 60), 0, np.uint8))


def test_a_picture_is_asked_about_and_an_empty_page_is_not(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    digits_or_skip()
    # A cross, which the net does not know.
    cross = np.eye(28, dtype=np.uint8) + np.eye(28, k=1, dtype=np.uint8)
    both = 255 * np.minimum(cross + cross[:, ::-1], 1)
    (tmp_path / "hard.pgm").write_bytes(write_pgm(both))
    (tmp_path / "blank.pgm").write_bytes(blank())
    assert chaffinch("predict", "digits", tmp_path / "hard.pgm", tmp_path / "blank.pgm").code == 0
    asked = chaffinch.json("ask", "digits")
    assert (asked["judged"], asked["unfit"]) == (1, 1)
    (question,) = asked["questions"]
    assert question["item"] == Item(write_pgm(both), "digits").id
    result = chaffinch("ask", "digits")
    assert "1 item shows no single label" in " ".join(result.out.split())
    assert "(no words)" not in result.out
    assert sum("█" in line for line in result.out.splitlines()) > 5
    assert in_80_columns(result.out)
    answered = chaffinch.typed("ask", "digits", "--answer", keys=b"nine\n8\n")
    assert "'nine' is no label yet" in answered.out
    assert "1 flag was given" in answered.out
    # What is typed is not shown here, nor that it ends the line of the prompt.
    assert max(map(len, answered.out.replace("quit: ", "quit:\n").splitlines())) <= 80
    with Experience.open() as experience:
        (given,) = [one for one in experience.examples("digits") if one.item.id == question["item"]]
    assert given.label == "8"
    # What is none of the labels is flagged so, and learned as one more.
    assert chaffinch("flag", "digits", "8", question["item"][:6], "--undo").code == 0
    answered = chaffinch.typed("ask", "digits", "--answer", keys=b"-\n")
    assert "- for none of these" in " ".join(answered.out.split())
    assert chaffinch.json("ask", "digits")["flags"]["none"] == 1
