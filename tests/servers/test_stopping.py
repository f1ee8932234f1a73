"""Doors that are opened anew, then closed, while many come in: all that come get an answer."""

from __future__ import annotations

import asyncio
import signal
import struct
from asyncio import StreamReader, StreamWriter
from collections import Counter
from pathlib import Path
from typing import Any

from opened import Opened, opened

# Clients at each address, one connection after the other.
_AT_ONCE = 25
_PATIENCE = 30.0
# Seconds that they come and go before the doors are told to close.
_BEFORE = 0.2
# What a mail server says first: the version, actions and steps that it knows.
_OPTIONS = struct.pack("!IcIII", 13, b"O", 6, 0x1FF, 0x1FFFFF)


async def _spamd(reader: StreamReader, writer: StreamWriter) -> bool:
    writer.write(b"PING SPAMC/1.5\r\n\r\n")
    return b" PONG\r\n" in await reader.read()


async def _milter(reader: StreamReader, writer: StreamWriter) -> bool:
    writer.write(_OPTIONS)
    answer = await reader.readexactly(5)
    return answer[4:] == b"O"


async def _lmtp(reader: StreamReader, writer: StreamWriter) -> bool:
    said = await reader.readline()
    if said.startswith(b"220 "):
        writer.write(b"NOOP\r\n")
        said = await reader.readline()
    # And the end is told as one, not by a reset.
    if said.startswith(b"421 "):
        return await reader.read() == b""
    return said.startswith(b"250 ")


async def _monitor(reader: StreamReader, writer: StreamWriter) -> bool:
    writer.write(b"GET /health HTTP/1.1\r\n\r\n")
    return (await reader.read()).endswith(b"ok\n")


_TALKS = {"spamd": _spamd, "milter": _milter, "lmtp": _lmtp, "monitor": _monitor}


async def _talk(door: str, address: str) -> bool:
    if address.startswith("unix:"):
        reader, writer = await asyncio.open_unix_connection(address.removeprefix("unix:"))
    else:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
    try:
        return await _TALKS[door](reader, writer)
    finally:
        writer.transport.abort()


async def _come_and_go(door: str, address: str, found: Counter[str]) -> None:
    """Connect until nobody listens any more, and count what came of each connection."""
    while True:
        try:
            what = "answered" if await _talk(door, address) else "left without a word"
        except (ConnectionRefusedError, FileNotFoundError):
            return
        except (OSError, EOFError) as error:
            what = type(error).__name__
        found[f"{door} {what}"] += 1


async def _stop_amid(doors: Opened) -> Counter[str]:
    found: Counter[str] = Counter()
    coming: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as clients, asyncio.timeout(_PATIENCE):
        for line in doors.events("listening"):
            for _ in range(_AT_ONCE):
                come = _come_and_go(line["door"], line["address"], found)
                coming.append(clients.create_task(come))
        await asyncio.sleep(_BEFORE)
        workers = {*doors.workers()}
        doors.process.send_signal(signal.SIGHUP)
        while workers & {*doors.workers()}:
            await asyncio.sleep(0.05)
        assert not any(one.done() for one in coming), "all that time somebody listened"
        await asyncio.sleep(_BEFORE)
        doors.process.terminate()
    return found


def test_nobody_who_was_let_in_is_reset(short: Path) -> None:
    names = ("spamd", "milter", "lmtp")
    where: dict[str, Any] = {name: f"127.0.0.1:0 unix:{short}/{name}" for name in names}
    with opened(short / "home", workers=2, next_hop="lmtp:127.0.0.1:9", **where) as doors:
        found = asyncio.run(_stop_amid(doors))
        assert doors.process.wait(_PATIENCE) == 0
    assert {one for one in found if not one.endswith(" answered")} == set(), found
    assert len(found) == len(_TALKS)
    assert not any((short / name).exists() for name in names)
