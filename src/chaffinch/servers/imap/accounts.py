"""The accounts whose mailboxes are guarded, as the settings file tells: tables `[imap.NAME]`."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chaffinch.errors import MissingExtraError, UsageError, did_you_mean
from chaffinch.settings import Setting, boolean, count_of, one_of, read_tables

_PORTS = {"tls": 993, "starttls": 143, "plain": 143, "unprotected": 143}
_KINDS = ("keyring", "file:", "command:")


def _secret(value: str) -> str:
    if value != "keyring" and not value.startswith(_KINDS[1:]):
        raise ValueError("names no place")
    return value


def _folders(value: str) -> list[str]:
    return ["INBOX" if name.upper() == "INBOX" else name for name in value.splitlines()]


def _name(value: str) -> str:
    if not value or not value.isprintable():
        raise ValueError("no name")
    return value


ACCOUNT = (
    Setting("host", "", "The server's name, as in `imap.example.org`.", _name),
    Setting("user", "", "Whom to log in as.", _name),
    Setting(
        "security",
        "tls",
        "How the connection is kept from others: `tls` from the first byte, `starttls`; `plain` is "
        "for a server on this machine, `unprotected` sends password and mail for all to read.",
        one_of(*_PORTS),
    ),
    Setting("port", "993, or 143 without tls", "The server's port.", partial(count_of, most=65535)),
    Setting(
        "ca",
        "",
        "A file of certificates to trust instead of the system's: of a server that signed its own.",
        _name,
    ),
    Setting(
        "login",
        "password",
        "How to log in: `password`, also one for this program alone as large providers give; "
        "`xoauth2` or `oauthbearer` with an OAuth 2 access token.",
        one_of("password", "xoauth2", "oauthbearer"),
    ),
    Setting(
        "secret",
        "keyring",
        "Where the password or token is, not itself: `keyring`, as `keyring set chaffinch NAME` "
        "puts it there; `file:PATH`, from the home folder on, which nobody else may read; "
        "`command:PROGRAM …`, which prints it. It is looked up at each login.",
        _secret,
        told=False,
    ),
    Setting("owner", "", "Whose taste judges the mail, as `--owner` elsewhere.", str),
    Setting(
        "folders",
        "INBOX",
        'The folders whose new mail is judged, as in `["INBOX", "Lists"]`.',
        _folders,
    ),
    Setting(
        "junk",
        "the one the server says is for junk, or that is called Junk or Spam",
        "The folder for junk. Those inside of it count as junk, too.",
        _name,
    ),
    Setting(
        "log_only",
        "true",
        "Whether nothing is moved, and it is only written down what would be. It is learned from "
        "what you move in either case.",
        boolean,
    ),
    Setting(
        "every",
        "60",
        "Seconds between two looks at all folders; what happens in INBOX is told at once by "
        "servers that can. From 1 to 1,680, as servers end what is silent for half an hour.",
        partial(count_of, least=1, most=1680),
    ),
)


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox to guard; its settings' helps in `ACCOUNT` say what each is.

    Parameters
    ----------
    name : str
        What it is called in the settings.
    largest : int
        Bytes of the largest mail that is read whole.
    """

    name: str
    host: str
    user: str
    largest: int
    security: str = "tls"
    port: int = 993
    ca: str = ""
    login: str = "password"
    secret: str = "keyring"  # noqa: S105 (where it is, not itself)
    owner: str = ""
    folders: tuple[str, ...] = ("INBOX",)
    junk: str = ""
    log_only: bool = True
    every: int = 60

    def remedy(self, missing: str) -> str:
        """Return what to do where a folder is not there."""
        return f"make it, or correct {missing} of [imap.{self.name}] in the settings"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.user} at {host}:{self.port}"


def read_accounts(home: Path, largest: int, chosen: Sequence[str] = ()) -> list[Account]:
    """Return the accounts that the settings of a home folder name.

    Parameters
    ----------
    home : Path
        The folder of the installation.
    largest : int
        Bytes of the largest mail that is read whole.
    chosen : sequence of str
        The accounts' names; all by default.

    Raises
    ------
    UsageError
        If a setting is wrong or missing, or there is no such account.
    MissingExtraError
        If the package is not installed that speaks IMAP.
    """
    if find_spec("imapclient") is None:
        raise MissingExtraError("guarding mailboxes takes a package: pip install 'chaffinch[imap]'")
    path = home / "settings.toml"
    tables = read_tables("imap", ACCOUNT, home)
    if not tables:
        raise UsageError(
            f"no mailbox is to be guarded: write in {path} as in "
            'imap.home = { host = "imap.example.org", user = "ada" }; docs/recipes/imap.md tells '
            "more"
        )
    for name in chosen:
        if name not in tables:
            close = did_you_mean(name, list(tables))
            raise UsageError(f"no account '{name}'{close} in {path}: write [imap.{name}] there")
    return [
        _account(name, table, largest, home, f"settings file {path}, [imap.{name}]")
        for name, table in tables.items()
        if not chosen or name in chosen
    ]


def _account(name: str, table: dict[str, Any], largest: int, home: Path, where: str) -> Account:
    for needed in ("host", "user"):
        if needed not in table:
            raise UsageError(f'{where}: {needed} is missing: write {needed} = "…"')
    table["folders"] = tuple(table.get("folders", ("INBOX",)))
    table.setdefault("port", _PORTS[table.get("security", "tls")])
    kind, _, file = table.get("secret", "").partition(":")
    if kind == "file":
        # From wherever this is started, it is the same file.
        table["secret"] = f"file:{home / Path(file).expanduser()}"
    account = Account(name, largest=largest, **table)
    if account.security == "plain" and not _is_here(account.host):
        raise UsageError(
            f'{where}: security = "plain" would send the password to {account.host} for all on the '
            'way to read: write "tls" or "starttls", or "unprotected" if that is meant'
        )
    return account


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
