"""A mail server that takes every mail, and remembers both ends of the last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

_HEAD = 65_536


class Sink(ThreadingTCPServer):
    """The server; it listens on this machine."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.head, self.tail = b"", b""
        self.size = self.taken = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Talk(StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        while line := self.rfile.readline(_HEAD):
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self._mail()
            self.wfile.write(b"250 ok\r\n")

    def _mail(self) -> None:
        sink = self.server
        assert isinstance(sink, Sink)
        head, tail, size = b"", b"", 0
        while not tail.endswith(b"\r\n.\r\n"):
            data = self.rfile.read1(1 << 16)
            if not data:
                # Cut off: it is no mail.
                raise ConnectionResetError
            head += data[: _HEAD - len(head)]
            tail = (tail + data)[-_HEAD:]
            size += len(data)
        sink.head, sink.tail, sink.size = head, tail, size
        sink.taken += 1


@contextmanager
def sink() -> Iterator[Sink]:
    """Let one listen while the context lasts."""
    with Sink() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
