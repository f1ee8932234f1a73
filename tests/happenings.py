"""An experience in which things happen at given times."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from chaffinch.experience.rows import StoredModel
from chaffinch.experience.store import Experience
from chaffinch.types import Action, Example, Item, Verdict


def at(when: str) -> float:
    """Return a time such as ``2026-11-02 09:30``, UTC, in seconds since 1970-01-01."""
    return datetime.fromisoformat(f"{when}+00:00").timestamp()


def mail(subject: str, number: int = 0, body: str = "", owner: str = "") -> Item:
    """Return a mail; without a body it has one of its own, and is no near-copy of another."""
    draw = random.Random(f"{subject} {number}")
    body = body or " ".join("".join(draw.choices("abcdefghij", k=8)) for _ in range(12))
    text = f"From: a{number}@mail.example\nSubject: {subject}\n\n{body} {number}\n"
    return Item(text.encode("utf-8", "surrogateescape"), owner=owner)


@dataclass
class Clock:
    now: float = 0.0

    def time(self) -> float:
        return self.now


class Happenings:
    """Writes to the experience of a home folder as if it were another day."""

    def __init__(self, home: Path, patch: pytest.MonkeyPatch, task: str = "mail") -> None:
        self.clock = Clock()
        self.task = task
        for room in ("store", "flagging", "launches", "light"):
            patch.setattr(f"chaffinch.experience.{room}.time", self.clock)
        self.experience = Experience(home)

    def flag(self, when: str, item: Item, label: str, by: str = "ada", door: str = "flag") -> None:
        self.clock.now = at(when)
        self.experience.flag(self.task, item, label, by=by, door=door)

    def undo(self, when: str, item: Item, by: str = "ada") -> None:
        self.clock.now = at(when)
        self.experience.undo(self.task, item.id, owner=item.owner, by=by)

    def learn(self, when: str, label: str, items: list[Item]) -> None:
        self.clock.now = at(when)
        self.experience.add(self.task, [Example(item, label) for item in items], by="ada")

    def judge(self, when: str, item: Item, action: Action, model: str = "m1") -> None:
        self.clock.now = at(when)
        probability = {"deliver": 0.1, "unsure": 0.7, "junk": 0.95}[action]
        label = "spam" if probability > 0.5 else "ham"
        verdict = Verdict(item.id, label, probability, 0.0, action, model)
        self.experience.remember(self.task, item, verdict, door="filter")

    def answer(self, when: str, item: Item, label: str, action: Action, would_be: str = "") -> None:
        self.clock.now = at(when)
        verdict = Verdict(item.id, label, 0.9, 0.0, action, "m1", would_be=would_be)
        self.experience.remember(self.task, item, verdict, door="predict")

    def model(self, when: str, id_: str, rung: str, examples: int = 0) -> None:
        report = {
            "n": 200,
            "accuracy": 0.95,
            "accuracy_interval": [0.91, 0.975],
            "ham_lost_percent": None,
            "ham_lost_percent_interval": [None, None],
        }
        self.experience.models.add(StoredModel(id_, self.task, rung, at(when), 0, examples, report))

    def launch(self, when: str, id_: str, reason: str, *, rollback: bool = False) -> None:
        self.clock.now = at(when)
        self.experience.launches.add(self.task, id_, reason, flags_from=0, rollback=rollback)

    def refuse(self, when: str, id_: str, reason: str) -> None:
        self.clock.now = at(when)
        trial = {"rival": "linear", "items": 90, "differing": 12, "cost_less_per_1000": None}
        evidence: dict[str, object] = {"trials": [trial]}
        self.experience.launches.refuse(self.task, id_, reason, champion="m1", evidence=evidence)
