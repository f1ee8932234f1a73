"""Recordings as experience: folders and archives, by label or by name, and single files."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from chaffinch.errors import ChaffinchError, InputError, MissingExtraError
from chaffinch.experience.gather import gather, item_of
from chaffinch.experience.importers import Record, Skipped, open_source, recordings
from chaffinch.experience.importers.recordings import take_of
from chaffinch.readers.audio import decode as decoding
from chaffinch.readers.audio import write_wav
from chaffinch.task import get_task
from sound_samples import spoken

WORDS = get_task("words")
SAID = write_wav(spoken("one"))


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def labels(path: Path) -> list[str | None]:
    return [one.label for one in open_source(path) if isinstance(one, Record)]


def test_names_of_takes(tmp_path: Path) -> None:
    for name in ("7_jackson_32.wav", "0_theo_1.wav"):
        (tmp_path / name).write_bytes(SAID)
    (tmp_path / "README.md").write_text("About them.")
    source = open_source(tmp_path)
    assert (source.format, source.medium, source.count()) == ("takes", "recording", 2)
    assert labels(tmp_path) == ["0", "7"]
    (tmp_path / "7_jackson_32.wav").write_bytes(write_wav(spoken("two")))
    found = gather(WORDS, [source], skipped=print)
    assert sorted((one.label, one.speaker) for one in found) == [
        ("seven", "jackson"),
        ("zero", "theo"),
    ]


@pytest.mark.parametrize("pack", [packed, tarred])
def test_an_archive_of_takes(tmp_path: Path, pack: object) -> None:
    members = {
        "set-1.0/README.md": b"About them.",
        "set-1.0/recordings/2_lucas_0.wav": SAID,
        "set-1.0/recordings/3_lucas_0.flac": b"fLaC",
        "set-1.0/recordings/tea.wav": SAID,
    }
    path = pack(tmp_path / "set.zip", members)  # type: ignore[operator]
    assert open_source(path).format == "archive"
    assert labels(path) == ["2", "3", None]


@pytest.mark.parametrize("pack", [packed, tarred])
def test_an_archive_of_folders(tmp_path: Path, pack: object) -> None:
    members = {
        "./_background_noise_/hum.wav": SAID,
        "./yes/6a27a9bf_nohash_0.wav": SAID,
        "./no/6a27a9bf_nohash_1.wav": SAID,
        "./no/rec_home_1.wav": SAID,
        "./testing_list.txt": b"yes/6a27a9bf_nohash_0.wav",
    }
    path = pack(tmp_path / "set.tar", members)  # type: ignore[operator]
    assert labels(path) == ["yes", "no", "no"]


def test_one_file_and_a_folder_for_each_label(tmp_path: Path) -> None:
    (tmp_path / "said" / "two").mkdir(parents=True)
    (tmp_path / "said" / "two" / "a.wav").write_bytes(SAID)
    assert labels(tmp_path / "said") == ["two"]
    source = open_source(tmp_path / "said" / "two" / "a.wav")
    assert (source.format, source.medium) == ("recording", "recording")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b/7_jackson_32.wav", ("7", "jackson", 32)),
        ("set.zip:recordings/7_jackson_32.wav", ("7", "jackson", 32)),
        ("my_set.zip:7_jackson_32.wav", ("7", "jackson", 32)),
        ("1_spk02_1.wav", ("1", "spk02", 1)),
        ("yes/6a27a9bf_nohash_3.wav", ("", "6a27a9bf", 3)),
        ("7_jackson.wav", None),
        ("7_jackson_x.wav", None),
        ("a_b_1.txt", None),
        ("", None),
    ],
)
def test_what_names_say(name: str, expected: tuple[str, str, int] | None) -> None:
    assert take_of(name) == expected


def test_recordings_are_no_mail(tmp_path: Path) -> None:
    path = packed(tmp_path / "set.zip", {"1_a_0.wav": SAID})
    with pytest.raises(InputError, match="holds recordings, and the task mail reads text"):
        list(gather(get_task("mail"), [open_source(path)], skipped=print))
    with pytest.raises(InputError, match="holds recordings, and the task digits reads images"):
        list(gather(get_task("digits"), [open_source(path)], skipped=print))


def test_what_holds_no_word_is_skipped(tmp_path: Path) -> None:
    members = {"1_a_0.wav": SAID, "1_a_1.wav": b"RIFF", "1_a_2.wav": b"", "1_a_3.wav": SAID[:40]}
    skipped: list[Skipped] = []
    source = open_source(packed(tmp_path / "set.zip", members))
    assert len(list(gather(WORDS, [source], skipped=skipped.append))) == 1
    assert [one.reason.split(":")[0] for one in skipped] == [
        "holds no word",
        "is empty",
        "holds no word",
    ]


def test_hostile_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "set.zip", {f"{n}_a_0.wav": SAID for n in range(5)})
    cut = tmp_path / "cut.zip"
    cut.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ChaffinchError, match="no known format"):
        open_source(cut)
    monkeypatch.setattr(recordings, "MAX_MEMBERS", 3)
    with pytest.raises(InputError, match="over 3 members: fetch or pack it again"):
        labels(path)
    monkeypatch.setattr(recordings, "MAX_MEMBERS", 30)
    monkeypatch.setattr(recordings, "MAX_TOTAL", 2**14)
    with pytest.raises(InputError, match="unpacks to over"):
        labels(path)


def test_what_needs_a_decoder_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_has_sndfile", lambda: False)
    monkeypatch.setattr(decoding, "_ffmpeg", lambda: None)
    with pytest.raises(MissingExtraError, match="FFmpeg"):
        item_of(WORDS, Record(b"OggS", "one", "a.ogg"), "")
    assert item_of(WORDS, Record(SAID, "one", "a.wav"), "").kind == "words"
