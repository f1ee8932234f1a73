"""Verbs that only look begin nothing, and look at what cannot be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest

from chaffinch.errors import StorageError
from chaffinch.experience import store
from chaffinch.experience.light import translated
from samples import message
from shell import Chaffinch

LOOKS = (
    ("diary", "message"),
    ("review", "message"),
    ("ask", "message"),
    ("adapt", "--list"),
    ("launch", "message", "--list"),
    ("verify",),
    ("forget", "message", "--flagged", "4", "--reservoir", "0", "--dry-run"),
    ("explain", "message"),
    ("export", "message"),
)


@pytest.mark.parametrize("words", LOOKS)
def test_nothing_is_begun_by_looking(
    chaffinch: Chaffinch, home: Path, words: tuple[str, ...]
) -> None:
    result = chaffinch(*words)
    assert result.code in (0, 3), result.err
    assert not home.exists()


@pytest.mark.parametrize(
    "words",
    [("flag", "mail", "spam", "none"), ("learn", "mail", "none.mbox"), ("learn", "mail")],
)
def test_nothing_is_begun_by_what_is_not_there(
    chaffinch: Chaffinch, home: Path, words: tuple[str, ...]
) -> None:
    assert chaffinch(*words).code in (2, 3)
    assert not home.exists()


def test_a_home_that_cannot_be_written_is_looked_at(
    chaffinch: Chaffinch, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    for number in range(20):
        label = "spam" if number % 2 else "ham"
        lines.append(json.dumps({"text": message(label, number).decode(), "label": label}))
    (tmp_path / "sms.jsonl").write_text("\n".join(lines))
    assert chaffinch("learn", "message", tmp_path / "sms.jsonl").code == 0

    def refused(name: str, *_: Any) -> NoReturn:
        error = translated(name, "attempt to write a readonly database")
        assert isinstance(error, StorageError)
        raise error

    monkeypatch.setattr(store, "open_engine", refused)
    for words in LOOKS:
        result = chaffinch(*words)
        assert result.code == 0, (words, result.err)
    told = chaffinch.json(*LOOKS[6])
    assert told["gone"] == {"ham": 8, "spam": 8}
    assert chaffinch("flag", "message", "spam", "-", stdin=b"4U").code == StorageError.exit_code
