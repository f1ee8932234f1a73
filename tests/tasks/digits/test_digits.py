from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chaffinch.experience.store import Experience
from chaffinch.explain.pixels import heat
from chaffinch.features.pixels import PixelFeatures, pixels_of
from chaffinch.loop.launch import choose, launch
from chaffinch.loop.train import train
from chaffinch.models.softmax import SoftmaxLearner
from chaffinch.predictor import Predictor
from chaffinch.task import Judge, get_task
from chaffinch.tasks.digits.reading import read_digits
from chaffinch.tasks.digits.signs import signs
from chaffinch.types import Example, Item, Policy
from digit_samples import digit, digits_or_skip, line, picture, png
from shell import Chaffinch

DIGITS = "0123456789"
TASK = get_task("digits")


@pytest.fixture(autouse=True)
def _digits() -> None:
    digits_or_skip()


def test_it_judges_before_the_first_flag() -> None:
    with Predictor.load("digits") as predictor:
        for label in DIGITS:
            for seed in range(3):
                verdict = predictor.predict(digit(label, seed))
                assert verdict.label == label
                assert verdict.second in set(DIGITS) - {label}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_any_kind_of_image_and_either_colour(kind: str) -> None:
    with Predictor.load("digits") as predictor:
        for pixels in (picture("5"), 255 - picture("5")):
            assert predictor.predict(png(pixels, kind), reasons=0).label == "5"


@pytest.mark.parametrize(
    "made",
    [
        lambda: png(np.full((60, 60), 240, np.uint8)),
        lambda: png(np.random.default_rng(0).integers(0, 256, (60, 60), np.uint8)),
        lambda: digit("×"),
        lambda: b"",
        lambda: b"no image at all",
        lambda: digit("3")[:200],
        lambda: b"P5\n1 1\n255\n\x00",
        lambda: b"P5\n999999999 999999999\n255\n",
    ],
    ids=["blank", "noise", "a cross", "empty", "no image", "truncated", "1 by 1", "a bomb"],
)
def test_what_is_no_digit_is_unsure(made: Callable[[], bytes]) -> None:
    with Predictor.load("digits") as predictor:
        verdict = predictor.predict(made())
    assert verdict.action == "unsure"
    assert verdict.probability < 0.9


def test_a_flag_counts_at_once_and_undo_is_exact(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for seed in range(6):
        # Somebody's seven, which looks like a mirrored one.
        (tmp_path / f"odd{seed}.png").write_bytes(png(picture("7", seed)[:, ::-1]))
    later = [tmp_path / "odd5.png", tmp_path / "nine.png"]
    later[1].write_bytes(digit("9"))
    before = verdicts(chaffinch, *later)
    assert before[0]["label"] != "7"
    items = [tmp_path / f"odd{seed}.png" for seed in range(5)]
    assert chaffinch("flag", "digits", "7", *items).code == 0
    after = verdicts(chaffinch, *later)
    assert [one["label"] for one in after] == ["7", "9"]
    assert chaffinch("flag", "digits", "7", *items, "--undo").code == 0
    assert [one["score"] for one in verdicts(chaffinch, *later)] == pytest.approx(
        [one["score"] for one in before], abs=1e-6
    )
    assert chaffinch("verify").code == 0


def verdicts(chaffinch: Chaffinch, *paths: Path) -> list[dict[str, Any]]:
    out = chaffinch("predict", "digits", *paths, "--json", "--reasons", "0").out
    return [json.loads(told) for told in out.splitlines()]


def test_people_add_a_label(home: Path) -> None:
    with Predictor.load("digits", home=home) as predictor:
        for seed in range(20):
            predictor.flag(digit("×", seed), "×", new=seed == 0)
        crosses = [predictor.predict(digit("×", seed), reasons=0) for seed in range(20, 30)]
        others = {predictor.predict(digit(label, 50), reasons=0).label for label in DIGITS}
    assert [one.label for one in crosses] == ["×"] * 10
    assert others == set(DIGITS)


def test_a_picture_is_read_once(home: Path) -> None:
    data = digit("6", seed=77)
    before = read_digits.cache_info()
    assert TASK.parts is not None
    assert TASK.parts(data) == []
    with Predictor.load("digits", home=home) as predictor:
        predictor.predict(data)
    after = read_digits.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits >= 1) == (1, True)


def test_digits_that_touch_are_cut_where_the_net_knows_them(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    written = np.minimum.reduce(
        [
            np.pad(picture(one), ((0, 0), (at, 68 - at)), constant_values=246)
            for one, at in (("3", 0), ("5", 34), ("8", 68))
        ]
    )
    path = tmp_path / "touching.png"
    path.write_bytes(png(written))
    told = verdicts(chaffinch, path)
    assert [one["label"] for one in told] == list("358")
    # So might be a letter: what was cut is told, and left to whoever looks.
    assert {one["action"] for one in told} == {"unsure"}
    assert all("was cut: digits that touch" in one["notes"][0] for one in told)
    # Together they are wider than one sign is, whoever says so.
    refused = chaffinch("flag", "digits", "3", path)
    assert refused.code == 3
    assert "shows 3 signs" in refused.err


@pytest.fixture
def wide() -> bytes:
    """Return one wide 0 that reading cuts in two, as it stands alone."""
    from PIL import Image, ImageDraw

    sheet = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(sheet).ellipse((40, 90, 240, 200), outline=0, width=22)
    return png(np.asarray(sheet))


def test_ink_that_was_cut_is_one_sign_if_its_label_says_so(
    chaffinch: Chaffinch, home: Path, tmp_path: Path, wide: bytes
) -> None:
    path = tmp_path / "wide.png"
    path.write_bytes(wide)
    assert len(verdicts(chaffinch, path)) == 2
    (flagged,) = chaffinch.json("flag", "digits", "0", path)["flags"]
    (told,) = verdicts(chaffinch, path)
    assert (told["item"], told["label"]) == (flagged["item"], "0")
    assert len(chaffinch.json("explain", "digits", path)) == 1
    with Predictor.load("digits", home=home) as predictor:
        assert predictor.predict(wide, reasons=0).item == flagged["item"]
        assert predictor.flag(wide, "0").known
    assert chaffinch("flag", "digits", "0", path, "--undo").code == 0
    assert len(verdicts(chaffinch, path)) == 2


def test_what_is_skipped_is_no_part_of_the_error(
    chaffinch: Chaffinch, tmp_path: Path, wide: bytes
) -> None:
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "wide.png").write_bytes(wide)
    (tmp_path / "0" / "apart.png").write_bytes(line("00"))
    (tmp_path / "0" / "plain.png").write_bytes(digit("0"))
    found = chaffinch("evaluate", "digits", tmp_path, "--protocol", "frozen")
    assert "apart.png: shows 2 signs" in found.err
    assert "1 more was skipped and not judged: all of this is of the other 2." in found.out


def test_a_line_is_read_sign_by_sign(chaffinch: Chaffinch, tmp_path: Path) -> None:
    path = tmp_path / "code.png"
    path.write_bytes(line("90210"))
    out = chaffinch("predict", "digits", path, "--reasons", "0").out
    assert [row for row in out.splitlines() if row.endswith("]") or " reads " in row]
    told = verdicts(chaffinch, path)
    assert [one["label"] for one in told] == list("90210")
    lefts = [one["box"][0] for one in told]
    assert lefts == sorted(lefts)
    refused = chaffinch("flag", "digits", "9", path)
    assert refused.code == 3
    assert "5 signs" in refused.err
    assert chaffinch("flag", "digits", "9", told[0]["item"]).code == 0


@pytest.mark.parametrize(
    ("place", "said", "action"),
    [
        ((46, 50, 22, 40), "such as a minus or a point", "unsure"),
        ((68, 75, 98, 105), "such as a minus or a point", "unsure"),
        ((200, 207, 200, 207), "small marks were left out", "accept"),
    ],
    ids=["minus", "point", "dust far away"],
)
def test_a_sign_or_point_that_is_left_out_leaves_a_number_unsure(
    chaffinch: Chaffinch,
    tmp_path: Path,
    place: tuple[int, int, int, int],
    said: str,
    action: str,
) -> None:
    page = np.full((260, 220), 246, np.uint8)
    page[:96, 20:116] = picture("5")
    page[:96, 90:186] = np.minimum(page[:96, 90:186], picture("7"))
    top, bottom, left, right = place
    page[top:bottom, left:right] = 30
    path = tmp_path / "number.png"
    path.write_bytes(png(page))
    told = verdicts(chaffinch, path)
    assert [(one["label"], one["action"]) for one in told] == [("5", action), ("7", action)]
    assert all(said in " ".join(one["notes"]) for one in told)
    out = chaffinch("predict", "digits", path, "--reasons", "0").out
    assert out.count("note ") == 1, "what was noted of the whole is told once"


def test_two_lines_are_no_number(chaffinch: Chaffinch, tmp_path: Path) -> None:
    path = tmp_path / "lines.png"
    path.write_bytes(
        png(
            np.concatenate(
                [np.concatenate([picture(one) for one in row], 1) for row in ("12", "34")]
            )
        )
    )
    told = verdicts(chaffinch, path)
    assert [(one["label"], one["line"]) for one in told] == [("1", 0), ("2", 0), ("3", 1), ("4", 1)]
    assert {one["action"] for one in told} == {"unsure"}
    out = chaffinch("predict", "digits", path, "--reasons", "0").out
    assert "reads [1?][2?] / [3?][4?]\n     note  2 lines of writing" in out


def dots() -> dict[str, bytes]:
    """Return pages, large and small, that nothing but a dot or a dash is on."""
    rows, columns = np.mgrid[:200, :200]
    found = {}
    for radius in (2, 5, 30):
        disc = (rows - 90) ** 2 + (columns - 90) ** 2 <= radius**2
        found[f"disc of {radius}"] = png(np.where(disc, 0, 255).astype(np.uint8))
    dash = np.full((120, 120), 255, np.uint8)
    dash[55:62, 40:70] = 0
    small = np.full((16, 16), 255, np.uint8)
    small[6:10, 6:10] = 0
    like_mnist = np.zeros((28, 28), np.uint8)
    like_mnist[4:24, 4:24] = 255
    found |= {"dash": png(dash), "16 pixels": png(small), "as MNIST": png(like_mnist)}
    return found


def test_a_dot_is_no_digit(
    chaffinch: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a long path would make a wide picture
    for name, data in dots().items():
        path = tmp_path / "dot.png"
        path.write_bytes(data)
        (told,) = verdicts(chaffinch, path)
        assert (told["label"], told["action"]) == ("", "unsure"), name
        assert (told["reasons"], len(told["notes"])) == ([], 1), name
    drawn = tmp_path / "why.png"
    out = chaffinch("predict", "digits", "dot.png", "--heat", drawn).out
    assert "dot.png: nothing to judge, action unsure" in out
    assert not re.search(r"item [0-9a-f]{13}", out)
    from PIL import Image

    with Image.open(drawn) as image:
        assert image.size[0] < 400, "what speaks for a label is drawn of nothing"


def test_a_part_is_told_of_once(home: Path) -> None:
    with Predictor.load("digits", home=home) as predictor:
        verdict = predictor.predict(digit("4"), reasons=100)
    places = [reason.where for reason in verdict.reasons]
    assert len(places) == len(set(places)) == 9


def test_heat_is_drawn(chaffinch: Chaffinch, tmp_path: Path) -> None:
    (tmp_path / "3.png").write_bytes(digit("3"))
    assert chaffinch("flag", "digits", "3", tmp_path / "3.png").code == 0
    drawn = tmp_path / "why.png"
    (tmp_path / "other.png").write_bytes(digit("3", 1))
    assert chaffinch("predict", "digits", tmp_path / "other.png", "--heat", drawn).code == 0
    from PIL import Image

    with Image.open(drawn) as image:
        assert image.size[0] > 500
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or []}
    assert any(red > blue + 60 for red, _, blue in colours), "nothing speaks for it"
    assert chaffinch("predict", "mail", tmp_path / "3.png", "--heat", drawn).code == 2


def test_heat_finds_what_a_model_looks_at() -> None:
    features = PixelFeatures(("0", "1"))
    learner = SoftmaxLearner.blank(784, ("0", "1"))
    # Ink in the upper left corner makes it a 1, ink in the lower right one a 0.
    learner.tensors["weights"].reshape(-1)[: 784 * 2].reshape(28, 28, 2)[:6, :6, 1] = 1.0
    learner.tensors["weights"].reshape(-1)[: 784 * 2].reshape(28, 28, 2)[22:, 22:, 0] = 1.0
    pixels = np.zeros((28, 28), np.float32)
    pixels[:6, :6] = pixels[22:, 22:] = 1.0
    rung = TASK.ladder[-1].__class__("pixels", "pixels", features, SoftmaxLearner)
    seen = heat(Judge(TASK, rung, learner, Policy()), pixels, "1")
    assert seen.ink[2, 2] > 1.0
    assert seen.ink[25, 25] < -1.0
    assert abs(seen.ink[14, 14]) < 1e-9
    assert abs(seen.paper[14, 14]) < 1e-9


def test_the_ladder_learns_and_the_net_is_launched(home: Path) -> None:
    examples = [
        Example(Item(digit(label, seed), "digits"), label)
        for seed in range(100, 104)
        for label in DIGITS
    ]
    # Of those that are fitted to all at once one is enough here; contracts hold for each.
    ladder = tuple(TASK.rung(name) for name in ("rules", "softmax", "svm", "net"))
    task = replace(TASK, ladder=ladder)
    with Experience.open(home) as experience:
        experience.add("digits", examples, by="me")
        trained = train(task, experience)
        choice = choose(task, trained)
        live = launch(task, experience, trained, choice, {})
        assert live.rung == "net"
        again = {one.rung.name: one.learner.tensors for one in train(task, experience, afresh=True)}
    for one in trained:
        for name, tensor in one.learner.tensors.items():
            assert np.array_equal(tensor, again[one.rung.name][name]), (one.rung.name, name)
    net = next(one for one in trained if one.rung.name == "net")
    assert net.record.wrong.sum() == 0


def test_what_the_net_was_trained_on_is_no_evidence(home: Path) -> None:
    net = TASK.ladder[-1]
    strangers = [Item(digit(label), "digits") for label in DIGITS]
    assert not any(map(net.has_seen, strangers))
    assert not net.knows(strangers)
    known = Item(b"", "digits")
    # What an item of MNIST has for its id, without MNIST.
    known.__dict__["id"] = f"{int(net.features._known[0]):08x}" + "0" * 24  # type: ignore[attr-defined]
    assert net.has_seen(known)
    assert net.knows([known])


def test_the_shipped_net_is_small_and_what_lies_beside_it_is_of_it() -> None:
    net = TASK.ladder[-1]
    assert net.starter is not None
    assert net.starter.stat().st_size < 1_000_000
    assert net.starter.with_suffix(".md").exists(), "a model card says what it is"
    digest = hashlib.sha256(net.starter.read_bytes()).hexdigest()[:16]
    assert net.features.signature == f"net {digest}", "make it anew: make digits-starter"
    measured = net.measured()
    assert measured is not None
    assert measured.wrong.mean() < 0.01


def test_blank_pictures_have_no_pixels() -> None:
    assert not pixels_of(TASK.reader(png(np.full((60, 60), 240, np.uint8)))).any()


def test_verbs_of_the_loop(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for label in "37":
        (tmp_path / label).mkdir()
        for seed in range(8):
            (tmp_path / label / f"{seed}.png").write_bytes(digit(label, seed))
    assert chaffinch("learn", "digits", tmp_path / "3", "--label", f"7={tmp_path / '7'}").code == 3
    learned = chaffinch(
        "learn", "digits", *(f"--label={label}={tmp_path / label}" for label in "37")
    )
    assert learned.code == 0, learned.err
    assert "launched digits-net-" in learned.out
    for verb, *words in (
        ["ask"],
        ["review"],
        ["adapt"],
        ["explain"],
        ["diary"],
        ["launch", "--list"],
        ["forget", "--dry-run"],
    ):
        told = chaffinch(verb, "digits", *words)
        assert told.code == 0, (verb, told.err)


def test_what_is_no_digit_is_not_learned(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for label in "57":
        (tmp_path / "two" / label).mkdir(parents=True)
        for seed in range(2):
            (tmp_path / "two" / label / f"{seed}.png").write_bytes(digit(label, seed))
    (tmp_path / "two" / "5" / "note.txt").write_text("a shopping list")
    (tmp_path / "two" / "5" / "line.png").write_bytes(line("12"))
    (tmp_path / "two" / "7" / "cut.png").write_bytes(digit("7")[:150])
    learned = chaffinch("learn", "digits", tmp_path / "two", "--json")
    assert learned.json["new"] == 4
    assert learned.json["skipped"] == 3
    assert "shows 2 signs" in learned.err
    refused = chaffinch("flag", "digits", "7", tmp_path / "two" / "7" / "cut.png")
    assert refused.code == 3
    assert "shows no digit" in refused.err


def test_the_ladder_is_drawn_whatever_its_length(chaffinch: Chaffinch, tmp_path: Path) -> None:
    for label in "0123":
        (tmp_path / "many" / label).mkdir(parents=True)
        for seed in range(6):
            (tmp_path / "many" / label / f"{seed}.png").write_bytes(digit(label, seed))
    learned = chaffinch("learn", "digits", tmp_path / "many")
    assert learned.code == 0, learned.err
    assert "errors %: performance P against experience E" in learned.out


@pytest.mark.parametrize("slope", [-12, 12])
def test_a_line_that_rises_or_falls_is_read_in_order(slope: int) -> None:
    from PIL import Image

    with Image.open(io.BytesIO(line("90210"))) as image:
        turned = image.convert("L").rotate(slope, expand=True, fillcolor=246)
    with Predictor.load("digits") as predictor:
        read = [
            predictor.predict(one.data, reasons=0).label for one in signs(png(np.array(turned)))
        ]
    assert read == list("90210")


def test_a_heat_map_does_not_overwrite_what_it_is_of(chaffinch: Chaffinch, tmp_path: Path) -> None:
    path = tmp_path / "3.png"
    path.write_bytes(digit("3"))
    for target in (path, tmp_path / "why.xyz"):
        refused = chaffinch("predict", "digits", path, "--heat", target)
        assert refused.code == 2
    assert path.read_bytes() == digit("3")
    assert not (tmp_path / "why.xyz").exists()


def test_an_unrelated_flag_makes_the_net_no_surer(home: Path) -> None:
    with Predictor.load("digits", home=home) as predictor:
        before = [predictor.predict(digit(label), reasons=0).score for label in DIGITS]
        predictor.flag(digit("×"), "×", new=True)
        after = [predictor.predict(digit(label), reasons=0).score for label in DIGITS]
    assert np.abs(np.array(after) - before).max() < 0.5
