"""Whether a next hop leads back to where mail comes from, and it would go round for ever.

What can be told of addresses alone is told before a door opens. The rest, such as a name in the DNS
or a port that is forwarded, is known by the greeting of our own doors when the next hop is called.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chaffinch.servers.access import Address

if TYPE_CHECKING:
    from chaffinch.servers.next_hop import NextHop

_Host = ipaddress.IPv4Address | ipaddress.IPv6Address
#: A word in the greeting of our doors. It is made before processes are forked, so that those of one
#: `serve` share it, before a reload and behind it, and no other has it.
NONCE = secrets.token_hex(8)
_LIST = Path("/etc/hosts")
_LOOPBACK: dict[int, _Host] = {
    4: ipaddress.IPv4Address("127.0.0.1"),
    6: ipaddress.IPv6Address("::1"),
}


def leads_to(hop: NextHop, address: Address) -> bool:
    """Return whether a next hop is at an address where we listen, as far as no DNS has to be asked.

    Examples
    --------
    >>> from chaffinch.servers.next_hop import NextHop
    >>> leads_to(NextHop.parse("smtp:127.1:25"), Address("127.0.0.1", 25))
    True
    >>> leads_to(NextHop.parse("smtp:127.0.0.2:25"), Address("127.0.0.1", 25))
    False
    """
    if address.path or hop.path:
        return address.meets(Address(path=hop.path))
    if hop.port != address.port:
        return False
    door = _as_reached(address.host)
    any_host = ipaddress.ip_address(address.host).is_unspecified
    name = hop.host.rstrip(".").lower()
    if any_host and name == socket.gethostname().rstrip(".").lower():
        # At which of its addresses it finds itself does not matter then.
        return True
    return any(
        host == door or (any_host and host.version == door.version and _is_own(host))
        for host in _hosts(name)
    )


def _hosts(name: str) -> list[_Host]:
    """Return the addresses that a host stands for; none where the DNS has to be asked."""
    if name == "localhost" or name.endswith(".localhost"):
        return list(_LOOPBACK.values())
    # No address at all, or a label of it is too long.
    with suppress(OSError, UnicodeError):
        # In all forms that the system reads when it connects, such as 127.1.
        flags = socket.AI_NUMERICHOST
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=flags)
        return [_as_reached(str(address[0])) for *_, address in found]
    return _listed(name)


def _listed(name: str) -> list[_Host]:
    """Return the addresses that this machine's own list has for a name, as it has for its own."""
    found = []
    # There is none, or it has what is no address.
    with suppress(OSError, ValueError):
        for line in _LIST.read_text(encoding="utf-8", errors="replace").lower().splitlines():
            address, *names = line.partition("#")[0].split() or [""]
            if name in names:
                found.append(_as_reached(address))
    return found


def _as_reached(text: str) -> _Host:
    """Return an address as a client reaches it: none in particular is this machine."""
    host = ipaddress.ip_address(text.partition("%")[0])
    host = getattr(host, "ipv4_mapped", None) or host
    return _LOOPBACK[host.version] if host.is_unspecified else host


def _is_own(host: _Host) -> bool:
    """Return whether an address is this machine's; nothing is sent to it."""
    if host.is_loopback:
        return True
    family = socket.AF_INET if host.version == 4 else socket.AF_INET6
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
        # To itself a machine speaks from the same address. Whether a socket can be bound to it says
        # less: there are machines that may bind any.
        asking.connect((str(host), 9))
        return ipaddress.ip_address(asking.getsockname()[0].partition("%")[0]) == host
    return False
