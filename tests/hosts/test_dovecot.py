from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hosts.dovecot import Dovecot

MAIL = b"From: a@mail.example\r\nSubject: lunch\r\n\r\nAt noon?\r\n"


@pytest.fixture
def short() -> Iterator[Path]:
    with TemporaryDirectory(prefix="chf") as folder:
        yield Path(folder)


@pytest.mark.parametrize("mailboxes", ["maildir", "mdbox"])
def test_mail_is_delivered_and_read_with_and_without_tls(short: Path, mailboxes: str) -> None:
    users = {"ada": "lovelace", "bob@mail.example": "dylan"}
    with Dovecot(short, users, mailboxes=mailboxes) as dovecot:
        dovecot.deliver("bob@mail.example", MAIL)
        with imaplib.IMAP4(dovecot.host, dovecot.port, timeout=20) as plain:
            plain.login("bob@mail.example", "dylan")
            _, folders = plain.list()
            for name in (b"Junk", b"Trash", b"Sent", b"Archive"):
                assert any(rb"\%s)" % name in line for line in folders if isinstance(line, bytes))
            assert plain.select("INBOX")[1] == [b"1"]
        trusts = ssl.create_default_context(cafile=str(dovecot.certificate))
        with imaplib.IMAP4_SSL(
            "localhost", dovecot.tls_port, ssl_context=trusts, timeout=20
        ) as safe:
            safe.login("ada", "lovelace")
            assert safe.select("INBOX")[1] == [b"0"]
        assert "Junk" in dovecot.doveadm("mailbox", "list", "-u", "ada")


def test_it_can_be_stopped_and_started_again_where_it_was(short: Path) -> None:
    with Dovecot(short, extra="imap_capability = IMAP4rev1 UIDPLUS") as dovecot:
        port = dovecot.port
        dovecot.stop()
        with pytest.raises(ConnectionRefusedError):
            imaplib.IMAP4(dovecot.host, port, timeout=20)
        dovecot.start()
        assert dovecot.port == port
        with imaplib.IMAP4(dovecot.host, port, timeout=20) as client:
            client.login("ada", "lovelace")
            assert client.capability()[1][-1] == b"IMAP4rev1 UIDPLUS"
