"""A desk that judges as a test of `chaffinch watch` wants it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from chaffinch.servers.desk import Judged
from chaffinch.task import get_task
from chaffinch.types import Flag, Policy, Verdict


@dataclass
class FakeDesk:
    """Calls what says "4U" junk, and remembers what it was taught."""

    judged: list[bytes] = field(default_factory=list)
    taught: list[tuple[str, str]] = field(default_factory=list)
    error: Exception | None = None

    async def judge(
        self, data: bytes, owner: str, *, door: str, reasons: int, log_only: bool = False
    ) -> Judged:
        assert door == "watch"
        if self.error:
            raise self.error
        self.judged.append(data)
        junk = b"4U" in data
        action = "junk" if junk and not log_only else "deliver"
        would = "junk" if junk and log_only else ""
        verdict = Verdict(
            "52f7", "spam", 0.9, 7.0, cast(Any, action), "m", would_be=cast(Any, would)
        )
        return Judged(data, verdict, Policy(junk=4.6), get_task("mail"))

    async def teach(self, data: bytes, label: str, owner: str, *, by: str, door: str) -> Flag:
        self.taught.append((data.partition(b"Subject: ")[2].split(b"\n")[0].decode(), label))
        return Flag("52f7", label, owner, by, door)

    def close(self) -> None:
        pass
