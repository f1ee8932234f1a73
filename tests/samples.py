"""Mails and messages written for the tests: easy to tell apart, no two alike."""

from __future__ import annotations

import random
from pathlib import Path

_SPAM = (
    "free credit card approved amazing offer click here order now guaranteed cash prize winner "
    "viagra pills discount limited time act remove mailing list million dollars"
).split()
_HAM = (
    "meeting notes patch review parser tests thursday lunch draft chapter garden bicycle train "
    "library minutes agenda compile branch merge question answer thanks regards"
).split()


def mail(label: str, number: int) -> bytes:
    """Return a mail of this label."""
    draw = random.Random(f"{label} {number}")
    words = _SPAM if label == "spam" else _HAM
    body = " ".join(draw.choice(words) for _ in range(40))
    subject = " ".join(draw.choice(words) for _ in range(4))
    second, minute = number % 60, number // 60 % 60
    return (
        f"Received: from mail.example.net by mx.example.org; "
        f"Mon, 2 Nov 2026 0{number // 3600}:{minute:02}:{second:02} +0000\n"
        f"From: Someone <sender{draw.randrange(50)}@example.net>\n"
        f"Subject: {subject}\n\n{body}\nnumber {number}\n"
    ).encode()


def folder(path: Path, label: str, numbers: range) -> Path:
    """Write a folder of mails of one label."""
    path.mkdir(parents=True)
    for number in numbers:
        (path / f"{number:05}.eml").write_bytes(mail(label, number))
    return path


def two_folders(path: Path, count: int) -> list[str]:
    """Write ham and spam in turns of arrival; return the command line's words for them."""
    folder(path / "ham", "ham", range(0, 2 * count, 2))
    folder(path / "spam", "spam", range(1, 2 * count, 2))
    return ["--label", f"ham={path / 'ham'}", "--label", f"spam={path / 'spam'}"]


def message(label: str, number: int) -> bytes:
    """Return a short message of this label."""
    draw = random.Random(f"{label} message {number}")
    words = _SPAM if label == "spam" else _HAM
    said = " ".join(draw.choice(words) for _ in range(12))
    if label == "spam":
        return f"{said}! Call 0800{draw.randrange(10**6):06} now".encode()
    return f"{said}, number {draw.randrange(10**4)}".encode()
