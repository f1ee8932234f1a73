"""Whatever the bytes are: no exception, bounded work, and a note that says why."""

from __future__ import annotations

import io
import struct
import sys
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from chaffinch.errors import MissingExtraError
from chaffinch.readers.image import Picture, read_image, require_pillow, write_pgm

BEGINNINGS = (
    b"",
    b"P1 ",
    b"P2 9 9 255 ",
    b"P4\n9 9\n",
    b"P5\n28 28\n255\n",
    b"P6 3 3 65535 ",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"GIF89a",
    b"II*\x00\x08\x00\x00\x00",
    b"MM\x00*",
    b"BM",
    b"RIFF\x00\x01\x00\x00WEBPVP8X",
    b"RIFF\x00\x01\x00\x00WEBPVP8L",
)


def sample() -> Image.Image:
    image = Image.new("L", (60, 40), 240)
    ImageDraw.Draw(image).line([(15, 8), (40, 8), (25, 34)], fill=10, width=5)
    return image


def written(kind: str) -> bytes:
    file = io.BytesIO()
    sample().save(file, kind)
    return file.getvalue()


SAMPLES = {kind: written(kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM")}


def check(picture: Picture) -> None:
    assert picture.ink.dtype == np.float32
    assert picture.ink.ndim == 2
    assert picture.ink.size == 0 or 0 <= picture.ink.min() <= picture.ink.max() <= 1
    assert len(picture.glyphs) <= 64
    for glyph in picture.glyphs:
        left, top, right, bottom = glyph.box
        assert 0 <= left < right <= picture.size[0]
        assert 0 <= top < bottom <= picture.size[1]
        assert glyph.pixels.shape == (28, 28)
        assert glyph.pixels.dtype == np.float32
        assert np.isfinite(glyph.pixels).all()
    assert picture.glyphs or picture.notes


@settings(max_examples=300)
@given(begin=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=1000))
def test_any_bytes(begin: bytes, rest: bytes) -> None:
    check(read_image(begin + rest))


@settings(max_examples=200)
@given(kind=st.sampled_from(sorted(SAMPLES)), share=st.floats(0, 1))
def test_truncated(kind: str, share: float) -> None:
    data = SAMPLES[kind]
    check(read_image(data[: int(share * len(data))]))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "TIFF"])
def test_a_decoders_own_words_are_no_note(kind: str) -> None:
    said = f"{kind} that cannot be decoded: damaged or cut off"
    assert read_image(SAMPLES[kind][:20]).notes == (said,)


@settings(max_examples=300)
@given(
    kind=st.sampled_from(sorted(SAMPLES)),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=5),
)
def test_damaged(kind: str, changes: list[tuple[float, int]]) -> None:
    data = bytearray(SAMPLES[kind])
    for place, byte in changes:
        data[int(place * len(data))] = byte
    check(read_image(bytes(data)))


@settings(max_examples=150)
@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    seed=st.integers(0, 1000),
    levels=st.integers(1, 256),
)
def test_any_pixels(width: int, height: int, seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    grey = (rng.integers(0, levels, (height, width)) * (255 // levels)).astype(np.uint8)
    check(read_image(write_pgm(grey)))


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """Return a PNG whose header claims these sides, of 8 bits."""

    def chunk(name: bytes, content: bytes) -> bytes:
        sum_ = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", sum_)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"", "no image"),
        (b"\x00" * 100, "no image"),
        (png(60_000, 60_000), "claims more pixels than are read"),
        (png(2**31 - 1, 2**31 - 1), "PNG"),
        (png(0, 5), "PNG"),
        (png(6000, 6000, b"\x00"), "6000×6000 pixels"),
        (b"GIF89a\xff\xff\xff\xff\x00\x00\x00;", "GIF"),
        (b"BM" + struct.pack("<IIIIiiHHI", 0, 0, 54, 40, 9, 9, 1, 8, 1), "run-length"),
        (b"RIFF\x00\x10\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00" + b"\xff" * 6, "pixels"),
        (b"RIFF\x00\x10\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\xff\xff\xff\xff", "pixels"),
        (SAMPLES["JPEG"] + b"\xff\xda" * 200, "scans"),
        (b"P5 " + b"#" * 10_000, "no image"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * (1 << 25), "bytes are more than are read"),
    ],
)
def test_traps_are_seen_before_they_are_decoded(data: bytes, note: str) -> None:
    begun = time.perf_counter()
    picture = read_image(data)
    assert time.perf_counter() - begun < 2
    check(picture)
    assert picture.glyphs == ()
    assert note in " ".join(picture.notes)


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (50_000, 1), (1, 50_000), (3, 3), (7, 2)])
@pytest.mark.parametrize("shade", ["black", "white", "noise"])
def test_odd_sizes(size: tuple[int, int], shade: str) -> None:
    rng = np.random.default_rng(5)
    levels = {"black": (0, 1), "white": (255, 256), "noise": (0, 256)}[shade]
    grey = rng.integers(*levels, (size[1], size[0])).astype(np.uint8)
    begun = time.perf_counter()
    check(read_image(write_pgm(grey)))
    assert time.perf_counter() - begun < 2


def test_noise_without_end() -> None:
    rng = np.random.default_rng(5)
    for share in (0.02, 0.3, 0.5):
        grey = np.where(rng.random((1200, 1200)) < share, 0, 255).astype(np.uint8)
        begun = time.perf_counter()
        check(read_image(write_pgm(grey)))
        assert time.perf_counter() - begun < 15


def test_tiff_whose_pages_follow_one_another_in_a_circle() -> None:
    data = bytearray(SAMPLES["TIFF"])
    (first,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[first : first + 2])
    place = first + 2 + 12 * count
    data[place : place + 4] = struct.pack("<I", first)
    check(read_image(bytes(data)))


def test_gif_of_many_frames() -> None:
    file = io.BytesIO()
    frames = [Image.new("L", (40, 40), shade % 256) for shade in range(1, 800)]
    sample().resize((40, 40)).save(file, "GIF", save_all=True, append_images=frames)
    begun = time.perf_counter()
    picture = read_image(file.getvalue())
    assert time.perf_counter() - begun < 2
    assert len(picture.glyphs) == 1


def test_without_pillow_anymaps_are_read_and_the_note_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    assert read_image(SAMPLES["PPM"]).glyphs
    assert "pip install 'chaffinch[digits]'" in read_image(SAMPLES["PNG"]).notes[0]
    with pytest.raises(MissingExtraError, match="chaffinch"):
        require_pillow()
