"""Who may come in where, and for whom they may speak."""

from __future__ import annotations

import ipaddress
import os
import pwd
import re
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from chaffinch.servers.faults import RefusedError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Whose mail it is: one person's, whose clients' whose name is checked, or whoever is named.
USERS = ("one", "checked", "believed")
_USER = re.compile(r"[!-~]{1,250}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a door listens.

    Parameters
    ----------
    host : str
        An IP address; empty for a UNIX socket.
    port : int
        The port; 0 lets the system choose.
    path : str
        The path of a UNIX socket; empty for TCP.
    """

    host: str = ""
    port: int = 0
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Return the address that somebody wrote.

        Raises
        ------
        ValueError
            If it is none.

        Examples
        --------
        >>> Address.parse("unix:/run/chaffinch/spamd.sock").path
        '/run/chaffinch/spamd.sock'
        >>> Address.parse("[::1]:783")
        Address(host='::1', port=783, path='')
        """
        if "\0" in text:
            raise ValueError("no address holds a NUL")
        if text.startswith("unix:/"):
            return cls(path=text.removeprefix("unix:"))
        host, _, port = text.rpartition(":")
        host = "127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]")
        number = int(port)
        if not 0 <= number <= 65535:
            raise ValueError(f"no port: {port}")
        return cls(str(ipaddress.ip_address(host)), number)

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return bool(self.path) or ipaddress.ip_address(self.host).is_loopback

    def meets(self, other: Address) -> bool:
        """Return whether one process cannot listen at both.

        Examples
        --------
        >>> Address("127.0.0.1", 783).meets(Address("0.0.0.0", 783))
        True
        >>> Address("127.0.0.1", 783).meets(Address("::", 783))
        False
        """
        if self.path or other.path:
            both = self.path and other.path
            return bool(both) and os.path.realpath(self.path) == os.path.realpath(other.path)
        if self.port != other.port or not self.port:
            return False
        one, two = ipaddress.ip_address(self.host), ipaddress.ip_address(other.host)
        any_host = one.is_unspecified or two.is_unspecified
        return one == two or (one.version == two.version and any_host)

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a connection.

    Parameters
    ----------
    host : str
        Its IP address; empty at a UNIX socket.
    uid : int or None
        The user whose process it is, where the system tells: at UNIX sockets of Linux.
    """

    host: str = ""
    uid: int | None = None

    @classmethod
    def of(cls, connection: socket.socket) -> Peer:
        """Return who is at the other end of a connected socket."""
        if connection.family != socket.AF_UNIX:
            return cls(host=connection.getpeername()[0])
        if not hasattr(socket, "SO_PEERCRED"):
            return cls()
        size = struct.calcsize("3i")
        told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return cls(uid=struct.unpack("3i", told)[1])

    @property
    def login(self) -> str:
        """The name of the user whose process it is; empty where that is not known."""
        if self.uid is None:
            return ""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return f"uid {self.uid}"

    def __str__(self) -> str:
        return self.host or self.login or "unix"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may come in, and for whom they may speak.

    Parameters
    ----------
    allow : tuple of Network
        From where TCP clients may come, beside this machine.
    users : {"one", "checked", "believed"}
        ``"one"``: all mail is one person's, and whatever user is named is no matter.
        ``"checked"``: each user is an owner; who speaks for whom is known of clients of UNIX
        sockets, and a client of TCP is nobody. ``"believed"``: each user is an owner, and whoever
        comes in may name any.
    """

    allow: tuple[Network, ...] = ()
    users: str = "one"

    def admits(self, peer: Peer) -> bool:
        """Return whether a peer may come in; at a UNIX socket its mode has settled that."""
        if not peer.host:
            return True
        host = ipaddress.ip_address(peer.host.partition("%")[0])
        # An IPv4 client of a socket that takes both.
        host = getattr(host, "ipv4_mapped", None) or host
        return host.is_loopback or any(host in network for network in self.allow)

    def owner(self, peer: Peer, user: str, *, teaching: bool = False) -> str:
        """Return whose model judges a mail, or learns a flag.

        Parameters
        ----------
        peer : Peer
            Who asks.
        user : str
            For whom, as they say; empty where they do not.
        teaching : bool
            Whether a flag is given.

        Raises
        ------
        RefusedError
            If this peer may not speak for this user, or may not teach.
        """
        if user and not _USER.fullmatch(user):
            raise RefusedError("a user's name is 1 to 250 printable ASCII characters")
        # Addresses and logins are written in either case, and are of one person.
        user, login = user.lower(), peer.login.lower()
        if self.users == "believed":
            return user
        rules = peer.uid is not None and peer.uid in (0, os.geteuid())
        if self.users == "one":
            if teaching and not rules:
                raise RefusedError(
                    f"{peer} may not teach: only root and the user whom Chaffinch runs as may, at "
                    "a UNIX socket; set users to checked to let each user teach there, or to "
                    "believed to let whoever comes in teach for anybody"
                )
            return ""
        if peer.uid is None:
            if teaching:
                raise RefusedError(
                    "who speaks over TCP is not known: teach at a UNIX socket, or set users to "
                    "believed"
                )
            return ""
        if rules:
            return user
        if user not in ("", login):
            raise RefusedError(f"{peer} may not speak for another user")
        return login


def reached_by_all(address: Address, mode: int) -> bool:
    """Return whether every user of this machine may come in at an address.

    Parameters
    ----------
    address : Address
        Where a door listens.
    mode : int
        The mode of UNIX sockets.
    """
    if not address.path:
        return True
    folders = Path(address.path).parents
    return bool(mode & 0o002) and all(one.stat().st_mode & 0o001 for one in folders)
