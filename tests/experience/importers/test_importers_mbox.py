"""mbox: where one mail ends and the next begins."""

from __future__ import annotations

import gzip
import mailbox
from email.message import Message
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.errors import InputError
from chaffinch.experience.importers import Record, Skipped, mbox

FROM = b"From ada@example.org Thu Aug 22 12:36:23 2024\n"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def read(path: Path) -> list[Record | Skipped]:
    return list(mbox.read(path))


def mails(path: Path) -> list[bytes]:
    return [entry.data for entry in read(path) if isinstance(entry, Record)]


def test_two_mails(tmp_path: Path) -> None:
    path = write(tmp_path / "mbox", FROM + b"Subject: a\n\nA\n\n" + FROM + b"Subject: b\n\nB\n\n")
    assert read(path) == [
        Record(b"Subject: a\n\nA\n", None, f"{path}:1", 1724330183.0),
        Record(b"Subject: b\n\nB\n", None, f"{path}:6", 1724330183.0),
    ]


def test_carriage_returns_are_kept(tmp_path: Path) -> None:
    data = (FROM + b"Subject: a\n\nA\n\n" + FROM + b"Subject: b\n\nB\n").replace(b"\n", b"\r\n")
    assert mails(write(tmp_path / "mbox", data)) == [
        b"Subject: a\r\n\r\nA\r\n",
        b"Subject: b\r\n\r\nB\r\n",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b">From here\n", b"From here\n"),
        (b">>From here\n", b">From here\n"),
        (b" >From here\n", b" >From here\n"),
        (b"> From here\n", b"> From here\n"),
        (b">Fromage\n", b">Fromage\n"),
    ],
)
def test_unquoting(tmp_path: Path, written: bytes, meant: bytes) -> None:
    path = write(tmp_path / "mbox", FROM + b"Subject: a\n\n" + written)
    assert mails(path) == [b"Subject: a\n\n" + meant]


@pytest.mark.parametrize(
    "body",
    [
        b"text\n" + FROM,  # not after an empty line
        b"\nFrom Monday on, tea is at four.\n",  # no date
        b"\n From ada@example.org Thu Aug 22 12:36:23 2024\n",  # not at the start of the line
        b"x" * 70_000 + b"\n\nFrom the Thu Aug 22 12:36 tram of 202 went home\n",
    ],
)
def test_what_does_not_separate(tmp_path: Path, body: bytes) -> None:
    path = write(tmp_path / "mbox", FROM + b"Subject: a\n\n" + body)
    assert mails(path) == [b"Subject: a\n\n" + body]


@pytest.mark.parametrize(
    "line",
    [
        b"From - Mon Jan 01 00:00:00 2024",  # Thunderbird
        b"From 1787452@xxx Mon Jan 01 00:00:00 +0000 2024",  # Google Takeout
        b"From ada@example.org  Mon Jan  1 00:00:00 2024",
        b"From MAILER-DAEMON Mon Jan  1 00:00 2024",
        b"From ada Mon Jan  1 00:00:00 MET DST 2024",
        b"From ada Mon Jan  1 01:00:00 2024 +0100",
        b"From ada@example.org Mon, 1 Jan 2024 00:00:00",
    ],
)
def test_how_writers_separate(line: bytes) -> None:
    assert mbox.is_separator(line + b"\n")
    assert mbox.separator_date(line + b"\n") == 1704067200.0


def test_an_overlong_line_is_no_separator() -> None:
    assert not mbox.is_separator(FROM[:-1] + b" " * 1000 + b"\n")


@pytest.mark.parametrize("rest", [b"\n" + FROM, b">From here\n", FROM])
def test_a_line_read_in_pieces_is_one_line(tmp_path: Path, rest: bytes) -> None:
    body = b"x" * mbox._PIECE + rest
    path = write(tmp_path / "mbox", FROM + b"\n" + body + b"\n" + FROM + b"Subject: b\n")
    first, second = read(path)
    assert isinstance(first, Record)
    assert first.data == b"\n" + body
    assert second.name == f"{path}:{4 + body.count(bytes([10]))}"


def test_a_mail_over_the_bound_is_skipped_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mbox, "MAX_RECORD", 1000)
    data = FROM + b"x" * 2000 + b"\n\n" + FROM + b"Subject: b\n"
    found = read(write(tmp_path / "mbox", data))
    assert found[0] == Skipped(f"{tmp_path / 'mbox'}:1", "is larger than 0.0009537 MiB")
    assert isinstance(found[1], Record)
    assert found[1].data == b"Subject: b\n"


def test_a_mail_of_exactly_the_bound_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mbox, "MAX_RECORD", 100)
    path = write(tmp_path / "mbox", FROM + b"x" * 99 + b"\n" + b"\n" + FROM + b"y\n")
    assert [len(mail) for mail in mails(path)] == [100, 2]
    path.write_bytes(FROM + b"x" * 100 + b"\n" + b"\n" + FROM + b"y\n")
    assert [len(mail) for mail in mails(path)] == [2]


def test_gzip(tmp_path: Path) -> None:
    path = write(tmp_path / "mbox.gz", gzip.compress(FROM + b"Subject: a\n", mtime=0))
    assert mails(path) == [b"Subject: a\n"]


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this is no mbox"):
        read(write(tmp_path / "mail", b"Subject: a\n"))


def test_what_python_writes_is_read_back(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "mbox")
    for number in range(3):
        message = Message()
        message["Subject"] = f"mail {number}"
        message.set_payload("From here\n\nFrom there\n")
        box.add(message)
    box.close()
    assert mails(tmp_path / "mbox") == [
        f"Subject: mail {number}\n\nFrom here\n\nFrom there\n".encode() for number in range(3)
    ]


LINES = st.sampled_from([b"\n", b"From \n", FROM, b">From x\n", b">>From x\n", b"text\n", b"\r\n"])


@settings(derandomize=True)
@given(st.lists(st.lists(LINES, min_size=1), min_size=1, max_size=5))
def test_what_mboxrd_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, letters: list[list[bytes]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "roundtrip"
    with path.open("wb") as file:
        for letter in letters:
            file.write(FROM)
            for line in letter:
                file.write(b">" + line if line.lstrip(b">").startswith(b"From ") else line)
            file.write(b"\n")
    assert mails(path) == [b"".join(letter) for letter in letters]
