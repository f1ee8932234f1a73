"""A mailbox on the real Dovecot that `chaffinch imap` guards, and the person whose it is."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from chaffinch.experience.store import Experience
from chaffinch.loop.flag import keep_up
from chaffinch.servers.guard.guard import Done
from chaffinch.servers.imap.accounts import read_accounts
from chaffinch.servers.imap.source import guard
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from hosts.dovecot import Dovecot
from samples import mail

_LARGEST = 1 << 20


def train(home: Path) -> None:
    """Make an installation that knows spam when it sees it."""
    home.mkdir(parents=True)
    (home / "settings.toml").write_text("ham_loss = 50\n", encoding="utf-8")
    labels = ("spam", "ham")
    with Experience(home) as experience:
        known = [Example(Item(mail(one, n)), one) for n in range(10) for one in labels]
        experience.add("mail", known)
        keep_up(get_task("mail", home=home), experience)


def copy(trained: Path, home: Path) -> None:
    """Begin an installation with what another has learned."""
    # Model files are never written to.
    shutil.copytree(trained / "models", home / "models", copy_function=os.link)
    for name in ("experience.db", "settings.toml"):
        shutil.copy(trained / name, home / name)


@dataclass
class Guarded:
    """A person's mailbox, and the installation that guards it.

    Parameters
    ----------
    dovecot : Dovecot
        The server.
    home : Path
        The installation.
    """

    dovecot: Dovecot
    home: Path
    accounts: dict[str, dict[str, object]] = field(default_factory=dict)
    begun: str = ""

    def __post_init__(self) -> None:
        self.begun = (self.home / "settings.toml").read_text(encoding="utf-8")

    def account(self, name: str = "ada", **settings: object) -> None:
        """Write an account into the settings; None takes a setting out."""
        user = str(settings.pop("user", name))
        secret = self.home / f"{name}.secret"
        secret.touch(mode=0o600)
        secret.write_text(self.dovecot.users[user] + "\n", encoding="utf-8")
        told = {
            "host": self.dovecot.host,
            "port": self.dovecot.port,
            "security": "plain",
            "user": user,
            "secret": f"file:{secret}",
            "log_only": False,
            "every": 1,
        } | settings
        self.accounts[name] = {key: value for key, value in told.items() if value is not None}
        text = self.begun
        for each, table in self.accounts.items():
            text += f"\n[imap.{each}]\n"
            text += "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())
        (self.home / "settings.toml").write_text(text, encoding="utf-8")

    def look(self, name: str = "ada", *, backlog: int = 0) -> Done:
        """Let the guard look once; return what it did, which was no trouble."""
        done = self.looked(name, backlog=backlog)
        assert done.trouble is None, done.trouble
        return done

    def looked(self, name: str = "ada", *, backlog: int = 0) -> Done:
        """Let the guard look once; return what it did."""
        accounts = read_accounts(self.home, _LARGEST, [name])
        return guard(self.home, accounts, once=True, backlog=backlog)[name]

    @contextmanager
    def person(self, name: str = "ada") -> Iterator[IMAPClient]:
        """The person's own mail program."""
        with IMAPClient(self.dovecot.host, self.dovecot.port, ssl=False, timeout=30) as client:
            client.login(name, self.dovecot.users[name])
            yield client

    def deliver(self, label: str, number: int, user: str = "ada") -> None:
        """Deliver a mail of this label, by LMTP."""
        self.dovecot.deliver(user, named(label, number))

    def move(self, number: int, source: str, target: str, user: str = "ada") -> None:
        """Move a mail as a mail program does."""
        with self.person(user) as client:
            client.select_folder(source)
            uid = found(client, number)
            if client.has_capability("MOVE"):
                client.move([uid], target)
            else:
                client.copy([uid], target)
                client.delete_messages([uid], silent=True)
                client.expunge()

    def where(self, number: int, user: str = "ada") -> list[str]:
        """Return the folders that a mail is in, as the person sees them."""
        with self.person(user) as client:
            return [name for name in _names(client) if _holds(client, name, number)]

    def restart(self, extra: str) -> None:
        """Have the server run with more configuration."""
        self.dovecot.stop()
        self.dovecot.extra = extra
        self.dovecot.start()

    def renumber(self, folder: str, user: str = "ada") -> None:
        """Have a folder's numbers mean other mails, as after a server was restored."""
        maildir = self.dovecot.home(user) / "Maildir"
        inside = maildir if folder == "INBOX" else maildir / f".{folder}"
        for path in (*inside.glob("dovecot-uidlist*"), *inside.glob("dovecot.index*")):
            path.unlink()
        # The next one is the time, in seconds: never the same.
        time.sleep(1.1)

    def flags(self, owner: str = "") -> dict[str, str]:
        """Return the labels that stand on mails of this guard's doing, by Message-ID."""
        with Experience.open(self.home) as experience:
            examples = experience.examples("mail", bulk=False)
            return {_id(one.item.data): one.label for one in examples if one.item.owner == owner}

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what a statement finds in the experience database."""
        with closing(sqlite3.connect(self.home / "experience.db")) as connection:
            return connection.execute(statement).fetchall()


def named(label: str, number: int) -> bytes:
    """Return a mail with a Message-ID of its own."""
    return f"Message-ID: <{number}@mail.example>\n".encode() + mail(label, number)


def found(client: IMAPClient, number: int) -> int:
    """Return the number of a mail in the open folder."""
    (uid,) = client.search(["HEADER", "Message-ID", f"<{number}@mail.example>"])
    return int(uid)


def _holds(client: IMAPClient, name: str, number: int) -> bool:
    client.select_folder(name, readonly=True)
    criteria = ["UNDELETED", "HEADER", "Message-ID", f"<{number}@mail.example>"]
    return bool(client.search(criteria))


def _names(client: IMAPClient) -> list[str]:
    listed = client.list_folders()
    return sorted(name for flags, _, name in listed if rb"\Noselect" not in flags)


def _id(data: bytes) -> str:
    start = data.index(b"Message-ID: <") + len(b"Message-ID: <")
    return data[start : data.index(b"@", start)].decode()


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return str(value) if isinstance(value, int) else f"'{value}'"
