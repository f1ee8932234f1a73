"""Opening a source: which format it is, what it yields, and what cannot be read at all."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from chaffinch.errors import InputError, UsageError
from chaffinch.experience.importers import FORMATS, Record, Skipped, Source, open_source

FROM = b"From ada@example.org Thu Aug 22 12:36:23 2024\n"
MAIL = b"Subject: tea\n\nAt four?\n"


def make(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def records(source: Source) -> list[Record]:
    return [entry for entry in source if isinstance(entry, Record)]


def test_maildir_is_read_in_order_of_delivery(tmp_path: Path) -> None:
    make(
        tmp_path,
        {
            "cur/1700000002.M1P1.host:2,S": b"third",
            "new/1700000001.M500000P1.host": b"second",
            "cur/1700000001.M2P1.host:2,": b"first",
            "cur/letter": b"undated",
            "tmp/1600000000.M1P1.host": b"unfinished",
            ".Junk/cur/1500000000.a.host": b"another mailbox",
            "cur/.hidden": b"hidden",
        },
    )
    source = open_source(tmp_path)
    found = records(source)
    assert source.format == "maildir"
    assert source.count() == 4
    assert not source.labelled
    assert [record.data for record in found] == [b"first", b"second", b"third", b"undated"]
    assert [record.received for record in found] == [
        1700000001.000002,
        1700000001.5,
        1700000002.000001,
        None,
    ]
    assert found[0].name == str(tmp_path / "cur" / "1700000001.M2P1.host:2,")


def test_a_named_subfolder_of_a_maildir_is_read(tmp_path: Path) -> None:
    make(tmp_path, {"cur/1.a": b"x", ".Junk/cur/2.b": b"junk", ".Junk/new/3.c": b"more"})
    found = records(open_source(tmp_path / ".Junk", label="spam"))
    assert [(record.data, record.label) for record in found] == [
        (b"junk", "spam"),
        (b"more", "spam"),
    ]


def test_one_mail(tmp_path: Path) -> None:
    make(tmp_path, {"letter": MAIL})
    source = open_source(tmp_path / "letter")
    assert source.format == "eml"
    assert list(source) == [Record(MAIL, None, str(tmp_path / "letter"))]


def test_any_file_is_a_mail_if_so_named(tmp_path: Path) -> None:
    make(tmp_path, {"noise": b"\0\xff"})
    assert records(open_source(tmp_path / "noise", format="eml"))[0].data == b"\0\xff"


def test_a_folder_of_mails_is_read_flat(tmp_path: Path) -> None:
    make(tmp_path, {"b.eml": b"b", "a": b"a", ".hidden": b"no", "sub/c": b"c"})
    source = open_source(tmp_path, format="folder", label="ham")
    assert [(record.data, record.label) for record in records(source)] == [
        (b"a", "ham"),
        (b"b", "ham"),
    ]
    assert source.count() == 2


def test_a_folder_per_label(tmp_path: Path) -> None:
    make(tmp_path, {"spam/2002/a": b"a", "spam/b": b"b", "ham/c": b"c"})
    source = open_source(tmp_path)
    assert source.format == "labels"
    assert source.labelled
    assert not source.arrival_order
    assert source.count() == 3
    assert [(record.label, record.data) for record in records(source)] == [
        ("ham", b"c"),
        ("spam", b"a"),
        ("spam", b"b"),
    ]


def test_links_between_folders_do_not_loop(tmp_path: Path) -> None:
    make(tmp_path, {"spam/a": b"a"})
    (tmp_path / "spam" / "again").symlink_to(tmp_path / "spam")
    found = list(open_source(tmp_path))
    assert [entry.name for entry in found if isinstance(entry, Record)] == [
        str(tmp_path / "spam" / "a")
    ]
    assert found[1] == Skipped(str(tmp_path / "spam" / "again"), "is not a regular file")


def test_folders_too_deep_are_skipped(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 40)
    make(tmp_path, {f"spam/{deep}/a": b"a", "spam/b": b"b"})
    found = list(open_source(tmp_path))
    assert [type(entry) for entry in found] == [Record, Skipped]


@pytest.mark.parametrize("index", ["index", "full/index", "index.full"])
def test_trec(tmp_path: Path, index: str) -> None:
    up = "../" if "/" in index else ""
    lines = f"spam {up}data/mail 2\n\nham {up}data/gone\nHam\t{up}data/1\nodd\n".encode()
    make(tmp_path, {index: lines, "data/mail 2": b"two", "data/1": b"one"})
    place = tmp_path / index
    source = open_source(tmp_path)
    assert source.format == "trec"
    assert source.arrival_order
    assert source.labelled
    data = place.parent / f"{up}data"
    assert list(source) == [
        Record(b"two", "spam", str(data / "mail 2")),
        Skipped(f"{place}:3", f"{data / 'gone'}: no such file or directory"),
        Record(b"one", "Ham", str(data / "1")),
        Skipped(f"{place}:5", "is not of the form 'label path'"),
    ]
    assert list(open_source(place)) == list(source)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("box", FROM + MAIL, "mbox"),
        ("box.gz", gzip.compress(FROM + MAIL, mtime=0), "mbox"),
        ("letter", b"Received: from a\n by b\n\nx", "eml"),
        ("letter.EML", b"no header at all", "eml"),
        ("x", b'{"text": "tea"}\n', "jsonl"),
        ("x.jsonl", b"broken\n" + b'{"text": "tea"}\n', "jsonl"),
        ("x.gz", gzip.compress(b'{"text": "tea"}\n', mtime=0), "jsonl"),
        ("x", b"label,text\nham,tea\n", "csv"),
        ("x.csv.gz", gzip.compress(b"\xef\xbb\xbfText,Label\ntea,ham\n", mtime=0), "csv"),
    ],
)
def test_recognised_by_content(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    make(tmp_path, {name: data})
    source = open_source(tmp_path / name)
    assert source.format == expected
    assert len(records(source)) == 1


def test_a_label_is_given_to_every_record(tmp_path: Path) -> None:
    make(tmp_path, {"x.jsonl": b'{"text": "a", "label": "ham"}\n{"text": "b"}\n'})
    source = open_source(tmp_path / "x.jsonl", label="spam")
    assert [record.label for record in records(source)] == ["spam", "spam"]
    assert source.labelled
    assert source.count() == 2


def test_empty_and_oversized_records_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaffinch.experience.importers.source.MAX_RECORD", 2**20)
    make(tmp_path, {"mails/a": b"", "mails/b": b"b"})
    with gzip.open(tmp_path / "x.jsonl.gz", "wb", 1) as file:
        file.write(b'{"text": "' + b"x" * (2**20 + 1) + b'"}\n{"text": "b"}\n')
    assert next(iter(open_source(tmp_path / "mails"))) == Skipped(
        str(tmp_path / "mails" / "a"), "is empty"
    )
    skipped, kept = open_source(tmp_path / "x.jsonl.gz")
    assert skipped == Skipped(f"{tmp_path / 'x.jsonl.gz'}:1", "is larger than 1 MiB")
    assert isinstance(kept, Record)


def test_reading_is_lazy(tmp_path: Path) -> None:
    make(tmp_path, {"mails/a": b"a", "mails/b": b"b"})
    stream = iter(open_source(tmp_path / "mails"))
    assert isinstance(next(stream), Record)
    (tmp_path / "mails" / "b").unlink()
    assert isinstance(next(stream), Skipped)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("gone", None, "gone does not exist: name a file or folder of items"),
        ("empty", b"", "empty is empty"),
        ("blank", b"\n \n", "blank is empty"),
        ("noise", b"\xff\xd8\xfe\xe0" * 9, "of no known format (looked for mbox, mail"),
        ("x.csv", b"a,b\n1,2\n", "no 'raw' or 'text' column"),
        ("x.jsonl", b"1\n2\n", "no item could be read as jsonl (2 skipped, the first"),
        ("x.gz", gzip.compress(os.urandom(999), mtime=0)[:500], "gzip data are damaged"),
        ("mail.gz", gzip.compress(MAIL, mtime=0), "of no known format"),
    ],
)
def test_what_cannot_be_read_at_all(
    tmp_path: Path, name: str, data: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        list(open_source(path))
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folders_that_cannot_be_read_at_all(tmp_path: Path) -> None:
    for name in ("empty", "none", "deep/spam"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "none" / "a").write_bytes(b"")
    make(tmp_path / "mixed", {"spam/a": b"a", "b": b"b"})
    os.mkfifo(tmp_path / "fifo")
    for name, message in [
        ("empty", "is an empty folder"),
        ("none", "no item could be read as folder (1 skipped"),
        ("deep", "no item could be read as labels (empty)"),
        ("mixed", "holds both files and folders: give --format folder"),
        ("fifo", "is neither a file nor a folder"),
    ]:
        with pytest.raises(InputError) as caught:
            list(open_source(tmp_path / name))
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ("mbox", "folder", "is a folder, and mbox is a file"),
        ("labels", "file", "is a file, and labels is a folder"),
        ("maildir", "folder", "is no Maildir"),
        ("trec", "folder", "holds no TREC index"),
    ],
)
def test_a_given_format_must_fit_the_path(
    tmp_path: Path, given: str, kind: str, message: str
) -> None:
    make(tmp_path, {"folder/a": b"a", "file": b"b"})
    with pytest.raises(InputError, match=message):
        open_source(tmp_path / kind, format=given)


def test_an_unknown_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown format 'mbx' \(did you mean 'mbox'\?\)"):
        open_source(tmp_path, format="mbx")


def test_every_format_is_about_something() -> None:
    assert all(found.about for found in FORMATS.values())
    assert len({found.about for found in FORMATS.values()}) == 15
