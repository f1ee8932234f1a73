"""The milter door and the real Postfix: what becomes of mail, whatever happens to Chaffinch."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chaffinch.experience.store import Experience
from chaffinch.loop.flag import store_flag
from chaffinch.task import get_task
from chaffinch.types import Item
from hosts.postfix import DOMAIN, Postfix, free_port, postfix
from opened import Opened, opened
from samples import mail, two_folders

SPAM, HAM = mail("spam", 1001), mail("ham", 1001)
FORGED = (
    b"X-Chaffinch-Status: ham\nX-Spam-Flag: NO\n%sx-chaffinch-Status : spam\n"
    b"X-Chaffinch-Else:\n a\nX-SPAM-STATUS:\tNo\nX-Chaffinch-Status: unsure\n"
)
# Far less patience than Postfix has by default, so that tests need not wait.
_IMPATIENT = "milter_command_timeout = 6s\nmilter_content_timeout = 6s\n"


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has learned enough to be sure."""
    folder = tmp_path_factory.mktemp("taught")
    command = [
        sys.executable,
        "-m",
        "chaffinch",
        "learn",
        "mail",
        *two_folders(folder / "data", 100),
    ]
    environment = os.environ | {"CHAFFINCH_HOME": str(folder / "home")}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
    return folder / "home"


@contextmanager
def hosted(
    home: Path, action: str = "accept", milter: str = "", more: str = "", **settings: object
) -> Iterator[tuple[Postfix, Opened]]:
    """Run a Postfix whose mail Chaffinch judges."""
    milter = milter or f"127.0.0.1:{free_port()}"
    with (
        opened(home, ready=True, milter=milter, **settings) as doors,
        postfix(asks(milter, action) + more) as host,
    ):
        yield host, doors


def asks(address: str, action: str) -> str:
    where = address if address.startswith("unix:") else f"inet:{address}"
    return f"smtpd_milters = {where}\nmilter_default_action = {action}\n"


def status(found: bytes) -> str:
    """Return what the headers say that the mail is; empty where it is untagged."""
    words = re.findall(rb"^X-Chaffinch-Status: (\w+)\n", found, re.MULTILINE)
    assert len(words) < 2
    return b"".join(words).decode()


def test_mail_is_tagged_forged_headers_go_and_the_rest_stays(home: Path, taught: Path) -> None:
    shutil.copytree(taught, home)
    body = bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"") + b"\n.\n..\n" + b"x" * 900
    with hosted(home, largest_mail=1) as (host, doors):
        for name, label in (("ada", "ham"), ("carol", "spam")):
            head, text = mail(label, 2001).split(b"\n\n", 1)
            whole = FORGED % (head + b"\n") + b"\n" + text + body
            assert host.send(whole, f"{name}@{DOMAIN}")[0] == 0
            (found,) = host.delivered(name=name)
            assert found.endswith(b"\n" + head + b"\n\n" + text + body + b"\n")
            assert status(found) == label
            ours = re.findall(rb"(?mi)^(x-(?:chaffinch|spam)-\w+)\s*:", found)
            assert len(ours) == len(set(ours)) == (7 if label == "spam" else 6)
            assert b"Else" not in found
        assert flagged_as_delivered(home, found, "ham") in found
        # The log names the mail as Postfix does.
        for line in doors.events("judged"):
            assert f"{line['queue']}: client=" in host.log

        large = FORGED % b"" + b"Subject: large\n\n" + b"a line of it\n" * 200_000
        assert host.send(large, f"bob@{DOMAIN}")[0] == 0
        (found,) = host.delivered(name="bob")
        assert found.endswith(b"\nSubject: large\n\n" + b"a line of it\n" * 200_000)
        assert not re.search(rb"(?mi)^x-(?:chaffinch|spam)-", found)
        assert doors.events("unjudged")[0]["reason"] == "it is larger than 1048576 bytes"

        # Many at once, to many, each one once.
        with ThreadPoolExecutor(8) as clients:
            to = [f"{name}@{DOMAIN}" for name in ("bob", "carol")]
            assert not any(clients.map(lambda _: smtp(host, SPAM, to), range(40)))
        assert {status(one) for one in host.delivered(41, "carol")} == {"spam"}
        assert len(host.delivered(41, "bob")) == 41
        assert host.queued() == []


def flagged_as_delivered(home: Path, found: bytes, label: str) -> bytes:
    """Flag a mail as it lies in its mailbox; return the header that names the item flagged."""
    task = get_task("mail", home=home)
    with Experience.open(home) as experience:
        item = store_flag(task, experience, Item(task.clean(found)), label).item
    return f"\nX-Chaffinch-Item: {item}\n".encode()


def smtp(host: Postfix, data: bytes, to: list[str]) -> dict[str, tuple[int, bytes]]:
    """Send a mail without a process of its own."""
    from smtplib import SMTP

    with SMTP("127.0.0.1", host.port, timeout=60) as client:
        return client.sendmail(f"eve@{DOMAIN}", to, data)


def test_junk_is_refused_with_a_readable_text(home: Path, taught: Path) -> None:
    shutil.copytree(taught, home)
    with hosted(home, junk="reject") as (host, doors):
        code, said = host.send(SPAM)
        assert code != 0
        (item,) = (line["item"] for line in doors.events("judged"))
        assert f"550 5.7.1 Not taken: it looks like junk ({item[:12]})" in said
        assert host.send(HAM)[0] == 0
        assert status(host.delivered()[0]) == "ham"
        # What Postfix says of a client that has logged in.
        host.command("postconf", "-e", "milter_macro_defaults = auth_authen=ada")
        host.command("postfix", "reload")
        assert host.send(SPAM, f"bob@{DOMAIN}")[0] == 0
        assert status(host.delivered(name="bob")[0]) == ""
        assert doors.events("passed")[0]["reason"] == "its sender has logged in"
        assert host.queued() == []


def test_junk_is_set_aside_until_somebody_lets_it_go(home: Path, taught: Path) -> None:
    shutil.copytree(taught, home)
    with hosted(home, junk="quarantine") as (host, _):
        assert host.send(SPAM)[0] == 0
        assert host.send(HAM)[0] == 0
        assert status(host.delivered()[0]) == "ham"
        (held,) = map(json.loads, host.queued())
        assert held["queue_name"] == "hold"
        host.command("postsuper", "-H", held["queue_id"])
        host.flush()
        assert sorted(map(status, host.delivered(2))) == ["ham", "spam"]


def test_a_socket_in_the_file_system_and_an_old_version_of_the_protocol(short: Path) -> None:
    short.chmod(0o755)
    # What a door finds of signatures is judged, too, and stands above what Postfix puts on top.
    told: dict[str, Any] = {"verify_dkim": "us.example", "socket_mode": 666}
    with hosted(short / "home", milter=f"unix:{short}/m", **told) as (host, doors):
        host.command("postconf", "-e", "milter_protocol = 2")
        host.command("postfix", "reload")
        assert host.send(FORGED % b"" + HAM)[0] == 0
        (found,) = host.delivered()
        assert status(found)
        assert found.endswith(b"\n" + HAM)
        assert b"Else" not in found
        assert doors.events("judged")[0]["peer"] == "postfix"
        assert re.search(rb"\nAuthentication-Results: us\.example;.*\nReceived: ", found, re.DOTALL)
        assert flagged_as_delivered(short / "home", found, "ham") in found


def test_mail_flows_untagged_while_chaffinch_is_slow_or_down(home: Path) -> None:
    with hosted(home, more=_IMPATIENT) as (host, doors):
        with stopped(doors):
            assert host.send(HAM)[0] == 0
            assert status(host.delivered()[0]) == ""
        assert host.send(HAM, f"bob@{DOMAIN}")[0] == 0
        assert status(host.delivered(name="bob")[0]) != ""
        assert doors.stop() == 0
        assert host.send(HAM, f"carol@{DOMAIN}")[0] == 0
        assert status(host.delivered(name="carol")[0]) == ""
        assert "status=bounced" not in host.log
        assert not host.queued()
        assert not host.mails("eve")


def test_or_waits_and_is_delivered_later(home: Path) -> None:
    with hosted(home, "tempfail", more=_IMPATIENT) as (host, doors):
        relays = f"default_transport = smtp\nrelayhost = [127.0.0.1]:{host.port}\n"
        with postfix(f"virtual_mailbox_domains =\n{relays}") as sender:
            with stopped(doors):
                assert sender.send(HAM)[0] == 0
                sender.logged("status=deferred")
                assert host.mails() == []
                (waiting,) = map(json.loads, sender.queued())
                assert waiting["queue_name"] in ("deferred", "active")
            sender.flush()
            assert status(host.delivered()[0]) != ""
            address = doors.address("milter")
            assert doors.stop() == 0
            assert sender.send(SPAM, f"bob@{DOMAIN}")[0] == 0
            sender.logged("to=<bob@example.test>")
            sender.logged("451 4.7.1")
            assert host.mails("bob") == []
            with opened(home, milter=address):
                sender.flush()
                assert status(host.delivered(name="bob")[0]) != ""
            assert sender.queued() == host.queued() == []
            assert "status=bounced" not in sender.log + host.log
        assert host.mails("eve") == []
        assert len(host.mails("ada")) == len(host.mails("bob")) == 1


@contextmanager
def stopped(doors: Opened) -> Iterator[None]:
    """Let workers take nothing in, as if they had far too much to do."""
    workers = doors.workers()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
