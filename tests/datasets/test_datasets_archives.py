"""Archives from strangers."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from chaffinch.datasets import archives
from chaffinch.errors import SourceError


def tar(path: Path, mode: str, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


FILES = {"spam/a": b"one\n", "ham/b.txt": b""}


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w"])
def test_tar(tmp_path: Path, mode: str) -> None:
    assert dict(archives.members(tar(tmp_path / "x", mode, FILES))) == FILES


def test_zip(tmp_path: Path) -> None:
    assert dict(archives.members(zipped(tmp_path / "x", FILES | {"folder/": b""}))) == FILES


def test_names_that_lead_elsewhere_are_only_names(tmp_path: Path) -> None:
    files = {"../../escaped": b"1", "/etc/escaped": b"2"}
    for path in (tar(tmp_path / "t", "w:gz", files), zipped(tmp_path / "z", files)):
        before = sorted(tmp_path.parent.rglob("*"))
        assert sorted(data for _, data in archives.members(path)) == [b"1", b"2"]
        assert sorted(tmp_path.parent.rglob("*")) == before


def test_names_that_are_not_utf8_can_be_encoded(tmp_path: Path) -> None:
    ((name, _),) = archives.members(tar(tmp_path / "x", "w", {"a\udcff": b"1"}))
    assert name.encode() == b"a\\udcff"


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x", "w:gz") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo("x")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert list(archives.members(tmp_path / "x")) == []


def test_bombs_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER", 2**20)
    monkeypatch.setattr(archives, "MAX_TOTAL", 2**22)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 50)
    large = {"a": b"\0" * (2**20 + 1)}
    long = {str(number): b"\0" * 2**20 for number in range(5)}
    many = {str(number): b"" for number in range(51)}
    for files, message in ((large, "a file of over 1 MiB"), (long, "over 4 MiB"), (many, "50")):
        for path in (tar(tmp_path / "t", "w:bz2", files), zipped(tmp_path / "z", files)):
            with pytest.raises(SourceError, match=message):
                list(archives.members(path))


def test_files_with_holes_count_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_TOTAL", 2**20)
    info = tarfile.TarInfo("a")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"%011o\0" % 2**19  # its size, of which nothing is in the archive
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "x").write_bytes(bytes(header) * 3 + bytes(1024))
    with pytest.raises(SourceError, match="unpacks to over 1 MiB"):
        list(archives.members(tmp_path / "x"))


def test_a_header_as_large_as_an_archive_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_TOTAL", 2**20)
    with tarfile.open(tmp_path / "x", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("a")
        info.pax_headers = {"comment": "x" * 2**21}
        archive.addfile(info)
    with pytest.raises(SourceError, match="unpacks to over 1 MiB"):
        list(archives.members(tmp_path / "x"))


@pytest.mark.parametrize(
    "data", [b"", b"no archive", b"\x1f\x8bno gzip", b"BZhno bzip2", b"PK\3\4"]
)
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(data)
    with pytest.raises(SourceError, match=r"x\.tar is damaged or no archive"):
        list(archives.members(tmp_path / "x.tar"))


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2"])
def test_an_archive_cut_off_is_damaged(tmp_path: Path, mode: str) -> None:
    path = tar(tmp_path / "x", mode, {"a": bytes(range(256)) * 400})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceError, match="x is damaged"):
        list(archives.members(path))


def test_a_password_is_not_asked_for(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x", {"a": b"1"})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # in the member's header
    data[data.index(b"PK\1\2") + 8] |= 1  # and in the directory
    path.write_bytes(data)
    with pytest.raises(SourceError, match="x is damaged"):
        list(archives.members(path))
