"""Settings read again: who is in already is served to the end, and nothing gets worse by it."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from socket import SocketIO
from typing import Any

from chaffinch.loop.flag import flag
from chaffinch.servers.milter_protocol import packet
from chaffinch.task import get_task
from chaffinch.types import Item
from opened import Opened, opened
from samples import mail

_MAIL = [
    b"M<eve@example.org>\0",
    b"LX-Chaffinch-Status\0 ham\0",
    b"LSubject\0 4U\0",
    b"Bfree",
    b"E",
]
_PATIENCE = 60.0


def _open(address: str) -> SocketIO:
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=_PATIENCE) as connection:
        return connection.makefile("rwb", buffering=0)


def _told(server: SocketIO) -> list[bytes]:
    """Return what a milter answers, up to what decides."""
    found = [b""]
    while found[-1][:1] not in (b"c", b"O"):
        found.append(server.read(int.from_bytes(server.read(4))))
    return found[1:]


def _say(client: SocketIO, hop: SocketIO, line: bytes) -> None:
    """Let a client say what the next hop is asked, and says yes to."""
    client.write(line + b"\r\n")
    hop.readline()
    hop.write(b"250 yes\r\n")
    while client.readline()[3:4] == b"-":
        pass


def test_what_was_begun_is_done_and_nobody_is_cut_off(home: Path) -> None:
    settings: dict[str, Any] = {"milter": "127.0.0.1:0", "smtp": "127.0.0.1:0"}
    with (
        socket.create_server(("127.0.0.1", 0)) as behind,
        opened(home, next_hop=f"smtp:127.0.0.1:{behind.getsockname()[1]}", **settings) as doors,
        _open(doors.address("milter")) as server,
        _open(doors.address("smtp")) as client,
    ):
        server.write(packet(b"O", struct.pack(">3I", 6, 0x1FF, 0x1FFFFF)))
        _told(server)
        client.readline()
        client.write(b"EHLO a.example\r\n")
        accepted, _ = behind.accept()
        with accepted, accepted.makefile("rwb", buffering=0) as hop:
            hop.write(b"220 mx.example\r\n")
            hop.readline()
            hop.write(b"250 mx.example\r\n")
            while client.readline()[3:4] == b"-":
                pass
            _say(client, hop, b"MAIL FROM:<a@b.example>")
            _say(client, hop, b"RCPT TO:<c@d.example>")
            client.write(b"DATA\r\nSubject: lunch\r\n\r\nHi\r\n.\r\n")
            assert client.readline().startswith(b"354 ")
            hop.readline()
            hop.write(b"354 go on\r\n")
            while hop.readline() != b".\r\n":
                pass
            before = doors.workers()
            doors.process.send_signal(signal.SIGHUP)
            doors.until(lambda: len({*doors.workers()} - {*before}) == 2, "others come")
            doors.until(lambda: doors.page("/ready")[0] == 200, "they are ready")
            # Whom the old process has let in goes on there: a verdict, and no forged one.
            for _ in range(2):
                server.write(b"".join(packet(one[:1], one[1:]) for one in _MAIL))
                stripped, *tags, _ = _told(server)
                assert stripped == b"m\0\0\0\1X-Chaffinch-Status\0\0"
                assert any(b"X-Chaffinch-Status" in tag for tag in tags)
            # The next hop has been slow, and is heard out.
            hop.write(b"250 taken\r\n")
            assert client.readline().startswith(b"250 taken")
            _say(client, hop, b"MAIL FROM:<a@b.example>")
        client.close()
        server.close()
        doors.until(lambda: not {*before} & {*doors.workers()}, "those before have ended")
        assert [one for one in doors.lines if one["level"] != "info"] == []


def test_who_can_judge_is_not_replaced_by_who_cannot(home: Path) -> None:
    flag(get_task("mail"), Item(mail("spam", 1)), "spam", home=home)
    with opened(home) as doors:
        before = doors.workers()
        for path in (home / "models").iterdir():
            path.write_bytes(b"damaged")
        doors.process.send_signal(signal.SIGHUP)
        doors.until(lambda: doors.events("not reloaded"), "it is told")
        assert "is damaged" in doors.events("not reloaded")[0]["reason"]
        assert doors.workers() == before
        assert b"X-Chaffinch-Status" in doors.check(mail("spam", 1001))


def test_to_be_told_early_to_reload_is_no_end_and_a_manager_is_told_when(home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('spamd = "127.0.0.1:0"\n', encoding="utf-8")
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    # An abstract name: the socket needs no folder, and is gone with the test.
    name = f"chaffinch-{os.getpid()}"
    manager.bind(f"\0{name}")
    manager.settimeout(_PATIENCE)
    log = home / "serve.log"
    command = [sys.executable, "-m", "chaffinch", "serve"]
    environment = os.environ | {"NOTIFY_SOCKET": f"@{name}"}
    with (
        manager,
        log.open("wb") as file,
        subprocess.Popen(command, stderr=file, env=environment) as process,
    ):
        doors = Opened(process, log)
        try:
            status = Path(f"/proc/{process.pid}/status")
            until = time.monotonic() + _PATIENCE
            while not _blocks_hangups(status):
                assert time.monotonic() < until
                time.sleep(0.002)
            assert doors.lines == [], "it is only about to start"
            process.send_signal(signal.SIGHUP)
            assert manager.recv(99) == b"READY=1"
            doors.until(lambda: doors.events("reloading"), "it is looked at later")
        finally:
            process.terminate()
        assert process.wait(_PATIENCE) == 0
        assert {manager.recv(99) for _ in range(2)} == {b"READY=1", b"STOPPING=1"}


def _blocks_hangups(status: Path) -> bool:
    (line,) = (one for one in status.read_text().splitlines() if one.startswith("SigBlk:"))
    return bool(int(line.split()[1], 16) >> (signal.SIGHUP - 1) & 1)
