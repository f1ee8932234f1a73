"""JSON lines and CSV: named fields, and what is wrong with them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.errors import InputError
from chaffinch.experience.importers import Record, Skipped, jsonl, table
from chaffinch.experience.importers.files import lines


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["mail.jsonl", "mail.jsonl.gz"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    data = (
        b'\xef\xbb\xbf{"id": 7, "label": "spam", "raw": "\xc2\xa3\\u0000\\r\\n", "received": 3}\n'
        b"\n"
        b'{"text": "\xc2\xa3"}'
    )
    path = write(tmp_path / name, gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    assert list(jsonl.read(path)) == [
        Record(b"\xa3\0\r\n", "spam", f"{path}:1", 3.0),
        Record("£".encode(), None, f"{path}:3"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"label": ', "is not valid JSON"),
        (b'{"text": "\xff"}', "is not UTF-8"),
        (b"[1]", "is no JSON object"),
        (b"[" * 100_000, "is not valid JSON"),
        (b'{"text": ' + b"9" * 10_000 + b"}", "is not valid JSON"),
        (b'{"label": "ham"}', "has neither 'raw' nor 'text'"),
        (b'{"raw": "\xe2\x82\xac"}', "its 'raw' holds U+20AC, beyond U+00FF, the last byte"),
        (b'{"text": "\\ud800"}', "its 'text' holds U+D800, beyond what UTF-8 can hold"),
        (b'{"text": 3}', "its 'text' is no text"),
        (b'{"text": "a", "label": 3}', "its 'label' is no text"),
        (b'{"text": "a", "label": "\\udcff"}', "its 'label' is no text"),
        (b'{"text": "a", "received": "now"}', "its 'received' is no number of seconds"),
        (b'{"text": "a", "received": NaN}', "its 'received' is no number of seconds"),
        (b'{"text": "a", "received": true}', "its 'received' is no number of seconds"),
        (b'{"text": "a", "received": 1' + b"0" * 400 + b"}", "its 'received' is no number"),
    ],
)
def test_a_malformed_line_is_skipped_by_name(tmp_path: Path, line: bytes, reason: str) -> None:
    path = write(tmp_path / "mail.jsonl", line + b'\n{"text": "next"}\n')
    skipped, following = jsonl.read(path)
    assert isinstance(skipped, Skipped)
    assert skipped.name == f"{path}:1"
    assert skipped.reason.startswith(reason)
    assert isinstance(following, Record)
    assert following.data == b"next"


@pytest.mark.parametrize(
    ("line", "data", "label"),
    [
        (b'{"message": "a", "category": "spam"}', b"a", "spam"),
        (b'{"body": "a", "class": "ham"}', b"a", "ham"),
        (b'{"content": "a", "label": "", "class": "ham"}', b"a", "ham"),
        (b'{"comment": "a", "label": "spam", "category": "ham"}', b"a", "spam"),
        (b'{"raw": "", "text": "a"}', b"a", None),
        (b'{"raw": "a", "text": "b"}', b"a", None),
        (b'{"text": "", "message": "a"}', b"a", None),
        (b'{"text": ""}', b"", None),
    ],
)
def test_other_names_of_fields(tmp_path: Path, line: bytes, data: bytes, label: str | None) -> None:
    path = write(tmp_path / "sms.jsonl", line)
    assert list(jsonl.read(path)) == [Record(data, label, f"{path}:1")]


def test_an_overlong_line_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE", 2**20)
    monkeypatch.setattr(jsonl, "lines", partial(lines, limit=2**20))
    path = tmp_path / "mail.jsonl"
    with gzip.open(path, "wb", 1) as file:
        file.write(b'{"text": "')
        file.write(b"x" * 2**20)
        file.write(b'"}\n{"text": "next"}\n')
    skipped, following = jsonl.read(path)
    assert skipped == Skipped(f"{path}:1", "is longer than 1 MiB")
    assert isinstance(following, Record)


def test_csv_names_rows_after_their_first_line(tmp_path: Path) -> None:
    data = (
        b"\xef\xbb\xbfLabel, TEXT \r\n"
        b'spam,"two\r\nlines, ""quoted"""\r\n'
        b"\r\n"
        b"ham,\xc2\xa3 5\r\n"
        b",unlabelled\r\n"
    )
    path = write(tmp_path / "sms.csv", data)
    assert list(table.read(path)) == [
        Record(b'two\r\nlines, "quoted"', "spam", f"{path}:2"),
        Record("£ 5".encode(), "ham", f"{path}:5"),
        Record(b"unlabelled", None, f"{path}:6"),
    ]


def test_csv_raw_and_received(tmp_path: Path) -> None:
    path = write(tmp_path / "mail.csv", b"received,raw,text\n1.5,\xc3\xbf,no\n,,yes\n")
    assert list(table.read(path)) == [
        Record(b"\xff", None, f"{path}:2", 1.5),
        Record(b"yes", None, f"{path}:3"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"ham", "has 1 columns, and the header 2"),
        (b"ham,a,b", "has 3 columns, and the header 2"),
        (b"ham,\xff", "its 'text' holds U+DCFF, beyond what UTF-8 can hold"),
        (b"h\xffm,a", "its 'label' is no text"),
        (b"ham,a\rb", "is not valid CSV"),
    ],
)
def test_a_malformed_row_is_skipped_by_name(tmp_path: Path, row: bytes, reason: str) -> None:
    path = write(tmp_path / "sms.csv", b"label,text\n" + row + b"\nham,next\n")
    skipped, following = table.read(path)
    assert isinstance(skipped, Skipped)
    assert skipped.name == f"{path}:2"
    assert skipped.reason.startswith(reason)
    assert following == Record(b"next", "ham", f"{path}:3")


def test_an_unclosed_quote_swallows_no_more_than_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MAX_LINE", 1000)
    data = b'label,text\nham,"open\n' + b"ham,lost\n" * 200 + b"ham,found\n"
    found = list(table.read(write(tmp_path / "sms.csv", data)))
    assert isinstance(found[0], Skipped)
    assert "longer than" in found[0].reason
    assert isinstance(found[-1], Record)
    assert found[-1].data == b"found"


def test_a_field_larger_than_pythons_limit_is_read(tmp_path: Path) -> None:
    csv.field_size_limit(131_072)
    path = write(tmp_path / "mail.csv", b"label,raw\nham," + b"x" * 200_000 + b"\n")
    (found,) = table.read(path)
    assert isinstance(found, Record)
    assert len(found.data) == 200_000


def test_csv_without_payload_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no 'raw' or 'text' column .*\(v1, v2\)"):
        list(table.read(write(tmp_path / "spam.csv", b"v1,v2\nham,tea\n")))


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1)


@settings(max_examples=30, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(["spam", "ham"]), TEXTS), min_size=1))
def test_what_python_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    lines = [json.dumps({"label": label, "text": text}) for label, text in rows]
    (folder / "a.jsonl").write_text("\n".join(lines))
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([("label", "text"), *rows])
    (folder / "a.csv").write_bytes(buffer.getvalue().encode())
    expected = [(label, text.encode()) for label, text in rows]
    for found in (list(jsonl.read(folder / "a.jsonl")), list(table.read(folder / "a.csv"))):
        assert [(entry.label, entry.data) for entry in found if isinstance(entry, Record)] == (
            expected
        )


@settings(derandomize=True)
@given(st.binary())
def test_no_bytes_make_the_readers_raise(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    assert isinstance(jsonl.parse(data, "any"), Record | Skipped)
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(b"label,raw\n" + data)
    assert all(isinstance(entry, Record | Skipped) for entry in table.read(path))


def test_whose_it_is(tmp_path: Path) -> None:
    lines = [{"text": "a", "owner": "ann"}, {"text": "b", "owner": None}, {"text": "c"}]
    data = "\n".join(json.dumps(line) for line in lines).encode()
    rows = [jsonl.read(write(tmp_path / "a.jsonl", data))]
    rows.append(table.read(write(tmp_path / "a.csv", b"text,owner\na,ann\nb,\nc,\n")))
    for read in rows:
        records = [record for record in read if isinstance(record, Record)]
        assert [record.owner for record in records] == ["ann", "", ""]
    assert isinstance(jsonl.parse(b'{"text": "a", "owner": 7}', "a:1"), Skipped)
