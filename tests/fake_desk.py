"""A desk that judges as a test wants it, for doors that are tested at their sockets."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from chaffinch.servers.desk import Judged
from chaffinch.task import get_task
from chaffinch.types import Flag, Policy, Reason, Verdict


@dataclass
class FakeDesk:
    """Calls what says "4U" junk, and remembers what it was asked."""

    error: Exception | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    waits: asyncio.Event | None = None

    async def judge(self, data: bytes, owner: str, *, door: str, reasons: int) -> Judged:
        self.asked.append(("judge", data, owner, door, reasons))
        if self.waits:
            await self.waits.wait()
        if self.error:
            raise self.error
        junk = b"4U" in data
        why = (Reason("4U", "subject", 1.0),) if reasons else ()
        action, score = ("junk", 7.0) if junk else ("deliver", -7.0)
        verdict = Verdict("52f7", "spam", 0.9, score, cast(Any, action), "m", why)
        return Judged(data, verdict, Policy(junk=4.6), get_task("mail"))

    async def teach(self, data: bytes, label: str, owner: str, *, by: str, door: str) -> Flag:
        self.asked.append(("teach", data, label, owner, by, door))
        return Flag("52f7", label, owner, by, door)

    async def take_back(self, data: bytes, owner: str, *, by: str) -> Flag:
        self.asked.append(("take back", data, owner, by))
        if self.error:
            raise self.error
        return Flag("52f7", "spam", owner, by)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
