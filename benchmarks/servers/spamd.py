"""Our spamd door against SpamAssassin's spamd: the same client, the same mails, over the wire.

One worker process each, SpamAssassin with its local rules and network tests off. A request is
CHECK, and PROCESS, which gives the mail back with its reasons.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from tables import markdown

from chaffinch.datasets import get
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.task import get_task

CONCURRENCY = (1, 8, 64)
_TICKS = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Server:
    """A server that runs: where it listens, and its first process."""

    name: str
    port: int
    pid: int

    def cpu(self) -> float:
        """Return the CPU seconds of all its processes so far."""
        return sum(map(_cpu, _family(self.pid)))

    def memory(self) -> float:
        """Return MiB of all its processes, what they share counted once."""
        return sum(map(_pss, _family(self.pid))) / 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        yield from _family(int(child))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def ours(folder: Path, *, remember: bool) -> Iterator[Server]:
    """Run `chaffinch serve`, which remembers what it judges or not."""
    port = _free_port()
    (folder / "settings.toml").write_text(
        f'spamd = "127.0.0.1:{port}"\nremember = {str(remember).lower()}\n', encoding="utf-8"
    )
    command = [sys.executable, "-m", "chaffinch", "serve"]
    name = f"chaffinch, {'remembering' if remember else 'remember = false'}"
    with _running(name, command, port, {"CHAFFINCH_HOME": str(folder)}) as server:
        yield server


@contextmanager
def theirs(folder: Path) -> Iterator[Server]:
    """Run SpamAssassin's spamd with one child."""
    port = _free_port()
    command = [
        which("spamd") or "/usr/sbin/spamd",
        "--local",
        "--max-children=1",
        "--nouser-config",
        f"--port={port}",
        "--listen=127.0.0.1",
        f"--helper-home-dir={folder}",
    ]
    with _running("SpamAssassin's spamd", command, port, {"HOME": str(folder)}) as server:
        yield server


@contextmanager
def _running(
    name: str, command: Sequence[str], port: int, environment: dict[str, str]
) -> Iterator[Server]:
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until = time.monotonic() + _START_SECONDS
            while asyncio.run(_answers(port)) is False:
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"{name} did not start: {' '.join(command)}")
                time.sleep(0.2)
            yield Server(name, port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)


async def _answers(port: int) -> bool:
    try:
        return b"EX_OK" in await _ask(port, "CHECK", b"Subject: hello\n\nhi\n")
    except OSError:
        return False


async def _ask(port: int, command: str, mail: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{command} SPAMC/1.5\r\nContent-length: {len(mail)}\r\n\r\n".encode() + mail)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def measure(
    server: Server, command: str, mails: Sequence[bytes], clients: int, rate: float = 0.0
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
            answer = await _ask(server.port, command, mail)
            taken.append(time.perf_counter() - started)
            if b" EX_OK\r\n" not in answer[:40]:
                raise SystemExit(f"{server.name} answered {answer[:80]!r}")

    async def all_clients() -> None:
        await asyncio.gather(*(client() for _ in range(clients)))

    before = server.cpu()
    asyncio.run(all_clients())
    seconds, cpu = time.perf_counter() - begun, server.cpu() - before
    taken.sort()
    return {
        "mails per second": len(mails) / seconds,
        "mails per CPU second": len(mails) / max(cpu, 1 / _TICKS),
        "p50 ms": 1000 * taken[len(taken) // 2],
        "p99 ms": 1000 * taken[int(len(taken) * 0.99)],
    }


def corpus(count: int) -> list[bytes]:
    """Return mails of the SpamAssassin corpus, spread over all of it."""
    examples = list(gather(get_task("mail"), [open_source(get("spamassassin"))], skipped=print))
    step = max(1, len(examples) // count)
    return [example.item.data for example in examples[::step]][:count]


def run(servers: Sequence[Callable[[Path], Any]], counts: dict[str, int]) -> list[dict[str, Any]]:
    """Measure each server at each concurrency, and the last of them at half of what it can do."""
    rows: list[dict[str, Any]] = []
    mails = corpus(max(counts.values()))
    for start in servers:
        with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as server:
            few = mails[: counts["theirs" if "Assassin" in server.name else "ours"]]
            measure(server, "CHECK", few[:50], 8)  # warm
            for command in ("CHECK", "PROCESS"):
                half = 0.0
                turns = [*((clients, False) for clients in CONCURRENCY), (CONCURRENCY[-1], True)]
                for clients, paced in turns:
                    found = measure(server, command, few, clients, half if paced else 0.0)
                    half = found["mails per second"] / 2
                    about = {"server": server.name, "request": command, "clients": clients}
                    rows.append({**about, "at half of that": paced, **found})
                    print(f"  {rows[-1]}", file=sys.stderr)
            rows[-1]["MiB"] = server.memory()
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


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--mails", type=int, default=4000, help="for ours (default: %(default)s)")
    parser.add_argument("--theirs", type=int, default=400, help="for theirs (default: %(default)s)")
    parser.add_argument("--no-results", action="store_true", help="write no results file")
    options = parser.parse_args()
    servers: list[Callable[[Path], Any]] = [
        lambda folder: ours(folder, remember=True),
        lambda folder: ours(folder, remember=False),
    ]
    if which("spamd", path=f"{os.environ['PATH']}:/usr/sbin"):
        servers.append(theirs)
    else:
        print("spamd is not installed: only ours is measured", file=sys.stderr)
    rows = run(servers, {"ours": options.mails, "theirs": options.theirs})
    print(table(rows))
    if not options.no_results:
        write("servers_spamd", {"rows": rows, "options": vars(options)})


if __name__ == "__main__":
    main()
