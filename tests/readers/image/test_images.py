"""Images of every kind, and what a person would read in them."""

from __future__ import annotations

import io
from itertools import product

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from chaffinch.readers.image import Picture, read_image, write_pgm

FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM")


def drawn(text: str, size: int = 60, *, paper: int = 250, ink: int = 20) -> Image.Image:
    font = ImageFont.load_default(size=size)
    image = Image.new("L", (round(0.62 * size * len(text)) + size, 2 * size), paper)
    ImageDraw.Draw(image).text((size / 2, size * 0.4), text, fill=ink, font=font)
    return image


def written(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def shaded(image: Image.Image, noise: float = 5) -> Image.Image:
    """Photograph an image: light from one side, a soft shadow, and noise."""
    grey = np.asarray(image, dtype=np.float64)
    down, across = np.mgrid[: grey.shape[0], : grey.shape[1]]
    light = 0.45 + 0.55 * across / grey.shape[1]
    light *= 1 - 0.3 * np.exp(-(((down / grey.shape[0] - 0.8) / 0.4) ** 2))
    rng = np.random.default_rng(7)
    return Image.fromarray(
        np.clip(grey * light + rng.normal(0, noise, grey.shape), 0, 255).astype(np.uint8)
    )


def alike(one: Picture, other: Picture, most: float = 0.06) -> bool:
    """Return whether two pictures show the same signs, the centres of mass a pixel apart."""
    shifts = list(product((-1, 0, 1), (-1, 0, 1)))
    return len(one.glyphs) == len(other.glyphs) and all(
        min(float(abs(np.roll(a.pixels, shift, (0, 1)) - b.pixels).mean()) for shift in shifts)
        < most
        for a, b in zip(one.glyphs, other.glyphs, strict=True)
    )


def is_normal(pixels: np.ndarray) -> bool:
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    sides = (int(places[-1] - places[0]) + 1 for places in (rows, columns))
    return (
        pixels.shape == (28, 28)
        and pixels.dtype == np.float32
        and 0 <= pixels.min() <= pixels.max() <= 1
        and 19 <= max(sides) <= 20
    )


class TestFormats:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_each_format_shows_the_same_digit(self, kind: str) -> None:
        picture = read_image(written(drawn("5"), kind))
        assert picture.notes == ()
        assert len(picture.glyphs) == 1
        assert is_normal(picture.glyphs[0].pixels)
        assert alike(picture, read_image(written(drawn("5"))))

    @pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "LA"])
    def test_each_mode_shows_the_same_digit(self, mode: str) -> None:
        image = drawn("4")
        if mode in ("I;16", "I", "F"):
            image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
            image = image if mode == "I;16" else image.convert(mode)
        else:
            image = image.convert(mode)
        picture = read_image(written(image, "TIFF"))
        assert picture.notes == ()
        assert alike(picture, read_image(written(drawn("4"))))

    def test_sixteen_bits_that_use_twelve(self) -> None:
        pixels = np.asarray(drawn("4")).astype(np.uint16) * 16
        picture = read_image(written(Image.fromarray(pixels)))
        assert alike(picture, read_image(written(drawn("4"))))

    def test_cmyk_jpeg(self) -> None:
        picture = read_image(written(drawn("4").convert("CMYK"), "JPEG"))
        assert alike(picture, read_image(written(drawn("4"))))

    @pytest.mark.parametrize("shade", [0, 255])
    def test_strokes_on_nothing(self, shade: int) -> None:
        alpha = drawn("3", paper=0, ink=255)
        image = Image.merge("LA", (Image.new("L", alpha.size, shade), alpha))
        assert alike(read_image(written(image)), read_image(written(drawn("3"))))

    def test_palette_with_a_transparent_colour(self) -> None:
        image = drawn("3", paper=255, ink=0).convert("P")
        picture = read_image(written(image, "GIF", transparency=255))
        assert alike(picture, read_image(written(drawn("3"))))

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_exif_orientation(self, orientation: int) -> None:
        turns = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }
        image = drawn("47")
        stored = image.transpose(turns[orientation]) if orientation > 1 else image
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind in ("JPEG", "PNG", "TIFF"):
            picture = read_image(written(stored, kind, exif=exif))
            assert picture.size == image.size
            assert alike(picture, read_image(written(image)))

    def test_animation_shows_its_first_frame_and_says_so(self) -> None:
        frames = [drawn("1"), drawn("2"), drawn("3")]
        for kind in ("GIF", "PNG", "TIFF", "WEBP"):
            data = written(frames[0], kind, save_all=True, append_images=frames[1:])
            picture = read_image(data)
            assert picture.notes == ("only the first of its frames or pages was read",)
            assert alike(picture, read_image(written(frames[0])))


class TestAnymaps:
    def test_all_six_kinds_show_the_same(self) -> None:
        grey = np.asarray(drawn("7"))
        height, width = grey.shape
        bits = (grey < 128).astype(np.uint8)
        colour = np.repeat(grey[:, :, None], 3, axis=2)
        head = b"# made by hand\n%d %d\n" % (width, height)
        written_out = b" ".join(b"%d" % value for value in grey.ravel())
        kinds = (
            b"P1" + head + b"".join(b"%d" % bit for bit in bits.ravel()),
            b"P2" + head + b"255\n" + written_out,
            b"P3" + head + b"255\n" + b" ".join(b"%d" % value for value in colour.ravel()),
            b"P4" + head + np.packbits(bits, axis=1).tobytes(),
            b"P5" + head + b"255\n" + grey.tobytes(),
            b"P5" + head + b"65535\n" + (grey.astype(">u2") * 257).tobytes(),
            b"P6" + head + b"255\n" + colour.tobytes(),
        )
        expected = read_image(written(drawn("7")))
        for data in kinds:
            picture = read_image(data)
            assert picture.notes == ()
            assert alike(picture, expected)

    @pytest.mark.parametrize(
        ("data", "note"),
        [
            (b"P5", "no image"),
            (b"P5 a", "no image"),
            (b"P5 2 2", "largest value"),
            (b"P5 2 2 0 ", "largest value"),
            (b"P5 2 2 70000 ", "largest value"),
            (b"P5 0 2 255 ", "holds nothing"),
            (b"P5 2 2 255 abc", "3 of 4 bytes"),
            (b"P6 99999 99999 255 ", "99999×99999 pixels are more than are read"),
            (b"P2 2 2 255 1 2 3", "3 of 4 samples"),
            (b"P2 2 2 255 1 2 3 x", "no number"),
            (b"P2 2 1 255 1 " + b"9" * 30, ""),
            (b"P3 3000 3000 255 1 2 3", "samples written as text"),
        ],
    )
    def test_what_is_wrong_is_said(self, data: bytes, note: str) -> None:
        picture = read_image(data)
        assert note in " ".join(picture.notes)
        assert picture.glyphs == () or not note


class TestConditions:
    @pytest.mark.parametrize(("digit", "size"), list(product("0123456789", (14, 40, 300))))
    def test_any_size(self, digit: str, size: int) -> None:
        picture = read_image(written(drawn(digit, size)))
        assert len(picture.glyphs) == 1
        assert alike(picture, read_image(written(drawn(digit, 80))), 0.1)

    def test_white_on_black_is_black_on_white(self) -> None:
        for text in ("8", "1", "907"):
            dark = read_image(written(drawn(text, paper=10, ink=240)))
            assert alike(dark, read_image(written(drawn(text))))

    @pytest.mark.parametrize("paper", [250, 15])
    def test_photo_of_paper_under_uneven_light(self, paper: int) -> None:
        image = drawn("2806", 90, paper=paper, ink=265 - paper)
        picture = read_image(written(shaded(image), "JPEG", quality=60))
        assert len(picture.glyphs) == 4
        if paper == 250:
            assert alike(picture, read_image(written(image)))

    def test_pencil(self) -> None:
        picture = read_image(written(shaded(drawn("35", 80, paper=230, ink=170), 3)))
        assert alike(picture, read_image(written(drawn("35", 80))))

    def test_small_digit_on_a_large_sheet(self) -> None:
        sheet = Image.new("L", (2480, 3508), 240)
        sheet.paste(drawn("6", 90, paper=240), (1500, 900))
        picture = read_image(written(sheet, "JPEG"))
        assert len(picture.glyphs) == 1
        left, top, right, bottom = picture.glyphs[0].box
        assert 1500 < left < right < 1650
        assert 900 < top < bottom < 1080
        assert alike(picture, read_image(written(drawn("6"))), 0.08)

    def test_blank_sheet(self) -> None:
        for image in (Image.new("L", (200, 200), 255), shaded(Image.new("L", (200, 200), 240))):
            picture = read_image(written(image))
            assert picture.glyphs == ()
            assert "nothing is written" in picture.notes[0]

    def test_slant_beyond_mnists_is_taken_back(self) -> None:
        image = drawn("1", 80)
        lean = image.transform(
            image.size, Image.Transform.AFFINE, (1, 1.1, -80, 0, 1, 0), fillcolor=250
        )
        (glyph,) = read_image(written(lean)).glyphs
        down = np.arange(28) - 14
        leans = float(down @ glyph.pixels @ down) / float(down**2 @ glyph.pixels.sum(axis=1))
        assert 0.4 < abs(leans) < 0.9

    @pytest.mark.parametrize("paper", [250, 10])
    def test_thick_digit_that_fills_the_image(self, paper: int) -> None:
        image = Image.new("L", (64, 64), paper)
        ImageDraw.Draw(image).ellipse((8, -2, 56, 66), outline=260 - paper, width=17)
        (glyph,) = read_image(written(image.filter(ImageFilter.GaussianBlur(3)))).glyphs
        assert glyph.pixels[14, 14] == 0
        assert is_normal(glyph.pixels)

    @pytest.mark.parametrize("pen", [2, 8, 30])
    def test_any_pen(self, pen: int) -> None:
        image = Image.new("L", (200, 200), 255)
        ImageDraw.Draw(image).ellipse((40, 20, 160, 180), outline=0, width=pen)
        pixels = read_image(written(image)).glyphs[0].pixels
        assert is_normal(pixels)
        across = float(pixels[14, :14].sum())
        assert 1.5 < across < 4


@pytest.mark.parametrize("side", [16, 28, 64, 256])
@pytest.mark.parametrize("curve", [1.0, 2.2])
def test_a_slope_from_dark_to_light_is_no_writing(side: int, curve: float) -> None:
    across = np.tile(np.linspace(0, 1, side) ** curve, (side, 1))
    noise = np.random.default_rng(0).normal(0, 0.02, (side, side))
    for light in (across, across[:, ::-1], across.T, (across + across.T) / 2, across + noise):
        picture = read_image(write_pgm(np.rint(255 * light.clip(0, 1)).astype(np.uint8)))
        assert picture.glyphs == ()
        (note,) = picture.notes
        assert note.startswith("nothing is written on it")


@pytest.mark.parametrize("darkest", [0.25, 0.5])
def test_what_is_written_on_a_slope_is_read(darkest: float) -> None:
    page = np.asarray(drawn("3"))
    lit = page * np.linspace(darkest, 1, page.shape[1])
    picture = read_image(write_pgm(np.rint(lit).astype(np.uint8)))
    (glyph,) = picture.glyphs
    assert is_normal(glyph.pixels)


class TestMnist:
    def digit(self) -> np.ndarray:
        """Return a digit as MNIST has them."""
        return np.round(read_image(written(drawn("2"))).glyphs[0].pixels * 255).astype(np.uint8)

    def test_mnists_own_passes_untouched(self) -> None:
        grey = self.digit()
        expected = grey / np.float32(255)
        for data in (write_pgm(grey), written(Image.fromarray(grey))):
            (glyph,) = read_image(data).glyphs
            np.testing.assert_array_equal(glyph.pixels, expected)
        (glyph,) = read_image(write_pgm(255 - grey)).glyphs
        np.testing.assert_allclose(glyph.pixels, expected, atol=1e-6)

    def test_what_is_off_the_middle_is_brought_there(self) -> None:
        grey = np.roll(self.digit(), 3, axis=1)
        assert alike(read_image(write_pgm(grey)), read_image(write_pgm(self.digit())))

    def test_blank_of_mnists_size(self) -> None:
        picture = read_image(write_pgm(np.zeros((28, 28), dtype=np.uint8)))
        assert picture.glyphs == ()
        assert picture.notes


@pytest.mark.parametrize("side", [8, 16, 20])
def test_a_picture_of_few_pixels_is_one_sign(side: int) -> None:
    grey = np.zeros((side, side), dtype=np.uint8)
    grey[1:-1, side // 2 - 1] = 255
    grey[1, 1 : side // 2 - 2] = 200  # apart from the rest
    for data in (write_pgm(grey), write_pgm(255 - grey)):
        (glyph,) = read_image(data).glyphs
        assert glyph.pixels.shape == (28, 28)
        assert glyph.box[1:] == (1, side // 2, side - 1)
