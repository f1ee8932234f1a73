"""The proxy's doors between a scripted client and a scripted next hop."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from chaffinch.servers.door import House
from chaffinch.servers.proxy import Lmtp, Smtp
from doors import FakeDesk, Served, closed, opened_door
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
    """A door that is open while a test lasts, and what is behind it."""

    door: Served
    hop: ScriptedHop
    talks: list[Talk] = field(default_factory=list)

    @property
    def house(self) -> House:
        return self.door.house

    @property
    def desk(self) -> FakeDesk:
        return self.door.desk

    async def open(self) -> Talk:
        """Connect to it, until the test is over."""
        self.talks.append(Talk(*await asyncio.open_connection(*self.door.address)))
        return self.talks[-1]

    async def send(self, mail: bytes, *recipients: str) -> list[str]:
        """Send one mail, and return what is said to it."""
        talk = await self.open()
        hello, many = ("LHLO", len(recipients) or 1) if self.door.door == "lmtp" else ("EHLO", 1)
        assert (await talk.begin(*recipients, hello=hello)).startswith("354 ")
        answers = await talk.end(mail, many)
        await talk.hang_up()
        return answers

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is so."""
        while not true():
            await asyncio.sleep(0.01)

    def count(self, outcome: str) -> int:
        return self.door.count(outcome)


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
    """Let a test talk to an open door."""

    async def run() -> Proxied:
        async with listening(hop or ScriptedHop()) as there:
            door = {"smtp": Smtp, "lmtp": Lmtp}[name](there.where, unjudged, junk)
            async with opened_door(door, users=users, largest=largest) as served:
                found = Proxied(served, there)
                try:
                    await work(found)
                finally:
                    for talk in found.talks:
                        await talk.hang_up()
        return found

    return asyncio.run(asyncio.wait_for(run(), 60))
