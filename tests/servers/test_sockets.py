"""Where doors can listen is known before they do, and nobody listens further than may be."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from pathlib import Path

import pytest

from chaffinch.errors import ChaffinchError, UnavailableError, UsageError
from chaffinch.servers import sockets
from chaffinch.servers.access import Access, Address, Network, Peer
from chaffinch.servers.sockets import look_at, open_socket

NETWORK = (ipaddress.ip_network("192.0.2.0/24"),)


def looked(*words: str, allow: tuple[Network, ...] = NETWORK) -> dict[Address, str]:
    """Look at addresses of doors that are named for their places."""
    places = [(f"door {place}", Address.parse(word)) for place, word in enumerate(words)]
    return look_at(places, Access(allow))


@pytest.mark.parametrize("text", ["0.0.0.0:0", "[::]:0"])
def test_a_door_opens_to_the_world_only_for_those_named(text: str) -> None:
    with pytest.raises(UsageError, match="open to other machines: say which may come in"):
        looked(text, allow=())
    assert looked(text) == {}
    open_socket("spamd", Address.parse(text), 0o600).close()


def test_a_unix_socket_knows_who_comes(short: Path) -> None:
    path = short / "a.sock"
    with open_socket("spamd", Address(path=str(path)), 0o660) as listening:
        assert path.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            accepted, _ = listening.accept()
            with accepted:
                assert Peer.of(accepted) == Peer(uid=os.geteuid())


def test_the_socket_of_a_server_that_is_gone_is_taken_over(short: Path) -> None:
    address = Address(path=str(short / "a.sock"))
    open_socket("spamd", address, 0o600).close()
    assert looked(str(address)) == {}
    with open_socket("spamd", address, 0o600) as listening:
        assert looked(str(address)) == {address: "in use now, as it is while serve runs"}
        with pytest.raises(UnavailableError, match="cannot be listened at: Address already in use"):
            open_socket("spamd", address, 0o600)
        # To look is no visit.
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Address("127.0.0.1", other.getsockname()[1])
        assert looked(str(taken)) == {taken: "in use now, as it is while serve runs"}
        with pytest.raises(UnavailableError, match="or end what listens there"):
            open_socket("spamd", taken, 0o600)
    assert looked(str(taken)) == {}


def test_a_port_that_takes_a_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """The unit of systemd gives it to the service, and not to who looks."""

    def refused(*_: object) -> socket.socket:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sockets, "_tcp", refused)
    assert "below 1024" in looked("127.0.0.1:783")[Address("127.0.0.1", 783)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["127.0.0.1:783", "[::1]:783", "127.0.0.1:783"], "door 0 = 127.0.0.1:783 has it already"),
        (["0.0.0.0:7830", "127.0.0.1:7830"], "door 0 = 0.0.0.0:7830 has it already"),
        (["unix:DIR/s", "unix:DIR/../DIR/s"], "has it already"),
        (["unix:DIR/mine"], "what is there is no socket: remove it, or name another path"),
        (["unix:DIR/" + "s" * 120], "bytes is too long: name one of at most 100"),
    ],
)
def test_where_nobody_can_ever_listen(short: Path, words: list[str], said: str) -> None:
    refused(short, words, said, UsageError)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("unix:DIR/mine/s", "cannot be listened at: Not a directory"),
        ("unix:DIR/none/s", "there is no folder DIR/none: make it, or name another"),
        ("192.0.2.1:7830", "this machine does not have that address: name one that it has"),
    ],
)
def test_where_nobody_can_listen_now(short: Path, word: str, said: str) -> None:
    refused(short, [word], said, UnavailableError)


def refused(short: Path, words: list[str], said: str, error: type[ChaffinchError]) -> None:
    (short / "mine").write_bytes(b"mine")
    there = str(short)
    words = [one.replace("/../DIR", f"/../{short.name}").replace("DIR", there) for one in words]
    with pytest.raises(error, match=re.escape(said.replace("DIR", there))):
        looked(*words)
    assert (short / "mine").read_bytes() == b"mine"
    assert len(list(short.iterdir())) == 1, "nothing is made"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to(short: Path) -> None:
    short.chmod(0o500)
    with pytest.raises(UsageError, match="this user may not write to"):
        looked(f"unix:{short}/s")


def test_the_system_chooses_a_port_for_each_door() -> None:
    assert looked("127.0.0.1:0", "127.0.0.1:0") == {}
    twice = [("spamd", Address("127.0.0.1", 0))] * 2
    with pytest.raises(UsageError, match="write it once"):
        look_at(twice, Access())
