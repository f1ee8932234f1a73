"""The real Dovecot, private to a test: its own configuration, users and mail in one folder."""

from __future__ import annotations

import grp
import os
import pwd
import signal
import smtplib
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from hosts.postfix import free_port
from programs import needed

_PATIENCE = 30.0
_MAIL = 65534  # nobody: Dovecot touches no mail as root
_CONFIGURATION = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
mail_location = {location}
first_valid_uid = {uid}
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
auth_mechanisms = plain login
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/tls.crt
ssl_key = <{folder}/tls.key
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = subscribe
  }}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
"""


class Dovecot:
    """A Dovecot that listens on this machine alone, with and without TLS.

    As a context it is started, and stopped whatever happens. Messages come in with `deliver`, or
    by IMAP. Every user has INBOX, Junk, Trash, Sent and Archive.

    Parameters
    ----------
    folder : Path
        An empty folder of a short name, for the names of its sockets.
    users : mapping of str to str
        Passwords by user.
    extra : str
        What follows its configuration, such as plugins.
    mailboxes : {"maildir", "mdbox"}
        How it keeps mail.
    """

    def __init__(
        self,
        folder: Path,
        users: Mapping[str, str] = {"ada": "lovelace"},
        *,
        extra: str = "",
        mailboxes: str = "maildir",
    ) -> None:
        self.folder = folder
        self.users = dict(users)
        #: More lines of configuration, read at `start`.
        self.extra = extra
        self.host = "127.0.0.1"
        #: Where it speaks IMAP, with STARTTLS for those who want it.
        self.port = 0
        #: Where it speaks IMAP over TLS.
        self.tls_port = 0
        #: What a client must trust: it signed itself, for 127.0.0.1 and localhost.
        self.certificate = folder / "tls.crt"
        #: The socket of LMTP.
        self.lmtp = folder / "run" / "lmtp"
        self.log = folder / "dovecot.log"
        self._location = f"{mailboxes}:~/{'Maildir' if mailboxes == 'maildir' else 'mdbox'}"
        # Debian has them in packages of their own.
        for program in ("imap", "lmtp"):
            _found(program)
        self._program = _found("dovecot")
        self._process: subprocess.Popen[bytes] | None = None
        self._prepare()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def group(self) -> str:
        """The group as which its processes touch mail."""
        return grp.getgrgid(os.getegid() if os.geteuid() else _MAIL).gr_name

    def home(self, user: str) -> Path:
        """Return the folder that holds a user's mail: Maildir or mdbox, and sieve scripts."""
        return self.folder / "home" / user

    def start(self) -> None:
        """Start it, at the ports it had before, and wait until it answers."""
        for _ in range(5):
            if not self.port:
                self.port, self.tls_port = free_port(), free_port()
            self._write()
            self._process = subprocess.Popen(
                [self._program, "-F", "-c", str(self.folder / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            if self._answers():
                return
            # Another program has taken the port since it was found free, or something is wrong.
            said = self._ended()
            self.port = 0
        pytest.fail(f"dovecot does not start: {said}")

    def stop(self) -> None:
        """End it, and every connection."""
        if self._process is not None:
            self._ended()

    def doveadm(self, *words: str) -> str:
        """Run doveadm, as in ``doveadm("mailbox", "list", "-u", "ada")``; return what it prints."""
        command = [_found("doveadm"), "-c", str(self.folder / "dovecot.conf"), *words]
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
        return done.stdout.decode()

    def deliver(self, user: str, mail: bytes) -> None:
        """Deliver a mail by LMTP, as a mail server does."""
        with smtplib.LMTP(str(self.lmtp), timeout=_PATIENCE) as lmtp:
            lmtp.sendmail("sender@mail.example", [user], mail)

    def _prepare(self) -> None:
        # Its processes run as several users.
        self.folder.chmod(0o755)
        for name in ("run", "state", "home"):
            (self.folder / name).mkdir()
        if os.geteuid() == 0:
            os.chown(self.folder / "home", _MAIL, _MAIL)
        lines = [f"{user}:{{plain}}{password}\n" for user, password in self.users.items()]
        (self.folder / "users").write_text("".join(lines), encoding="utf-8")
        key = self.folder / "tls.key"
        words = (
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
            "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost"
        )
        subprocess.run(
            [_found("openssl"), *words.split(), "-keyout", str(key), "-out", str(self.certificate)],
            check=True,
            capture_output=True,
            timeout=_PATIENCE,
        )

    def _write(self) -> None:
        # Where it is not started by root, it can be no other user.
        ours = os.geteuid() != 0
        user = pwd.getpwuid(os.geteuid()).pw_name
        written = _CONFIGURATION.format(
            folder=self.folder,
            location=self._location,
            uid=os.geteuid() if ours else _MAIL,
            gid=os.getegid() if ours else _MAIL,
            internal=user if ours else "dovecot",
            group=grp.getgrgid(os.getegid()).gr_name if ours else "dovecot",
            login=user if ours else "dovenull",
            chroot="chroot =" if ours else "",
            port=self.port,
            tls_port=self.tls_port,
        )
        (self.folder / "dovecot.conf").write_text(f"{written}{self.extra}\n", encoding="utf-8")

    def _answers(self) -> bool:
        assert self._process is not None
        until = time.monotonic() + _PATIENCE
        while self._process.poll() is None and time.monotonic() < until:
            with suppress(OSError), socket.create_connection((self.host, self.port), 5) as one:
                if one.recv(64).startswith(b"* OK"):
                    return True
            time.sleep(0.02)
        return False

    def _ended(self) -> str:
        process, self._process = self._process, None
        assert process is not None
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        # What has not ended with it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_PATIENCE)
        assert process.stderr is not None
        with process.stderr as said:
            log = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
            return said.read().decode() + log[-2000:]


def _found(program: str) -> str:
    # Servers are where users do not look for programs.
    for place in ("/usr/sbin", "/usr/lib/dovecot", "/usr/libexec/dovecot"):
        if (there := Path(place, program)).exists():
            return str(there)
    return needed(program)
