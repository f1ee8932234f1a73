"""Whatever comes between, mail is lost nowhere and no move of the guard is taken for a person's."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from chaffinch.errors import ServerError
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.servers.guard.guard import Done
from chaffinch.servers.imap.session import Session
from guarded import Guarded, named

NO_MOVE = "imap_capability = IMAP4rev1 UIDPLUS CONDSTORE SPECIAL-USE AUTH=PLAIN"
BARE = "imap_capability = IMAP4rev1 AUTH=PLAIN"
POINTS = [
    (Session, "move", ""),
    (Mailboxes, "finish_move", ""),
    (Mailboxes, "settle", ""),
    (Session, "copy", NO_MOVE),
    (Session, "remove", NO_MOVE),
    (Mailboxes, "finish_move", NO_MOVE),
    (Session, "remove", BARE),
    (Mailboxes, "finish_move", BARE),
]


def ends_at(
    patch: pytest.MonkeyPatch, where: type, name: str, *, done: bool
) -> Callable[[], object]:
    """Have the guard end where it does something, before it is done or after."""
    does = getattr(where, name)

    def ends(self: Any, *words: Any, **more: Any) -> Any:
        if done:
            does(self, *words, **more)
        raise ServerError("the end")

    patch.setattr(where, name, ends)
    return lambda: patch.setattr(where, name, does)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(
    ("where", "name", "extra"),
    POINTS,
    ids=lambda value: value.partition(" = ")[2] or value if isinstance(value, str) else "",
)
def test_it_goes_on_where_it_ended(
    box: Guarded, monkeypatch: pytest.MonkeyPatch, where: type, name: str, extra: str, done: bool
) -> None:
    if extra:
        box.restart(extra)
        box.look()
    box.deliver("spam", 1001)
    box.deliver("ham", 1002)
    again = ends_at(monkeypatch, where, name, done=done)
    assert str(box.looked().trouble) == "the end"
    # At no time is it nowhere.
    assert box.where(1001) in (["INBOX"], ["Junk"], ["INBOX", "Junk"])
    again()
    box.look()
    assert (box.where(1001), box.where(1002)) == (["Junk"], ["INBOX"])
    assert box.look() == Done()
    assert box.flags() == {}
    # And the person is still heard.
    box.move(1001, "Junk", "INBOX")
    assert box.look() == Done(ham=1)
    assert box.look() == Done()
    assert box.where(1001) == ["INBOX"]


def test_what_is_fetched_back_before_the_move_was_noted_is_ham(
    box: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver("spam", 1001)
    again = ends_at(monkeypatch, Session, "move", done=True)
    assert box.looked().trouble
    again()
    box.move(1001, "Junk", "INBOX")
    assert box.look() == Done(ham=1)
    assert box.where(1001) == ["INBOX"]


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("name", ["turn", "note"])
def test_what_a_person_said_is_learned_once_whatever_comes_between(
    box: Guarded, monkeypatch: pytest.MonkeyPatch, name: str, done: bool
) -> None:
    box.deliver("ham", 1001)
    box.look()
    box.move(1001, "INBOX", "Junk")
    again = ends_at(monkeypatch, Mailboxes, name, done=done)
    assert box.looked().trouble
    again()
    box.look()
    assert box.flags() == {"1001": "spam"}
    assert box.rows("SELECT count(*) FROM flags WHERE door = 'imap'") == [(1,)]


def test_a_mail_that_can_never_be_judged_is_let_be(
    box: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver("spam", 1001)
    again = ends_at(monkeypatch, Session, "mail", done=False)
    for _ in range(5):
        assert box.looked().trouble
    again()
    box.deliver("spam", 1002)
    assert box.look() == Done(judged=1, moved=1)
    assert (box.where(1001), box.where(1002)) == (["INBOX"], ["Junk"])


def test_what_nobody_foresaw_is_told(box: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("of a mail: Dear Ada")

    monkeypatch.setattr(Mailboxes, "folders", breaks)
    trouble = str(box.looked().trouble)
    assert trouble.startswith("account ada: RuntimeError at ")
    assert "Dear" not in trouble


def test_others_marks_of_deletion_are_not_carried_out(box: Guarded) -> None:
    box.restart(BARE)
    box.look()
    box.deliver("ham", 1001)
    box.deliver("spam", 1002)
    with box.person() as client:
        client.select_folder("INBOX")
        client.add_flags(client.search(["HEADER", "Message-ID", "1001@"]), [rb"\Deleted"])
    assert box.look() == Done(judged=1, moved=1)
    with box.person() as client:
        client.select_folder("INBOX", readonly=True)
        assert len(client.search("DELETED")) == 2
    assert box.where(1002) == ["Junk"]
    assert box.look() == Done()
    assert box.flags() == {}


def test_killed_again_and_again(box: Guarded) -> None:
    labels = ["spam", "ham"] * 8
    for number, label in enumerate(labels, 1001):
        box.deliver(label, number)
    draw = random.Random(7)
    command = [sys.executable, "-m", "chaffinch", "imap"]
    count = "SELECT count(DISTINCT item) FROM verdicts"
    for _ in range(5):
        ((judged,),) = box.rows(count)
        until = time.monotonic() + 60
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                while box.rows(count) < [(min(judged + 2, len(labels)),)]:
                    assert time.monotonic() < until, f"{judged} were judged, and no more are"
                    time.sleep(0.01)
                # Somewhere on the way to the next.
                time.sleep(draw.random() / 20)
            finally:
                os.kill(process.pid, signal.SIGKILL)
    box.look()
    assert box.look() == Done()
    assert box.flags() == {}
    with box.person() as client:
        for folder, label in (("INBOX", "ham"), ("Junk", "spam")):
            client.select_folder(folder, readonly=True)
            told = client.fetch(client.search("ALL"), ["BODY.PEEK[]"]).values()
            bodies = sorted(one[b"BODY[]"].partition(b"Message-ID")[2].rstrip() for one in told)
            wanted = [
                named(one, n).replace(b"\n", b"\r\n").partition(b"Message-ID")[2].rstrip()
                for n, one in enumerate(labels, 1001)
                if one == label
            ]
            # Each exactly once, and as it was; LMTP may end it with an empty line.
            assert bodies == sorted(wanted)
