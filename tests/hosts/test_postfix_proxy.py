"""Postfix with the proxy before its queue, behind it, and on the way to Dovecot."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from chaffinch.loop.flag import flag
from chaffinch.task import get_task
from chaffinch.types import Item
from hosts.dovecot import Dovecot
from hosts.postfix import Postfix, free_port, postfix
from opened import Opened, opened
from samples import mail, two_folders

HEAD = b"From: Eve <eve@example.test>\r\nSubject: hello\r\n"
BODY = b"\r\n\xff\r\n.dot\r\n..\r\n\r\n" + b"x" * 900 + b"\r\n"
MAIL = HEAD + b"X-Chaffinch-Status: forged\r\n" + BODY
#: As it lies in a Maildir.
CLEAN = (HEAD + BODY).replace(b"\r\n", b"\n")
#: Where what was judged comes back, to be taken without being judged again.
BACK = """\
127.0.0.1:{back} inet n - n - - smtpd
  -o smtpd_proxy_filter=
  -o content_filter=
  -o smtpd_authorized_xforward_hosts=127.0.0.0/8
chaffinch unix - - n - 10 {client}
"""


@contextmanager
def judging(home: Path, name: str, port: int, back: int, **settings: object) -> Iterator[Opened]:
    told: dict[str, Any] = {
        name: f"127.0.0.1:{port}",
        "next_hop": f"smtp:127.0.0.1:{back}",
    } | settings
    with opened(home, **told) as doors:
        yield doors


def tagged(delivered: bytes, clean: bytes = CLEAN) -> bool:
    """Tell whether a mail was delivered with its verdict and every other byte."""
    statuses = re.findall(rb"^X-Chaffinch-Status: (\w+)$", delivered, re.MULTILINE)
    return len(statuses) == 1 and statuses[0] != b"forged" and delivered.endswith(b"\n" + clean)


def test_before_the_queue(home: Path) -> None:
    door, back = free_port(), free_port()
    main, master = f"smtpd_proxy_filter = 127.0.0.1:{door}\n", BACK.format(back=back, client="smtp")
    with postfix(main, master) as host:
        with judging(home, "smtp", door, back) as doors:
            # Who sends is known behind the door.
            options = ("--helo", "far.example.test")
            assert host.send(MAIL, options=options)[0] == 0
            (delivered,) = host.delivered()
            assert tagged(delivered)
            assert b"Received: from far.example.test " in delivered
            doors.until(lambda: doors.events("passed on"), "it goes on")
            assert doors.events("passed on")[0]["replies"] == {"250": 1}
            # What the next hop refuses is refused.
            assert host.send(MAIL, "ada@elsewhere.test")[0] != 0
        assert is_told_to_wait(host)
        with judging(home, "smtp", door, free_port()) as doors:
            assert is_told_to_wait(host)
            assert doors.events("deferred")
        assert len(host.mails()) == 1


def is_told_to_wait(host: Postfix) -> bool:
    code, said = host.send(MAIL)
    return code != 0 and re.search(r"^<\*\* 4\d\d ", said, re.MULTILINE) is not None


def test_without_a_model_mail_waits_or_goes_on_untagged_as_is_wanted(home: Path) -> None:
    with opened(home):
        flag(get_task("mail"), Item(CLEAN), "ham", home=home)
    for path in (home / "models").iterdir():
        path.write_bytes(b"damaged")
    door, back = free_port(), free_port()
    main = f"content_filter = smtp:[127.0.0.1]:{door}\n"
    with postfix(main, BACK.format(back=back, client="smtp")) as host:
        with judging(home, "smtp", door, back, ready=False, unjudged="wait") as doors:
            assert host.send(MAIL)[0] == 0
            doors.until(lambda: doors.events("unjudged"), "it cannot be judged")
            host.logged("status=deferred (host 127.0.0.1[127.0.0.1] said: 451 4.3.0 it cannot be")
            assert host.mails() == []
        with judging(home, "smtp", door, back, ready=False):
            host.flush()
            (delivered,) = host.delivered()
        assert b"X-Chaffinch" not in delivered
        assert delivered.endswith(b"\n" + CLEAN)


def test_junk_is_refused_before_the_queue(home: Path, tmp_path: Path) -> None:
    learn = [sys.executable, "-m", "chaffinch", "learn", "mail", *two_folders(tmp_path / "f", 60)]
    env = os.environ | {"CHAFFINCH_HOME": str(home), "CHAFFINCH_HAM_LOSS": "50"}
    subprocess.run(learn, env=env, check=True, capture_output=True, timeout=300)
    door, back = free_port(), free_port()
    main, master = f"smtpd_proxy_filter = 127.0.0.1:{door}\n", BACK.format(back=back, client="smtp")
    with (
        postfix(main, master) as host,
        judging(home, "smtp", door, back, junk="reject", ham_loss=50),
    ):
        code, said = host.send(mail("spam", 1001))
        assert code != 0
        assert "<** 550 5.7.1 refused as junk: " in said
        assert host.send(mail("ham", 1001))[0] == 0
        (delivered,) = host.delivered()
        assert tagged(delivered, mail("ham", 1001))
        assert host.queued() == []


@pytest.mark.parametrize("client", ["smtp", "lmtp"])
def test_behind_the_queue_what_waits_comes_once(home: Path, client: str) -> None:
    door, back = free_port(), free_port()
    main, master = (
        f"content_filter = chaffinch:[127.0.0.1]:{door}\n",
        BACK.format(back=back, client=client),
    )
    to = ("ada@example.test", "bob@example.test")
    with postfix(main, master) as host:
        for number in range(3):
            numbered = b"Number: %d\r\n" % number + MAIL
            assert host.send(numbered, *to)[0] == 0
        host.logged("status=deferred")
        # Now the door is there, and the next hop is not.
        with judging(home, client, door, free_port()) as doors:
            host.flush()
            doors.until(lambda: doors.events("deferred"), "the next hop is down")
        assert len(host.queued()) == 3
        assert host.mails() == []
        with judging(home, client, door, back) as doors:
            host.flush()
            for name in ("ada", "bob"):
                delivered = host.delivered(3, name)
                assert all(map(tagged, delivered)), delivered
                numbers = re.findall(rb"^Number: (\d)$", b"".join(delivered), re.MULTILINE)
                assert sorted(numbers) == [b"0", b"1", b"2"]
            doors.until(lambda: host.queued() == [], "all is delivered")
        assert [len(host.mails(name)) for name in ("ada", "bob")] == [3, 3]
        assert "bounced" not in host.log


def test_on_the_way_to_dovecot_each_recipient_has_an_answer(home: Path) -> None:
    door = free_port()
    with (
        TemporaryDirectory(prefix="chf") as folder,
        Dovecot(Path(folder), {"ada@example.test": "a", "bob@example.test": "b"}) as dovecot,
        postfix(f"virtual_transport = lmtp:[127.0.0.1]:{door}\n") as host,
        judging(home, "lmtp", door, 0, next_hop=f"lmtp:unix:{dovecot.lmtp}") as doors,
    ):
        names = ("ada@example.test", "bob@example.test", "nobody@example.test")
        assert host.send(MAIL, *names)[0] == 0
        doors.until(lambda: doors.events("passed on"), "it goes on")
        (line,) = doors.events("passed on")
        assert line["replies"] == {"250": 2}
        for name in names[:2]:
            (path,) = (dovecot.home(name) / "Maildir" / "new").iterdir()
            assert tagged(path.read_bytes().replace(b"\r\n", b"\n"))
        # Dovecot's own words.
        host.logged("to=<nobody@example.test>")
        assert re.search(r"to=<nobody@example.test>.* status=bounced .* 550 5\.1\.1 ", host.log)
