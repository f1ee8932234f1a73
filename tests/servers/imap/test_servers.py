"""Servers of all kinds: with TLS and without, that can little, are away, or let nobody in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaffinch.errors import ExperienceError, InputError, ServerError
from chaffinch.servers.guard.guard import Done
from chaffinch.servers.guard.source import LoginError
from guarded import Guarded
from shell import Chaffinch

_PATIENCE = 60.0


@dataclass
class Running:
    """`chaffinch imap` in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    def events(self, event: str) -> list[dict[str, Any]]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [told for told in map(json.loads, lines) if told["event"] == event]

    def until(self, true: Callable[[], object], what: str) -> None:
        until = time.monotonic() + _PATIENCE
        while not true():
            said = self.log.read_text(encoding="utf-8")
            assert time.monotonic() < until, f"not within {_PATIENCE:.0f} s: {what}: {said}"
            assert self.process.poll() is None, f"it ended: {said}"
            time.sleep(0.05)


@contextmanager
def running(box: Guarded) -> Iterator[Running]:
    log = box.home / "log"
    with (
        log.open("wb") as said,
        subprocess.Popen([sys.executable, "-m", "chaffinch", "imap"], stderr=said) as process,
    ):
        try:
            yield Running(process, log)
        finally:
            process.kill()


def test_it_waits_is_told_and_stops(box: Guarded) -> None:
    # What is told at once comes long before the next look would.
    box.account(every=1000)
    with running(box) as guard:
        guard.until(lambda: guard.events("connected"), "it connects")
        with pytest.raises(ExperienceError, match=r"process \d+ guards account ada here already"):
            box.looked()
        box.deliver("spam", 1001)
        guard.until(lambda: guard.events("moved"), "junk is moved")
        box.move(1001, "Junk", "INBOX")
        guard.until(lambda: guard.events("flagged"), "the person is heard")
        os.kill(guard.process.pid, signal.SIGTERM)
        assert guard.process.wait(_PATIENCE) == 0
        assert [line["event"] for line in guard.events("stopped")] == ["stopped"]
    assert box.where(1001) == ["INBOX"]
    assert box.flags() == {"1001": "ham"}


def test_a_server_that_goes_away_and_comes_back(box: Guarded) -> None:
    with running(box) as guard:
        guard.until(lambda: guard.events("connected"), "it connects")
        box.dovecot.stop()
        guard.until(lambda: len(guard.events("trouble")) > 1, "it says so")
        box.dovecot.start()
        box.deliver("spam", 1001)
        guard.until(lambda: guard.events("moved"), "it goes on")
    assert box.where(1001) == ["Junk"]
    said = guard.events("trouble")[-1]["reason"]
    assert "account ada: the server at 127.0.0.1" in said


@pytest.mark.parametrize(
    "extra",
    [
        "imap_capability = IMAP4rev1 AUTH=PLAIN",
        "imap_capability = IMAP4rev1 AUTH=PLAIN UIDPLUS",
        "imap_capability = IMAP4rev1 AUTH=PLAIN MOVE CONDSTORE",
    ],
)
def test_servers_that_can_less(box: Guarded, extra: str) -> None:
    box.restart(extra)
    with running(box) as guard:
        box.deliver("spam", 1001)
        box.deliver("ham", 1002)
        box.deliver("ham", 1003)
        guard.until(lambda: len(guard.events("judged")) == 3, "they are judged")
        guard.until(lambda: box.where(1001) == ["Junk"], "junk is moved")
        box.move(1002, "INBOX", "Junk")
        with box.person() as client:
            client.select_folder("INBOX")
            client.add_flags(client.search(["HEADER", "Message-ID", "1003@"]), [rb"\Answered"])
        guard.until(lambda: len(guard.events("flagged")) == 2, "the person is heard")
        assert not guard.events("trouble")
    assert box.flags() == {"1002": "spam", "1003": "ham"}


@pytest.mark.parametrize(("security", "secure"), [("tls", True), ("starttls", False)])
def test_tls(box: Guarded, security: str, secure: bool) -> None:
    port = box.dovecot.tls_port if secure else box.dovecot.port
    box.account(security=security, port=port, ca=str(box.dovecot.certificate))
    box.deliver("spam", 1001)
    assert box.look() == Done(judged=1, moved=1)
    # Nobody vouches for it but itself.
    box.account(security=security, port=port)
    trouble = box.looked().trouble
    assert isinstance(trouble, ServerError)
    assert "cannot prove who it is" in str(trouble)
    assert "name the file of it as ca" in str(trouble)


def test_tls_where_there_is_none(box: Guarded) -> None:
    box.account(security="tls")
    assert isinstance(box.looked().trouble, ServerError)
    box.restart("ssl = no")
    box.account(security="starttls", ca=str(box.dovecot.certificate))
    assert "STARTTLS" in str(box.looked().trouble)


def test_a_wrong_password(box: Guarded, chaffinch: Chaffinch) -> None:
    (box.home / "ada.secret").write_text("wrong\n", encoding="utf-8")
    trouble = box.looked().trouble
    assert isinstance(trouble, LoginError)
    said = chaffinch("imap", "--once")
    assert said.code == ServerError.exit_code
    assert "ada at 127.0.0.1" in said.out
    assert "(Authentication failed.): check user, secret" in " ".join(said.out.split()).replace(
        "[AUTHENTICATIONFAILED] ", ""
    )
    assert "wrong" not in said.out + said.err


def test_nobody_is_there(box: Guarded, chaffinch: Chaffinch) -> None:
    box.dovecot.stop()
    said = chaffinch("imap", "--check")
    assert said.code == ServerError.exit_code
    assert "connecting: Connection refused: check host, port and security" in said.err


def test_what_would_happen_is_told_before_it_does(box: Guarded, chaffinch: Chaffinch) -> None:
    box.account(log_only=None, folders=["inbox", "Lists"], owner="ada")
    told = chaffinch("imap", "--check")
    # A script is to see that a folder is missing.
    assert told.code == InputError.exit_code, told.err
    assert all(len(line) < 80 for line in told.out.splitlines())
    assert told.out == (
        f"ada: ada at 127.0.0.1:{box.dovecot.port}, plain\n"
        "  judges    INBOX, Lists (missing)\n"
        "  junk      Junk\n"
        "  trash     Trash\n"
        "  sent      Sent\n"
        "  watches   1 other folder\n"
        "  waits     is told at once\n"
        "  moves by  MOVE\n"
        "  so it     only writes down what would be junk; log_only = false moves it;\n"
        "            learns as ada from what you move and answer\n"
    )
    told = chaffinch("imap", "--check", "--json")
    assert (told.code, told.json["ada"]["missing"]) == (InputError.exit_code, ["Lists"])
    box.account(log_only=None, junk="Spamm")
    told = chaffinch("imap", "--check")
    assert told.code == InputError.exit_code
    assert "  junk      Spamm (missing)\n" in told.out
    box.account(log_only=None)
    assert chaffinch("imap", "--check").code == 0
    assert box.rows("SELECT 1 FROM imap_folders WHERE account <> 'ada'") == []


def test_looking_once_tells_what_was_done(box: Guarded, chaffinch: Chaffinch) -> None:
    box.account("bob", host="127.0.0.1", port=1)
    box.deliver("spam", 1001)
    told = chaffinch("imap", "--once", "--account", "ada")
    assert (told.code, told.out) == (0, "ada: 1 mail judged, 1 moved to junk.\n")
    assert chaffinch.json("imap", "--once", "--account", "ada") == {
        "ada": {"judged": 0, "moved": 0, "would_move": 0, "spam": 0, "ham": 0, "trouble": None}
    }
    # One that cannot be reached keeps no other from being looked at.
    box.deliver("spam", 1002)
    told = chaffinch("imap", "--once")
    assert told.code == ServerError.exit_code
    assert "ada: 1 mail judged, 1 moved to junk.\n" in told.out
    assert "bob: not done: account bob: the server at 127.0.0.1, port 1" in told.out


def test_without_a_folder_for_junk_nothing_is_moved(box: Guarded) -> None:
    box.account(junk="Nowhere")
    box.deliver("spam", 1001)
    done = box.looked()
    assert (done.judged, done.moved) == (1, 0)
    assert isinstance(done.trouble, InputError)
    assert "correct junk of [imap.ada] in the settings" in str(done.trouble)
    assert box.where(1001) == ["INBOX"]


def test_a_large_mail_is_judged_by_its_beginning(box: Guarded) -> None:
    large = b"Subject: free cash prize\n\n" + b"free credit card approved click here\n" * 50_000
    with box.person() as client:
        client.append("INBOX", large)
    assert box.look().judged == 1
    ((size,),) = box.rows("SELECT size FROM items ORDER BY size DESC LIMIT 1")
    assert size == 1 << 20
