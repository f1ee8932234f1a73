"""Moves by a real IMAP client in the real Dovecot teach Chaffinch, by the scripts of examples."""

from __future__ import annotations

import imaplib
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chaffinch.experience.store import Experience
from chaffinch.types import Item
from hosts.dovecot import Dovecot
from opened import Opened, opened
from programs import needed

SCRIPTS = Path(__file__).parent.parent.parent / "examples" / "dovecot"
# One for each test, so that all share a server.
USERS = dict.fromkeys(("ada", "bob", "eve", "joan", "kit"), "lovelace")
# A trash of another name.
_BIN = r"""
namespace inbox {
  mailbox Bin {
    special_use = \Trash
    auto = create
  }
}
"""


def flags(doors: Opened, *owners: str) -> list[tuple[str, str]]:
    """Return which label each flag gave, and whose it was, in order."""
    told = [(one["label"], one["owner"]) for one in doors.events("flagged")]
    return [one for one in told if one[1] in owners]


def installed(folder: Path) -> str:
    """Put the scripts where this Dovecot finds them; return what its configuration needs."""
    there = folder / "sieve"
    shutil.copytree(SCRIPTS, there)
    program = there / "chaffinch-flag"
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace("/run/chaffinch", str(folder)), encoding="utf-8")
    configuration = (SCRIPTS / "90-chaffinch.conf").read_text(encoding="utf-8")
    return configuration.replace("/etc/dovecot/chaffinch", str(there))


@contextmanager
def dovecot_with_scripts(folder: Path) -> Iterator[Dovecot]:
    needed("spamc")
    sievec = needed("sievec")
    with Dovecot(folder, USERS, extra=installed(folder) + _BIN) as running:
        for script in (folder / "sieve").glob("*.sieve"):
            subprocess.run([sievec, "-c", str(folder / "dovecot.conf"), str(script)], check=True)
        yield running


@pytest.fixture(scope="module")
def short() -> Iterator[Path]:
    with TemporaryDirectory(prefix="chf") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def dovecot(short: Path) -> Iterator[Dovecot]:
    with dovecot_with_scripts(short) as running:
        yield running


@pytest.fixture(scope="module")
def doors(short: Path, dovecot: Dovecot) -> Iterator[Opened]:
    # Dovecot's processes are another user's.
    where = f"unix:{short}/spamd.sock"
    with opened(short / "chaffinch", spamd=where, socket_mode="666", users="believed") as one:
        yield one


@contextmanager
def client(dovecot: Dovecot, user: str) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4(dovecot.host, dovecot.port, timeout=60) as imap:
        imap.login(user, USERS[user])
        yield imap


def mail(subject: str) -> bytes:
    return f"From: a@mail.example\r\nSubject: {subject}\r\n\r\nAt noon?\r\n".encode()


def append(imap: imaplib.IMAP4, folder: str, data: bytes) -> None:
    assert imap.append(folder, "", "", data)[0] == "OK"


def move(imap: imaplib.IMAP4, from_: str, to: str) -> None:
    """Move the newest mail of a folder, as mail programs do."""
    imap.select(from_)
    _, said = imap.uid("SEARCH", "ALL")
    uid = said[0].split()[-1].decode()
    status, said = imap.uid("MOVE", uid, to)
    assert status == "OK", said


def test_what_moves_into_and_out_of_junk_teaches_whose_it_is(
    dovecot: Dovecot, doors: Opened
) -> None:
    for user in ("ada", "bob"):
        dovecot.deliver(user, mail(f"to {user}"))
    with client(dovecot, "ada") as imap:
        move(imap, "INBOX", "Junk")
        imap.create("Junk/old")
        move(imap, "Junk", "INBOX")
        move(imap, "INBOX", "Junk/old")
        move(imap, "Junk/old", "Archive")
    with client(dovecot, "bob") as imap:
        imap.select("INBOX")
        # As programs do that know no MOVE.
        assert imap.uid("COPY", "1", "Junk")[0] == "OK"
        imap.uid("STORE", "1", r"+FLAGS.SILENT (\Deleted)")
        imap.expunge()
    doors.until(lambda: len(flags(doors, "ada", "bob")) >= 5, "5 flags")
    assert flags(doors, "ada", "bob") == [
        ("spam", "ada"),
        ("ham", "ada"),
        ("spam", "ada"),
        ("ham", "ada"),
        ("spam", "bob"),
    ]


def test_the_trash_and_what_stays_in_junk_teach_nothing(dovecot: Dovecot, doors: Opened) -> None:
    with client(dovecot, "eve") as imap:
        for name in ("Junk/old", "Trash/old", "Notes"):
            imap.create(name)
        for number in range(5):
            append(imap, "INBOX", mail(f"number {number}"))
            move(imap, "INBOX", "Junk")
        move(imap, "Junk", "Trash")
        move(imap, "Junk", "Trash/old")
        move(imap, "Junk", "Bin")
        move(imap, "Trash", "INBOX")
        move(imap, "INBOX", "Notes")
        move(imap, "Junk", "Junk/old")
        move(imap, "Junk/old", "Junk")
        append(imap, "Trash", mail("old"))
        move(imap, "Junk", "Notes")
    doors.until(lambda: len(flags(doors, "eve")) >= 6, "6 flags")
    assert flags(doors, "eve") == [("spam", "eve")] * 5 + [("ham", "eve")]


def test_a_mail_that_is_saved_into_junk_is_spam_byte_for_byte(
    dovecot: Dovecot, doors: Opened, short: Path
) -> None:
    saved = mail("saved") + bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"\r\n")
    with client(dovecot, "joan") as imap:
        append(imap, "Junk", saved)
        append(imap, "Archive", mail("kept"))
    doors.until(lambda: flags(doors, "joan"), "a flag")
    assert flags(doors, "joan") == [("spam", "joan")]
    with Experience.look(short / "chaffinch") as experience:
        found = [one for one in experience.examples("mail") if one.item.owner == "joan"]
    assert [(one.label, one.item.data) for one in found] == [("spam", saved)]


def test_what_chaffinch_calls_spam_is_delivered_into_junk_and_teaches_nothing(
    dovecot: Dovecot, doors: Opened, short: Path
) -> None:
    judges = [needed("spamc"), f"--socket={short}/spamd.sock", "--username=kit"]
    subprocess.run(judges, input=mail("spam"), capture_output=True, check=True)
    for status in ("spam", "ham", "unsure"):
        dovecot.deliver("kit", f"X-Chaffinch-Status: {status}\r\n".encode() + mail(status))
    with client(dovecot, "kit") as imap:
        assert imap.select("Junk")[1] == [b"1"]
        assert imap.select("INBOX")[1] == [b"2"]
        move(imap, "Junk", "INBOX")
    doors.until(lambda: flags(doors, "kit"), "a flag")
    assert flags(doors, "kit") == [("ham", "kit")]
    # What LMTP put on top of it makes no other mail of it.
    assert [one["item"] for one in doors.events("flagged")[-1:]] == [Item(mail("spam")).id]


def test_a_move_succeeds_while_chaffinch_is_down_and_the_log_tells() -> None:
    with TemporaryDirectory(prefix="chf") as name, dovecot_with_scripts(Path(name)) as dovecot:
        with client(dovecot, "ada") as imap:
            append(imap, "INBOX", mail("one"))
            move(imap, "INBOX", "Junk")
            assert imap.select("Junk")[1] == [b"1"]
        assert "chaffinch-flag" in dovecot.log.read_text(encoding="utf-8")


def test_a_flag_that_is_refused_fails_in_the_log_of_dovecot() -> None:
    with TemporaryDirectory(prefix="chf") as name, dovecot_with_scripts(Path(name)) as dovecot:
        where = f"unix:{name}/spamd.sock"
        # In the default one person teaches, and it is not the user of the mailboxes.
        with opened(Path(name) / "chaffinch", spamd=where, socket_mode="666") as doors:
            with client(dovecot, "ada") as imap:
                append(imap, "INBOX", mail("one"))
                move(imap, "INBOX", "Junk")
                assert imap.select("Junk")[1] == [b"1"]
            assert doors.events("refused")
            assert not doors.events("flagged")
        log = dovecot.log.read_text(encoding="utf-8")
        assert re.search("chaffinch-flag.*(77|was refused as spam)", log), log
