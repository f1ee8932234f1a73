"""Images as experience: MNIST's files, IDX pairs, npz, folders and single files."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chaffinch.errors import InputError, MissingExtraError
from chaffinch.experience.gather import gather, item_of
from chaffinch.experience.importers import Record, Skipped, Source, open_source
from chaffinch.readers.image import read_image, write_pgm
from chaffinch.task import get_task

DIGITS = replace(get_task("message"), name="digits", medium=get_task("digits").medium)


def images(number: int, seed: int = 0, side: int = 28) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (number, side, side), dtype=np.uint8)


def idx_images(pixels: np.ndarray) -> bytes:
    return b"\0\0\x08\x03" + struct.pack(">3I", *pixels.shape) + pixels.tobytes()


def idx_labels(labels: list[int]) -> bytes:
    return b"\0\0\x08\x01" + struct.pack(">I", len(labels)) + bytes(labels)


def mnist(folder: Path, suffix: str = "", parts: tuple[str, ...] = ("train", "t10k")) -> Path:
    pack = gzip.compress if suffix else bytes
    for name, number in (("train", 5), ("t10k", 3)):
        if name in parts:
            labels = [(number + place) % 10 for place in range(number)]
            pairs = (
                ("images-idx3-ubyte", idx_images(images(number, number))),
                ("labels-idx1-ubyte", idx_labels(labels)),
            )
            for what, data in pairs:
                (folder / f"{name}-{what}{suffix}").write_bytes(pack(data))
    (folder / "README.md").write_text("About them.")
    return folder


def records(source: Source) -> list[Record]:
    return [entry for entry in source if isinstance(entry, Record)]


class TestMnist:
    @pytest.mark.parametrize("suffix", ["", ".gz"])
    def test_both_parts_in_order(self, tmp_path: Path, suffix: str) -> None:
        source = open_source(mnist(tmp_path, suffix))
        found = records(source)
        assert source.format == "mnist"
        assert source.arrival_order
        assert source.medium == "image"
        assert source.labelled
        assert list(source.parts) == ["train", "test"]
        assert source.count() == len(found) == 8
        assert [record.label for record in found] == list("56789" + "345")
        expected = [*images(5, 5), *images(3, 3)]
        assert [record.data for record in found] == [write_pgm(one) for one in expected]
        assert found[0].name == str(tmp_path / f"train-images-idx3-ubyte{suffix}[0]")
        assert found[-1].name == str(tmp_path / f"t10k-images-idx3-ubyte{suffix}[2]")

    def test_one_part(self, tmp_path: Path) -> None:
        mnist(tmp_path)
        for source in (
            open_source(Path(f"{tmp_path}:test")),
            open_source(tmp_path).preferring("test"),
            open_source(Path(f"{tmp_path}:test")).preferring("train"),  # what was named holds
        ):
            assert source.path == tmp_path
            assert [record.label for record in records(source)] == list("345")
            assert source.count() == 3

    def test_a_part_that_is_not_there(self, tmp_path: Path) -> None:
        mnist(tmp_path, parts=("train",))
        assert len(records(open_source(tmp_path).preferring("test"))) == 5
        with pytest.raises(InputError, match="has no part 'test', but train"):
            open_source(Path(f"{tmp_path}:test"))
        (tmp_path / "a").write_bytes(b"Subject: x\n")
        with pytest.raises(InputError, match="has no part 'test', but no parts"):
            open_source(Path(f"{tmp_path / 'a'}:test"))

    def test_a_file_so_named_is_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "x:test").write_bytes(b"Subject: x\n")
        assert open_source(tmp_path / "x:test").part == ""

    def test_several_sets_in_a_folder(self, tmp_path: Path) -> None:
        for name in ("letters", "digits"):
            data = idx_images(images(1))
            (tmp_path / f"{name}-train-images-idx3-ubyte").write_bytes(data)
        with pytest.raises(InputError, match="several sets of images"):
            open_source(tmp_path)

    def test_read_as_they_are(self, tmp_path: Path) -> None:
        """What was like MNIST in the file is unchanged in the net's input."""
        pixels = np.zeros((1, 28, 28), dtype=np.uint8)
        pixels[0, 4:24, 11:17] = 200
        pixels[0, 4:24, 14] = 255
        pixels[0, 23, 11:17] = 255
        (tmp_path / "images-idx3-ubyte").write_bytes(idx_images(pixels))
        (record,) = records(open_source(tmp_path / "images-idx3-ubyte"))
        (glyph,) = read_image(record.data).glyphs
        np.testing.assert_array_equal(glyph.pixels, pixels[0] / np.float32(255))


class TestIdx:
    def test_a_pair(self, tmp_path: Path) -> None:
        (tmp_path / "my-images.idx3").write_bytes(idx_images(images(2, side=16)))
        (tmp_path / "my-labels.idx1.gz").write_bytes(gzip.compress(idx_labels([7, 11]), mtime=0))
        source = open_source(tmp_path / "my-images.idx3")
        assert source.format == "idx"
        assert source.count() == 2
        assert [record.label for record in records(source)] == ["7", "11"]
        assert records(source)[1].data == write_pgm(images(2, side=16)[1])

    def test_without_labels(self, tmp_path: Path) -> None:
        (tmp_path / "images").write_bytes(idx_images(images(2)))
        assert not open_source(tmp_path / "images").labelled

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (idx_images(images(3))[:-1], "is cut off: it claims 3 images, and holds 2: fetch"),
            (gzip.compress(idx_images(images(3)), mtime=0)[:-20], "gzip data are damaged"),
            (idx_images(images(3))[:9], "is cut off in its header"),
            (b"\0\0\x08\x03" + b"\xff" * 12, "claims 4,294,967,295 images, and 1 to 10,000,000"),
            (b"\0\0\x08\x03" + struct.pack(">3I", 1, 90_000, 9000), "90000×9000|9000×90000"),
            (b"\0\0\x08\x03" + struct.pack(">3I", 1, 0, 28), "images of 28×0 pixels"),
            (idx_labels([1, 2]), "holds labels alone"),
        ],
    )
    def test_what_is_wrong_is_said(self, tmp_path: Path, data: bytes, message: str) -> None:
        path = tmp_path / "images"
        path.write_bytes(data)
        with pytest.raises(InputError, match=message) as caught:
            list(open_source(path))
        assert str(path) in str(caught.value)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (idx_labels([1, 2]), "3 images, and .* 2 labels: they do not belong together"),
            (idx_labels([1, 2, 3])[:-1], "cut off: it claims 3 labels, and holds 2"),
            (b"<html>not found</html>", "begins with 3c68746d, and an IDX file of labels with 000"),
            (b"", "begins with nothing"),
        ],
    )
    def test_labels_that_do_not_fit(self, tmp_path: Path, data: bytes, message: str) -> None:
        (tmp_path / "images").write_bytes(idx_images(images(3)))
        (tmp_path / "labels").write_bytes(data)
        with pytest.raises(InputError, match=message):
            list(open_source(tmp_path / "images"))


def npz(path: Path, **arrays: np.ndarray) -> Path:
    np.savez_compressed(path, allow_pickle=True, **arrays)
    return path


class TestNpz:
    @pytest.mark.parametrize(
        "labels",
        [np.array([4, 7]), np.array([4.0, 7.0]), np.array(["4", "7"]), np.array([b"4", b"7"])],
    )
    def test_images_and_labels(self, tmp_path: Path, labels: np.ndarray) -> None:
        source = open_source(npz(tmp_path / "d.npz", images=images(2), labels=labels))
        assert (source.format, source.count()) == ("npz", 2)
        assert [record.label for record in records(source)] == ["4", "7"]
        assert records(source)[0].data == write_pgm(images(2)[0])
        assert records(source)[1].name == f"{tmp_path / 'd.npz'}:images[1]"

    @pytest.mark.parametrize(
        "form",
        [
            images(2) / 255.0,
            (images(2) / 255.0).astype(np.float32),
            images(2).astype(">i4"),
            images(2).astype(np.float64),
            images(2).reshape(2, 784),
            images(2)[..., None],
            images(2)[:, None],
        ],
    )
    def test_other_shapes_and_types(self, tmp_path: Path, form: np.ndarray) -> None:
        found = records(open_source(npz(tmp_path / "d.npz", images=form)))
        assert [record.data for record in found] == [write_pgm(one) for one in images(2)]

    def test_bits(self, tmp_path: Path) -> None:
        bits = images(2) > 127
        (first, _) = records(open_source(npz(tmp_path / "d.npz", images=bits)))
        assert first.data == write_pgm(bits[0].astype(np.uint8) * 255)

    def test_parts(self, tmp_path: Path) -> None:
        path = npz(
            tmp_path / "mnist.npz",
            x_train=images(3),
            y_train=np.array([1, 2, 3]),
            x_test=images(2, 9),
            y_test=np.array([4, 5]),
        )
        assert [record.label for record in records(open_source(path))] == list("12345")
        test = open_source(path).preferring("test")
        assert (test.count(), [record.label for record in records(test)]) == (2, ["4", "5"])

    @pytest.mark.parametrize(
        ("arrays", "message"),
        [
            ({"other": images(2)}, "holds other, and no images and labels"),
            ({"images": images(2), "labels": np.arange(3)}, "2 images, and labels.npy 3 labels"),
            ({"images": np.zeros((2, 5))}, "of shape .2, 5. and type float64, and images are"),
            ({"images": np.zeros((2, 3, 4, 5))}, "images are numbers of shape"),
            ({"images": np.zeros((0, 28, 28))}, "1 to 10,000,000 items are read"),
            ({"images": np.array(["a"])}, "images are numbers of shape"),
            ({"images": np.array([None, {}])}, "holds pickled objects"),
            ({"images": images(2), "labels": np.array([1.5, 2])}, "holds fractions"),
            ({"images": images(2), "labels": np.zeros((2, 10))}, "labels are numbers or texts"),
            ({"images": np.asfortranarray(images(3))}, "stored by columns"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, tmp_path: Path, arrays: dict[str, np.ndarray], message: str
    ) -> None:
        path = npz(tmp_path / "d.npz", **arrays)
        with pytest.raises(InputError, match=message) as caught:
            list(open_source(path))
        assert str(path) in str(caught.value)

    def test_values_that_are_no_grey_are_skipped(self, tmp_path: Path) -> None:
        values = np.stack(
            [images(1)[0].astype(float), np.full((28, 28), np.nan), images(1)[0] * 9.0]
        )
        entries = list(open_source(npz(tmp_path / "d.npz", images=values)))
        assert [isinstance(entry, Skipped) for entry in entries] == [False, True, True]

    def test_an_array_that_claims_more_than_it_holds(self, tmp_path: Path) -> None:
        file = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": (9_000_000, 28, 28)}
        )
        path = tmp_path / "d.npz"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("images.npy", file.getvalue() + bytes(2000))
        with pytest.raises(InputError, match="claims 9,000,000 images, and holds 2"):
            list(open_source(path))

    @given(place=st.floats(0, 0.999), byte=st.integers(0, 255), end=st.floats(0.1, 1))
    def test_damage_is_an_error_that_says_so(self, place: float, byte: int, end: float) -> None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as folder:
            path = npz(Path(folder) / "d.npz", images=images(2, side=9), labels=np.arange(2))
            data = bytearray(path.read_bytes())
            data[int(place * len(data))] = byte
            path.write_bytes(data[: int(end * len(data))])
            with suppress(InputError):
                assert list(open_source(path))


class TestFiles:
    def file(self, kind: str) -> bytes:
        file = io.BytesIO()
        Image.fromarray(images(1)[0]).save(file, kind)
        return file.getvalue()

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM"])
    def test_one_image_is_its_own_bytes(self, tmp_path: Path, kind: str) -> None:
        (tmp_path / "photo").write_bytes(self.file(kind))
        source = open_source(tmp_path / "photo")
        assert source.format == "image"
        assert records(source) == [Record(self.file(kind), None, str(tmp_path / "photo"))]

    @pytest.mark.parametrize("text", [b"BM: see you\n", b"P1 incident: \n", b"BMW: for sale\n"])
    def test_texts_that_begin_alike_are_none(self, tmp_path: Path, text: bytes) -> None:
        (tmp_path / "letter.txt").write_bytes(text)
        assert open_source(tmp_path / "letter.txt").format == "eml"

    def test_a_folder_per_label(self, tmp_path: Path) -> None:
        for label in "09":
            (tmp_path / label).mkdir()
            (tmp_path / label / "a.png").write_bytes(self.file("PNG"))
        found = records(open_source(tmp_path))
        assert [record.label for record in found] == ["0", "9"]
        assert found[0].data == self.file("PNG")


def test_images_are_nothing_for_tasks_of_text(tmp_path: Path) -> None:
    mnist(tmp_path)
    for name in ("mail", "message"):
        with pytest.raises(InputError, match=f"holds images, and the task {name} reads text"):
            list(gather(get_task(name), [open_source(tmp_path)], skipped=lambda _: None))


def test_without_pillow_only_what_needs_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    pgm = Record(write_pgm(images(1)[0]), "1", "a")
    assert item_of(DIGITS, pgm, "").data == pgm.data
    with pytest.raises(MissingExtraError, match=r"chaffinch\[digits\]"):
        item_of(DIGITS, Record(b"\x89PNG\r\n\x1a\n", "1", "a"), "")
    assert item_of(get_task("message"), Record(b"\x89PNG\r\n\x1a\n", "1", "a"), "").data
