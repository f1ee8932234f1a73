"""Who may come in where, and for whom they may speak."""

from __future__ import annotations

import ipaddress
import os
import pwd
import re
import socket
import stat
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chaffinch.errors import UsageError
from chaffinch.servers.entrance import BACKLOG
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


def open_socket(name: str, address: Address, access: Access, mode: int) -> socket.socket:
    """Listen at an address.

    Parameters
    ----------
    name : str
        The setting that names it, for errors.
    address : Address
        Where.
    access : Access
        Who may come in.
    mode : int
        The mode of a UNIX socket: whoever may write to it may come in.

    Raises
    ------
    UsageError
        If it is open to other machines though nobody said to which, or cannot be had.
    """
    if not address.is_local and not access.allow:
        raise UsageError(
            f"{name} = {address} is open to other machines: say which may come in, as in allow = "
            '"192.0.2.0/24", or listen at 127.0.0.1 or unix:/PATH'
        )
    try:
        return _unix(address.path, mode) if address.path else _tcp(address)
    except FileNotFoundError as error:
        raise UsageError(
            f"{name} = {address} cannot be listened at: there is no folder "
            f"{Path(address.path).parent}: make it, or name another"
        ) from error
    except OSError as error:
        raise UsageError(
            f"{name} = {address} cannot be listened at: {error.strerror}: name another address, "
            "or end what listens there"
        ) from error


def remove_file(listening: socket.socket) -> None:
    """Remove the file of a UNIX socket that is still open, so that nobody comes there any more."""
    if listening.family == socket.AF_UNIX and listening.fileno() >= 0:
        Path(listening.getsockname()).unlink(missing_ok=True)


def _tcp(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.create_server(
        (address.host, address.port), family=family, backlog=BACKLOG, reuse_port=False
    )
    listening.setblocking(False)
    return listening


def _unix(path: str, mode: int) -> socket.socket:
    _remove_dead(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Nobody may come in before its mode says who.
    before = os.umask(0o177)
    try:
        listening.bind(path)
        Path(path).chmod(mode)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    finally:
        os.umask(before)
    listening.setblocking(False)
    return listening


def _remove_dead(path: str) -> None:
    """Remove the socket of a server that is gone; one that answers stays, and so does a file."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(Path(path).stat().st_mode):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trying:
            try:
                trying.connect(path)
            except ConnectionRefusedError:
                Path(path).unlink()
