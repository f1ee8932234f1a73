"""Hostile messages cost no more than their size: twice the message, twice the work."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from chaffinch.readers.message import DEFAULT, read_message
from chaffinch.task import get_task

HOSTILE: dict[str, Callable[[int], str]] = {
    "letters": lambda n: "a" * n,
    "digits": lambda n: "9" * n,
    "spaces": lambda n: "a" + " \n" * (n // 2),
    "dots": lambda n: "a." * (n // 2),
    "dashes": lambda n: "a" + "-" * n,
    "slashes": lambda n: "a.com/" * (n // 6),
    "marks of URLs": lambda n: "://" * (n // 3),
    "starts of tags": lambda n: "<a " * (n // 3),
    "open tags": lambda n: "<b>" * (n // 3),
    "open quotes": lambda n: "<b><a='" * (n // 7),
    "ampersands": lambda n: "&" * n,
    "long references": lambda n: "&#" + "9" * n + ";",
    "invisible characters": lambda n: "a" + "\u200b" * n,
    "invisible inside": lambda n: "a\u200b" * (n // 2),
    "accents": lambda n: "a" + "\u0301" * n,
    "accents out of order": lambda n: "a" + "\u0301\u0327" * (n // 2),
    "points out of order": lambda n: "\u05d0" + "\u05b0\u0591" * (n // 2),
    "ligatures that grow": lambda n: "\ufdfa" * n,
    "lookalikes": lambda n: "aа" * (n // 2),
    "capitals": lambda n: "A " * (n // 2),
    "calls": lambda n: "call " * (n // 5),
    "sums": lambda n: "£1,111" * (n // 6),
    "surrogates": lambda n: "\U0001f600" * n,
}  # fmt: skip


def seconds(data: bytes) -> float:
    """Return the CPU time of reading a message and making every rung's features, at best."""
    task = get_task("message")
    took = []
    for _ in range(3):
        before = time.process_time()
        content = task.reader(data)
        for rung in task.ladder:
            rung.features.row(content)
        took.append(time.process_time() - before)
    return min(took)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_longest_message_is_read_at_once(name: str) -> None:
    data = HOSTILE[name](DEFAULT.raw).encode()[: DEFAULT.raw]
    # It takes a few hundredths; what were quadratic would take a second and more.
    assert seconds(data) < 0.5


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_kept_is_bounded(name: str) -> None:
    message = read_message(HOSTILE[name](2 * DEFAULT.raw).encode())
    assert max(map(len, (message.text, message.plain, message.hidden))) <= DEFAULT.text
    assert len(message.urls) <= DEFAULT.urls
    assert all(len(url) <= DEFAULT.url for url in message.urls)
    assert len(message.notes) <= 20


def test_fifty_megabytes_are_cut_before_they_are_looked_at() -> None:
    data = b"a" * (50 << 20)
    tracemalloc.start()
    try:
        message = read_message(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * DEFAULT.raw
    assert message.notes == ("message cut at 65536 of 52428800 bytes",)
