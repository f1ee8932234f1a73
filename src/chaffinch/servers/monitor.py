"""How the doors are, over HTTP: metrics for Prometheus, health and readiness."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

from chaffinch.servers.counters import Counters

_PATIENCE = 5.0
_LONGEST = 8192


class Monitor:
    """Answers ``/metrics``, ``/health`` (the processes live) and ``/ready`` (all have a model).

    Parameters
    ----------
    counters : Counters
        What the workers count.
    workers : int
        How many there are to be.
    """

    def __init__(self, counters: Counters, workers: int) -> None:
        self._counters = counters
        self._workers = workers

    async def connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Answer the one request of a connection, for who calls to close it."""
        with suppress(TimeoutError, ConnectionError, asyncio.LimitOverrunError, EOFError):
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\n")
                # To be read whole, or closing would reset the connection.
                while len(line := await reader.readline()) > 2:
                    if len(line) > _LONGEST:
                        return
                writer.write(self._answer(head))
                await writer.drain()

    def _answer(self, head: bytes) -> bytes:
        method, _, rest = head.decode("latin-1").partition(" ")
        code, body = self._page(rest.partition(" ")[0]) if method == "GET" else (405, "")
        said = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Unavailable"}[code]
        return (
            f"HTTP/1.1 {code} {said}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
        ).encode()

    def _page(self, path: str) -> tuple[int, str]:
        if path == "/metrics":
            return 200, self._counters.text()
        if path == "/health":
            return 200, "ok\n"
        if path == "/ready":
            ready = self._counters.total("ready")
            code = 200 if ready == self._workers else 503
            return code, f"{ready} of {self._workers} workers are ready\n"
        return 404, "there are /metrics, /health and /ready\n"
