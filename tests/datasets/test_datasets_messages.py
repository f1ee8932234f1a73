"""The uniform file: its order, its digest, and what official archives become in it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from chaffinch.datasets import convert, find, messages
from chaffinch.errors import SourceError
from chaffinch.experience.importers import Record, open_source

MD5 = "0123456789abcdef0123456789abcdef"
MAIL = b"From ada@example.org  Thu Aug 22 12:36:23 2002\nSubject: t\xe9a\n\nAt four?\n"
BARE = MAIL.split(b"\n", 1)[1].decode("latin-1")


def tar(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def test_judged_order_is_sorted_then_shuffled_with_seed_42() -> None:
    given = [{"id": f"{number:03}", "label": "ham", "raw": ""} for number in range(50)]
    expected = list(given)
    random.Random(42).shuffle(expected)
    assert messages.judged_order(reversed(given)) == expected
    assert [message["id"] for message in expected[:3]] != ["000", "001", "002"]


def test_judged_order_without_ids_starts_from_the_source() -> None:
    given = [{"label": "ham", "text": str(number)} for number in range(50)]
    expected = list(given)
    random.Random(42).shuffle(expected)
    assert messages.judged_order(given) == expected


def test_digest() -> None:
    one = {"id": "a", "label": "ham", "raw": "\xff"}
    two = {"id": "b", "label": "spam", "raw": ""}
    lines = (
        f"a ham {hashlib.sha256(bytes([255])).hexdigest()}\n"
        f"b spam {hashlib.sha256(b'').hexdigest()}\n"
    )
    assert messages.digest([two, one]) == hashlib.sha256(lines.encode()).hexdigest()
    assert messages.digest([one, two | {"label": "ham"}]) != messages.digest([one, two])


def test_what_is_written_is_read_back_and_reproducible(tmp_path: Path) -> None:
    given = [{"id": "a", "label": "spam", "source": "s", "raw": "\0\r\n\x85\xff"}]
    for name in ("one.jsonl.gz", "two.jsonl.gz"):
        messages.write(tmp_path / name, given)
    assert messages.read(tmp_path / "one.jsonl.gz") == given
    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()
    (record,) = open_source(tmp_path / "one.jsonl.gz")
    assert isinstance(record, Record)
    assert (record.data, record.label) == (b"\0\r\n\x85\xff", "spam")


def test_reading_takes_separators_off(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"label": "ham", "raw": MAIL.decode("latin-1"), "more": 1}))
    assert messages.read(path) == [{"label": "ham", "raw": BARE}]


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"3",
        b"[" * 99_999,
        b'{"raw": "x"}',
        b'{"label": "ham"}',
        b'{"label": "ham", "raw": 3}',
        b'{"label": 3, "raw": "x"}',
        '{"label": "ham", "raw": "€"}'.encode(),
    ],
)
def test_a_line_that_is_no_message_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"label": "ham", "text": "tea"}\n' + line + b"\n", mtime=0))
    with pytest.raises(SourceError, match=r"x\.jsonl\.gz:2 is no message"):
        messages.read(path)


def test_check() -> None:
    dataset = replace(find("sms"), labels=(("ham", 1), ("spam", 1)))
    good = [{"label": "ham", "text": "a"}, {"label": "spam", "text": "b"}]
    messages.check(dataset, good)
    with pytest.raises(SourceError, match="holds 1 ham, not 1 ham, 1 spam"):
        messages.check(dataset, good[:1])
    with pytest.raises(SourceError, match="holds no message"):
        messages.check(replace(dataset, labels=()), [])
    pinned = replace(dataset, digest="0" * 64)
    with pytest.raises(SourceError, match="others than the digest says"):
        messages.check(pinned, [{"id": one["text"], "raw": "", **one} for one in good])


def test_spamassassin_is_the_same_from_both_sources(tmp_path: Path) -> None:
    official = {
        "easy_ham": ("easy-ham-1", "ham"),
        "easy_ham_2": ("easy-ham-2", "ham"),
        "hard_ham": ("hard-ham-1", "ham"),
        "spam": ("spam-1", "spam"),
        "spam_2": ("spam-2", "spam"),
    }
    archives = [
        tar(
            tmp_path / f"{folder}.tar.gz",
            {f"{folder}/00001.{MD5}": MAIL, f"{folder}/cmds": b"mv a b\n"},
        )
        for folder in official
    ]
    package = {"package/LICENSE": b"x", "package/data/file_list.json": b"[]"}
    for folder, _ in official.values():
        package[f"package/data/{folder}/00001.{MD5}.txt"] = MAIL
        package[f"package/data/{folder}/00001.{MD5}.json"] = b"{}"
    found = list(convert.messages("spamassassin", archives))
    assert found == [
        {"id": f"{folder}/00001.{MD5}", "label": label, "source": folder, "raw": BARE}
        for folder, label in official.values()
    ]
    assert found == list(convert.messages("spamassassin", [tar(tmp_path / "p.tgz", package)]))


def test_sms(tmp_path: Path) -> None:
    lines = "ham\tTea at four? £1\nspam\tWIN\tnow\x85\n".encode()
    with zipfile.ZipFile(tmp_path / "sms.zip", "w") as archive:
        archive.writestr("SMSSpamCollection", lines)
        archive.writestr("readme", "spam\tno\n")
    assert list(convert.messages("sms", [tmp_path / "sms.zip"])) == [
        {"label": "ham", "text": "Tea at four? £1"},
        {"label": "spam", "text": "WIN\tnow\x85"},
    ]


def test_sms_indonesian(tmp_path: Path) -> None:
    table = b'Teks,label\r\n"Rapat, jam dua?",0\r\nMenang undian,1\r\n"Diskon\n50%",2\r\n'
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x-7fea/dataset_sms_spam_v1.csv", table)
        archive.writestr("x-7fea/penjelasan.txt", "a,0\n")
    assert list(convert.messages("sms_indonesian", [path])) == [
        {"label": "ham", "text": "Rapat, jam dua?"},
        {"label": "spam", "text": "Menang undian"},
        {"label": "spam", "text": "Diskon\n50%"},
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("dataset_sms_spam_v1.csv", table + b"x\r\n")
    with pytest.raises(SourceError, match="no table of texts and labels"):
        list(convert.messages("sms_indonesian", [path]))


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("sms", "at &lt;#&gt; or &lt;TIME&gt; &amp; i &lt;3 u", "at  or  &amp; i &lt;3 u"),
        ("sms_indonesian", "halo Nama1, ini nama2. Nama saya?", "halo , ini . Nama saya?"),
        ("spamassassin", "nama1 &lt;#&gt;", "nama1 &lt;#&gt;"),
    ],
)  # fmt: skip
def test_what_the_makers_of_a_set_wrote_into_it_is_dropped(name: str, text: str, kept: str) -> None:
    assert messages.without_mark(text, find(name).mark) == kept


def test_enron(tmp_path: Path) -> None:
    archives = [
        tar(tmp_path / "beck-s.tar.gz", {"beck-s/inbox/1": MAIL, "beck-s/Summary.txt": b"x"}),
        tar(tmp_path / "GP.tar.gz", {"GP/part1/msg1.eml": MAIL}),
    ]
    assert list(convert.messages("enron", archives)) == [
        {"id": "ham/beck-s/beck-s/inbox/1", "label": "ham", "source": "beck-s", "raw": BARE},
        {"id": "spam/GP/GP/part1/msg1.eml", "label": "spam", "source": "GP", "raw": BARE},
    ]


def test_lingspam(tmp_path: Path) -> None:
    files = {
        "lingspam_public/bare/part1/3-1msg1.txt": b"Subject: a\n\nb\n",
        "lingspam_public/bare/part10/spmsgc1.txt": b"Subject: c\n\nd\n",
        "lingspam_public/lemm/part1/3-1msg1.txt": b"Subject: a\n\nb\n",
        "lingspam_public/readme.txt": b"x",
    }
    found = list(convert.messages("lingspam", [tar(tmp_path / "x.tar.gz", files)]))
    assert [(one["id"], one["label"]) for one in found] == [
        ("part1/3-1msg1", "ham"),
        ("part10/spmsgc1", "spam"),
    ]


def test_every_set_of_messages_can_be_converted(tmp_path: Path) -> None:
    from chaffinch.datasets import CATALOGUE

    empty = tar(tmp_path / "x.tar.gz", {"nothing": b""})
    names = [dataset.name for dataset in CATALOGUE.values() if dataset.messages]
    assert len(names) == 5
    for name in names:
        assert len(list(convert.messages(name, [empty]))) == (name == "enron")
