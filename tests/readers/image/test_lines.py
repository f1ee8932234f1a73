"""Lines of digits, forms and broken strokes: how many signs there are, and where."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from chaffinch.readers.image import read_image, write_pgm
from chaffinch.readers.image.content import DEFAULT
from chaffinch.readers.image.raster import Pixels

FONT = ImageFont.load_default(size=60)


def page(width: int = 500, height: int = 120) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), 250)
    return image, ImageDraw.Draw(image)


def read(image: Image.Image) -> list[tuple[int, int, int, int]]:
    return [glyph.box for glyph in read_image(write_pgm(np.asarray(image))).glyphs]


@pytest.mark.parametrize("text", ["0123456789", "11111", "90210", "4"])
def test_digits_apart(text: str) -> None:
    image, draw = page()
    draw.text((20, 20), text, fill=20, font=FONT)
    boxes = read(image)
    assert len(boxes) == len(text)
    assert boxes == sorted(boxes)


def test_boxes_are_those_of_the_image() -> None:
    image, draw = page()
    draw.rectangle((100, 30, 109, 89), fill=0)
    draw.rectangle((200, 40, 219, 79), fill=0)
    assert read(image) == [(100, 30, 110, 90), (200, 40, 220, 80)]


def test_broken_five_stays_whole() -> None:
    image, draw = page(200)
    draw.line([(95, 30), (130, 30)], fill=0, width=8)  # its bar, apart from the rest
    draw.line([(85, 40), (85, 62), (110, 60), (125, 75), (110, 95), (80, 95)], fill=0, width=8)
    assert len(read(image)) == 1


def test_bar_of_a_five_among_others_is_no_rule() -> None:
    image, draw = page(300)
    draw.text((20, 20), "83", fill=20, font=FONT)
    draw.line([(145, 34), (180, 33)], fill=0, width=5)  # flat, straight, and apart
    draw.line([(140, 43), (138, 58), (155, 55), (168, 65), (160, 80), (138, 80)], fill=0, width=6)
    picture = read_image(write_pgm(np.asarray(image)))
    assert picture.notes == ()
    assert picture.glyphs[2].box[1] <= 32  # with its bar


def test_fine_minus_is_no_rule() -> None:
    image, draw = page(300)
    draw.text((100, 20), "7", fill=20, font=FONT)
    draw.line([(50, 58), (80, 58)], fill=0, width=4)
    assert "such as a minus" in read_image(write_pgm(np.asarray(image))).doubts[0]


def test_three_broken_across_stays_whole() -> None:
    image, draw = page(200)
    draw.arc((60, 10, 110, 55), 200, 80, fill=0, width=8)
    draw.arc((60, 60, 110, 105), 280, 160, fill=0, width=8)
    assert len(read(image)) == 1


@pytest.mark.parametrize("gap", [0, -2, -4])
def test_touching_digits_are_cut(gap: int) -> None:
    image, draw = page()
    left = 20.0
    for digit in "35682":
        draw.text((left, 20), digit, fill=20, font=FONT)
        ink = draw.textbbox((left, 20), digit, font=FONT)
        left = ink[2] + gap - (ink[0] - left) - 2
    assert len(read(image)) == 5


def test_wide_zero_is_not_cut() -> None:
    image, draw = page(300, 150)
    draw.ellipse((40, 40, 220, 120), outline=0, width=12)
    assert len(read(image)) == 1


def test_specks_are_left_out() -> None:
    image, draw = page()
    draw.text((20, 20), "47", fill=20, font=FONT)
    rng = np.random.default_rng(3)
    for x, y in rng.integers(0, (498, 118), (40, 2)):
        draw.rectangle((x, y, x + 1, y + 1), fill=60)
    assert len(read(image)) == 2


def test_dots_and_dashes_are_left_out_and_a_note_says_so() -> None:
    image, draw = page()
    draw.text((20, 20), "12.5-6", fill=20, font=FONT)
    picture = read_image(write_pgm(np.asarray(image)))
    assert len(picture.glyphs) == 4
    # They may be a point and a minus, and what is written another number.
    assert len(picture.notes) == 1
    assert "such as a minus or a point" in picture.notes[0]
    assert picture.doubts == picture.notes


@pytest.mark.parametrize(("dot", "doubted"), [(2, False), (5, True)])
def test_a_point_as_wide_as_the_pen_is_no_speck(dot: int, doubted: bool) -> None:
    image, draw = page(300)
    for left in (30, 160):
        draw.ellipse((left, 20, left + 60, 100), outline=0, width=5)
    draw.rectangle((120, 101 - dot, 119 + dot, 100), fill=0)
    picture = read_image(write_pgm(np.asarray(image)))
    assert len(picture.glyphs) == 2
    assert bool(picture.doubts) == doubted


def test_dots_of_a_division_sign_are_no_digits() -> None:
    image, draw = page(120)
    draw.line([(12, 55), (108, 57)], fill=0, width=11)
    draw.line([(54, 13), (66, 31)], fill=0, width=11)
    draw.ellipse((52, 92, 68, 104), fill=0)
    picture = read_image(write_pgm(np.asarray(image)))
    assert picture.doubts or not picture.glyphs


@pytest.mark.parametrize("end", [360, 340])
def test_ring_round_an_answer(end: int) -> None:
    image, draw = page(200, 200)
    draw.arc((20, 20, 180, 180), 0, end, fill=0, width=5)  # hands do not always close it
    draw.text((80, 60), "5", fill=20, font=FONT)
    picture = read_image(write_pgm(np.asarray(image)))
    (glyph,) = picture.glyphs
    assert glyph.box[0] > 70
    assert picture.doubts == ("a ring round what is written was left out",)


def test_ruled_line_under_digits() -> None:
    image, draw = page()
    draw.text((20, 10), "1805", fill=20, font=FONT)
    low = draw.textbbox((20, 10), "1805", font=FONT)[3]
    draw.line([(5, low - 1), (480, low - 1)], fill=40, width=2)  # the digits stand on it
    picture = read_image(write_pgm(np.asarray(image)))
    assert len(picture.glyphs) == 4
    assert "ruled lines or boxes were left out" in picture.notes


def test_boxes_of_a_form() -> None:
    image, draw = page(460, 120)
    for place, digit in enumerate("48106"):
        draw.rectangle((20 + 80 * place, 15, 100 + 80 * place, 105), outline=60, width=2)
        draw.text((42 + 80 * place, 20), digit, fill=20, font=FONT)
    assert len(read(image)) == 5


def test_a_square_eight_is_no_form() -> None:
    image, draw = page(150, 150)
    draw.rectangle((50, 20, 100, 130), outline=0, width=9)
    draw.line([(50, 75), (100, 75)], fill=0, width=9)
    assert len(read(image)) == 1


def test_dark_edge_of_a_scan() -> None:
    image, draw = page()
    draw.text((60, 20), "52", fill=20, font=FONT)
    draw.rectangle((0, 0, 6, 119), fill=0)
    assert len(read(image)) == 2


def test_what_lies_round_a_tilted_sheet_is_no_ruled_line() -> None:
    image, draw = page()
    draw.text((200, 30), "24", font=FONT, fill=20)
    tilted = image.rotate(2, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=40)
    notes = read_image(write_pgm(np.asarray(tilted))).notes
    assert "dark edges were left out" in notes
    assert "ruled lines or boxes were left out" not in notes


def test_two_lines_are_read_one_after_the_other() -> None:
    image, draw = page(300, 240)
    draw.text((20, 20), "12", fill=20, font=FONT)
    draw.text((20, 130), "34", fill=20, font=FONT)
    boxes = read(image)
    assert len(boxes) == 4
    assert max(box[3] for box in boxes[:2]) < min(box[1] for box in boxes[2:])


def test_more_signs_than_are_read() -> None:
    image, draw = page(3000, 120)
    for place in range(100):
        draw.line([(20 + 29 * place, 20), (20 + 29 * place, 90)], fill=0, width=6)
    picture = read_image(write_pgm(np.asarray(image)))
    assert len(picture.glyphs) == 64
    assert "only the first 64 signs were read" in picture.notes


@pytest.mark.parametrize("width", [1, 2, 3, 6])
def test_ruled_paper_alone_holds_nothing(width: int) -> None:
    image, draw = page()
    for low in (40, 90):
        draw.line([(5, low), (480, low)], fill=40, width=width)
    picture = read_image(write_pgm(np.asarray(image)))
    assert picture.glyphs == ()
    assert "ruled lines or boxes were left out" in picture.notes


@pytest.mark.parametrize("cells", [1, 3, 5])
def test_empty_boxes_hold_nothing(cells: int) -> None:
    image, draw = page(460, 120)
    for place in range(cells):
        draw.rectangle((20 + 80 * place, 15, 100 + 80 * place, 105), outline=60, width=2)
    assert read(image) == []


def test_dates() -> None:
    image, draw = page()
    draw.text((20, 20), "27.11.2026", fill=20, font=FONT)
    assert len(read(image)) == 8
    image, draw = page()
    left = 20
    for digits in ("12", "05", "24"):
        draw.text((left, 20), digits, fill=20, font=FONT)
        left = int(draw.textbbox((left, 20), digits, font=FONT)[2]) + 30
        draw.line([(left - 8, 22), (left - 24, 90)], fill=20, width=6)
    draw.rectangle((left - 28, 0, 499, 119), fill=250)  # nothing is parted behind the last
    assert len(read(image)) == 6


def narrow(pixels: Pixels) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Take for one sign what is less wide than tall."""
    wide = (pixels > 0.5).any(axis=1).sum(axis=1)
    return np.where(wide < 16, 0.99, 0.05)


def test_a_recogniser_says_where_to_cut() -> None:
    image, draw = page()
    for left in (30, 66, 102, 138, 300):  # four that touch, and one apart
        draw.ellipse((left, 30, left + 38, 90), outline=0, width=8)
    data = write_pgm(np.asarray(image))
    assert len(read_image(data, likely=narrow).glyphs) == 5
    assert len(read_image(data, likely=lambda pixels: 1 - narrow(pixels)).glyphs) < 5


def test_what_a_recogniser_is_asked_is_bounded() -> None:
    asked: list[int] = []

    def doubtful(pixels: Pixels) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        asked.append(len(pixels))
        return np.full(len(pixels), 0.5)

    image, draw = page(3000, 800)
    for top in range(20, 780, 80):
        for left in range(20, 2900, 26):
            draw.ellipse((left, top, left + 28, top + 50), outline=0, width=4)
    picture = read_image(write_pgm(np.asarray(image)), likely=doubtful)
    assert len(picture.glyphs) <= 64
    assert sum(asked) <= 64 + DEFAULT.pieces
