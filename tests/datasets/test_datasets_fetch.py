"""Getting a data set: where it is looked for, what is verified, and what is said when all fails."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chaffinch.datasets import (
    DataSet,
    File,
    cache,
    fetch,
    find,
    get,
    messages,
    npm,
)
from chaffinch.datasets.catalogue import Package
from chaffinch.errors import SourceError, StorageError, UsageError
from chaffinch.experience.importers import Record, open_source
from serving import Site, serving

MAILS = {
    f"{source}/0000{number}.{number:032x}": f"Subject: {source} {number}\n\nTea?\n".encode()
    for source in ("easy-ham-1", "spam-1")
    for number in (1, 2, 3)
}
FROM = b"From ada@example.org  Thu Aug 22 12:36:23 2002\n"


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


OFFICIAL = packed(
    {
        name.replace("easy-ham-1", "easy_ham").replace("spam-1", "spam"): FROM + data
        for name, data in MAILS.items()
    }
)
PACKAGE = packed({f"package/data/{name}.txt": data for name, data in MAILS.items()})
RECORDS = [
    {
        "id": name,
        "label": "spam" if name.startswith("spam") else "ham",
        "source": name.split("/")[0],
        "raw": data.decode(),
    }
    for name, data in MAILS.items()
]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "cache-home"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    monkeypatch.delenv("CHAFFINCH_DATA", raising=False)
    return home / "chaffinch"


@pytest.fixture
def fake_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what puts a program named npm, with these lines of shell, alone on the PATH."""

    def put(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        npm = folder / "npm"
        npm.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        npm.chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))

    return put


def use(monkeypatch: pytest.MonkeyPatch, dataset: DataSet) -> None:
    monkeypatch.setattr(fetch, "find", lambda name: dataset)


@pytest.fixture
def mails(site: Site, monkeypatch: pytest.MonkeyPatch) -> DataSet:
    """A small set of mails that its site does not serve yet, nor npm."""
    dataset = replace(
        find("spamassassin"),
        files=(File("mails.tar.gz", (site.url + "mails.tar.gz",)),),
        labels=(("ham", 3), ("spam", 3)),
        digest=messages.digest(RECORDS),
        package=Package("@example/mails@1.0.0", hashlib.sha256(PACKAGE).hexdigest()),
        download=100_000,
    )
    use(monkeypatch, dataset)
    monkeypatch.setenv("PATH", "/nowhere")
    return dataset


def put_local(folder: Path, records: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Path:
    path = folder / "spamassassin" / "mails.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record | {"raw": FROM.decode() + record["raw"]}) for record in records)
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    monkeypatch.setenv("CHAFFINCH_DATA", str(folder))
    return path


def stream(path: Path) -> list[bytes]:
    return [entry.data for entry in open_source(path) if isinstance(entry, Record)]


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


EXPECTED = [message["raw"].encode() for message in messages.judged_order(RECORDS)]


def test_all_ways_lead_to_the_same_bytes(
    mails: DataSet,
    site: Site,
    tmp_path: Path,
    cache_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    fake_npm: Callable[[str], None],
) -> None:
    put_local(tmp_path / "data", RECORDS[::-1], monkeypatch)
    local = get("spamassassin")
    monkeypatch.delenv("CHAFFINCH_DATA")

    (tmp_path / "package.tgz").write_bytes(PACKAGE)
    fake_npm(f'case $1 in view) echo 1.0.0;; pack) cp "{tmp_path}/package.tgz" mails.tgz;; esac')
    by_npm = get("spamassassin").read_bytes()

    monkeypatch.setenv("PATH", "/nowhere")
    site.pages["/mails.tar.gz"] = OFFICIAL
    official = get("spamassassin", refresh=True)

    assert official == cache_home / "spamassassin" / "spamassassin.jsonl.gz"
    assert stream(official) == EXPECTED
    assert local != official
    assert local.read_bytes() == by_npm == official.read_bytes()
    assert sorted(path.name for path in left(official.parent)) == [
        "spamassassin.jsonl.gz",
        "verified.json",
    ]


def test_the_cache_saves_asking(mails: DataSet, site: Site) -> None:
    site.pages["/mails.tar.gz"] = OFFICIAL
    path = get("spamassassin")
    assert get("spamassassin") == path
    assert site.asked == ["/mails.tar.gz"]
    get("spamassassin", refresh=True)
    assert len(site.asked) == 2


def test_a_damaged_cache_is_fetched_anew(mails: DataSet, site: Site) -> None:
    site.pages["/mails.tar.gz"] = OFFICIAL
    path = get("spamassassin")
    path.write_bytes(path.read_bytes()[:-1])
    assert stream(get("spamassassin")) == EXPECTED
    (path.parent / "verified.json").write_text("[]")
    assert stream(get("spamassassin")) == EXPECTED
    assert len(site.asked) == 3


def test_a_local_copy_comes_first_and_is_converted_once(
    mails: DataSet, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/mails.tar.gz"] = OFFICIAL
    source = put_local(tmp_path / "data", RECORDS, monkeypatch)
    path = get("spamassassin")
    made = path.stat().st_ino
    assert get("spamassassin").stat().st_ino == made
    assert get("spamassassin", refresh=True).stat().st_ino != made
    source.write_bytes(gzip.compress(b"{}", mtime=0))
    with pytest.raises(SourceError, match=r"mails\.jsonl\.gz is not the SpamAssassin .*unset"):
        get("spamassassin")
    assert site.asked == []


def test_original_files_may_be_the_local_copy(
    mails: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spamassassin").mkdir()
    (tmp_path / "spamassassin" / "mails.tar.gz").write_bytes(OFFICIAL)
    monkeypatch.setenv("CHAFFINCH_DATA", str(tmp_path))
    assert stream(get("spamassassin")) == EXPECTED


def test_what_is_not_the_set_is_refused_and_nothing_is_left(
    mails: DataSet, site: Site, cache_home: Path
) -> None:
    changed = MAILS | {next(iter(MAILS)): b"Subject: changed\n"}
    site.pages["/mails.tar.gz"] = packed(
        {name.replace("easy-ham-1", "easy_ham"): data for name, data in changed.items()}
    )
    with pytest.raises(SourceError, match="its messages are others than the digest says"):
        get("spamassassin")
    assert left(cache_home) == []


def test_refreshing_in_vain_keeps_what_there_is(mails: DataSet, site: Site) -> None:
    site.pages["/mails.tar.gz"] = OFFICIAL
    path = get("spamassassin")
    site.pages["/mails.tar.gz"] = b"no archive"
    with pytest.raises(SourceError, match="is damaged or no archive"):
        get("spamassassin", refresh=True)
    assert get("spamassassin") == path
    assert stream(path) == EXPECTED


def test_when_nothing_works_one_line_says_what_was_tried_and_what_to_do(
    mails: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAFFINCH_DATA", str(tmp_path / "gone"))
    with pytest.raises(SourceError) as caught:
        get("spamassassin")
    said = str(caught.value)
    assert "\n" not in said
    for part in (
        f"CHAFFINCH_DATA ({tmp_path / 'gone'}) holds no spamassassin/*.jsonl.gz",
        "127.0.0.1 cannot be reached (Not Found)",
        "npm is not installed",
        "set CHAFFINCH_DATA to a folder that holds spamassassin/*.jsonl.gz",
        "connect to https://spamassassin.apache.org/old/publiccorpus/",
        "install npm",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 7", "npm view @example/mails@1.0.0 failed (exit status 7)"),
        ("echo offline >&2; exit 1", "npm view @example/mails@1.0.0 failed (offline)"),
        ("exit 0", "npm pack @example/mails@1.0.0 left 0 packages"),
        ("[ $1 = view ] || echo other > a.tgz", "is another package than its SHA-256 says"),
    ],
)
def test_npm_fails(
    mails: DataSet, fake_npm: Callable[[str], None], cache_home: Path, script: str, message: str
) -> None:
    fake_npm(script)
    with pytest.raises(SourceError) as caught:
        get("spamassassin")
    assert message in str(caught.value)
    assert left(cache_home) == []


def test_npm_hangs_and_ends_with_all_that_it_started(
    mails: DataSet,
    fake_npm: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(npm, "PROBE_SECONDS", 0.5)
    fake_npm(f"sleep 30 & echo $! > {tmp_path}/pid; wait")
    with pytest.raises(SourceError, match=r"npm view .* did not finish within 0\.5 s"):
        get("spamassassin")
    started = Path("/proc", (tmp_path / "pid").read_text().strip(), "stat")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and started.exists() and " Z " not in started.read_text():
        time.sleep(0.01)
    assert time.monotonic() < deadline


def test_progress_is_told(mails: DataSet, site: Site, fake_npm: Callable[[str], None]) -> None:
    fake_npm("exit 1")
    told: list[tuple[str, int, int | None]] = []
    with pytest.raises(SourceError):
        get("spamassassin", progress=lambda *now: told.append(now))
    assert told == [("npm pack @example/mails@1.0.0", 0, None)]
    site.pages["/mails.tar.gz"] = OFFICIAL
    get("spamassassin", progress=lambda *now: told.append(now))
    assert told[-1] == ("mails.tar.gz", len(OFFICIAL), len(OFFICIAL))


def test_a_cache_that_cannot_be_written(mails: DataSet, site: Site, cache_home: Path) -> None:
    site.pages["/mails.tar.gz"] = OFFICIAL
    cache_home.parent.mkdir()
    cache_home.write_text("a file where a folder should be")
    with pytest.raises(StorageError, match=r"cannot be written .* XDG_CACHE_HOME"):
        get("spamassassin")


def test_the_cache_is_below_home_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.place("sms") == tmp_path / ".cache" / "chaffinch" / "sms"


@pytest.fixture
def images(site: Site, monkeypatch: pytest.MonkeyPatch) -> DataSet:
    one, two = gzip.compress(b"one", mtime=0), gzip.compress(b"two", mtime=0)
    mirror = site.url + "mirror/"
    dataset = replace(
        find("mnist"),
        files=tuple(
            File(
                f"{name}.gz",
                (f"{site.url}{name}.gz", f"{mirror}{name}.gz"),
                hashlib.md5(data).hexdigest(),
                hashlib.sha256(name.encode()).hexdigest(),
            )
            for name, data in (("one", one), ("two", two))
        ),
    )
    site.pages |= {"/one.gz": one, "/mirror/two.gz": two}
    use(monkeypatch, dataset)
    return dataset


def test_files_are_kept_as_they_are_and_mirrors_are_tried(
    images: DataSet, site: Site, cache_home: Path
) -> None:
    folder = get("mnist")
    assert folder == cache_home / "mnist"
    assert gzip.decompress((folder / "two.gz").read_bytes()) == b"two"
    assert site.asked == ["/one.gz", "/two.gz", "/mirror/two.gz"]
    assert get("mnist") == folder
    assert len(site.asked) == 3


def test_the_published_md5_is_enough(
    images: DataSet, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tuple(replace(file, content="0" * 64) for file in images.files)
    use(monkeypatch, replace(images, files=files))
    get("mnist")
    site.pages["/one.gz"] = site.pages["/mirror/one.gz"] = gzip.compress(b"one", mtime=1)
    with pytest.raises(SourceError, match=r"one\.gz holds other data"):
        get("mnist", refresh=True)


def test_another_file_is_refused(images: DataSet, site: Site, cache_home: Path) -> None:
    site.pages["/one.gz"] = gzip.compress(b"eins", mtime=0)
    site.pages["/mirror/one.gz"] = b"no gzip"
    with pytest.raises(SourceError, match=r"holds other data .*; one\.gz is damaged"):
        get("mnist")
    assert left(cache_home) == []


def test_a_local_folder_is_taken_as_it_is_if_its_content_is_right(
    images: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAFFINCH_DATA", str(tmp_path))
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "one.gz").write_bytes(gzip.compress(b"one", 1, mtime=0))
    with pytest.raises(SourceError, match="is not the MNIST"):
        get("mnist")
    (tmp_path / "mnist" / "two.gz").write_bytes(gzip.compress(b"two", 1, mtime=0))
    assert get("mnist") == tmp_path / "mnist"
    (tmp_path / "mnist" / "two.gz").write_bytes(gzip.compress(b"zwei", mtime=0))
    with pytest.raises(SourceError, match=r"two\.gz holds other data than its checksum says"):
        get("mnist")


def test_one_file_is_given_back_itself(
    site: Site, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, replace(find("fsdd"), files=(File("fsdd.zip", (site.url + "x.zip",)),)))
    site.pages["/x.zip"] = b"zip"
    assert get("fsdd") == cache_home / "fsdd" / "fsdd.zip"
    assert get("fsdd").read_bytes() == b"zip"


def test_what_has_no_checksum_must_stay_what_it_was_first(
    site: Site, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, replace(find("fsdd"), files=(File("fsdd.zip", (site.url + "x.zip",)),)))
    site.pages["/x.zip"] = b"zip"
    path = get("fsdd")
    assert get("fsdd", refresh=True) == path
    site.pages["/x.zip"] = b"pit"
    with pytest.raises(SourceError, match=f"when it was fetched first.*remove {path.parent}"):
        get("fsdd", refresh=True)
    assert get("fsdd").read_bytes() == b"zip"
    # Damage does not make others trusted.
    path.write_bytes(b"tip")
    with pytest.raises(SourceError, match="other data"):
        get("fsdd")
    site.pages["/x.zip"] = b"zip"
    assert get("fsdd").read_bytes() == b"zip"


def test_a_published_sha256_is_compared(
    site: Site, cache_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = hashlib.sha256(b"words").hexdigest()
    file = File("words.tar.gz", (site.url + "words.tar.gz",), sha256=right)
    use(monkeypatch, replace(find("speech_commands"), files=(file,)))
    site.pages["/words.tar.gz"] = b"swords"
    with pytest.raises(SourceError, match="other data than its checksum says"):
        get("speech_commands")
    site.pages["/words.tar.gz"] = b"words"
    assert get("speech_commands").read_bytes() == b"words"
    # A local copy under its own name is compared, too; under another it may be a part of it.
    (tmp_path / "speech_commands_mini").mkdir()
    mini = tmp_path / "speech_commands_mini" / "mini.zip"
    mini.write_bytes(b"some words")
    monkeypatch.setenv("CHAFFINCH_DATA", str(tmp_path))
    assert get("speech_commands") == mini
    (tmp_path / "speech_commands").mkdir()
    (tmp_path / "speech_commands" / "words.tar.gz").write_bytes(b"some words")
    with pytest.raises(SourceError, match="checksum"):
        get("speech_commands")


def test_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"'spamasassin' \(did you mean 'spamassassin'\?\)"):
        get("spamasassin")


def test_what_is_kept_is_without_the_marks_of_its_makers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = replace(find("sms"), labels=(("ham", 1),))
    use(monkeypatch, dataset)
    (tmp_path / "sms").mkdir()
    (tmp_path / "sms" / "x.jsonl.gz").write_bytes(
        gzip.compress(b'{"label": "ham", "text": "At &lt;#&gt; &amp; on time"}\n', mtime=0)
    )
    monkeypatch.setenv("CHAFFINCH_DATA", str(tmp_path))
    assert stream(get("sms")) == [b"At  &amp; on time"]
    # A catalogue that says more of it counts at once, whatever the cache holds.
    use(monkeypatch, replace(dataset, mark="At|on"))
    assert stream(get("sms")) == [b" &lt;#&gt; &amp;  time"]
