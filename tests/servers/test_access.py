"""Nobody comes in who may not, and nobody speaks for somebody else."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chaffinch.errors import UsageError
from chaffinch.servers.access import Access, Address, Peer, open_socket, reached_by_all
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


@pytest.mark.parametrize("text", ["", "783", "a.example:783", "127.0.0.1:", "127.0.0.1:70000"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Address.parse(text)


@pytest.mark.parametrize("text", ["0.0.0.0:0", "[::]:0"])
def test_a_door_opens_to_the_world_only_for_those_named(text: str) -> None:
    address = Address.parse(text)
    with pytest.raises(UsageError, match="open to other machines: say which may come in"):
        open_socket("spamd", address, Access(), 0o600)
    open_socket("spamd", address, Access(NETWORK), 0o600).close()


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


def test_a_unix_socket_knows_who_comes(short: Path) -> None:
    path = short / "a.sock"
    with open_socket("spamd", Address(path=str(path)), Access(), 0o660) as listening:
        assert path.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            accepted, _ = listening.accept()
            with accepted:
                assert Peer.of(accepted) == ME


def test_the_socket_of_a_server_that_is_gone_is_taken_over(short: Path) -> None:
    address = Address(path=str(short / "a.sock"))
    open_socket("spamd", address, Access(), 0o600).close()
    with (
        open_socket("spamd", address, Access(), 0o600),
        pytest.raises(UsageError, match="cannot be listened at: Address already in use"),
    ):
        open_socket("spamd", address, Access(), 0o600)


def test_a_file_is_not_taken_for_a_socket(short: Path) -> None:
    path = short / "a.sock"
    path.write_bytes(b"mine")
    with pytest.raises(UsageError, match="cannot be listened at"):
        open_socket("spamd", Address(path=str(path)), Access(), 0o600)
    assert path.read_bytes() == b"mine"


def test_a_path_that_is_too_long(short: Path) -> None:
    with pytest.raises(UsageError, match="cannot be listened at: AF_UNIX path too long: name anot"):
        open_socket("spamd", Address(path=str(short / ("s" * 108))), Access(), 0o600)


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Address("127.0.0.1", other.getsockname()[1])
        with pytest.raises(UsageError, match="name another address, or end what listens there"):
            open_socket("spamd", taken, Access(), 0o600)


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="there is no folder /nonexistent: make it"):
        open_socket("spamd", Address(path="/nonexistent/x.sock"), Access(), 0o600)


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
