"""`chaffinch serve` in a process of its own, as it runs beside mail programs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

_PATIENCE = 60.0


@dataclass
class Opened:
    """Doors that are open, and what their process says."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def events(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    def listens(self, door: str) -> bool:
        return any(line["door"] == door for line in self.events("listening"))

    def address(self, door: str) -> str:
        """Return where a door listens first."""
        addresses = {line["door"]: str(line["address"]) for line in self.events("listening")[::-1]}
        return addresses[door]

    def ask(self, data: bytes) -> bytes:
        """Send a request to the spamd door and return its answer."""
        host, _, port = self.address("spamd").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=_PATIENCE) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65_536), b""))

    def check(self, mail: bytes, *headers: str, command: str = "PROCESS") -> bytes:
        lines = [f"{command} SPAMC/1.5", *headers, f"Content-length: {len(mail)}", "", ""]
        return self.ask("\r\n".join(lines).encode() + mail)

    def page(self, path: str) -> tuple[int, str]:
        """Return the code and the text of a page of the monitor."""
        try:
            with urlopen(f"http://{self.address('monitor')}{path}", timeout=_PATIENCE) as page:
                return page.status, page.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def until(self, true: Callable[[], object], what: str) -> None:
        """Wait until something is so."""
        until = time.monotonic() + _PATIENCE
        while not true():
            assert time.monotonic() < until, f"not within {_PATIENCE:.0f} s: {what}: {self.lines}"
            assert self.process.poll() is None, f"it ended: {self.lines}"
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """Return the processes that the first one has started."""
        pid = self.process.pid
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(word) for word in told.split()]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_PATIENCE)


@contextmanager
def opened(home: Path, *, ready: bool = True, **settings: object) -> Iterator[Opened]:
    """Open the doors that settings name, and close them at the end."""
    home.mkdir(exist_ok=True)
    settings = {"spamd": "127.0.0.1:0", "monitor": "127.0.0.1:0"} | settings
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    (home / "settings.toml").write_text("".join(lines), encoding="utf-8")
    log = home / "serve.log"
    command = [sys.executable, "-m", "chaffinch", "serve"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stderr=file, env=os.environ | {"CHAFFINCH_HOME": str(home)}
        )
    doors = Opened(process, log)
    try:
        # It is the last that does.
        doors.until(lambda: doors.listens("monitor"), "listening")
        if ready:
            doors.until(lambda: doors.page("/ready")[0] == 200, "ready")
        yield doors
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(_PATIENCE)
