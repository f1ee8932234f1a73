"""Who takes mail from the proxy: a mail server that speaks SMTP or LMTP."""

from __future__ import annotations

import asyncio
import ipaddress
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from chaffinch.servers.circle import NONCE
from chaffinch.servers.faults import DeferredError
from chaffinch.servers.smtp_protocol import Replies, Reply

# Seconds that it has to take a connection, to answer a command or take more of a mail, and to
# answer at the end of a mail: as long as mail servers wait for an answer there (RFC 5321).
_CONNECT, _ANSWER, _DELIVER = 15.0, 60.0, 600.0
_FAREWELL = 5.0
_CHUNK = 1 << 16
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?")


@dataclass(frozen=True, slots=True)
class NextHop:
    """Where the next hop listens, and what it speaks.

    Parameters
    ----------
    protocol : {"smtp", "lmtp"}
        What it speaks.
    host : str
        Its name or address; empty for a UNIX socket.
    port : int
        The port.
    path : str
        The path of a UNIX socket; empty for TCP.
    """

    protocol: str
    host: str = ""
    port: int = 0
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> NextHop:
        """Return the next hop that somebody wrote.

        Raises
        ------
        ValueError
            If it is none.

        Examples
        --------
        >>> NextHop.parse("smtp:127.0.0.1:10026")
        NextHop(protocol='smtp', host='127.0.0.1', port=10026, path='')
        >>> NextHop.parse("lmtp:unix:/run/dovecot/lmtp").path
        '/run/dovecot/lmtp'
        """
        if "\0" in text:
            raise ValueError("no address holds a NUL")
        protocol, _, rest = text.partition(":")
        if protocol not in ("smtp", "lmtp"):
            raise ValueError("it begins with neither smtp: nor lmtp:")
        if rest.startswith("unix:/"):
            return cls(protocol, path=rest.removeprefix("unix:"))
        host, _, port = rest.rpartition(":")
        if host.startswith("["):
            host = str(ipaddress.IPv6Address(host.removeprefix("[").removesuffix("]")))
        elif len(host) > 253 or not _HOST.fullmatch(host):
            raise ValueError("there is no host in it")
        if not 0 < int(port) <= 65535:
            raise ValueError(f"no port: {port}")
        return cls(protocol, host, int(port))

    def __str__(self) -> str:
        if self.path:
            return f"{self.protocol}:unix:{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.protocol}:{host}:{self.port}"

    async def connect(self) -> Hop:
        """Connect to it, and hear its greeting.

        Raises
        ------
        DeferredError
            If it is not there, does not want to, or is a door of our own.
        """
        async with _within(self, _CONNECT, "the connection"):
            if self.path:
                reader, writer = await asyncio.open_unix_connection(self.path)
            else:
                reader, writer = await asyncio.open_connection(self.host, self.port)
        hop = Hop(self, reader, writer)
        try:
            greeting = await hop.reply()
            if not greeting.done:
                raise DeferredError(f"{self}: its greeting is {greeting.code}")
            if NONCE.encode() in greeting.lines[0].split():
                raise DeferredError(
                    f"{self}: it leads back to a door of this server, and mail would go round for "
                    "ever: set next_hop to who takes it from there"
                )
        except BaseException:
            hop.drop()
            raise
        return hop


class Hop:
    """A connection to the next hop; whatever goes wrong with it is a DeferredError.

    Parameters
    ----------
    where : NextHop
        Where it leads.
    reader : StreamReader
        What it answers.
    writer : StreamWriter
        What it is sent.
    """

    def __init__(self, where: NextHop, reader: StreamReader, writer: StreamWriter) -> None:
        self.where = where
        self._reader, self._writer = reader, writer
        self._replies = Replies()

    async def hello(self, name: bytes) -> dict[str, bytes]:
        """Say hello; return what it can by keyword, with what is said of it.

        Raises
        ------
        DeferredError
            If it answers no hello.
        """
        lmtp = self.where.protocol == "lmtp"
        reply = await self.ask((b"LHLO " if lmtp else b"EHLO ") + name)
        if reply.code >= 500 and not lmtp:
            reply = await self.ask(b"HELO " + name)
            reply = Reply(reply.code, reply.lines[:1])
        if not reply.done:
            raise DeferredError(f"{self.where}: it answers hello with {reply.code}")
        words = (line.partition(b" ") for line in reply.lines[1:])
        return {word.decode("ascii", "replace").upper(): rest for word, _, rest in words}

    async def ask(self, line: bytes) -> Reply:
        """Send a command and return the reply.

        Raises
        ------
        DeferredError
            If there is none, or it is not one to a command.
        """
        await self.write(line + b"\r\n")
        return await self.reply()

    async def begin(self) -> Reply | None:
        """Begin a mail; return what is said to the contrary.

        Raises
        ------
        DeferredError
            If nothing is.
        """
        await self.write(b"DATA\r\n")
        reply = await self._reply(_ANSWER)
        if reply.code != 354 and reply.code < 400:
            raise DeferredError(f"{self.where}: it answers DATA with {reply.code}")
        return reply if reply.code >= 400 else None

    async def write(self, data: bytes) -> None:
        """Send more, when it has taken enough of what came before.

        Raises
        ------
        DeferredError
            If it takes nothing, is gone, or has said what was not asked for: that would be taken
            for the answer to what is asked next.
        """
        if self._replies.surplus:
            self._next()
            raise DeferredError(f"{self.where}: it answers what was not asked")
        async with _within(self.where, _ANSWER, "what it is sent"):
            self._writer.write(data)
            await self._writer.drain()

    async def reply(self, *, delivering: bool = False) -> Reply:
        """Return the next reply.

        Parameters
        ----------
        delivering : bool
            Whether it is one to a mail, which takes longer.

        Raises
        ------
        DeferredError
            If there is none.
        """
        reply = await self._reply(_DELIVER if delivering else _ANSWER)
        if 300 <= reply.code < 400:
            raise DeferredError(f"{self.where}: it asks for more with {reply.code}")
        return reply

    async def _reply(self, seconds: float) -> Reply:
        async with _within(self.where, seconds, "a command"):
            while (reply := self._next()) is None:
                data = await self._reader.read(_CHUNK)
                if not data:
                    raise ConnectionResetError
                self._replies.feed(data)
            return reply

    async def quit(self) -> None:
        """Say goodbye, and close the connection."""
        with suppress(DeferredError, TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await self.ask(b"QUIT")
        self.drop()

    def drop(self) -> None:
        """Close the connection at once; a mail that has not ended is none."""
        self._writer.transport.abort()

    def _next(self) -> Reply | None:
        try:
            reply = self._replies.next()
        except DeferredError as error:
            raise DeferredError(f"{self.where}: {error}") from None
        if reply is not None and reply.code == 421:
            raise DeferredError(f"{self.where}: it closes the connection, with 421")
        return reply


@asynccontextmanager
async def _within(where: NextHop, seconds: float, what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise DeferredError(f"{where}: no answer to {what} in {seconds:.0f} seconds") from error
    except ConnectionError as error:
        said = "nobody listens" if isinstance(error, ConnectionRefusedError) else "it went away"
        raise DeferredError(f"{where}: {said}") from error
    except OSError as error:
        raise DeferredError(f"{where}: {error.strerror or type(error).__name__}") from error
