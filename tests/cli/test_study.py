"""Studying from the shell, on mails and on what was learned."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from harmless import read_page
from samples import folder, two_folders
from shell import Chaffinch


def test_mails_are_studied_in_80_columns(chaffinch: Chaffinch, tmp_path: Path) -> None:
    result = chaffinch("study", "mail", *two_folders(tmp_path, 30))
    assert result.code == 0, result.err
    assert "30 spam and 30 ham, of 2026-11-02" in result.out
    assert "% of spam  % of ham" in result.out
    assert "rules suggest mail" in result.out
    assert max(map(len, result.out.splitlines())) <= 80


def test_the_experience_is_studied_where_nothing_is_named(
    chaffinch: Chaffinch, tmp_path: Path
) -> None:
    assert chaffinch("learn", "mail", *two_folders(tmp_path, 30)).code == 0
    found = chaffinch("study", "mail", "--json", "--top", "2").json
    assert found["items"] == {"ham": 30, "spam": 30}
    assert max(len(part["spam"]) for part in found["parts"]) == 2


def test_a_page_is_written(chaffinch: Chaffinch, tmp_path: Path) -> None:
    path = tmp_path / "study.html"
    result = chaffinch("study", "mail", *two_folders(tmp_path, 30), "--html", path)
    assert result.code == 0, result.err
    assert str(path) in " ".join(result.out.split())
    assert "svg" in read_page(path.read_text("utf-8")).tags


def test_a_mail_cannot_steer_the_terminal(chaffinch: Chaffinch, tmp_path: Path) -> None:
    options = two_folders(tmp_path, 20)
    for number in range(8):
        (tmp_path / "spam" / f"hostile{number}.eml").write_bytes(
            b"Subject: \x1b[2J\x1b]0;owned\x07 %d\nX-Mailer: a\x1b[2Jb\n\nsame words of it, %d\n"
            % (number, number)
        )
    result = chaffinch("study", "mail", *options)
    assert result.code == 0, result.err
    assert "owned" in result.out
    assert "\x1b" not in result.out
    assert "\x07" not in result.out


def test_wide_letters_keep_to_their_columns(chaffinch: Chaffinch, tmp_path: Path) -> None:
    options = two_folders(tmp_path, 20)
    for path in (tmp_path / "spam").iterdir():
        path.write_bytes(path.read_bytes().replace(b"Subject: ", "Subject: 免费中奖 ".encode()))
    result = chaffinch("study", "mail", *options)
    (line,) = [line for line in result.out.splitlines() if line.startswith("  免费中奖 ")]
    assert line.index("100.0") + len("免费中奖") == 2 + 33 + 6
    assert max(map(cell_len, result.out.splitlines())) <= 80


@pytest.mark.parametrize("named", [True, False])
def test_one_label_alone_says_what_is_missing(
    chaffinch: Chaffinch, tmp_path: Path, named: bool
) -> None:
    only = ["--label", f"spam={folder(tmp_path / 'spam', 'spam', range(5))}"]
    if not named:
        assert chaffinch("learn", "mail", *only).code == 0
    result = chaffinch("study", "mail", *(only if named else []), "--html", tmp_path / "x.html")
    assert result.code == 3
    assert "there is no ham in" in result.err
    assert ("--label ham=PATH" in result.err) == named
    assert not (tmp_path / "x.html").exists()


def test_an_empty_experience_says_so(chaffinch: Chaffinch) -> None:
    result = chaffinch("study", "mail")
    assert result.code == 3
    assert "there is no ham and no spam in the experience" in result.err
    assert "Traceback" not in result.err


def test_a_missing_extra_costs_nothing_but_the_page(
    chaffinch: Chaffinch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    options = two_folders(tmp_path, 10)
    assert chaffinch("study", "mail", *options).code == 0
    result = chaffinch("study", "mail", *options, "--html", tmp_path / "study.html")
    assert result.code == 8
    assert "pip install 'chaffinch[report]'" in result.err
    assert not (tmp_path / "study.html").exists()
