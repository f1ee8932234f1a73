"""The Maildir of the real Dovecot is watched while a real IMAP client moves mail."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chaffinch.servers.guard import run
from chaffinch.servers.guard.guard import Done
from chaffinch.servers.maildir.source import Maildir, opened
from hosts.dovecot import Dovecot
from watching import FakeDesk


@pytest.fixture
def short() -> Iterator[Path]:
    with TemporaryDirectory(prefix="chf") as folder:
        yield Path(folder)


def mail(subject: str) -> bytes:
    return f"From: a@mail.example\r\nSubject: {subject}\r\n\r\nAt noon?\r\n".encode()


def test_moves_in_dovecot_teach_and_moves_of_ours_are_seen_there(
    short: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = FakeDesk()
    monkeypatch.setattr(run, "Desk", lambda home: desk)
    with Dovecot(short) as dovecot:
        root = dovecot.home("ada") / "Maildir"
        account = Maildir(root, 1 << 20, log_only=False)

        def look() -> Done:
            done = run.guard_all(home, [account], opened, "watch", once=True)[account.name]
            assert done.trouble is None
            return done

        with imaplib.IMAP4(dovecot.host, dovecot.port, timeout=60) as imap:
            imap.login("ada", dovecot.users["ada"])

            def move(subject: str, source: str, target: str) -> None:
                imap.select(source)
                _, told = imap.uid("SEARCH", "SUBJECT", subject)
                assert imap.uid("MOVE", told[0].decode(), target)[0] == "OK"

            for name in ("Junk", "Trash", "Archive"):
                imap.create(name)
            imap.select("INBOX")
            look()
            dovecot.deliver("ada", mail("lunch"))
            dovecot.deliver("ada", mail("4U"))
            # With nothing but its time to tell it from another.
            imap.append("INBOX", "", "", mail("saved"))
            done = look()
            assert (done.judged, done.moved) == (3, 1)
            imap.select("Junk")
            assert imap.uid("SEARCH", "SUBJECT", "4U")[1] == [b"1"]
            move("lunch", "INBOX", "Junk")
            move("saved", "INBOX", "Junk")
            move("4U", "Junk", "Archive")
            look()
            assert sorted(desk.taught) == [("4U", "ham"), ("lunch", "spam"), ("saved", "spam")]
            move("lunch", "Junk", "Trash")
            imap.select("INBOX")
            imap.uid("STORE", "1:*", "+FLAGS", r"(\Seen \Flagged)")
            look()
            assert len(desk.taught) == 3
            imap.select("Archive")
            imap.uid("STORE", "1:*", "+FLAGS", r"(\Answered)")
            assert look().ham == 1
            assert len(desk.judged) == 3
