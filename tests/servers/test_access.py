"""Nobody comes in who may not, and nobody speaks for somebody else."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chaffinch.servers.access import Access, Address, Peer, reached_by_all
from chaffinch.servers.faults import RefusedError

ME = Peer(uid=os.geteuid())
ROOT = Peer(uid=0)
STRANGER = Peer(uid=65_534 if os.geteuid() != 65_534 else 65_533)
TCP = Peer(host="127.0.0.1")
NETWORK = (ipaddress.ip_network("192.0.2.0/24"),)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("127.0.0.1:783", True),
        ("localhost:783", True),
        ("[::1]:783", True),
        ("unix:/run/a.sock", True),
        ("0.0.0.0:783", False),
        ("[::]:783", False),
        ("192.0.2.1:783", False),
    ],
)
def test_addresses(text: str, local: bool) -> None:
    address = Address.parse(text)
    assert address.is_local == local
    assert str(address) == text.replace("localhost", "127.0.0.1")


@pytest.mark.parametrize(
    "text", ["", "783", "a.example:783", "127.0.0.1:", "127.0.0.1:70000", "unix:/a\0"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("host", "admitted"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.77", True),
        ("::ffff:192.0.2.77", True),
        ("192.0.3.1", False),
        ("::ffff:192.0.3.1", False),
        ("2001:db8::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_who_is_let_in(host: str, admitted: bool) -> None:
    assert Access(NETWORK).admits(Peer(host=host)) == admitted


def test_whoever_may_write_to_a_unix_socket_is_let_in() -> None:
    assert Access().admits(STRANGER)


def test_one_persons_mail_is_hers_whatever_is_said() -> None:
    access = Access(users="one")
    assert [access.owner(peer, "ada") for peer in (ME, STRANGER, TCP)] == ["", "", ""]
    assert access.owner(ME, "ada", teaching=True) == ""
    assert access.owner(ROOT, "", teaching=True) == ""
    for peer in (STRANGER, TCP, Peer()):
        with pytest.raises(RefusedError, match="may not teach"):
            access.owner(peer, "", teaching=True)


def test_each_speaks_for_themselves() -> None:
    access = Access(users="checked")
    login = STRANGER.login
    for teaching in (False, True):
        assert access.owner(STRANGER, login, teaching=teaching) == login
        assert access.owner(STRANGER, "", teaching=teaching) == login
        assert access.owner(ROOT, "ada", teaching=teaching) == "ada"
        with pytest.raises(RefusedError, match="may not speak for another user"):
            access.owner(STRANGER, "root", teaching=teaching)
    assert access.owner(TCP, "ada") == "", "who speaks over TCP is nobody"
    with pytest.raises(RefusedError, match="over TCP is not known"):
        access.owner(TCP, "ada", teaching=True)


def test_whoever_is_believed_speaks_for_all() -> None:
    access = Access(users="believed")
    assert access.owner(TCP, "ada@example.org", teaching=True) == "ada@example.org"
    assert access.owner(STRANGER, "") == ""


@pytest.mark.parametrize("users", ["one", "checked", "believed"])
@pytest.mark.parametrize("user", ["a b", "é", "x" * 251, "a\nb", "\0"])
def test_names_that_are_none(users: str, user: str) -> None:
    with pytest.raises(RefusedError, match="printable ASCII"):
        Access(users=users).owner(ME, user)


def test_whom_an_address_is_open_to() -> None:
    with TemporaryDirectory(prefix="chf") as name:
        folder = Path(name)
        address = Address(path=str(folder / "s"))
        folder.chmod(0o755)
        assert reached_by_all(address, 0o666)
        assert not reached_by_all(address, 0o660)
        folder.chmod(0o750)
        assert not reached_by_all(address, 0o666)
    assert reached_by_all(Address("127.0.0.1", 783), 0o600)


@pytest.mark.parametrize("users", ["believed", "checked"])
def test_names_are_taken_in_lower_case(users: str) -> None:
    access = Access(users=users)
    assert access.owner(ROOT, "Ada@Example.ORG") == "ada@example.org"
    assert access.owner(STRANGER, STRANGER.login.upper()) == STRANGER.login.lower()
