"""A milter that does all that ours does but judge: what the door alone costs.

python benchmarks/servers/idle_milter.py PORT
"""

from __future__ import annotations

import asyncio
import socket
import sys

from chaffinch.readers.mail import is_own_header
from chaffinch.servers.access import Access
from chaffinch.servers.counters import Counters
from chaffinch.servers.desk import Judged
from chaffinch.servers.door import House, Listener
from chaffinch.servers.milter import Milter
from chaffinch.servers.worker import quicker_loop
from chaffinch.task import get_task
from chaffinch.types import Policy, Verdict


class _IdleDesk:
    """Says the same of every mail, without a look at it."""

    def __init__(self) -> None:
        self._verdict = Verdict("0" * 32, "ham", 0.01, -4.6, "deliver", "none")
        self._task, self._policy = get_task("mail"), Policy(junk=4.6)

    async def judge(self, data: bytes, owner: str, *, door: str) -> Judged:
        del owner, door
        return Judged(data, self._verdict, self._policy, self._task)

    def is_ours(self, field: bytes) -> bool:
        return is_own_header(field)


async def _serve(port: int) -> None:
    house = House(_IdleDesk(), Access(), Counters(1, ["milter"]), 32 << 20)  # type: ignore[arg-type]
    listener = Listener(Milter(), house)
    await listener.listen(socket.create_server(("127.0.0.1", port), backlog=128))
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=quicker_loop()) as runner:
        runner.run(_serve(int(sys.argv[1])))
