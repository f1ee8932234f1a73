"""Mails that were made to harm, and whether a worker was."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opened import Opened

# MiB of the largest mail, and what a worker may grow by while it has such mails.
LARGEST, GROWTH = 4, 60


def nested(levels: int) -> bytes:
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level)
        for level in range(levels)
    )


def forwarded(levels: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * levels


def many_parts(count: int) -> bytes:
    part = b"--b\nContent-Type: text/html\n\n<p>4U\n"
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + part * count + b"--b--\n"


def tags(count: int) -> bytes:
    return b"Content-Type: text/html\n\n" + b"<div><table><a href='" * count


def encoded(size: int) -> bytes:
    head = b"Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n"
    return head + base64.encodebytes(b"<b>&#x34;U" * (size // 14))


def many_headers(count: int) -> bytes:
    return b"".join(b"X-%d: =?utf-8?q?=34=55?=\n" % number for number in range(count)) + b"\n4U\n"


BOMBS = {
    "nested multiparts": nested(60_000),
    "mails in mails": forwarded(100_000),
    "many parts": many_parts(90_000),
    "open tags": tags(100_000),
    "encoded text": encoded(3 << 20),
    "many headers": many_headers(30_000),
    "long lines": b"Subject: " + b"4U " * 30_000 + b"\n\n" + b"x" * (3 << 20),
    "one boundary": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 900_000,
    "angle brackets": b"Content-Type: text/html\n\n" + b"<" * (3 << 20),
}


@contextmanager
def bounded(doors: Opened) -> Iterator[None]:
    """Fail if a worker has come to hold far more than the mail."""
    workers = doors.workers()
    before = sum(map(highest, workers))
    yield
    assert doors.workers() == workers
    assert sum(map(highest, workers)) - before < GROWTH * 1024


def highest(pid: int) -> int:
    """Return the most KiB that a process has held."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(told.partition("VmHWM:")[2].split()[0])
