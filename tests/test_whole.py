from __future__ import annotations

import os
from pathlib import Path

import pytest

from chaffinch.errors import StorageError
from chaffinch.whole import written_whole


def test_it_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with written_whole(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), written_whole(path) as file:  # noqa: PT012
        file.write(b"new")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_permissions(tmp_path: Path) -> None:
    umask = os.umask(0o022)
    try:
        for private, mode in ((False, 0o644), (True, 0o600)):
            path = tmp_path / str(private)
            with written_whole(path, private=private) as file:
                file.write(b"x")
            assert path.stat().st_mode & 0o777 == mode
            path.chmod(0o640)
            with written_whole(path, private=private) as file:
                file.write(b"y")
            assert path.stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(umask)


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with written_whole(pipe) as file:
        file.write(b"through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    with written_whole(tmp_path / "link") as file:
        file.write(b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


def test_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "none" / "file", tmp_path / "loop", tmp_path):
        with pytest.raises(StorageError, match="cannot write"), written_whole(path):
            pass
