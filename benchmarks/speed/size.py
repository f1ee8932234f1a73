"""Time of reading and judging one mail against its size, from 1 kB to 10 MB.

A mail is read up to `Limits.raw` bytes, so that time grows with the size until there, and no more.
"""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write

from chaffinch.predictor import Predictor
from chaffinch.readers.mail import read_mail
from chaffinch.task import get_task

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
ROUNDS = 5
# What is remembered of one mail's links and tags shall not help to read the next.
FIRST = count(1_000_000, 100_000)
HEAD = b"From: Ada <ada@example.org>\nTo: Bob <bob@example.org>\nSubject: The minutes\nDate: %d\n"
LINE = b"Item %d: the garden wants water, says Ada, see http://www.example.org/%d for more.\n"
ROW = (
    b'<tr><td width="%d"><a href="http://www.example.org/%d">Item</a></td>\n'
    b'<td><font color="#336699">the garden wants&nbsp;water</font><br></td></tr>\n'
)


def lines(line: bytes, size: int, first: int) -> bytes:
    """Return that many bytes of lines that differ, numbered from the first on."""
    numbers = range(first, first + size // len(line) + 1)
    return b"".join(line % ((number,) * line.count(b"%d")) for number in numbers)[:size]


def plain(size: int, first: int) -> bytes:
    head = HEAD % size
    return head + b"\n" + lines(LINE, size - len(head) - 1, first)


def html(size: int, first: int) -> bytes:
    head = HEAD % size + b"Content-Type: text/html; charset=utf-8\n\n<table>\n"
    return head + lines(ROW, size - len(head), first)


def encoded(size: int, first: int) -> bytes:
    head = HEAD % size + b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
    return head + base64.encodebytes(lines(LINE, size * 3 // 4, first))[: size - len(head)]


Maker = Callable[[int, int], bytes]

MAILS: dict[str, Maker] = {"plain": plain, "HTML": html, "base64": encoded}


def microseconds(work: Callable[[bytes], object], make: Maker, size: int) -> float:
    """Return the best CPU time of some rounds, each of mails that were not met before."""
    repeats = max(1, 100_000 // size)
    best = float("inf")
    for _ in range(ROUNDS):
        mails = [make(size, next(FIRST)) for _ in range(repeats)]
        started = time.process_time()
        for mail in mails:
            work(mail)
        best = min(best, (time.process_time() - started) / repeats)
    return best * 1e6


def main() -> None:
    """Measure and write."""
    task = get_task("mail")
    rung = next(rung for rung in task.ladder if rung.name == "linear")
    # What a model has learned changes what it says, not how long it takes to.
    predictor = Predictor(task, rung, rung.start(), "untrained")
    measured: dict[str, list[dict[str, float]]] = {}
    print(f"{'mail':<8}{'bytes':>12}{'read, µs':>12}{'judged, µs':>12}{'read, µs/kB':>14}")
    for kind, make in MAILS.items():
        rows = measured[kind] = []
        for size in SIZES:
            read = microseconds(read_mail, make, size)
            judged = microseconds(lambda data: predictor.predict(data, reasons=0), make, size)
            rows.append({"bytes": size, "read_us": read, "judged_us": judged})
            per_kb = read / size * 1000
            print(f"{kind:<8}{size:>12,}{read:>12,.0f}{judged:>12,.0f}{per_kb:>14.2f}")
    write("mail_size", {"rounds": ROUNDS, "measured": measured})


if __name__ == "__main__":
    main()
