"""The sockets that doors listen at: whether they could be had, and having them."""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from chaffinch.errors import ChaffinchError, UnavailableError, UsageError
from chaffinch.servers.access import Access, Address
from chaffinch.servers.entrance import BACKLOG

#: What keeps an address from being had just now, and may not when doors open.
_IN_USE = "in use now, as it is while serve runs"
_PRIVILEGED = (
    "a port below 1024, for which this process has no right: a unit of systemd gives it with "
    "AmbientCapabilities=CAP_NET_BIND_SERVICE"
)


def look_at(places: Sequence[tuple[str, Address]], access: Access) -> dict[Address, str]:
    """Look whether all of some addresses can be listened at, and listen at none.

    Parameters
    ----------
    places : sequence of (str, Address)
        The setting that names each, for errors, and the address.
    access : Access
        Who may come in.

    Returns
    -------
    dict of Address to str
        Which cannot be had just now, by this process, and why: that may be otherwise for another.

    Raises
    ------
    UsageError
        If one is open to other machines though nobody said to which, stands there twice, or is
        none.
    UnavailableError
        If one cannot be had, and that may mend itself.
    """
    busy = {}
    for place, (name, address) in enumerate(places):
        if not address.is_local and not access.allow:
            raise UsageError(
                f"{name} = {address} is open to other machines: say which may come in, as in "
                'allow = "192.0.2.0/24", or listen at 127.0.0.1 or unix:/PATH'
            )
        for other, before in places[:place]:
            if (name, address) == (other, before) or address.meets(before):
                raise UsageError(
                    f"{name} = {address} cannot be listened at: {other} = {before} has it already: "
                    "name another address, or write it once"
                )
        why = _why_not_path(name, address) if address.path else _why_not_port(name, address)
        if why:
            busy[address] = why
    return busy


def open_socket(name: str, address: Address, mode: int) -> socket.socket:
    """Listen at an address that was looked at.

    Parameters
    ----------
    name : str
        The setting that names it, for errors.
    address : Address
        Where.
    mode : int
        The mode of a UNIX socket: whoever may write to it may come in.

    Raises
    ------
    UnavailableError
        If it cannot be had.
    """
    try:
        listening = _unix(address.path, mode) if address.path else _tcp(address, BACKLOG)
    except OSError as error:
        raise _cannot(name, address, error) from error
    listening.setblocking(False)
    return listening


def file_of(listening: socket.socket) -> tuple[int, int] | None:
    """Return which file is at the path of a UNIX socket now; None where none is, and over TCP."""
    if listening.family != socket.AF_UNIX:
        return None
    try:
        found = Path(listening.getsockname()).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def remove_file(listening: socket.socket) -> None:
    """Remove the file of a UNIX socket that is still open, so that nobody comes there any more."""
    if listening.family == socket.AF_UNIX and listening.fileno() >= 0:
        Path(listening.getsockname()).unlink(missing_ok=True)


def _cannot(name: str, address: Address, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"{name} = {address} cannot be listened at: {error.strerror or error}: name another "
        "address, or end what listens there"
    )


def _why_not_port(name: str, address: Address) -> str:
    try:
        # Bound and not listened at, it is in nobody's way.
        _tcp(address).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _IN_USE
        if error.errno == errno.EACCES:
            return _PRIVILEGED
        if error.errno == errno.EADDRNOTAVAIL:
            raise UnavailableError(
                f"{name} = {address} cannot be listened at: this machine does not have that "
                "address: name one that it has"
            ) from error
        raise _cannot(name, address, error) from error
    return ""


def _why_not_path(name: str, address: Address) -> str:
    path, why, remedy = Path(address.path), "", ""
    in_use = False
    # What is not there yet may come, as interfaces and folders do while a machine starts.
    kind: type[ChaffinchError] = UsageError
    try:
        in_use = _in_use(address.path)
        if path.exists() and not path.is_socket():
            why, remedy = "what is there is no socket", "remove it, or name another path"
    except FileNotFoundError:
        if not path.parent.exists():
            why, remedy = f"there is no folder {path.parent}", "make it, or name another"
            kind = UnavailableError
    except OSError as error:
        if error.errno is not None:
            raise _cannot(name, address, error) from error
        # So Python says that it does not fit into what the system takes.
        size = len(os.fsencode(path))
        why, remedy = f"its path of {size} bytes is too long", "name one of at most 100"
    if not why and not os.access(path.parent, os.W_OK | os.X_OK):
        why, remedy = f"this user may not write to {path.parent}", "let it, or name another folder"
    if why:
        raise kind(f"{name} = {address} cannot be listened at: {why}: {remedy}")
    return _IN_USE if in_use else ""


def _tcp(address: Address, backlog: int = 0) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Connections of a server before, which are still being ended, are no matter.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address.host, address.port))
        if backlog:
            bound.listen(backlog)
    except OSError:
        bound.close()
        raise
    return bound


def _unix(path: str, mode: int) -> socket.socket:
    _remove_dead(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Nobody may come in before its mode says who.
    before = os.umask(0o177)
    try:
        bound.bind(path)
        Path(path).chmod(mode)
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    finally:
        os.umask(before)
    return bound


def _in_use(path: str) -> bool:
    """Return whether a process has the socket at a path; asking makes no connection to it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as trying:
        try:
            trying.connect(path)
        except ConnectionRefusedError:
            return False
        except OSError as error:
            # The socket of a living process, of another kind.
            if error.errno != errno.EPROTOTYPE:
                raise
        return True


def _remove_dead(path: str) -> None:
    """Remove the socket of a server that is gone; one that answers stays, and so does a file."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(Path(path).stat().st_mode) and not _in_use(path):
            Path(path).unlink()
