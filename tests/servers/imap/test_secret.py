from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from chaffinch.errors import ChaffinchError, InputError, UsageError
from chaffinch.servers.imap.accounts import Account, read_accounts
from chaffinch.servers.imap.secret import secret_of


def account(secret: str) -> Account:
    return Account("home", "imap.example.org", "ada", 1, secret=secret)


def test_a_file_that_nobody_else_may_read(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("correct horse\nbattery\n", encoding="utf-8")
    for mode in (0o640, 0o604, 0o620, 0o666):
        file.chmod(mode)
        with pytest.raises(InputError, match=rf"can be read by others \(mode {mode:o}\): chmod"):
            secret_of(account(f"file:{file}"))
    file.chmod(0o600)
    assert secret_of(account(f"file:{file}")) == "correct horse"
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="is empty, or not text"):
        secret_of(account(f"file:{file}"))
    with pytest.raises(InputError, match="cannot be read"):
        secret_of(account(f"file:{tmp_path / 'nowhere'}"))


def test_a_command_that_prints_it() -> None:
    prints = f"command:{sys.executable} -c \"print('a token')\""
    assert secret_of(account(prints)) == "a token"
    fails = f"command:{sys.executable} -c \"import sys; sys.exit('hunter2')\""
    with pytest.raises(InputError, match="failed with code 1: run it by hand") as said:
        secret_of(account(fails))
    assert "hunter2" not in str(said.value)
    for wrong in ("command:", "command:'", "command:/no/such/program"):
        with pytest.raises(InputError, match="cannot be run"):
            secret_of(account(wrong))


def test_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.errors import NoKeyringError

    kept = {("chaffinch", "home"): "of the ring"}
    monkeypatch.setattr(keyring, "get_password", lambda *names: kept.get(names))
    assert secret_of(account("keyring")) == "of the ring"
    kept.clear()
    with pytest.raises(InputError, match="`keyring set chaffinch home` puts it there"):
        secret_of(account("keyring"))

    def none(*_: str) -> None:
        raise NoKeyringError

    monkeypatch.setattr(keyring, "get_password", none)
    with pytest.raises(InputError, match=r"cannot be read .*or set secret to file:PATH"):
        secret_of(account("keyring"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", r"no mailbox is to be guarded: write in .*imap.home = { host = "),
        ('imap = "x"', r"imap holds tables of its own: write \[imap.NAME\]"),
        ('[imap]\nhost = "x"', r"write \[imap.NAME\]"),
        ('[imap.home]\nhost = "x"', r'\[imap.home\]: user is missing: write user = "…"'),
        ('[imap.home]\nhots = "x"', r"no setting 'hots' \(did you mean 'host'\?\)"),
        ('[imap.home]\nsecurity = "ssl"', "'ssl' cannot be read: write one of 'tls', 'starttls'"),
        ("[imap.home]\nport = 70000", "out of range, from 0 to 65,535"),
        ("[imap.home]\nevery = 1800", "out of range, from 1 to 1,680"),
        ('[imap.home]\nlog_only = "maybe"', "cannot be read: write it like 'true'"),
        (
            '[imap.home]\nhost = "imap.example.org"\nuser = "a"\nsecurity = "plain"',
            "would send the password to imap.example.org for all on the way to read",
        ),
    ],
)
def test_settings_that_cannot_be(home: Path, written: str, said: str) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(written, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_accounts(home, 1)


def test_a_password_in_the_settings_is_refused_and_not_repeated(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('[imap.home]\nsecret = "hunter2"\n', encoding="utf-8")
    with pytest.raises(ChaffinchError, match="what stands there cannot be read") as said:
        read_accounts(home, 1)
    assert "hunter2" not in str(said.value)


def test_accounts_as_they_are_written(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(
        'ham_loss = 0.2\n[imap.home]\nhost = "imap.example.org"\nuser = "ada"\n'
        '[imap.work]\nhost = "::1"\nuser = "al"\nsecurity = "plain"\n'
        'folders = ["INBOX", "My lists"]\nlog_only = false\n',
        encoding="utf-8",
    )
    at_home, at_work = read_accounts(home, 1)
    assert (at_home.security, at_home.port, at_home.log_only) == ("tls", 993, True)
    assert (at_home.secret, at_home.folders, at_home.owner) == ("keyring", ("INBOX",), "")
    assert (at_work.port, at_work.folders, at_work.log_only) == (143, ("INBOX", "My lists"), False)
    assert str(at_work) == "al at [::1]:143"
    assert [one.name for one in read_accounts(home, 1, ["work"])] == ["work"]
    with pytest.raises(UsageError, match=r"no account 'wrok' \(did you mean 'work'\?\)"):
        read_accounts(home, 1, ["wrok"])


def test_a_file_is_looked_for_from_the_home_folder_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = '[imap.home]\nhost = "localhost"\nuser = "ada"\nsecret = "file:secret"\n'
    (tmp_path / "settings.toml").write_text(written, encoding="utf-8")
    (tmp_path / "secret").write_text("of the home\n", encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)
    monkeypatch.chdir("/")
    (account,) = read_accounts(tmp_path, 1)
    assert secret_of(account) == "of the home"


def test_what_is_told_to_be_written_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        read_accounts(tmp_path, 1)
    (line,) = re.findall(r"as in (imap.*?\});", str(told.value))
    (tmp_path / "settings.toml").write_text(f"remember = true\n{line}\n", encoding="utf-8")
    (account,) = read_accounts(tmp_path, 1)
    assert (account.name, account.user) == ("home", "ada")
