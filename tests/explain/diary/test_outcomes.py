"""What a diary tells of many labels: what was accepted, and what of that was wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.experience.history import History
from chaffinch.explain.diary.write import write
from chaffinch.tasks.digits import TASK
from chaffinch.types import Action, Item
from happenings import Happenings, at


def picture(number: int) -> Item:
    return Item(b"P5 1 1 255 %c" % number, "digits")


def test_answers_are_checked_by_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happenings = Happenings(tmp_path, monkeypatch, "digits")
    verdicts: list[tuple[str, Action, str]] = [
        ("7", "accept", "7"),
        ("7", "accept", "1"),
        ("4", "unsure", "4"),
        ("3", "accept", "x"),
    ]
    for number, (said, action, truth) in enumerate(verdicts):
        happenings.answer("2026-11-02 09:00", picture(number), said, action)
        happenings.flag("2026-11-02 10:00", picture(number), truth)
    happenings.answer("2026-11-03 09:00", picture(9), "8", "unsure", would_be="accept")
    happenings.flag("2026-11-03 10:00", picture(9), "9")
    happenings.experience.close()
    with History(tmp_path, "digits") as history:
        diary = write(TASK, history, since=at("2026-11-01 12:00"), until=at("2026-11-25 12:00"))
    told = {entry.date: "\n".join(line.text for line in entry.lines) for entry in diary.entries}
    assert "1 × '1', 1 × '4', 1 × '7' and 1 x" in told["2026-11-02"]
    assert "Checked by flags: 1 right, 2 wrong, 1 unsure." in told["2026-11-02"]
    assert "right 1 of 4 (25.0%" in told["2026-11-02"]
    assert "wrong of accepted 2 of 3 (66.7%" in told["2026-11-02"]
    assert "Accepted, and wrong: 2." in told["2026-11-02"]
    pictures = [one for one in diary.evidence if one.key.startswith("digits ")]
    assert any(one.text.startswith("image; flagged '1' on 2026-11-02") for one in pictures)
    assert "would have been accepted (log only): 1" in told["2026-11-03"]
