"""A door that is open while a test lasts, with a desk that judges as the test wants it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

from chaffinch.readers.mail import is_own_header
from chaffinch.servers.access import Access
from chaffinch.servers.counters import Counters
from chaffinch.servers.desk import Desk, Judged
from chaffinch.servers.door import Door, House, Listener
from chaffinch.task import get_task
from chaffinch.types import Flag, Policy, Reason, Verdict


@dataclass
class FakeDesk:
    """Calls what says "4U" junk, and remembers what it was asked."""

    error: Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    waits: asyncio.Event | None = None
    log_only: bool = False

    async def judge(
        self, data: bytes, owner: str, *, door: str, reasons: int | None = None
    ) -> Judged:
        self.asked.append(("judge", data, owner, door, reasons))
        if self.waits:
            await self.waits.wait()
        if self.error:
            raise self.error
        junk = b"4U" in data
        why = (Reason("4U", "subject", 1.0),) if reasons != 0 else ()
        action, score = ("junk", 7.0) if junk else ("deliver", -7.0)
        verdict = Verdict("52f7", "spam", 0.9, score, cast(Any, action), "m", why)
        if self.log_only and junk:
            verdict = replace(verdict, action="deliver", would_be="junk")
        return Judged(data, verdict, Policy(junk=4.6), get_task("mail"))

    def is_ours(self, field: bytes) -> bool:
        return is_own_header(field)

    async def teach(self, data: bytes, label: str, owner: str, *, by: str, door: str) -> Flag:
        asked = ("teach", data, label, owner, by, door)
        known = asked in self.asked
        self.asked.append(asked)
        return Flag("52f7", label, owner, by, door, known=known)

    async def take_back(self, data: bytes, owner: str, *, by: str) -> Flag:
        self.asked.append(("take back", data, owner, by))
        if self.error:
            raise self.error
        return Flag("52f7", "spam", owner, by)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@dataclass
class Served:
    """A door that is open."""

    door: str
    house: House
    desk: FakeDesk
    address: tuple[str, int]

    async def ask(self, data: bytes, *, end: bool = True) -> bytes:
        """Send all that one has to say and return what is answered."""
        reader, writer = await asyncio.open_connection(*self.address)
        writer.write(data)
        if end:
            writer.write_eof()
        answer = b""
        # Who is sent away unheard is cut off.
        with suppress(ConnectionError):
            answer = await reader.read()
        await closed(writer)
        return answer

    def count(self, outcome: str) -> int:
        return self.house.counters.total("requests_total", door=self.door, outcome=outcome)


@asynccontextmanager
async def opened_door(
    door: Door, *, users: str = "believed", largest: int = 10_000
) -> AsyncIterator[Served]:
    """Open a door while the context lasts; nothing may be left behind."""
    desk = FakeDesk()
    house = House(cast(Desk, desk), Access(users=users), Counters(1, [door.name]), largest)
    listening = socket.create_server(("127.0.0.1", 0))
    listener = Listener(door, house)
    await listener.listen(listening)
    try:
        yield Served(door.name, house, desk, listening.getsockname())
    finally:
        await listener.stop()
    assert house.counters.total("connections_open", door=door.name) == 0
    assert house.room_taken == 0


def served(
    door: Door,
    work: Callable[[Served], Awaitable[None]],
    *,
    users: str = "believed",
    largest: int = 10_000,
) -> Served:
    """Let a test talk to an open door."""

    async def run() -> Served:
        async with opened_door(door, users=users, largest=largest) as found:
            await work(found)
        return found

    return asyncio.run(asyncio.wait_for(run(), 60))
