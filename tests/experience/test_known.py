from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.experience.known import known
from chaffinch.experience.light import LightExperience
from chaffinch.experience.store import Experience
from chaffinch.loop.flag import store_flag
from chaffinch.task import get_task
from chaffinch.types import Item, Verdict

MAIL = b"From: a@b.example\r\nSubject: 4U\r\n\r\nfree\r\n"
DELIVERED = b"Return-Path: <a@b.example>\nDelivered-To: ada\n" + MAIL.replace(b"\r\n", b"\n")


def judged(experience: Experience, item: Item) -> None:
    verdict = Verdict(item.id, "ham", 0.1, -2.0, "deliver", "m1")
    experience.remember("mail", item, verdict, door="milter")


@pytest.fixture
def experience(tmp_path: Path) -> Experience:
    return Experience(tmp_path)


def meant(experience: Experience, data: bytes, owner: str = "") -> bytes:
    """Return what is meant by bytes, of which both stores say the same."""
    item = Item(data, owner=owner)
    found = known(get_task("mail"), experience.items, item)
    with LightExperience(experience.home) as light:
        assert known(get_task("mail"), light, item) == found
    assert found.owner == owner
    return found.data


def test_what_was_judged_is_meant_by_what_was_delivered(experience: Experience) -> None:
    assert meant(experience, DELIVERED) == DELIVERED
    judged(experience, Item(MAIL))
    assert meant(experience, DELIVERED) == MAIL
    # The same words below another header, and with one more that people see, are other mails.
    for other in (
        DELIVERED.replace(b"Subject: 4U", b"Subject: Tea"),
        b"Subject: Tea\n" + DELIVERED,
        DELIVERED.replace(b"\n\n", b"\nX: 1\n\n"),
        DELIVERED + b"\n",
    ):
        assert meant(experience, other) == other
    # What was judged as it lies there is that.
    judged(experience, Item(DELIVERED))
    assert meant(experience, DELIVERED) == DELIVERED


def test_what_was_flagged_is_meant_but_not_by_others(experience: Experience) -> None:
    experience.flag("mail", Item(MAIL, owner="ada"), "spam")
    assert meant(experience, DELIVERED, "ada") == MAIL
    assert meant(experience, DELIVERED, "bob") == DELIVERED
    assert meant(experience, DELIVERED) == DELIVERED


def test_what_was_too_large_to_be_kept_was_judged(experience: Experience) -> None:
    large = MAIL + b"much of it\r\n" * 100_000
    judged(experience, Item(large))
    assert meant(experience, b"Return-Path: <a@b.example>\r\n" + large) == large


def test_of_other_tasks_bytes_are_what_they_are(experience: Experience) -> None:
    experience.flag("message", Item(MAIL, "message"), "spam")
    given = store_flag(get_task("message"), experience, Item(DELIVERED, "message"), "spam")
    assert given.item == Item(DELIVERED, "message").id
