"""What the service manager that started a process is told, as systemd wants it."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Tell the service manager how this process is, where one asks for it.

    As sd_notify(3) describes it: a datagram to the socket that the environment names.

    Parameters
    ----------
    state : str
        Such as ``READY=1``: from now on it may be told to reload.
    """
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where.startswith(("/", "@")):
        return
    # Whoever does not listen misses nothing that the log does not tell.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        # The name of an abstract socket begins with a zero byte.
        manager.sendto(state.encode(), f"\0{where[1:]}" if where[0] == "@" else where)
