"""Next hops that lead back to where mail comes from: told by an address, or by a greeting."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from chaffinch.servers import circle
from chaffinch.servers.access import Address
from chaffinch.servers.circle import NONCE, leads_to
from chaffinch.servers.next_hop import NextHop
from proxied import Proxied, proxied
from scripted_hop import ScriptedHop

HERE = Address("127.0.0.1", 9)
ANYWHERE = Address("0.0.0.0", 9)


def own_address() -> str:
    """Return an address of this machine beside those of loopback, where it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.2"
        return str(asking.getsockname()[0])


@pytest.mark.parametrize(
    ("host", "address"),
    [
        *((name, HERE) for name in ("localhost", "LOCALHOST", "localhost.", "a.localhost")),
        *((name, HERE) for name in ("127.1", "0x7f.1", "2130706433", "0.0.0.0", "0")),
        ("[::ffff:127.0.0.1]", HERE),
        ("[::ffff:0.0.0.0]", HERE),
        ("[::]", Address("::1", 9)),
        ("localhost", Address("::1", 9)),
        ("0.0.0.0", ANYWHERE),
        ("127.0.0.2", ANYWHERE),
        ("[::1]", Address("::", 9)),
        (own_address(), ANYWHERE),
        (f"[::ffff:{own_address()}]", ANYWHERE),
        (f"{socket.gethostname()}.", ANYWHERE),
    ],
)
def test_what_leads_back_is_told_by_its_address(host: str, address: Address) -> None:
    assert leads_to(NextHop.parse(f"smtp:{host}:9"), address)
    assert not leads_to(NextHop.parse(f"smtp:{host}:10"), address)


def test_a_name_of_the_machine_is_found_in_its_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = tmp_path / "hosts"
    monkeypatch.setattr(circle, "_LIST", hosts)
    there = NextHop.parse("smtp:mx.example:9")
    assert not leads_to(there, HERE)
    hosts.write_text("# a list\n\n127.0.1.1 b\n127.0.0.1\tMX.example mx # b\nno address b\n")
    assert leads_to(there, HERE)
    assert leads_to(there, ANYWHERE)
    assert not leads_to(NextHop.parse("smtp:b:9"), HERE)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.2", HERE),
        ("[::1]", HERE),
        ("[::1]", ANYWHERE),
        ("127.0.0.1", Address("::", 9)),
        ("192.0.2.1", ANYWHERE),
        ("[2001:db8::1]", Address("::", 9)),
        ("mx.example", ANYWHERE),
        ("x" * 70, ANYWHERE),
        ("1.2.3.4.5", ANYWHERE),
        ("127.0.0.1", Address(path="/a/b")),
    ],
)
def test_what_is_elsewhere_or_only_the_dns_knows_is_no_circle(host: str, address: Address) -> None:
    assert not leads_to(NextHop.parse(f"smtp:{host}:9"), address)


def test_a_socket_has_many_paths(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    door = Address(path=str(tmp_path / "door"))
    for path in ("door", f"../{tmp_path.name}/door", "link/door"):
        assert leads_to(NextHop.parse(f"lmtp:unix:{tmp_path}/{path}"), door)
    assert not leads_to(NextHop.parse(f"lmtp:unix:{tmp_path}/mda"), door)
    assert not leads_to(NextHop.parse(f"lmtp:unix:{tmp_path}/door"), HERE)


@pytest.mark.parametrize("name", ["smtp", "lmtp"])
def test_the_rest_is_told_by_its_greeting(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    async def work(served: Proxied) -> None:
        talk = await served.open()
        hello, kind = ("LHLO", "LMTP") if name == "lmtp" else ("EHLO", "ESMTP")
        greeting = await talk.hear()
        # Postfix compares the name that greets it with its own.
        assert greeting == f"220 chaffinch {kind} {NONCE}"
        served.hop.answers["greeting"] = greeting.encode() + b"\r\n"
        assert (await talk.say(f"{hello} x")).startswith("421 4.4.1 ")
        assert await talk.hear() == ""
        assert served.hop.lines == []
        # Another server of the kind, as one machine may pass mail to the next.
        served.hop.answers["greeting"] = b"220 chaffinch ESMTP 0123456789abcdef\r\n"
        assert (await served.send(b"A: 1\r\n\r\n"))[0].startswith("250 ")

    proxied(work, ScriptedHop(name), name=name)
    assert "it leads back to a door of this server" in capsys.readouterr().err
