from __future__ import annotations

import json
from pathlib import Path

import pytest

from happenings import Happenings, mail
from samples import two_folders
from shell import Chaffinch


def test_a_diary_of_what_was_done(chaffinch: Chaffinch, tmp_path: Path) -> None:
    chaffinch("learn", "mail", *two_folders(tmp_path / "mails", 30))
    judged = chaffinch("predict", "mail", "-", "--json", stdin=mail("Lunch on Thursday?").data)
    item = json.loads(judged.out)["item"]
    chaffinch("flag", "mail", "spam", item[:8])
    result = chaffinch("diary", "mail")
    assert result.code == 0
    for said in ("Learned in bulk: 30 ham and 30 spam", "Flagged: 1 spam", "Judged: 1", "Launched"):
        assert said in result.out
    assert "Not launched: hand-written rules:" in result.out
    assert max(len(line) for line in result.out.splitlines() if line[:1] != "[") <= 80
    page = tmp_path / "diary.html"
    assert chaffinch("diary", "mail", "--html", page).code == 0
    assert "Learned in bulk: 30 ham and 30 spam" in page.read_text("utf-8")
    assert page.stat().st_mode & 0o077 == 0
    report = chaffinch("diary", "mail", "--json").json
    (entry,) = report["entries"]
    keys = {one["key"] for one in report["evidence"]}
    assert keys == {key for line in entry["lines"] for key in line["evidence"]}
    assert any(line["text"].startswith("Launched: ") for line in entry["lines"])


def test_evidence_can_be_looked_at_by_the_command_it_names(
    chaffinch: Chaffinch, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happenings = Happenings(home, monkeypatch)
    happenings.judge("2026-11-02 08:00", mail("Lunch?"), "junk")
    happenings.flag("2026-11-02 09:00", mail("Lunch?"), "ham")
    happenings.experience.close()
    days = ("--since", "2026-11-01", "--until", "2026-11-03")
    report = chaffinch("diary", "mail", *days, "--json").json
    (command,) = (one["command"] for one in report["evidence"] if one["key"].startswith("mail "))
    shown = chaffinch(*command.split()[1:])
    assert shown.code == 0
    assert mail("Lunch?").id in shown.out


def test_a_file_that_was_delivered_is_the_mail_that_was_judged(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    marked = chaffinch.raw("filter", stdin=mail("Lunch on Thursday?").data)[1]
    item = mail("Lunch on Thursday?").id
    file = tmp_path / "1.M1.host:2,S"
    file.write_bytes(b"Return-Path: <a1@mail.example>\nReceived: by\n us\n" + marked)
    assert chaffinch.json("predict", "mail", file)["item"] == item
    (flag,) = chaffinch.json("flag", "mail", "spam", file)["flags"]
    assert flag["item"] == item
    assert "Judged: 2" in (told := chaffinch("diary", "mail").out)
    assert "Checked by flags" in told
    (flag,) = chaffinch.json("flag", "mail", "spam", "--undo", file)["flags"]
    assert flag["item"] == item


def test_an_id_that_is_not_kept(chaffinch: Chaffinch) -> None:
    result = chaffinch("predict", "mail", "0123456789")
    assert result.code == 3
    assert "no item" in result.err


def test_nothing_happened_and_nothing_is_made(chaffinch: Chaffinch, home: Path) -> None:
    result = chaffinch("diary", "message")
    assert result.code == 0
    assert "Nothing has happened yet" in result.out
    assert not home.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "yesterday"), "--since yesterday: write the day as in 2026-11-25"),
        (("--until", "2026-02-30"), "--until 2026-02-30: write the day as in 2026-11-25"),
        (("--since", "2026-11-03", "--until", "2026-11-02"), "exchange the two"),
        (("--html", "x.html", "--json"), "exclude each other"),
    ],
)
def test_options_that_cannot_be_meant(
    chaffinch: Chaffinch, words: tuple[str, ...], said: str
) -> None:
    result = chaffinch("diary", "mail", *words)
    assert result.code == 2
    assert said in result.err


def test_a_page_that_cannot_be_written(chaffinch: Chaffinch, tmp_path: Path) -> None:
    result = chaffinch("diary", "mail", "--html", tmp_path / "nowhere" / "diary.html")
    assert result.code == 7
