"""Each is one line on stderr with the remedy, and its documented exit code; no traceback."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from chaffinch import errors
from chaffinch.cli.learn import told_apart
from chaffinch.experience.store import Experience
from chaffinch.readers.audio import write_wav
from chaffinch.readers.image.pnm import write_pgm
from chaffinch.types import Example, Item
from samples import folder, mail, two_folders
from shell import Chaffinch, Result
from sound_samples import spoken


def one_line(result: Result, code: int, *parts: str) -> None:
    assert result.code == code, result.err
    lines = [line for line in result.err.splitlines() if not line.startswith("chaffinch: skipped")]
    assert len(lines) == 1, result.err
    assert lines[0].startswith("chaffinch: ")
    for part in parts:
        assert part in lines[0]
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("words", "code", "parts"),
    [
        (["predict", "mial", "x"], 2, ["'mial' is no task", "did you mean 'mail'?"]),
        (["flag", "mail", "spma", "x"], 2, ["'spma' is no label", "did you mean 'spam'?"]),
        (["learn", "mail", "--label", "hma=."], 2, ["did you mean 'ham'?"]),
        (["learn", "mail", "--label", "spam"], 2, ["write it as spam=PATH"]),
        (["learn", "mail"], 2, ["nothing to learn from", "--label spam=PATH"]),
        (["evaluate", "mail"], 2, ["--label spam=PATH"]),
        (["learn", "mail", "none.mbox"], 3, ["none.mbox"]),
        (["evaluate", "mail", "none.mbox"], 3, ["none.mbox"]),
        (["flag", "mail", "spam", "none"], 3, ["'none'", "no file and no item"]),
        (["flag", "mail", "spam", "fee"], 3, ["'fee': there is no file", "at least 6 digits"]),
        (["predict", "mail", "fee"], 3, ["'fee': there is no file", "at least 6 digits"]),
        (["predict", "mail", "none.eml"], 3, ["none.eml does not exist"]),
        (["predict", "mail", ""], 2, ["'' names nothing"]),
        (["flag", "mail", "spam", ""], 2, ["'' names nothing"]),
        (["learn", "mail", ""], 2, ["'' names nothing"]),
        (["flag", "mail", "spam", ".", "--by", ""], 2, ["--by '': give a name"]),
        (["launch", "mail", "--rollback"], 5, ["no earlier model"]),
        (["launch", "mail", "--list", "--rollback"], 2, ["exclude each other"]),
        (["launch", "mail", "--rung", "liner"], 2, ["did you mean 'linear'?"]),
        (["export", "mial"], 2, ["did you mean 'mail'?"]),
        (["data", "get", "spamassasin"], 2, ["spamassassin"]),
    ],
)
def test_misspelt_and_missing(
    chaffinch: Chaffinch, words: list[str], code: int, parts: list[str]
) -> None:
    one_line(chaffinch(*words), code, *parts)


def test_what_is_missing_keeps_no_other_from_its_verdict(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    for name, data in (("empty", b""), ("good", mail("spam", 1))):
        (tmp_path / f"{name}.eml").write_bytes(data)
    paths = [tmp_path / f"{name}.eml" for name in ("empty", "good", "missing")]
    result = chaffinch("predict", "mail", *paths)
    assert result.code == 3
    assert "good.eml: " in result.out
    assert len(result.err.splitlines()) == 2


def test_an_item_under_two_labels(chaffinch: Chaffinch, tmp_path: Path, home: Path) -> None:
    words = two_folders(tmp_path, 4)
    same = ["--label", f"ham={tmp_path / 'spam'}"]
    one_line(chaffinch("learn", "mail", *words, *same), 2, "hold the same items")
    assert not (home / "experience.db").exists(), "refused before anything is stored"


def test_copies_of_an_item_under_two_labels(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = Item(b"Subject: tea"), Item(b"Subject: tea", owner="ada")
    examples = [Example(one, "ham", "a.eml"), Example(other, "spam"), Example(one, "ham")]
    assert list(told_apart(examples)) == examples
    assert capsys.readouterr().err == ""
    examples.append(Example(one, "spam", "b.eml"))
    assert list(told_apart(examples)) == examples
    said = "1 item was given more than one label, of which the last stands; the first is b.eml: "
    assert capsys.readouterr().err == f"chaffinch: {said}ham, then spam\n"


@pytest.mark.parametrize("task", ["digits", "words"])
def test_what_is_no_item_is_said_alike_whether_named_or_found(
    chaffinch: Chaffinch, tmp_path: Path, task: str
) -> None:
    folder = tmp_path / "items"
    folder.mkdir()
    made, label = (write_wav(spoken("two")), "two") if task == "words" else (drawn_seven(), "7")
    good, bad = folder / "good", folder / "bad.txt"
    good.write_bytes(made)
    bad.write_bytes(b"Tea at four?")
    assert chaffinch("flag", task, label, good).code == 0
    why = f"no {'sound' if task == 'words' else 'image'}: it begins as none of"
    among = chaffinch("predict", task, bad, good, "--json")
    assert (among.code, among.out.count("\n")) == (3, 1)
    assert among.err.startswith(f"chaffinch: {bad}: {why}")
    found = chaffinch("predict", task, folder, "--json")
    assert (found.code, json.loads(found.out)["name"]) == (0, str(good))
    assert found.err.startswith(f"chaffinch: skipped {bad}: {why}")
    flagged = chaffinch("flag", task, label, bad, good, "--json")
    assert (flagged.code, len(flagged.json["flags"])) == (3, 1)
    assert flagged.err.startswith(f"chaffinch: {bad}: {why}")
    alone = chaffinch("flag", task, label, bad)
    assert (alone.code, alone.out) == (3, "")
    assert alone.err.startswith(f"chaffinch: {bad}: {why}")


def drawn_seven() -> bytes:
    """Return a seven as MNIST has them."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:7, 6:22] = pixels[4:24, 15:18] = 255
    return write_pgm(pixels)


@pytest.mark.parametrize(
    "words",
    [
        ("predict", "digits", "--heat", "-"),
        ("explain", "digits", "--png", "-"),
        ("study", "mail", "--html", "-"),
        ("diary", "mail", "--html", "-"),
        ("evaluate", "mail", "--scores", "-"),
    ],
)
def test_a_file_beside_the_text_is_not_written_among_it(
    chaffinch: Chaffinch, words: tuple[str, ...]
) -> None:
    result = chaffinch(*words)
    assert (result.code, result.out) == (2, "")
    assert f"{words[-2]} -: standard output is where text goes: name a file" in result.err
    assert not Path("-").exists()


def test_learning_without_data_trains_on_what_is_stored(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    assert chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 10)).code == 0
    result = chaffinch("learn", "mail")
    assert result.code == 0
    assert "nothing to train" in result.out


def test_a_folder_is_all_that_is_in_it_and_what_is_named_twice_is_one(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    many = folder(tmp_path / "many", "spam", range(3))
    result = chaffinch("flag", "mail", "spam", many, many / "00000.eml")
    assert result.code == 0
    lines = result.out.splitlines()
    assert [line.split()[-1] for line in lines[:3]] == ["spam"] * 3
    assert lines[3] == "3 items flagged spam."


def test_one_label_alone_leaves_out_what_it_cannot_measure(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    spam = folder(tmp_path / "spam", "spam", range(1, 9))
    result = chaffinch("evaluate", "mail", "--label", f"spam={spam}")
    assert result.code == 0
    assert "accuracy" in result.out
    assert "nan" not in result.out


@pytest.mark.parametrize(("task", "said"), [("digits", "no image"), ("words", "no sound")])
@pytest.mark.parametrize("verb", [["predict"], ["explain"], ["flag"]])
def test_stdin_that_is_no_item_is_refused_like_a_file(
    chaffinch: Chaffinch, tmp_path: Path, task: str, said: str, verb: list[str]
) -> None:
    file = tmp_path / "hello.txt"
    file.write_bytes(b"hello, this is a text\n")
    words = [*verb, task, *(["7"] if verb == ["flag"] else [])]
    new = ["--new"] if verb == ["flag"] else []
    one_line(chaffinch(*words, file, *new), 3, said)
    one_line(chaffinch(*words, "-", *new, stdin=file.read_bytes()), 3, f"stdin: {said}")


@pytest.mark.parametrize("task", ["mail", "message"])
def test_an_empty_stdin(chaffinch: Chaffinch, task: str) -> None:
    one_line(chaffinch("predict", task, "-", stdin=b""), 3, "stdin is empty")
    one_line(chaffinch("flag", task, "spam", "-", stdin=b""), 3, "stdin is empty")


def test_an_option_that_does_not_exist(chaffinch: Chaffinch) -> None:
    result = chaffinch("learn", "mail", "--lable", "x")
    assert result.code == 2
    assert "--label" in result.err


@pytest.mark.parametrize(
    ("verb", "meant"), [("undo", "flag TASK LABEL ITEM --undo"), ("rollback", "--rollback`")]
)
def test_what_is_an_option_and_no_verb_is_named(
    chaffinch: Chaffinch, verb: str, meant: str
) -> None:
    one_line(chaffinch(verb, "mail", "--now"), 2, f"no verb {verb}", meant)


def test_an_empty_folder(chaffinch: Chaffinch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    one_line(chaffinch("learn", "mail", "--label", f"spam={tmp_path / 'empty'}"), 3, "empty")


def test_data_without_labels(chaffinch: Chaffinch, tmp_path: Path) -> None:
    folder(tmp_path / "mails", "spam", range(3))
    one_line(chaffinch("evaluate", "mail", tmp_path / "mails"), 3, "holds no labels", "--label")


def test_data_without_labels_teach_nothing(
    chaffinch: Chaffinch, home: Path, tmp_path: Path
) -> None:
    assert chaffinch("learn", "mail", *two_folders(tmp_path, 4)).code == 0
    unlabelled = folder(tmp_path / "unlabelled", "spam", range(10, 15))
    live = home_files(home / "models")
    assert live
    remedies = ("5 items in it were read", "nothing was learned", "--label spam=", "ask mail")
    one_line(chaffinch("learn", "mail", unlabelled), 3, "holds no labels", *remedies)
    for _ in range(2):
        assert chaffinch("predict", "mail", *unlabelled.iterdir()).code == 0
    assert home_files(home / "models") == live
    with Experience.open() as experience:
        assert sum(experience.log.count("mail").values()) == 8


def test_labels_may_begin_later(chaffinch: Chaffinch, tmp_path: Path) -> None:
    lines = ['{"text": "no label"}', '{"label": "ham", "text": "Tea?"}']
    (tmp_path / "data.jsonl").write_text("\n".join(lines))
    result = chaffinch("learn", "mail", tmp_path / "data.jsonl", "--json")
    assert (result.code, result.json["new"], result.json["skipped"]) == (0, 1, 1)
    assert "data.jsonl:1: has no label" in result.err


def home_files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


def test_malformed_records_are_named_counted_and_skipped(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    lines = [b'{"label": "%s", "text": "number %d"}' % (b"spam", k) for k in range(5)]
    lines[1:1] = [b"{broken", b'{"label": "eggs", "text": "x"}', b'{"text": "no label"}']
    (tmp_path / "data.jsonl").write_bytes(b"\n".join(lines))
    result = chaffinch("learn", "mail", tmp_path / "data.jsonl", "--json")
    assert result.code == 0
    assert (result.json["new"], result.json["skipped"]) == (5, 3)
    for number in (2, 3, 4):
        assert f"data.jsonl:{number}" in result.err
    assert "'eggs' is no label" in result.err


def test_nothing_usable(chaffinch: Chaffinch, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text('{"label": "eggs", "text": "x"}\n')
    one_line(chaffinch("learn", "mail", tmp_path / "data.jsonl"), 3, "not one example")


@pytest.mark.parametrize("verb", [["learn", "mail"], ["predict", "mail", "-"], ["verify"]])
def test_databases_that_cannot_be_used(
    chaffinch: Chaffinch, home: Path, tmp_path: Path, verb: list[str]
) -> None:
    data = folder(tmp_path / "mails", "spam", range(3))
    words = [*verb, "--label", f"spam={data}"] if verb[0] == "learn" else verb
    home.mkdir()
    (home / "experience.db").write_bytes(b"this is not a database, whatever its name is" * 200)
    one_line(chaffinch(*words), 4, "experience.db", "restore it from a backup")
    (home / "experience.db").unlink()
    assert chaffinch("learn", "mail", "--label", f"spam={data}").code == 0
    connection = sqlite3.connect(home / "experience.db")
    connection.execute("UPDATE schema SET version = 7")
    connection.commit()
    connection.close()
    one_line(chaffinch(*words), 4, "version 7", "upgrade Chaffinch")


def test_a_damaged_model_file(chaffinch: Chaffinch, home: Path, tmp_path: Path) -> None:
    words = two_folders(tmp_path / "mails", 20)
    assert chaffinch("learn", "mail", *words).code == 0
    live = chaffinch("launch", "mail", "--rung", "linear", "--json").json["model"]
    model = home / "models" / f"{live}.safetensors"
    whole = model.read_bytes()
    model.write_bytes(whole[: len(whole) // 2])
    one_line(chaffinch("predict", "mail", "-"), 5, model.name, "--rollback")
    damaged = bytearray(whole)
    size = int.from_bytes(whole[:8], "little")
    damaged[8 + size + json.loads(whole[8 : 8 + size])["weights"]["data_offsets"][0] + 100] ^= 1
    model.write_bytes(damaged)
    one_line(chaffinch("predict", "mail", "-"), 5, "checksum", "--rollback")
    model.unlink()
    one_line(chaffinch("predict", "mail", "-"), 5, "is missing", "--rollback")
    # A flag is stored whatever becomes of the model, and whoever gave it is told so.
    failed = chaffinch("flag", "mail", "ham", "-", stdin=mail("ham", 1))
    one_line(failed, 5, "what was flagged is stored", "is missing", "--rollback")
    assert chaffinch("launch", "mail", "--rollback").code == 0
    assert chaffinch("predict", "mail", "-", stdin=mail("spam", 1)).code == 0


def test_a_damaged_model_can_be_made_again(
    chaffinch: Chaffinch, home: Path, tmp_path: Path
) -> None:
    words = two_folders(tmp_path / "mails", 20)
    assert chaffinch("learn", "mail", *words).code == 0
    for model in home.glob("models/*"):
        model.write_bytes(b"")
    one_line(chaffinch("predict", "mail", "-"), 5, "--rollback", "--afresh")
    assert chaffinch("learn", "mail", "--afresh").code == 0
    assert chaffinch("predict", "mail", "-", stdin=mail("spam", 1)).code == 0


def test_a_model_for_other_features(
    chaffinch: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chaffinch.features.grams import GramFeatures

    words = two_folders(tmp_path / "mails", 20)
    assert chaffinch("learn", "mail", *words).code == 0
    assert chaffinch("launch", "mail", "--rung", "linear").code == 0
    monkeypatch.setattr(GramFeatures, "signature", "newer grams")
    one_line(chaffinch("predict", "mail", "-"), 5, "newer grams", "--afresh")
    assert chaffinch("learn", "mail", "--afresh").code == 0
    assert chaffinch("predict", "mail", "-", stdin=mail("spam", 1)).code == 0


def test_a_settings_file_with_mistakes(chaffinch: Chaffinch, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("rember = true\n")
    one_line(chaffinch("verify"), 2, "settings.toml", "did you mean 'remember'?")
    (home / "settings.toml").write_text("checkpoint = 'many'\n")
    one_line(chaffinch("verify"), 2, "settings.toml", "'many'")
    (home / "settings.toml").write_text("= broken")
    one_line(chaffinch("verify"), 2, "settings.toml")


def test_a_home_that_cannot_be_written(
    chaffinch: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAFFINCH_HOME", str(tmp_path / "file" / "home"))
    one_line(chaffinch("launch", "mail"), 7, "CHAFFINCH_HOME")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give folders away")
@pytest.mark.parametrize("uid", [65_534, 54_321])
def test_root_leaves_nothing_in_somebody_elses_home(
    chaffinch: Chaffinch, home: Path, uid: int
) -> None:
    home.mkdir()
    os.chown(home, uid, -1)
    owner = {65_534: "nobody"}.get(uid, f"'#{uid}'")
    said = f"sudo -u {owner} CHAFFINCH_HOME={home} chaffinch"
    one_line(chaffinch("flag", "mail", "spam", "-", stdin=mail("spam", 1)), 7, "belongs to", said)
    one_line(chaffinch("launch", "mail"), 7, said)
    one_line(chaffinch("serve"), 7, said)
    # A mail is judged all the same, and what it is is not remembered.
    code, out, err = chaffinch.raw("filter", stdin=mail("spam", 1))
    assert (code, b"X-Chaffinch-Status" in out, b"not remembered" in err) == (0, True, True)
    assert list(home.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_while_writing_scores(chaffinch: Chaffinch, tmp_path: Path) -> None:
    words = two_folders(tmp_path / "mails", 4)
    result = chaffinch("evaluate", "mail", *words, "--scores", "/dev/full/scores")
    assert result.code == 7
    result = chaffinch("export", "mail", tmp_path / "none" / "out.jsonl")
    assert result.code == 7


def test_a_full_disk_leaves_the_champion_in_force(
    chaffinch: Chaffinch, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = two_folders(tmp_path / "mails", 20)
    assert chaffinch("learn", "mail", *words).code == 0
    before = chaffinch("launch", "mail", "--list", "--json").json

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    more = folder(tmp_path / "more", "spam", range(500, 510))
    one_line(chaffinch("learn", "mail", "--label", f"spam={more}"), 7, "free some space")
    monkeypatch.undo()
    monkeypatch.setenv("CHAFFINCH_HOME", str(home))
    assert chaffinch("launch", "mail", "--list", "--json").json == before
    assert chaffinch("verify").code == 0
    assert not list(home.glob("models/.*"))
    again = chaffinch("learn", "mail", "--label", f"spam={more}", "--json")
    assert again.json["known"] == 10
    assert again.json["launched"] is not None


def test_every_error_has_a_code_of_its_own() -> None:
    kinds: list[type[errors.ChaffinchError]] = [errors.ChaffinchError]
    kinds += errors.ChaffinchError.__subclasses__()
    codes = [kind.exit_code for kind in kinds]
    assert len(set(codes)) == len(codes)
    assert all(0 < code < 64 for code in codes)
