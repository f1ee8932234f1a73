"""Opening what a path names: bounded, and never waiting."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from chaffinch.errors import InputError
from chaffinch.experience.importers import MAX_RECORD, Record, Skipped, files


def test_lines_are_numbered_and_keep_their_endings(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_bytes(b"a\r\nb\n\nc")
    assert list(files.lines(path)) == [(1, b"a\r\n"), (2, b"b\n"), (3, b"\n"), (4, b"c")]


def test_a_line_over_the_limit_is_dropped_and_reading_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "mail.gz"
    path.write_bytes(gzip.compress(b"short\n" + b"x" * 3_000_000 + b"\nlast\n", mtime=0))
    assert list(files.lines(path, 10)) == [(1, b"short\n"), (2, None), (3, b"last\n")]


def test_a_line_of_exactly_the_limit_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_bytes(b"123456789\n1234567890\n")
    assert list(files.lines(path, 10)) == [(1, b"123456789\n"), (2, None)]


def test_a_line_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_DISCARD", 2**21)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"\0" * 2**23, mtime=0))
    with pytest.raises(InputError, match=r"bomb\.gz:1: one line of over 2 MiB"):
        list(files.lines(path, 100))


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_damaged_gzip_is_named(tmp_path: Path, damage: str) -> None:
    data = bytearray(gzip.compress(os.urandom(10_000), mtime=0))
    if damage == "cut":
        del data[5_000:]
    else:
        data[5_000] ^= 0xFF
    path = tmp_path / "mail.gz"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"mail\.gz: its gzip data are damaged"):
        list(files.lines(path))


def test_a_fifo_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert files.read_whole(tmp_path / "fifo") == Skipped(
        str(tmp_path / "fifo"), "is not a regular file"
    )
    assert isinstance(files.read_whole(Path("/dev/zero")), Skipped)


def test_a_fifo_that_takes_a_files_place_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    answers = iter([True, False])
    opening, flags = os.open, []
    monkeypatch.setattr("stat.S_ISREG", lambda mode: next(answers))

    def watch(path: Path, flag: int) -> int:
        flags.append(flag)
        return opening(path, flag | os.O_NONBLOCK)

    monkeypatch.setattr(os, "open", watch)
    assert files.read_whole(path) == Skipped(str(path), "is not a regular file")
    assert flags[0] & os.O_NONBLOCK


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    (tmp_path / "mail").write_bytes(b"Subject: tea\n")
    (tmp_path / "link").symlink_to("mail")
    (tmp_path / "loop").symlink_to("loop")
    found = files.read_whole(tmp_path / "link")
    assert isinstance(found, Record)
    assert found.data == b"Subject: tea\n"
    assert isinstance(files.read_whole(tmp_path / "loop"), Skipped)


def test_a_file_over_the_bound_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(MAX_RECORD + 1)
    found = files.read_whole(path)
    assert isinstance(found, Skipped)
    assert found.reason == "is larger than 128 MiB"


def test_an_unreadable_file_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    path = tmp_path / "secret"
    path.write_bytes(b"x")
    monkeypatch.setattr(os, "open", refuse)  # root, whom tests may run as, may read everything
    assert files.read_whole(path) == Skipped(str(path), "permission denied")


def test_a_path_with_nul_is_skipped() -> None:
    assert isinstance(files.read_whole(Path("a\0b")), Skipped)


@pytest.mark.parametrize(
    ("data", "count"),
    [(b"", 0), (b"a", 1), (b"a\n", 1), (b"a\nb", 2), (gzip.compress(b"a\nb", mtime=0), 2)],
)
def test_counting_lines(tmp_path: Path, data: bytes, count: int) -> None:
    path = tmp_path / "mail"
    path.write_bytes(data)
    assert files.count_lines(path) == count


def test_counting_gives_up_where_it_is_dear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_COUNTED", 2**20)
    path = tmp_path / "mail.gz"
    path.write_bytes(gzip.compress(b"\n" * 2**22, mtime=0))
    assert files.count_lines(path) is None
    assert files.count_lines(tmp_path / "missing") is None


def test_names_are_shown_without_terminal_commands(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J\n\udcff"
    path.write_bytes(b"x")
    found = files.read_whole(path)
    assert isinstance(found, Record)
    assert found.name == str(tmp_path / r"a\x1b[2J\x0a\xff")
    assert found.name.isprintable()
