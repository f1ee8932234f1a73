"""A mail server that takes mail from the proxy, and does whatever a test wants at any stage."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from chaffinch.servers.next_hop import NextHop
from doors import closed

CAN = ("SIZE 1000000", "8BITMIME", "SMTPUTF8", "DSN", "XFORWARD NAME ADDR", "STARTTLS", "CHUNKING")


@dataclass
class ScriptedHop:
    """A next hop.

    Parameters
    ----------
    protocol : {"smtp", "lmtp"}
        What it speaks.
    answers : dict of str to bytes or None
        What it answers by stage: ``"greeting"``, a command's first word, a whole command, ``"end"``
        of a mail; None closes the connection there, and ``b""`` is silence.
    """

    protocol: str = "smtp"
    answers: dict[str, bytes | None] = field(default_factory=dict)
    can: tuple[str, ...] = CAN
    #: What it was told, and the mails as they were sent, whole or cut off.
    lines: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    cut_off: list[bytes] = field(default_factory=list)
    where: NextHop = field(default_factory=lambda: NextHop("smtp"))
    #: After which stage's answer it closes the connection.
    closes_after: str = ""
    #: Bytes of a mail after which it closes the connection.
    dies_at: int = -1
    waits: asyncio.Event | None = None
    connections: int = 0

    def count(self, verb: str) -> int:
        """Return how many commands began so."""
        return sum(line.upper().startswith(verb) for line in self.lines)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Talk to one client."""
        self.connections += 1
        with suppress(ConnectionError, EOFError):
            await self._talk(reader, writer)
        await closed(writer)

    async def _talk(self, reader: StreamReader, writer: StreamWriter) -> None:
        taken = 0
        await self._answer(writer, "greeting", b"220 mx.example.net hello\r\n")
        while line := (await reader.readuntil(b"\r\n")).decode("latin-1")[:-2]:
            self.lines.append(line)
            verb = line.split(" ")[0].upper()
            usual = b"250 2.0.0 yes\r\n"
            if verb in ("EHLO", "LHLO"):
                said = ["mx.example.net", *self.can]
                usual = "".join(
                    f"250{' ' if place == len(said) else '-'}{word}\r\n"
                    for place, word in enumerate(said, 1)
                ).encode()
            elif verb == "MAIL":
                taken = 0
            elif verb == "DATA":
                usual = b"354 go on\r\n"
            answer = await self._answer(writer, line if line in self.answers else verb, usual)
            taken += verb == "RCPT" and answer.startswith(b"250")
            if answer.startswith(b"354"):
                await self._mail(reader)
                each = taken if self.protocol == "lmtp" else 1
                await self._answer(writer, "end", b"250 2.0.0 taken\r\n" * each)
            if verb == "QUIT":
                return

    async def _mail(self, reader: StreamReader) -> None:
        mail = bytearray()
        while not (mail.endswith(b"\r\n.\r\n") or mail == b".\r\n"):
            if self.waits:
                await self.waits.wait()
            more = await reader.read(1 << 16)
            mail += more
            if not more or 0 <= self.dies_at <= len(mail):
                self.cut_off.append(bytes(mail))
                raise EOFError
        self.mails.append(bytes(mail))

    async def _answer(self, writer: StreamWriter, stage: str, usual: bytes) -> bytes:
        answer = self.answers.get(stage, usual)
        if answer is None:
            raise EOFError
        writer.write(answer)
        await writer.drain()
        if stage == self.closes_after:
            raise EOFError
        return answer


@asynccontextmanager
async def listening(hop: ScriptedHop) -> AsyncIterator[ScriptedHop]:
    """Let a next hop listen while the context lasts."""
    server = await asyncio.start_server(hop.serve, "127.0.0.1", 0, limit=1 << 20)
    hop.where = NextHop(hop.protocol, *server.sockets[0].getsockname())
    try:
        yield hop
    finally:
        server.close()
        if hop.waits:
            hop.waits.set()
        await server.wait_closed()
