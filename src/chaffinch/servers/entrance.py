"""Let in who comes to listening sockets, and close these without resetting who waits there.

The system completes connections before anybody accepts them, and their clients begin to speak; when
the last process lets a listening socket go, whoever still waits there is reset. So the system is
told first to complete no new ones, and what it has completed is accepted before that.
"""

from __future__ import annotations

import asyncio
import ctypes
import ipaddress
import select
import socket
import struct
import sys
from asyncio import StreamReader, StreamReaderProtocol, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress

#: Connections that wait to be accepted, at most.
BACKLOG = 512
# Seconds that a connection may take to be completed, once it was begun: a round trip, which is
# short on one machine.
_ROUND_TRIP, _ROUND_TRIP_HERE = 1.0, 0.05
# Seconds after which no more are let in at a socket that other processes go on listening at.
_LETTING_IN = 5.0
# Turns of an event loop until what it has accepted is served; Python's own takes two.
_TURNS = 8
# Seconds that a client has for what is left of its answer, once it was told that it is the end.
_CLOSING = 5.0
# Linux: a program, in the code of Berkeley's packet filter, that drops what a socket receives where
# of the flags SYN and ACK (0x12, in byte 13 of TCP's header) SYN alone is set.
_SO_ATTACH_FILTER = 26
_NO_SYN = (
    (0x30, 0, 0, 13),  # load that byte
    (0x54, 0, 0, 0x12),  # of it, these flags
    (0x15, 0, 1, 0x02),  # where it is SYN alone: the next, else the one after it
    (0x06, 0, 0, 0),  # keep nothing
    (0x06, 0, 0, 0xFFFFFFFF),  # keep all
)


def refuse_new(listening: socket.socket) -> None:
    """Have the system begin no new connection at a socket of TCP, for all processes that share it.

    Those that it has completed, or begun to, can still be accepted. A client that comes now is
    answered by nobody and asks again by itself a second later: until then the socket is closed, and
    maybe another one opened. Where the system cannot do that, nothing happens: then who comes
    between the last look and the end is reset.
    """
    if sys.platform != "linux" or listening.family == socket.AF_UNIX:
        return
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in _NO_SYN))
    program = struct.pack("@HP", len(_NO_SYN), ctypes.addressof(code))
    with suppress(OSError):
        listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def _round_trip(listening: socket.socket) -> float:
    if listening.family == socket.AF_UNIX:
        return _ROUND_TRIP_HERE
    here = ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback
    return _ROUND_TRIP_HERE if here else _ROUND_TRIP


class Entrance:
    """Serves each connection to its sockets in a task of its own.

    So do the servers of asyncio; but closed they lose what was accepted and is not served yet.

    Parameters
    ----------
    serve : callable
        Serves a connection, which is closed when it returns.
    """

    def __init__(self, serve: Callable[[StreamReader, StreamWriter], Awaitable[None]]) -> None:
        self._serve = serve
        self._servers: list[tuple[asyncio.Server, socket.socket]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Return how many connections are being served."""
        return len(self._tasks)

    async def open(self, listening: socket.socket) -> None:
        """Begin to let in who comes to a socket."""
        loop = asyncio.get_running_loop()
        create: Callable[..., Awaitable[asyncio.Server]] = (
            loop.create_unix_server if listening.family == socket.AF_UNIX else loop.create_server
        )
        server = await create(self._protocol, sock=listening, backlog=BACKLOG)
        self._servers.append((server, listening))

    async def shut(self, *, let_in: bool = True) -> None:
        """Let in nobody new; a second time there is nothing to do.

        Parameters
        ----------
        let_in : bool
            Whether who waits already is let in, and not left to other processes.
        """
        servers, self._servers = self._servers, []
        await asyncio.gather(*(_close(*one, let_in=let_in) for one in servers))

    async def empty(self) -> None:
        """Return when nobody is being served."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self, patience: float, *, let_in: bool = True) -> None:
        """Let in nobody new, as `shut` does, and return when all have been served.

        Parameters
        ----------
        patience : float
            Seconds that they have to finish, before they are cut off.
        let_in : bool
            Whether who waits already is let in, and not left to other processes.
        """
        await self.shut(let_in=let_in)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _protocol(self) -> StreamReaderProtocol:
        loop = asyncio.get_running_loop()
        return StreamReaderProtocol(StreamReader(loop=loop), self._let_in, loop=loop)

    def _let_in(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._served(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _served(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        finally:
            await _closed(writer)


async def _close(server: asyncio.Server, listening: socket.socket, *, let_in: bool) -> None:
    if let_in:
        await asyncio.sleep(_round_trip(listening))
        waiting = select.poll()
        waiting.register(listening, select.POLLIN)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LETTING_IN):
                while waiting.poll(0):
                    await asyncio.sleep(0)
    # Python's own loop loses what it accepts just before a server is closed: so first it accepts no
    # more, as its servers are such readers. Others take this for a socket that they do not read.
    asyncio.get_running_loop().remove_reader(listening)
    await _turn()
    server.close()
    await _turn()


async def _turn() -> None:
    """Wait until what the event loop has accepted is being served."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def _closed(writer: StreamWriter) -> None:
    """Close a connection, whether or not its other end takes what is left."""
    writer.close()
    with suppress(ConnectionError):
        try:
            async with asyncio.timeout(_CLOSING):
                await writer.wait_closed()
        except TimeoutError:
            writer.transport.abort()
