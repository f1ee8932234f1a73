"""A Postfix of a test's own: its folders, its ports, and nobody else's mail."""

from __future__ import annotations

import grp
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from programs import needed

#: All mail to it goes to Maildir folders, one for each of these names, and "others".
DOMAIN = "example.test"
NAMES = ("ada", "bob", "carol", "eve")
# Seconds that a loaded machine may take for anything.
_PATIENCE = 60.0
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = host.{domain}
mydestination =
mynetworks = 127.0.0.0/8
local_header_rewrite_clients =
alias_maps =
alias_database =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
default_transport = error:mail to elsewhere is not sent
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {maps} }}, static:others/
virtual_mailbox_limit = 0
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
message_size_limit = 204800000
# What waits is tried again when a test asks for it, or soon.
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 2s
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""


# Below what any system gives to connections that go out: one of those, of a test beside this one,
# may otherwise take a port between the moment it is found free and the moment it is listened at.
_PORTS = range(10_240, 32_768)


def free_port() -> int:
    """Return a port of 127.0.0.1 at which nobody listens, and that no client is given."""
    while True:
        port = secrets.choice(_PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def until(holds: Callable[[], object], told: Callable[[], str]) -> None:
    """Wait until something holds; where it does not come about fail, with what is told then."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, f"not yet after {_PATIENCE:.0f} seconds: {told()}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Postfix:
    """One that runs.

    Parameters
    ----------
    folder : Path
        Where all of it is; its name leaves room for that of a socket.
    port : int
        Where it takes mail, on 127.0.0.1.
    """

    folder: Path
    port: int

    @property
    def log(self) -> str:
        """What it has logged so far."""
        with suppress(FileNotFoundError):
            return (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return ""

    def logged(self, text: str) -> None:
        """Wait until its log says so."""
        until(lambda: text in self.log, lambda: f"{text}\n{self.log}")

    def command(self, *words: str) -> str:
        """Run one of its commands, as ``"postqueue", "-p"``, and return what it prints."""
        program, *rest = words
        run = [needed(program), "-c", str(self.folder / "conf"), *rest]
        done = subprocess.run(run, capture_output=True, timeout=_PATIENCE, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr.decode()}"
        return done.stdout.decode()

    def send(self, mail: bytes, *to: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
        """Send a mail by swaks.

        Parameters
        ----------
        mail : bytes
            Its line ends are made those of SMTP, and no other byte is changed.
        to : str
            Recipients; ``ada@example.test`` where nobody is named.
        options : tuple of str
            More of swaks' options; a second ``--from``, for one, overrules the first.

        Returns
        -------
        tuple of (int, str)
            Swaks' exit code, 0 where the mail was taken, and what was said.
        """
        path = self.folder / "sent.eml"
        lines = re.sub(rb"\r?\n", b"\r\n", mail).removesuffix(b"\r\n") + b"\r\n"
        # Swaks ends the line of the last dot.
        path.write_bytes(re.sub(rb"^\.", b"..", lines, flags=re.MULTILINE) + b".")
        words = ["--server", f"127.0.0.1:{self.port}", "--from", f"eve@{DOMAIN}"]
        words += ["--to", ",".join(to or (f"ada@{DOMAIN}",)), "--no-data-fixup"]
        words += ["--data", f"@{path}", *options]
        run = [needed("swaks"), "--timeout", f"{_PATIENCE:.0f}", *words]
        done = subprocess.run(run, capture_output=True, timeout=2 * _PATIENCE, check=False)
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")

    def mails(self, name: str = "ada") -> list[bytes]:
        """Return the mails that somebody has, as they lie there: lines end with a newline."""
        paths = sorted((self.folder / "mail" / name / "new").glob("*"))
        return [path.read_bytes() for path in paths]

    def delivered(self, count: int = 1, name: str = "ada") -> list[bytes]:
        """Wait until somebody has so many mails, and return them."""
        until(lambda: len(self.mails(name)) >= count, lambda: f"{count} for {name}\n{self.log}")
        assert len(self.mails(name)) == count
        return self.mails(name)

    def queued(self) -> list[str]:
        """Return a line of JSON for each mail that is in the queue, on hold or waiting."""
        return self.command("postqueue", "-j").splitlines()

    def flush(self) -> None:
        """Try at once to deliver what waits."""
        self.command("postqueue", "-f")


@contextmanager
def postfix(main: str = "", master: str = "") -> Iterator[Postfix]:
    """Run a Postfix while the context lasts.

    Parameters
    ----------
    main, master : str
        More lines of main.cf, which overrule those that are there, and of master.cf. ``{folder}``
        stands for the folder of it all.
    """
    program = needed("postfix")
    if os.geteuid() != 0:
        pytest.skip("only root can run a Postfix")
    with TemporaryDirectory(prefix="chf") as name:
        folder, port = Path(name), free_port()
        _prepare(folder, port, main, master)
        running = Postfix(folder, port)
        run = [program, "-c", str(folder / "conf")]
        try:
            begun = subprocess.run(
                [*run, "start"], capture_output=True, timeout=_PATIENCE, check=False
            )
            assert begun.returncode == 0, begun.stderr.decode() + running.log
            until(lambda: _answers(port), lambda: running.log)
            yield running
        finally:
            subprocess.run([*run, "stop"], capture_output=True, timeout=_PATIENCE, check=False)
            _end(folder)


def _prepare(folder: Path, port: int, main: str, master: str) -> None:
    somebody = pwd.getpwnam("nobody")
    told = {"folder": folder, "domain": DOMAIN, "uid": somebody.pw_uid, "gid": somebody.pw_gid}
    told["maps"] = ", ".join(f"{name}@{DOMAIN}={name}/" for name in NAMES)
    folder.chmod(0o755)
    for part in ("conf", "queue", "data", "mail"):
        (folder / part).mkdir()
    shutil.chown(folder / "data", "postfix")
    shutil.chown(folder / "mail", "nobody", grp.getgrgid(somebody.pw_gid).gr_name)
    lines = _MAIN.format(**told) + main.replace("{folder}", str(folder))
    (folder / "conf" / "main.cf").write_text(lines, encoding="utf-8")
    lines = _MASTER.format(port=port) + master.replace("{folder}", str(folder))
    (folder / "conf" / "master.cf").write_text(lines, encoding="utf-8")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as trying:
            return trying.recv(4) == b"220 "
    except OSError:
        return False


def _end(folder: Path) -> None:
    """End what would not be told to stop."""
    with suppress(FileNotFoundError, ValueError, ProcessLookupError):
        pid = int((folder / "queue" / "pid" / "master.pid").read_text(encoding="utf-8"))
        os.killpg(pid, signal.SIGKILL)
