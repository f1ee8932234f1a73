"""What measures of servers share: programs that run, clients that ask, and a table."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers.peer import tree_bytes, tree_cpu_seconds
from tables import markdown

from chaffinch.datasets import get
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.task import get_task
from chaffinch.types import Example

CONCURRENCY = (1, 8, 64)
_START_SECONDS = 120.0
T = TypeVar("T")


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Parameters
    ----------
    name : str
        What it is called in the table.
    port : int
        Where it listens, on 127.0.0.1.
    cpu : callable
        Returns the CPU seconds of all its processes so far.
    memory : callable
        Returns bytes of all its processes, what they share counted once.
    """

    name: str
    port: int
    cpu: Callable[[], float]
    memory: Callable[[], int]


#: What runs a server in a folder.
Start = Callable[[Path], AbstractContextManager[Server]]


@dataclass(frozen=True)
class Request(Generic[T]):
    """What clients ask.

    Parameters
    ----------
    name : str
        What it is called in the table.
    ask : callable
        Takes a port and a mail and waits for the answer; ends the program where it is none.
    """

    name: str
    ask: Callable[[int, T], Awaitable[None]]


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def ours(
    folder: Path, door: str, request: Request[T], mail: T, **settings: object
) -> Iterator[Server]:
    """Run `chaffinch serve` with one door, and settings beside, until it answers a mail."""
    port = free_port()
    beside = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    lines = [f'{door} = "127.0.0.1:{port}"', *beside]
    (folder / "settings.toml").write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "chaffinch", "serve"]
    name = ", ".join(["chaffinch", *(beside or ["as it comes"])])
    with running(name, command, port, {"CHAFFINCH_HOME": str(folder)}) as server:
        answers(server, request, mail)
        yield server


@contextmanager
def running(
    name: str, command: Sequence[str], port: int, environment: dict[str, str]
) -> Iterator[Server]:
    """Run a program that listens at a port."""
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            pid = process.pid
            yield Server(name, port, lambda: tree_cpu_seconds(pid), lambda: tree_bytes(pid))
        finally:
            process.send_signal(signal.SIGTERM)


def answers(server: Server, request: Request[T], mail: T) -> None:
    """Wait until a server answers a mail."""
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            return asyncio.run(_once(request, server.port, mail))
        except (OSError, EOFError) as error:
            if time.monotonic() > until:
                raise SystemExit(f"{server.name} did not start: {error}") from error
            time.sleep(0.2)


async def _once(request: Request[T], port: int, mail: T) -> None:
    await request.ask(port, mail)


def measure(
    server: Server, request: Request[T], mails: Sequence[T], clients: int, rate: float = 0.0
) -> dict[str, float]:
    """Let clients ask one mail after the other; with a rate, all of them so many a second."""
    taken: list[float] = []
    turn = iter(enumerate(mails))
    begun = time.perf_counter()

    async def client() -> None:
        for number, mail in turn:
            if rate:
                await asyncio.sleep(begun + number / rate - time.perf_counter())
            started = time.perf_counter()
            await request.ask(server.port, mail)
            taken.append(time.perf_counter() - started)

    async def all_clients() -> None:
        await asyncio.gather(*(client() for _ in range(clients)))

    before = server.cpu()
    asyncio.run(all_clients())
    seconds, cpu = time.perf_counter() - begun, server.cpu() - before
    taken.sort()
    return {
        "mails per second": len(mails) / seconds,
        "mails per CPU second": len(mails) / max(cpu, 1 / os.sysconf("SC_CLK_TCK")),
        "p50 ms": 1000 * taken[len(taken) // 2],
        "p99 ms": 1000 * taken[int(len(taken) * 0.99)],
    }


def corpus(count: int) -> list[Example]:
    """Return mails of the SpamAssassin corpus, spread over all of it."""
    examples = list(gather(get_task("mail"), [open_source(get("spamassassin"))], skipped=print))
    step = max(1, len(examples) // count)
    return examples[::step][:count]


def run(
    servers: Sequence[tuple[Start, int]], requests: Sequence[Request[T]], mails: Sequence[T]
) -> list[dict[str, Any]]:
    """Measure each server at each concurrency, and the last of them at half of what it can do.

    Parameters
    ----------
    servers : sequence of (Start, int)
        Each with the number of mails that it is asked about.
    requests : sequence of Request
        What it is asked.
    mails : sequence
        The mails, as requests take them.
    """
    rows: list[dict[str, Any]] = []
    for start, count in servers:
        with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as server:
            few = mails[:count]
            measure(server, requests[0], few[:50], 8)  # warm
            for request in requests:
                half = 0.0
                turns = [*((clients, False) for clients in CONCURRENCY), (CONCURRENCY[-1], True)]
                for clients, paced in turns:
                    found = measure(server, request, few, clients, half if paced else 0.0)
                    half = found["mails per second"] / 2
                    about = {"server": server.name, "request": request.name, "clients": clients}
                    rows.append({**about, "at half of that": paced, **found})
                    print(f"  {rows[-1]}", file=sys.stderr)
            rows[-1]["MiB"] = server.memory() / 2**20
    return rows


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return what was measured as a Markdown table."""
    columns = ("mails per second", "mails per CPU second", "p50 ms", "p99 ms")
    cells = [
        [
            row["server"],
            row["request"],
            f"{row['clients']}{', at half of that' if row['at half of that'] else ''}",
            *(f"{row[name]:,.0f}" if row[name] >= 100 else f"{row[name]:.3g}" for name in columns),
        ]
        for row in rows
    ]
    return markdown(["server", "request", "clients", *columns], cells)
