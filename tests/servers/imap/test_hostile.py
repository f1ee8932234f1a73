"""Servers that lie, babble, dawdle or hang: bounded in bytes and time, and told in a clear line."""

from __future__ import annotations

import re
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from chaffinch.errors import ServerError
from chaffinch.experience.mailbox import Folder
from chaffinch.experience.store import Experience
from chaffinch.servers.guard.roles import roles_of
from chaffinch.servers.guard.source import LoginError, RefusedError
from chaffinch.servers.imap import bounded
from chaffinch.servers.imap import session as asked
from chaffinch.servers.imap.accounts import Account
from chaffinch.servers.imap.mirror import sweep
from chaffinch.servers.imap.session import Session

Answer = str | bytes | Callable[[socket.socket, str], None]
INBOX = Folder("INBOX", "kept")
#: What a server says that is as it should be; {tag} is the command's.
HONEST: dict[str, Answer] = {
    "": "* OK ready\r\n",
    "CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n",
    "AUTHENTICATE": "+ \r\n",
    "LIST": '* LIST () "/" INBOX\r\n* LIST (\\Junk) "/" Junk\r\n{tag} OK done\r\n',
    "STATUS": "* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1)\r\n{tag} OK done\r\n",
    "EXAMINE": "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 2] x\r\n{tag} OK done\r\n",
    "UID SEARCH": "* SEARCH 1\r\n{tag} OK done\r\n",
    "UID FETCH": (
        "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 9 BODY[HEADER.FIELDS (DATE)]<0> {{2}}\r\n\r\n)\r\n"
        "{tag} OK done\r\n"
    ),
    "LOGOUT": "* BYE\r\n{tag} OK done\r\n",
}


def drips(client: socket.socket, tag: str) -> None:
    """Send something now and then, and never an end."""
    while True:
        client.sendall(b"* ")
        time.sleep(0.05)


def floods(client: socket.socket, tag: str) -> None:
    """Send line after line, as fast as they are taken."""
    while True:
        client.sendall(b"* 1 EXISTS\r\n" * 1000)


def one_line(client: socket.socket, tag: str) -> None:
    """Send a line that never ends."""
    while True:
        client.sendall(b"* OK " + b"a" * 65_536)


def hangs(client: socket.socket, tag: str) -> None:
    """Say nothing."""
    client.recv(1)


def ends(client: socket.socket, tag: str) -> None:
    """End the connection."""
    client.shutdown(socket.SHUT_RDWR)


@contextmanager
def server(answers: Mapping[str, Answer]) -> Iterator[int]:
    """Serve connections by a script; yield the port."""
    script = HONEST | dict(answers)
    listening = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def says(client: socket.socket, answer: Answer, tag: str) -> None:
        if callable(answer):
            answer(client, tag)
        elif isinstance(answer, bytes):
            client.sendall(answer)
        else:
            client.sendall(answer.format(tag=tag).encode("latin-1"))

    def talk(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(20)
            says(client, script[""], "*")
            before = ""
            for raw in client.makefile("rb"):
                tag, _, rest = raw.decode("ascii", "replace").strip().partition(" ")
                if not rest:
                    # What continues an AUTHENTICATE is one word.
                    says(client, "{tag} OK done\r\n", before)
                    continue
                before = tag
                name = next((one for one in script if one and rest.upper().startswith(one)), None)
                says(client, script[name] if name else "{tag} BAD no\r\n", tag)

    def accept() -> None:
        while not stopped.is_set():
            with suppress(OSError):
                client, _ = listening.accept()
                threading.Thread(target=talk, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        stopped.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(20)


@pytest.fixture
def account(tmp_path: Path) -> Account:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("lovelace\n", encoding="utf-8")
    return Account("ada", "127.0.0.1", "ada", 1 << 20, security="plain", secret=f"file:{secret}")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "_SECONDS", 2.0)
    monkeypatch.setattr(asked, "_MAIL_SECONDS", 2.0)
    monkeypatch.setattr(bounded, "_GREETING", (1 << 16, 2.0))


def at(account: Account, port: int) -> Account:
    return replace(account, port=port)


def test_an_honest_server_is_understood(account: Account, home: Path) -> None:
    with (
        server({}) as port,
        Experience.open(home) as experience,
        Session(at(account, port)) as session,
    ):
        swept = sweep(session, experience.mailboxes)
        assert [(one.name, one.role) for one in swept.folders] == [
            ("INBOX", "kept"),
            ("Junk", "junk"),
        ]
        assert len(experience.mailboxes.uids(swept.inbox.id)) == 1


def test_a_server_that_knows_no_mechanism(account: Account) -> None:
    able = {"CAPABILITY": "* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}
    with server(able | {"LOGIN": "{tag} OK done\r\n"}) as port, Session(at(account, port)):
        pass
    refuses = able | {"LOGIN": "{tag} NO [AUTHENTICATIONFAILED] not you\r\n"}
    with server(refuses) as port, pytest.raises(LoginError, match=r"FAILED\] not you\): check"):
        Session(at(account, port))


LIES: list[tuple[str, Answer]] = [
    ("", "HTTP/1.1 400 Bad Request\r\n\r\n"),
    ("", hangs),
    ("", ends),
    ("", one_line),
    ("", drips),
    ("CAPABILITY", b"\xff\xfe\0\0\r\n"),
    ("CAPABILITY", floods),
    ("LIST", '* LIST () "/" {{99999999999}}\r\n'),
    ("LIST", "* LIST (((((\r\n{tag} OK done\r\n"),
    ("LIST", "* LIST " + "(" * 20_000 + "\r\n{tag} OK done\r\n"),
    ("LIST", "{tag} OK done\r\n"),
    ("LIST", floods),
    ("LIST", drips),
    ("LIST", one_line),
    ("EXAMINE", "{tag} OK done\r\n"),
    ("EXAMINE", "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT -5] x\r\n{tag} OK done\r\n"),
    ("EXAMINE", "* x EXISTS\r\n* OK [UIDVALIDITY y] x\r\n{tag} OK done\r\n"),
    ("EXAMINE", "* " + "9" * 30 + " EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n{tag} OK done\r\n"),
    ("UID SEARCH", "* SEARCH one two\r\n{tag} OK done\r\n"),
    ("UID SEARCH", ends),
    ("UID SEARCH", floods),
    ("UID FETCH", "* 1 FETCH (UID 1 RFC822.SIZE\r\n{tag} OK done\r\n"),
    ("UID FETCH", "* 1 FETCH " + "(" * 5000 + ")" * 5000 + "\r\n{tag} OK done\r\n"),
    ("UID FETCH", "* 1 FETCH (UID 1 BODY[] {{4294967296}}\r\n"),
    ("UID FETCH", "* 1 FETCH (UID x FLAGS y RFC822.SIZE z)\r\n{tag} OK done\r\n"),
    ("UID FETCH", "zzz OK of another\r\n"),
    ("UID FETCH", drips),
    ("UID FETCH", hangs),
]


@pytest.mark.parametrize(("command", "answer"), LIES)
def test_what_makes_no_sense_ends_soon_and_is_told(
    account: Account, home: Path, command: str, answer: Answer
) -> None:
    began = time.monotonic()
    with (
        server({command: answer}) as port,
        Experience.open(home) as experience,
        pytest.raises(
            ServerError, match=r"^account ada: the server at 127.0.0.1, port \d+: "
        ) as said,
        Session(at(account, port)) as session,
    ):
        sweep(session, experience.mailboxes)
    assert not isinstance(said.value, RefusedError)
    assert str(said.value).isprintable()
    assert len(str(said.value)) < 500
    assert time.monotonic() - began < 15
    # Nothing that it said was taken down.
    with Experience.open(home) as experience:
        assert experience.mailboxes.waiting("ada") == []


def test_what_is_no_number_of_a_mail_is_passed_over(account: Account, home: Path) -> None:
    numbers = "* SEARCH 0 1 99999999999999999999 7\r\n{tag} OK done\r\n"
    with (
        server({"UID SEARCH": numbers}) as port,
        Experience.open(home) as experience,
        Session(at(account, port)) as session,
    ):
        swept = sweep(session, experience.mailboxes)
        # It tells nothing of 7.
        assert list(experience.mailboxes.uids(swept.inbox.id)) == [1]


def test_a_mail_that_came_since_the_folder_was_opened_is_new_at_the_next_look(
    account: Account, home: Path
) -> None:
    told = HONEST["UID FETCH"]
    assert isinstance(told, str)
    both = told.replace("{tag}", told.partition("{tag}")[0].replace("UID 1", "UID 2") + "{tag}")
    with (
        server({"UID SEARCH": "* SEARCH 1 2\r\n{tag} OK done\r\n", "UID FETCH": both}) as port,
        Experience.open(home) as experience,
        Session(at(account, port)) as session,
    ):
        swept = sweep(session, experience.mailboxes)
        assert list(experience.mailboxes.uids(swept.inbox.id)) == [1]


def test_a_mail_that_is_another_than_it_was_is_not_taken(account: Account) -> None:
    with server({}) as port, Session(at(account, port)) as session:
        session.look(INBOX)
        (glimpse,) = session.glimpses([1])
        assert session.mail(1, "another") is None
        # Of what was asked for there is nothing in the answer.
        assert session.mail(1, glimpse.sighting.key) is None


def test_more_than_the_size_that_was_told_is_not_read(account: Account) -> None:
    def fetch(client: socket.socket, tag: str) -> None:
        told = HONEST["UID FETCH"]
        assert isinstance(told, str)
        answers.append(told)
        if len(answers) == 1 or len(answers) == 2:
            client.sendall(told.format(tag=tag).encode())
        else:
            client.sendall(b"* 1 FETCH (UID 1 BODY[] {1000000000}\r\n")

    answers: list[str] = []
    with server({"UID FETCH": fetch}) as port, Session(at(account, port)) as session:
        session.look(INBOX)
        (glimpse,) = session.glimpses([1])
        with pytest.raises(ServerError, match="a literal of 1000000000 bytes is more than was"):
            session.mail(1, glimpse.sighting.key)


def test_ten_thousand_folders(account: Account) -> None:
    names = "".join(f'* LIST () "/" "x{number}"\r\n' for number in range(10_000))
    folders = f'{names}* LIST () "/" inbox\r\n* LIST () "/" Spam\r\n{{tag}} OK done\r\n'
    with server({"LIST": folders}) as port, Session(at(account, port)) as session:
        roles = roles_of(session.folders(), "", ["x9999"])
    assert len(roles) == 500
    assert (roles["Spam"], roles["INBOX"], roles["x9999"]) == ("junk", "kept", "kept")


def test_folders_that_have_no_name_are_left_out(account: Account) -> None:
    names = ("INBOX", "&AOk-t&AOk-", "A&B", "&2D0-", "&AAA-", "caf\u00e9", '"a b"', "7")
    folders = "".join(f'* LIST () "/" {name}\r\n' for name in names)
    told = f"{folders}* LIST () NIL x\r\n{{tag}} OK done\r\n"
    with server({"LIST": told}) as port, Session(at(account, port)) as session:
        listed = [(one.name, one.delimiter) for one in session.folders()]
    assert listed == [("INBOX", "/"), ("été", "/"), ("a b", "/"), ("7", "/"), ("x", "")]


@pytest.mark.parametrize(("login", "said"), [("xoauth2", b"user=ada"), ("oauthbearer", b"n,a=ada")])
def test_tokens(account: Account, login: str, said: bytes) -> None:
    came: list[bytes] = []

    def takes(client: socket.socket, tag: str) -> None:
        client.sendall(b"+ \r\n")
        answer = b""
        while not answer.endswith(b"\r\n"):
            answer += client.recv(4096)
        came.append(b64decode(answer))
        client.sendall(f"{tag} {'OK done' if len(came) > 1 else 'NO expired'}\r\n".encode())

    secret = Path(account.secret.removeprefix("file:"))
    with server({"AUTHENTICATE": takes}) as port:
        given = replace(at(account, port), login=login)
        with pytest.raises(LoginError, match=r"is not let in \(.*expired\): check user"):
            Session(given)
        # Some program has renewed it.
        secret.write_text("renewed\n", encoding="utf-8")
        with Session(given):
            pass
    assert came[0].startswith(said)
    assert re.search(rb"auth=Bearer lovelace\x01", came[0])
    assert re.search(rb"auth=Bearer renewed\x01", came[1])
