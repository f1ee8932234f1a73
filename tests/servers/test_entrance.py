from __future__ import annotations

import asyncio
import socket
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from chaffinch.servers.entrance import BACKLOG, Entrance, refuse_new
from chaffinch.servers.sockets import remove_file
from chaffinch.servers.worker import quicker_loop

_MANY = 150


async def _echo(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(await reader.readline())
    await writer.drain()


def _open(where: str | tuple[str, int]) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
    listening.bind(where)
    listening.listen(BACKLOG)
    return listening


@pytest.mark.parametrize("unix", [True, False])
@pytest.mark.parametrize("loop", [None, quicker_loop()])
def test_who_waits_is_served_and_nobody_else_is_let_in(
    short: Path, unix: bool, loop: Callable[[], asyncio.AbstractEventLoop] | None
) -> None:
    with ExitStack() as opened:

        def connected(seconds: float = 10) -> socket.socket:
            client = opened.enter_context(socket.socket(listening.family))
            client.settimeout(seconds)
            client.connect(listening.getsockname())
            client.sendall(b"4U\n")
            return client

        async def run() -> list[socket.socket]:
            # As two processes do.
            entrances = [Entrance(_echo), Entrance(_echo)]
            for one in entrances:
                await one.open(listening.dup())
            clients = [connected() for _ in range(_MANY)]
            refuse_new(listening)
            remove_file(listening)
            if unix or sys.platform == "linux":
                with pytest.raises(FileNotFoundError if unix else TimeoutError):
                    connected(0.01)
            listening.close()
            await asyncio.gather(*(one.close(10) for one in entrances))
            assert not any(map(len, entrances))
            return clients

        listening = opened.enter_context(_open(str(short / "s") if unix else ("127.0.0.1", 0)))
        with asyncio.Runner(loop_factory=loop) as runner:
            for client in runner.run(run()):
                # All of it, and then the end: no reset.
                assert [client.recv(10), client.recv(10)] == [b"4U\n", b""]
