"""Doors that are open: they judge, follow what is flagged, survive their workers, and close."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaffinch.errors import UsageError
from chaffinch.loop.flag import flag
from chaffinch.servers.plan import Plan
from chaffinch.task import get_task
from chaffinch.types import Item
from opened import Opened, opened
from programs import needed
from samples import mail
from shell import Chaffinch

SPAM = mail("spam", 1001)


def score(answer: bytes) -> float:
    found = re.search(rb"\r\nSpam: \w+ ; (-?[\d.]+) / ", answer)
    assert found, answer
    return float(found[1])


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A process that ended and was not waited for is gone, too.
    return ") Z " in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")


@pytest.fixture
def doors(home: Path) -> Iterator[Opened]:
    with opened(home, workers=2) as one:
        yield one


def test_a_mail_is_judged_told_of_and_counted(doors: Opened) -> None:
    answer = doors.check(SPAM)
    assert answer.endswith(SPAM)
    assert b"X-Chaffinch-Model: mail-starter-1\n" in answer
    assert doors.page("/health") == (200, "ok\n")
    assert doors.page("/ready") == (200, "2 of 2 workers are ready\n")
    code, metrics = doors.page("/metrics")
    assert code == 200
    assert 'chaffinch_requests_total{door="spamd",outcome="judged"} 1\n' in metrics
    assert doors.page("/else")[0] == 404
    (line,) = doors.events("judged")
    assert line["item"] == Item(SPAM).id
    assert doors.stop() == 0
    assert doors.lines[-1]["event"] == "stopped"


def test_what_is_flagged_elsewhere_counts_within_a_second(doors: Opened, home: Path) -> None:
    before = score(doors.check(SPAM))
    flag(get_task("mail"), Item(SPAM), "spam", home=home)
    doors.until(lambda: score(doors.check(SPAM)) > before, "the flag counts")


def test_a_worker_that_ends_is_started_again(doors: Opened) -> None:
    killed, told, _ = doors.workers()
    os.kill(killed, signal.SIGKILL)
    os.kill(told, signal.SIGTERM)
    doors.until(lambda: len(doors.events("worker ended")) == 2, "their end is told")
    doors.until(
        lambda: not {killed, told} & {*doors.workers()} and len(doors.workers()) == 3, "started"
    )
    doors.until(lambda: doors.page("/ready")[0] == 200, "ready again")
    # Whoever comes meanwhile waits for them.
    assert score(doors.check(SPAM))
    codes = {line["pid"]: line["code"] for line in doors.events("worker ended")}
    assert codes == {killed: -signal.SIGKILL, told: 0}


def test_who_hangs_up_has_the_settings_read(home: Path, short: Path) -> None:
    settings = home / "settings.toml"
    kept = f"127.0.0.1:0 unix:{short}/a"
    with opened(home, spamd=kept, milter=f"unix:{short}/b", workers=2) as doors:
        (address,), before = {doors.address("spamd")}, doors.workers()
        written = settings.read_text(encoding="utf-8")
        settings.write_text(written.replace("workers = 2", "workers = 0"), encoding="utf-8")
        # As a terminal does that is closed.
        for pid in (doors.process.pid, *before):
            os.kill(pid, signal.SIGHUP)
        doors.until(lambda: doors.events("not reloaded"), "it is told")
        assert doors.workers() == before
        assert b"X-Chaffinch-Would-Be" not in doors.check(mail("spam", 1002))
        written = written.replace("milter", "log_only = true\nsocket_mode = 666\nlmtp")
        written += f'next_hop = "lmtp:unix:{short}/mda"\n'
        settings.write_text(written.replace("/b", "/c"), encoding="utf-8")
        # What has cleaned up too much is why somebody would reload.
        (short / "a").unlink()
        doors.process.send_signal(signal.SIGHUP)
        # Nobody is turned away meanwhile, and nobody waits in vain.
        doors.until(lambda: b"X-Chaffinch-Would-Be" in doors.check(SPAM), "they are in force")
        doors.until(lambda: not {*before} & {*doors.workers()}, "those before have ended")
        assert [one["log_only"] for one in doors.events("reloading")] == [True]
        assert doors.events("listening")[-2]["next_hop"] == f"lmtp:unix:{short}/mda"
        doors.until(
            lambda: doors.page("/ready")[1] == "2 of 2 workers are ready\n", "all are ready"
        )
        assert (doors.address("spamd"), len(doors.workers())) == (address, 3)
        # Of a next hop that is a door of ours each worker knows, whichever is at its other end.
        os.link(short / "c", short / "mda")
        for _ in range(4):
            assert deferred(short / "c")
        (short / "mda").unlink()
        reasons = [line["reason"] for line in doors.events("deferred")]
        assert len(reasons) == 4
        assert all("it leads back to a door of this server" in reason for reason in reasons)
        assert (short / "a").stat().st_mode & 0o777 == 0o666
        assert sorted(one.name for one in short.iterdir()) == ["a", "c"]
        assert doors.stop() == 0
        assert not doors.events("worker ended")
    assert not list(short.iterdir())


def deferred(path: Path) -> bool:
    """Return whether the door lmtp at a socket finds that the next hop takes no mail."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.recv(1000)
        client.sendall(b"LHLO x\r\n")
        return client.recv(1000).startswith(b"421 4.4.1 ")


def test_what_would_be_opened_is_told(chaffinch: Chaffinch, home: Path, short: Path) -> None:
    home.mkdir(exist_ok=True)
    settings = home / "settings.toml"
    settings.write_text(
        f'log_only = true\nmilter = "127.0.0.1:0"\nsmtp = "unix:{short}/s"\njunk = "reject"\n'
        'unjudged = "wait"\nsocket_mode = 660\nnext_hop = "smtp:127.0.0.1:25"\nworkers = 2\n'
        'authserv_id = "mx.example.org"\nmonitor = "127.0.0.1:0"\n'
    )
    result = chaffinch("serve", "--check")
    says = 'junk = "reject" has no effect, as log_only = true delivers everything'
    assert (result.code, result.err) == (0, f"chaffinch: warning: {says}\n")
    junk = "  junk      reject, but log_only overrules it: it goes on, and its headers tell"
    unjudged = "  unjudged  wait: its sender is told to try again later"
    told = result.out.splitlines()[-19:]
    assert told == [
        "log_only = true: every mail is delivered, and the verdict only written down",
        "milter",
        "  at        127.0.0.1:0, for this machine",
        junk,
        unjudged,
        "smtp",
        *told[6:8],
        junk,
        unjudged,
        "  next hop  smtp:127.0.0.1:25",
        "monitor",
        "  at        127.0.0.1:0",
        "all doors",
        "  users     one: all mail is one person's, whatever user is named",
        "  reasons   all: headers tell why of all mail",
        "  believes  SPF, DKIM and DMARC as mx.example.org says (authserv_id)",
        "  largest   32 MiB; a larger mail goes on unjudged",
        "  workers   2 processes judge",
    ]
    where = " ".join(line.strip() for line in told[6:8])
    assert where == f"at        unix:{short}/s, for whoever may write to it (socket_mode 660)"
    settings.write_text(
        'spamd = "0.0.0.0:0"\nnext_hop = "smtp:127.0.0.1:25"\njunk = "reject"\n'
        'unjudged = "pass"\nallow = "192.0.2.0/24"\nsocket_mode = 660\nusers = "believed"\n'
    )
    result = chaffinch("serve", "--check")
    assert "  at        0.0.0.0:0, for this machine and 192.0.2.0/24 (allow)\n" in result.out
    *warnings, anybody = result.err.splitlines()
    assert "may come in and teach for anybody" in anybody
    assert warnings == [
        f"chaffinch: warning: {name} has no effect, as no door that reads it is open: {doors}"
        for name, doors in {
            "junk": "milter, smtp, lmtp",
            "next_hop": "smtp, lmtp",
            "socket_mode": "any at a UNIX socket",
        }.items()
    ]
    settings.write_text('milter = "here"\n')
    result = chaffinch("serve", "--check")
    assert result.code == 2
    assert "milter = here is no address" in result.err


def test_workers_end_with_who_watches_them(doors: Opened) -> None:
    workers = doors.workers()
    doors.process.kill()
    doors.process.wait(30)
    until = time.monotonic() + 30
    while not all(gone(pid) for pid in workers):
        assert time.monotonic() < until, "they live on"
        time.sleep(0.05)


def test_without_a_model_mail_passes_and_somebody_is_told(home: Path) -> None:
    with opened(home) as doors:
        flag(get_task("mail"), Item(SPAM), "spam", home=home)
    for path in (home / "models").iterdir():
        path.write_bytes(b"damaged")
    with opened(home, ready=False) as doors:
        answer = doors.check(SPAM)
        assert answer.startswith(b"SPAMD/1.5 75 ")
        assert doors.page("/ready")[0] == 503
        assert doors.page("/health")[0] == 200
        assert "is damaged" in doors.events("no model")[0]["reason"]


def test_spamc_gets_the_mail_back_whatever_happens(short: Path) -> None:
    spamc = needed("spamc")
    home = short / "home"
    with opened(home, spamd=f"127.0.0.1:0 unix:{home}/s") as doors:
        command = [spamc, "-U", f"{home}/s"]
        passed = subprocess.run(command, input=SPAM, capture_output=True, check=True).stdout
        assert passed.endswith(SPAM)
        assert passed.startswith(b"X-Chaffinch-Status: ")
        headers = [*command, "--headers"]
        assert subprocess.run(headers, input=SPAM, capture_output=True, check=True).stdout == passed
        said = subprocess.run([*command, "-L", "spam"], input=SPAM, capture_output=True, check=True)
        assert said.stdout == b"Message successfully un/learned\n"
        said = subprocess.run([*command, "-L", "spam"], input=SPAM, capture_output=True, check=True)
        assert said.stdout == b"Message successfully un/learned\n"
        assert doors.events("known already")[0]["label"] == "spam"
        again = subprocess.run(command, input=SPAM, capture_output=True, check=True).stdout
        assert b"X-Chaffinch-Model: mail-starter-1" not in again
        assert doors.events("flagged")[0]["label"] == "spam"
        assert doors.stop() == 0
    assert not Path(f"{home}/s").exists()
    # spamc itself lets the mail pass where nobody answers.
    assert subprocess.run(command, input=SPAM, capture_output=True, check=False).stdout == SPAM


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", "no door is to be opened"),
        ('spamd = "here"', "spamd = here is no address: write it like"),
        ('spamd = "127.0.0.1:0"\nallow = "192.0.2.1/24"', "allow = 192.0.2.1/24 is no network"),
        ('spamd = "127.0.0.1:0"\nmonitor = "0.0.0.0:1"', "it listens on loopback"),
        (
            'spamd = "127.0.0.1:0"\nusers = "all"',
            "'all' cannot be read: write one of 'one'",
        ),
        ('spamd = "127.0.0.1:0"\nworkers = 0', "out of range"),
        ('spamd = "127.0.0.1:0"\nsocket_mode = 400', "out of range, from 600 to 777"),
        ("socket_mode = 0o660", "in quotes and without 0o (0o660 is 432): write it like '600'"),
        ("socket_mode = 0o666", "in quotes and without 0o (0o666 is 438): write it like '600'"),
        ('socket_mode = "rw"', "'rw' cannot be read: write it like '600'"),
        ("[serve]\nspamd = 783", "no table [serve]: write settings at the top of the file"),
        ("[imp.home]\nhost = 1", "no table [imp] (did you mean 'imap'?): write settings at"),
    ],
)
def test_settings_that_cannot_be(home: Path, settings: str, said: str) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(settings, encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(said)):
        Plan.read(home)


def test_it_does_not_open_what_a_check_refuses(chaffinch: Chaffinch, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('spamd = "0.0.0.0:0"', encoding="utf-8")
    command = [sys.executable, "-m", "chaffinch", "serve"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == UsageError.exit_code
    assert b"say which may come in, as in allow = " in done.stderr
    assert done.stderr.count(b"\n") == 1
    checked = chaffinch("serve", "--check")
    assert (checked.code, checked.err) == (done.returncode, done.stderr.decode())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("milter = 127.0.0.1:8891", r"put in quotes .*, as in spamd ="),
        ('junk = "bounce"', "'bounce' cannot be read: write one of 'tag', 'reject', 'quarantine'$"),
        ('milter = "inet:127.0.0.1:8891"', r"without inet:, as in 127\.0\.0\.1:8891$"),
    ],
)
def test_a_hint_says_what_to_write(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "settings.toml").write_text(written, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        Plan.read(tmp_path)


@pytest.mark.parametrize(
    ("users", "mode", "warned"),
    [("believed", "666", True), ("believed", "660", False), ("checked", "666", False)],
)
def test_it_warns_where_anybody_may_teach_for_anybody(
    short: Path, users: str, mode: str, warned: bool
) -> None:
    short.chmod(0o755)
    where = {"spamd": f"unix:{short}/s", "milter": "127.0.0.1:0"}
    with opened(
        short / "home", ready=False, users=users, socket_mode=mode, next_hop="none", **where
    ) as doors:
        told = doors.events("anybody may teach")
        assert [one["setting"] for one in doors.events("no effect")] == ["next_hop"]
    assert [one["level"] for one in told] == ["warning"] * warned
    assert all("socket_mode" in one["reason"] and one["door"] == "spamd" for one in told)
