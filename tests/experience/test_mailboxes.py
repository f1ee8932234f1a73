"""Where mail is, where it belongs, and what that says of what a person did."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaffinch.experience.mailbox import Changes, Folder, Sighting
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.experience.store import Experience

UIDS = count(1, 100)
NAMES = {"INBOX": "kept", "Junk": "junk", "Trash": "trash", "Sent": "sent"}


@pytest.fixture
def mailboxes(tmp_path: Path) -> Iterator[Mailboxes]:
    with Experience(tmp_path) as experience:
        yield experience.mailboxes


def folders(mailboxes: Mailboxes, account: str = "ada") -> dict[str, Folder]:
    for name, role in NAMES.items():
        if name not in {one.name for one in mailboxes.folders(account)}:
            mailboxes.note(account, Folder(name, role), Changes(first=True))  # type: ignore[arg-type]
    return {one.name: one for one in mailboxes.folders(account)}


def put(
    mailboxes: Mailboxes,
    key: str,
    name: str,
    uid: int,
    *,
    deleted: bool = False,
    answered: bool = False,
) -> None:
    folder = folders(mailboxes)[name]
    sighting = Sighting(uid, key, deleted=deleted, answered=answered)
    mailboxes.note("ada", folder, Changes([sighting], judged=True))


def take(mailboxes: Mailboxes, name: str, uid: int) -> None:
    mailboxes.note("ada", folders(mailboxes)[name], Changes(gone=[uid]))


def test_new_mail_waits_and_old_mail_does_not(mailboxes: Mailboxes) -> None:
    folder = folders(mailboxes)["INBOX"]
    put(mailboxes, "a", "INBOX", 1)
    put(mailboxes, "b", "INBOX", 2, deleted=True)
    # The second of the same mail was seen before.
    put(mailboxes, "a", "INBOX", 3)
    (place,) = mailboxes.waiting("ada")
    assert (place.key, place.uid, place.waits) == ("a", 1, 1)
    mailboxes.begin(place)
    assert mailboxes.waiting("ada")[0].waits == 2
    # Under new numbers it still waits, with its tries.
    sightings = [Sighting(7, "a"), Sighting(8, "b")]
    mailboxes.note("ada", folder, Changes(sightings, again=True, judged=True))
    assert [(one.uid, one.waits) for one in mailboxes.waiting("ada")] == [(7, 2)]
    mailboxes.settle(mailboxes.waiting("ada")[0])
    assert mailboxes.waiting("ada") == []
    mailboxes.queue("ada", 1, ["INBOX"])
    assert [one.uid for one in mailboxes.waiting("ada")] == [8]


def test_a_begun_move_goes_on_under_a_new_number(mailboxes: Mailboxes) -> None:
    put(mailboxes, "a", "INBOX", 1)
    (place,) = mailboxes.waiting("ada")
    mailboxes.begin_move("ada", place)
    folder = folders(mailboxes)["INBOX"]
    mailboxes.note("ada", folder, Changes([Sighting(9, "a")], again=True, judged=True))
    assert [(one.key, one.uid) for one in mailboxes.moves("ada")] == [("a", 9)]
    mailboxes.note("ada", folder, Changes(again=True))
    assert [(one.key, one.uid) for one in mailboxes.moves("ada")] == [("a", 0)]
    mailboxes.drop("ada", folder)
    assert mailboxes.moves("ada") == []


def test_accounts_know_nothing_of_each_other(mailboxes: Mailboxes) -> None:
    put(mailboxes, "a", "INBOX", 1)
    folder = folders(mailboxes, "bob")["Junk"]
    mailboxes.note("bob", folder, Changes([Sighting(1, "a")]))
    assert mailboxes.turned("ada", 9) == mailboxes.turned("bob", 9) == []
    assert len(mailboxes.waiting("ada")) == 1
    assert mailboxes.waiting("bob") == []
    assert mailboxes.folders("eve") == []


def test_answers(mailboxes: Mailboxes) -> None:
    put(mailboxes, "a", "INBOX", 1, answered=True)
    put(mailboxes, "b", "Junk", 1, answered=True)
    put(mailboxes, "c", "INBOX", 2)
    inbox = folders(mailboxes)["INBOX"]
    first = Folder("Archive", "kept")
    mailboxes.note("ada", first, Changes([Sighting(1, "d", "m", answered=True)], first=True))
    # Not what was answered before anybody looked.
    assert mailboxes.answered("ada", 9) == ["a"]
    mailboxes.note("ada", inbox, Changes(answered=[2]))
    mailboxes.answer("ada", ["m"])
    assert mailboxes.answered("ada", 9) == ["a", "c"]
    mailboxes.learned("ada", "a")
    assert mailboxes.answered("ada", 9) == ["c"]


def test_mail_that_is_nowhere_is_forgotten_in_time(mailboxes: Mailboxes) -> None:
    put(mailboxes, "a", "Junk", 1)
    put(mailboxes, "b", "INBOX", 1)
    take(mailboxes, "Junk", 1)
    mailboxes.prune("ada", 0.0)
    put(mailboxes, "a", "INBOX", 2)
    # It is known where it belonged.
    assert mailboxes.turned("ada", 9) == [("a", "kept")]
    take(mailboxes, "INBOX", 2)
    mailboxes.prune("ada", 1e12)
    put(mailboxes, "a", "INBOX", 3)
    assert mailboxes.turned("ada", 9) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from([*NAMES, "gone"]), st.booleans()), min_size=1, max_size=8)
)
def test_what_is_learned_is_what_the_last_move_across_says(
    mailboxes: Mailboxes, steps: list[tuple[str, bool]]
) -> None:
    """Move a mail about, looking after each step or not, the way that people may."""
    first = next(UIDS)
    key, before, side = str(first), "", None
    for uid, (name, looks) in enumerate(steps, first):
        if before:
            take(mailboxes, before, uid - 1)
        before = "" if name == "gone" else name
        if before:
            put(mailboxes, key, name, uid)
        now = {"Junk": "junk", "INBOX": "kept", "Sent": "kept"}.get(name)
        if side is None and before:
            # Where it is first seen it belongs; what is in the trash was none of junk.
            side = now or "kept"
        if not looks:
            continue
        wanted = [(key, now)] if now and now != side else []
        assert [one for one in mailboxes.turned("ada", 1000) if one[0] == key] == wanted
        for _, turned in wanted:
            mailboxes.turn("ada", key, turned)  # type: ignore[arg-type]
            side = turned
