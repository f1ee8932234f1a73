"""Mails through Postfix and Chaffinch while all fails around it: is one lost, doubled or changed?

Workers are killed, the database is locked, the disk is full, the model is swapped, all the while.
As root, on Linux, with Postfix: it is a private one, and mail goes nowhere else.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import signal
import smtplib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent.parent / "tests"))

from results_file import write
from tables import markdown

from hosts.postfix import Postfix, free_port, postfix
from opened import Opened, opened
from samples import folder as samples_of

_BODIES = 64
_RUNGS = ("linear", "committee")
# Seconds between two looks at the memory, and that a mail may take at the end.
_LOOK, _DELIVERY = 2.0, 300.0
# Models that are launched before memory is compared: of what comes with one, some is kept. And the
# shares of what follows, its first and its last, that are compared.
_SETTLED, _PART = 3, 0.2


def body(number: int) -> bytes:
    """Return the body of a mail: odd bytes, dots and lines of every length that Postfix keeps."""
    draw = random.Random(number)
    lines = [b".", b"..", b"", b"caf\xe9 \xff", b"From here", b"x" * 990]
    lines += [draw.randbytes(draw.randrange(300)).hex().encode() for _ in range(draw.randrange(20))]
    draw.shuffle(lines)
    return b"\r\n".join([*lines, b""])


BODIES = [body(number) for number in range(_BODIES)]


@dataclass
class Traffic:
    """Mails that are sent, each by a connection of its own, and what was delivered of them.

    Parameters
    ----------
    host : Postfix
        Through which they go.
    count : int
        How many.
    """

    host: Postfix
    count: int
    sent: bytearray = field(init=False)
    delivered: bytearray = field(init=False)
    seen: Counter[str] = field(default_factory=Counter)
    _next: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.sent, self.delivered = bytearray(self.count), bytearray(self.count)

    def send(self) -> None:
        """Send what nobody else has begun to, again where it was not acknowledged."""
        while (number := self._take()) is not None:
            head = b"From: eve@example.test\r\nSubject: soak\r\nX-Number: %d\r\n\r\n" % number
            while not self.sent[number]:
                try:
                    with smtplib.SMTP("127.0.0.1", self.host.port, "soak.example", 120) as client:
                        mail = head + BODIES[number % _BODIES]
                        client.sendmail("eve@example.test", ["ada@example.test"], mail)
                        self.sent[number] = 1
                except (OSError, smtplib.SMTPException) as error:
                    self.seen[f"sent again: {type(error).__name__}"] += 1
                    time.sleep(0.2)

    def drain(self) -> None:
        """Look at what was delivered, and remove it."""
        for path in (self.host.folder / "mail" / "ada" / "new").glob("*"):
            head, _, rest = path.read_bytes().partition(b"\n\n")
            found = re.search(rb"^X-Number: (\d+)$", head, re.MULTILINE)
            if found is None:
                self.seen["without a number"] += 1
                continue
            number = int(found[1])
            self.delivered[number] += 1
            tagged = len(re.findall(rb"^X-Chaffinch-Status: ", head, re.MULTILINE))
            self.seen[("untagged", "tagged")[tagged] if tagged < 2 else "tagged twice"] += 1
            if rest != BODIES[number % _BODIES].replace(b"\r\n", b"\n"):
                self.seen["changed"] += 1
            path.unlink()

    def _take(self) -> int | None:
        with self._lock:
            number = self._next
            self._next += 1
        return number if number < self.count else None


@dataclass
class Trouble:
    """What happens to Chaffinch.

    Parameters
    ----------
    doors : Opened
        Its processes. The first worker is never killed, to see whether it grows.
    home : Path
        Its folder, on a disk of its own.
    draw : random.Random
        What happens when.
    """

    doors: Opened
    home: Path
    draw: random.Random
    happened: Counter[str] = field(default_factory=Counter)

    def kill(self) -> None:
        """Kill a process without a warning."""
        os.kill(self.draw.choice(self.doors.workers()[1:]), signal.SIGKILL)

    def lock(self) -> None:
        """Let nobody else write to the database, for seconds."""
        (path,) = self.home.glob("experience*.db")
        with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(self.draw.uniform(1, 6))
            other.execute("ROLLBACK")

    def fill(self) -> None:
        """Fill the disk, for seconds."""
        path = self.home / "filler"
        try:
            with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
                while file.write(bytes(1 << 20)) == 1 << 20:
                    pass
                while file.write(b"x"):
                    pass
            time.sleep(self.draw.uniform(1, 6))
        finally:
            path.unlink()

    def swap(self) -> None:
        """Launch another model."""
        rung = _RUNGS[self.happened["swap"] % len(_RUNGS)]
        command = [sys.executable, "-m", "chaffinch", "launch", "mail", "--rung", rung]
        environment = os.environ | {"CHAFFINCH_HOME": str(self.home)}
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if done.returncode:
            self.happened["swap failed"] += 1
            print(done.stderr.decode(), file=sys.stderr)

    def until(self, over: Event, every: float, swaps: float) -> None:
        """Have something happen every so many seconds, and a model swapped every so many."""
        swapped = time.monotonic()
        while not over.wait(self.draw.expovariate(1 / every)):
            what = self.draw.choice(("kill", "lock", "fill"))
            if time.monotonic() - swapped > swaps:
                what, swapped = "swap", time.monotonic()
            getattr(self, what)()
            self.happened[what] += 1


def anonymous(pid: int) -> int:
    """Return the KiB of memory that a process has for itself."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(told.partition("RssAnon:")[2].split()[0])


@contextlib.contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """Mount a disk of so many MiB, in memory."""
    with tempfile.TemporaryDirectory(prefix="chf") as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=755", "tmpfs", name]
        subprocess.run(mount, check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)


def by_milter(door: int, _: int) -> tuple[str, str, dict[str, Any]]:
    """Return main.cf, master.cf and settings with which Postfix asks about each mail."""
    main = f"smtpd_milters = inet:127.0.0.1:{door}\nmilter_default_action = accept\n"
    return main, "", {"milter": f"127.0.0.1:{door}"}


def by_proxy(door: int, back: int) -> tuple[str, str, dict[str, Any]]:
    """Return those with which mail goes from Postfix's queue through the proxy, and back."""
    main = f"content_filter = smtp:[127.0.0.1]:{door}\n"
    master = f"127.0.0.1:{back} inet n - n - - smtpd\n  -o content_filter=\n"
    return main, master, {"smtp": f"127.0.0.1:{door}", "next_hop": f"smtp:127.0.0.1:{back}"}


WAYS = {"milter": by_milter, "proxy": by_proxy}


def learn(home: Path) -> None:
    """Give a home something to launch models of."""
    with tempfile.TemporaryDirectory() as name:
        words = []
        for label in ("spam", "ham"):
            words += ["--label", f"{label}={samples_of(Path(name, label), label, range(100))}"]
        command = [sys.executable, "-m", "chaffinch", "learn", "mail", *words]
        environment = os.environ | {"CHAFFINCH_HOME": str(home)}
        subprocess.run(command, env=environment, check=True, capture_output=True)


def soak(options: argparse.Namespace) -> dict[str, Any]:
    """Send the mails, and return what happened and what was found."""
    room = 1024 + options.messages * 8 // 1024
    with small_disk(room) as home, tempfile.TemporaryDirectory() as elsewhere:
        learn(home)
        # What cannot be remembered can still be told.
        (home / "serve.log").symlink_to(Path(elsewhere) / "log")
        main, master, settings = WAYS[options.through](free_port(), free_port())
        settings["workers"] = options.workers
        with opened(home, spamd="", **settings) as doors, postfix(main, master) as host:
            return watched(options, Traffic(host, options.messages), doors, home)


def watched(
    options: argparse.Namespace, traffic: Traffic, doors: Opened, home: Path
) -> dict[str, Any]:
    """Let mails and trouble come, and look."""
    over, begun = Event(), time.monotonic()
    trouble = Trouble(doors, home, random.Random(options.seed))
    chaos = Thread(target=trouble.until, args=(over, options.every, options.swaps))
    senders = [Thread(target=traffic.send) for _ in range(options.clients)]
    first, memory = doors.workers()[0], list[int]()
    for thread in (chaos, *senders):
        thread.start()
    while any(thread.is_alive() for thread in senders):
        time.sleep(_LOOK)
        traffic.drain()
        if trouble.happened["swap"] >= _SETTLED:
            memory.append(anonymous(first))
    seconds = time.monotonic() - begun
    over.set()
    chaos.join()
    until = time.monotonic() + _DELIVERY
    while (0 in traffic.delivered or traffic.host.queued()) and time.monotonic() < until:
        time.sleep(_LOOK)
        traffic.drain()
    return found(traffic, trouble, memory, seconds)


def found(traffic: Traffic, trouble: Trouble, memory: list[int], seconds: float) -> dict[str, Any]:
    """Return what was found, in numbers."""
    part = int(len(memory) * _PART)
    if not part:
        raise SystemExit(f"too short: {_SETTLED} models have to be launched, and time to follow")
    before, after = statistics.median(memory[:part]), statistics.median(memory[-part:])
    doors, seen = trouble.doors, traffic.seen
    warnings = len(re.findall("warning: milter ", traffic.host.log))
    events = Counter(line["event"] for line in doors.lines)
    return {
        "sent": sum(traffic.sent),
        "lost": traffic.delivered.count(0),
        "delivered more than once": sum(count > 1 for count in traffic.delivered),
        "changed": seen["changed"] + seen["without a number"] + seen["tagged twice"],
        "tagged": seen["tagged"],
        "untagged": seen["untagged"],
        "untagged and told of by neither log": max(
            0, seen["untagged"] - warnings - events["unjudged"]
        ),
        "bounced": traffic.host.log.count("status=bounced"),
        "sent again": {name: count for name, count in seen.items() if name.startswith("sent ")},
        "happened": dict(trouble.happened),
        "kills that the log does not tell": max(
            0, trouble.happened["kill"] - events["worker ended"]
        ),
        "in the log": {name: count for name, count in events.items() if name != "judged"},
        "warnings of Postfix": warnings,
        "MiB after warm-up": round(before / 1024, 1),
        "MiB at the end": round(after / 1024, 1),
        "growth %": round(100 * (after / before - 1), 2),
        "mails per second": round(sum(traffic.sent) / seconds, 1),
    }


#: What must hold of what was found.
GOALS: dict[str, Callable[[Any], bool]] = {
    "lost": lambda count: count == 0,
    "delivered more than once": lambda count: count == 0,
    "changed": lambda count: count == 0,
    "bounced": lambda count: count == 0,
    "untagged and told of by neither log": lambda count: count == 0,
    "kills that the log does not tell": lambda count: count == 0,
    "growth %": lambda percent: percent < 5,
}


def main() -> None:
    """Soak, print, write, and fail unless all goals are met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--through", choices=WAYS, default="milter")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two troubles")
    parser.add_argument("--swaps", type=float, default=60.0, help="seconds between two models")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-results", action="store_true", help="write no results file")
    options = parser.parse_args()
    measured = soak(options)
    print(markdown(["what", "measured"], [[name, str(value)] for name, value in measured.items()]))
    if not options.no_results:
        write(f"servers_soak_{options.through}", {"options": vars(options), "measured": measured})
    missed = [name for name, holds in GOALS.items() if not holds(measured[name])]
    if missed:
        raise SystemExit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
