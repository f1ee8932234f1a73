"""The proxy's doors between a scripted client and a scripted next hop."""

from __future__ import annotations

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from chaffinch.servers.access import Access
from chaffinch.servers.counters import Counters
from chaffinch.servers.desk import Desk
from chaffinch.servers.door import House, Listener
from chaffinch.servers.proxy import Lmtp, Smtp
from fake_desk import FakeDesk, closed
from scripted_hop import ScriptedHop, listening


@dataclass
class Talk:
    """A client's connection."""

    reader: StreamReader
    writer: StreamWriter

    async def hear(self) -> str:
        """Return the next reply, its lines apart; empty at the end of the connection."""
        lines = []
        with suppress(ConnectionError):
            while line := (await self.reader.readline()).decode("latin-1"):
                assert line.endswith("\r\n"), line
                lines.append(line[:-2])
                if line[3] == " ":
                    break
        return "\n".join(lines)

    async def say(self, *lines: str | bytes) -> str:
        """Say some lines at once, and return the replies to them, lines between."""
        sent = [line if isinstance(line, bytes) else line.encode("latin-1") for line in lines]
        self.writer.write(b"".join(line + b"\r\n" for line in sent))
        return "\n".join([await self.hear() for _ in lines])

    async def begin(
        self, *recipients: str, hello: str = "EHLO", sender: str = "a@b.example"
    ) -> str:
        """Say everything up to DATA, and return what is said to that."""
        assert (await self.hear()).startswith("220 chaffinch ")
        await self.say(f"{hello} client.example", f"MAIL FROM:<{sender}>")
        for recipient in recipients or ("ada@example.org",):
            await self.say(f"RCPT TO:<{recipient}>")
        return await self.say("DATA")

    async def end(self, mail: bytes, replies: int = 1) -> list[str]:
        """Send a mail, its dots as they are, and return what is said to it."""
        with suppress(ConnectionError):
            self.writer.write(mail + b".\r\n")
            await self.writer.drain()
        return [await self.hear() for _ in range(replies)]

    async def hang_up(self) -> None:
        """Go away at once."""
        self.writer.transport.abort()
        await closed(self.writer)


@dataclass
class Proxied:
    """A door that is open while a test lasts."""

    house: House
    desk: FakeDesk
    hop: ScriptedHop
    address: tuple[str, int]
    name: str
    talks: list[Talk] = field(default_factory=list)

    async def open(self) -> Talk:
        """Connect to it, until the test is over."""
        self.talks.append(Talk(*await asyncio.open_connection(*self.address)))
        return self.talks[-1]

    async def send(self, mail: bytes, *recipients: str) -> list[str]:
        """Send one mail, and return what is said to it."""
        talk = await self.open()
        hello, many = ("LHLO", len(recipients) or 1) if self.name == "lmtp" else ("EHLO", 1)
        assert (await talk.begin(*recipients, hello=hello)).startswith("354 ")
        answers = await talk.end(mail, many)
        await talk.hang_up()
        return answers

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is so."""
        while not true():
            await asyncio.sleep(0.01)

    def count(self, outcome: str) -> int:
        return self.house.counters.total("requests_total", door=self.name, outcome=outcome)


def proxied(
    work: Callable[[Proxied], Awaitable[None]],
    hop: ScriptedHop | None = None,
    *,
    name: str = "smtp",
    users: str = "believed",
    unjudged: str = "pass",
    junk: str = "tag",
    largest: int = 200_000,
) -> Proxied:
    """Let a test talk to an open door; nothing may be left behind."""

    async def run() -> Proxied:
        async with listening(hop or ScriptedHop()) as there:
            desk = FakeDesk()
            house = House(cast(Desk, desk), Access(users=users), Counters(1, [name]), largest)
            at = socket.create_server(("127.0.0.1", 0))
            door = {"smtp": Smtp, "lmtp": Lmtp}[name](there.where, unjudged, junk)
            listener = Listener(door, house)
            await listener.listen(at)
            served = Proxied(house, desk, there, at.getsockname(), name)
            try:
                await work(served)
            finally:
                for talk in served.talks:
                    await talk.hang_up()
                await listener.stop()
            assert house.counters.total("connections_open", door=name) == 0
            assert house.room_taken == 0
            return served

    return asyncio.run(asyncio.wait_for(run(), 60))
