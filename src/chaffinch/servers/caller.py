"""A client of the proxy's doors: its commands, its mails, and what it is answered."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import suppress

from chaffinch.servers.door import PATIENCE, House
from chaffinch.servers.faults import LateError
from chaffinch.servers.smtp_protocol import Client, Command, Reply

# Seconds that it has for its next command or more of a mail, as RFC 5321 asks for, and for a mail.
_NEXT, _MAIL = 300.0, 1800.0
# Seconds that it has for what it says when it is told to come again.
_LAST_WORD = 1.0
_CHUNK = 1 << 16


class Caller:
    """A client, as long as its connection lasts.

    Parameters
    ----------
    house : House
        What says when it has to go.
    reader : StreamReader
        What it sends.
    writer : StreamWriter
        What it is answered.
    """

    def __init__(self, house: House, reader: StreamReader, writer: StreamWriter) -> None:
        self._house, self._reader, self._writer = house, reader, writer
        self._client = Client()
        #: Replies that are owed for a mail: in LMTP one for each recipient.
        self.owed = 0

    @property
    def is_gone(self) -> bool:
        """Whether it has closed its side: it will never hear that a mail was taken."""
        return self._reader.at_eof() or self._reader.exception() is not None

    async def command(self, *, idle: bool) -> Command | None:
        """Return its next command; None where it is gone, or idle when the worker is to stop.

        Raises
        ------
        LateError
            If it says nothing for too long.
        InvalidError
            If it says what is no command.
        """
        while (line := self._client.command()) is None:
            data = await (self._read_or_stop() if idle else self._read(_NEXT))
            if not data:
                return None
            self._client.feed(data)
        return Command.parse(line)

    async def mail(self) -> AsyncGenerator[bytes, None]:
        """Give a mail as it comes, without the dots of its transport.

        Raises
        ------
        LateError
            If it takes too long.
        ConnectionError
            If the client goes before its end.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + _MAIL
        while True:
            piece, ended = self._client.mail()
            if piece:
                yield piece
            if ended:
                return
            data = await self._read(min(_NEXT, until - loop.time()))
            if not data:
                raise ConnectionResetError
            self._client.feed(data)

    async def say(self, reply: Reply) -> None:
        """Answer a command."""
        async with asyncio.timeout(PATIENCE):
            self._writer.write(reply.sent())
            await self._writer.drain()

    async def send_away(self) -> None:
        """Tell it to come again, as the worker is to stop."""
        await self.say(Reply.of(421, "4.3.2 Chaffinch stops: come again"))
        self._writer.write_eof()
        # With something unread the connection would be reset, and the answer lost with it.
        with suppress(LateError, ConnectionError):
            await self._read(_LAST_WORD)

    async def answer(self, reply: Reply, count: int | None = None) -> None:
        """Answer a mail: so many of the replies that are owed, by default all of them."""
        for _ in range(self.owed if count is None else count):
            self.owed -= 1
            await self.say(reply)

    async def _read(self, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                return await self._reader.read(_CHUNK)
        except TimeoutError as error:
            raise LateError(f"the client said no more for {seconds:.0f} seconds") from error

    async def _read_or_stop(self) -> bytes:
        reading = asyncio.ensure_future(self._read(_NEXT))
        stopping = asyncio.ensure_future(self._house.stopping.wait())
        try:
            await asyncio.wait((reading, stopping), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                return reading.result()
        finally:
            reading.cancel()
            stopping.cancel()
        await asyncio.wait((reading,))
        await self.send_away()
        return b""
