"""The password or token of an account, from where the settings say it is; never kept."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from pathlib import Path

from chaffinch.errors import InputError, MissingExtraError
from chaffinch.servers.imap.accounts import Account

#: The service under which keyrings have it; the user is the account's name.
SERVICE = "chaffinch"
_LONGEST = 65_536
_PATIENCE = 60.0


def secret_of(account: Account) -> str:
    """Return the password or token of an account.

    Raises
    ------
    InputError
        If it is not there, others may read it, or the program that prints it fails.
    MissingExtraError
        If it is in the keyring and the package that opens keyrings is not installed.
    """
    kind, _, where = account.secret.partition(":")
    if kind == "keyring":
        found = _of_keyring(account)
    elif kind == "file":
        found = _of_file(Path(where).expanduser(), account)
    else:
        found = _of_command(where, account)
    line = found.partition("\n")[0].rstrip("\r")
    if not line or not line.isprintable():
        raise InputError(
            f"account {account.name}: the first line of its secret is empty, or not text: write "
            "the password or token there"
        )
    return line


def _of_keyring(account: Account) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise MissingExtraError(
            f"account {account.name}: its secret is in the keyring, which takes a package: pip "
            "install 'chaffinch[imap]'"
        ) from error
    remedy = f"`keyring set {SERVICE} {account.name}` puts it there, or set secret to file:PATH"
    try:
        found = keyring.get_password(SERVICE, account.name)
    except KeyringError as error:
        said = type(error).__name__
        raise InputError(
            f"account {account.name}: the keyring cannot be read ({said}): {remedy}"
        ) from error
    if not found:
        raise InputError(f"account {account.name}: the keyring has no secret for it: {remedy}")
    return str(found)


def _of_file(path: Path, account: Account) -> str:
    subject = f"account {account.name}: secret file {path}"
    try:
        with path.open("rb") as file:
            # Of what was opened: the name may come to mean another file.
            told = os.fstat(file.fileno())
            if told.st_mode & 0o077:
                raise InputError(
                    f"{subject} can be read by others (mode {stat.S_IMODE(told.st_mode):o}): "
                    f"chmod 600 {path}"
                )
            if told.st_uid not in (os.geteuid(), 0):
                raise InputError(f"{subject} is another user's: make it your own")
            return file.read(_LONGEST).decode("utf-8", "replace")
    except OSError as error:
        raise InputError(
            f"{subject} cannot be read ({error.strerror}): write the password or token there, and "
            "let nobody else read it"
        ) from error


def _of_command(command: str, account: Account) -> str:
    subject = f"account {account.name}: the command that prints its secret"
    try:
        # A list of words and no shell: what stands in the settings is all that runs.
        done = subprocess.run(  # noqa: S603
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, ValueError, IndexError) as error:
        raise InputError(f"{subject} cannot be run: check secret in the settings") from error
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{subject} was not done in {_PATIENCE:.0f} seconds: it may ask nobody"
        ) from error
    if done.returncode:
        # What it said may hold the secret.
        raise InputError(f"{subject} failed with code {done.returncode}: run it by hand")
    return done.stdout[:_LONGEST].decode("utf-8", "replace")
