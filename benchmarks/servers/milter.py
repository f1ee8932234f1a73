"""Our milter against Rspamd's: the same client, the same mails, over the wire.

One process each that judges. As Postfix does, a client connects anew for each mail, asks what the
milter wants to be told of, waits only where the milter says it will answer, and sends at once what
needs no answer. Rspamd, its proxy in milter mode with a scanner of its own, is measured with its
Bayes alone, and with all of its package's rules that need no network; its Bayes has learned what
`--taught` says, and Redis counts as Rspamd. A row of ours judges nothing: no filter behind this
door could be quicker.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers.rspamd import RspamdBayes, RspamdFull
from results_file import write
from servers.wire import (
    Request,
    Server,
    Start,
    answers,
    corpus,
    free_port,
    ours,
    run,
    running,
    table,
)

from chaffinch.servers.milter_protocol import Step, packet
from chaffinch.types import Example

_OPTIONS = packet(b"O", struct.pack(">3I", 6, 0x1FF, 0x1FFFFF))
_CHUNK = 65_535
# As it comes; with less that Rspamd does not do either: it remembers no mail, and tells no reasons.
_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"reasons": "junk"},
    {"reasons": "none"},
    {"reasons": "none", "remember": False},
)
_SECONDS = 60.0
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\n]*\n)(?:[ \t][^\n]*\n)*)")
# What each command is skipped by, and what says that it will not be answered.
_SKIPPED = {b"C": 0x1, b"H": 0x2, b"M": 0x4, b"R": 0x8, b"B": 0x10, b"L": 0x20, b"N": 0x40}
_SKIPPED |= {b"T": Step.NO_DATA}
_SILENT = {
    b"C": Step.SILENT_CONNECT,
    b"H": Step.SILENT_HELO,
    b"M": Step.SILENT_MAIL,
    b"R": Step.SILENT_RECIPIENT,
    b"T": Step.SILENT_DATA,
    b"L": Step.SILENT_HEADER,
    b"N": Step.SILENT_END_OF_HEADERS,
    b"B": Step.SILENT_BODY,
}
# Where Postfix sends what it has gathered though it waits for nothing: its server is done with a
# client's words, and another of its programs goes on; the mail is whole.
_SENT = (b"R", b"E")

#: Commands with what belongs to them, in the order of a mail.
Packets = list[tuple[bytes, bytes]]


def packets(mail: bytes) -> Packets:
    """Return what Postfix would say of a mail, but for macros."""
    found = [(b"C", b"mail.example.org\x004\x00\x19127.0.0.1\0"), (b"H", b"mail.example.org\0")]
    found += [(b"M", b"<eve@example.org>\0"), (b"R", b"<ada@example.org>\0"), (b"T", b"")]
    at = 0
    while field := _FIELD.match(mail, at):
        found.append((b"L", field[1] + b"\0" + field[2].rstrip(b"\r\n") + b"\0"))
        at = field.end()
    body = re.sub(rb"\r?\n", b"\r\n", mail[at:].removeprefix(b"\n"))
    found.append((b"N", b""))
    found += [(b"B", body[at : at + _CHUNK]) for at in range(0, len(body), _CHUNK)]
    return [*found, (b"E", b"")]


async def ask(port: int, mail: Packets) -> None:
    """Hand over a mail, and wait for the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(_SECONDS):
            writer.write(_OPTIONS)
            _, options = await _packet(reader)
            steps = struct.unpack_from(">3I", options)[2]
            skips, unsent = False, bytearray()
            for command, payload in mail:
                if steps & _SKIPPED.get(command, 0) or (skips and command == b"B"):
                    continue
                unsent += packet(command, payload)
                waits = command != b"E" and not steps & _SILENT[command]
                if waits or command in _SENT:
                    writer.write(unsent)
                    unsent = bytearray()
                if waits:
                    answer, _ = await _packet(reader)
                    skips = skips or answer == b"s"
                    if answer not in b"cs":
                        raise SystemExit(f"the milter answered {answer!r} to {command!r}")
            answer, said = b"", b""
            while answer not in (b"a", b"c", b"r", b"t", b"y"):
                answer, said = await _packet(reader)
            if answer == b"t" or (answer == b"y" and not said.startswith(b"5")):
                raise SystemExit(f"the milter could not judge: {answer + said!r}")
            writer.write(packet(b"Q"))
    finally:
        writer.close()
        await writer.wait_closed()


async def _packet(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    data = await reader.readexactly(int.from_bytes(await reader.readexactly(4)))
    return data[:1], data[1:]


_REQUEST = Request("a mail", ask)
_HELLO = packets(b"From: a@example.org\nSubject: hello\n\nhi\n")
_PROXY = """\
  bind_socket = "127.0.0.1:{port}";
  count = 1;
  milter = yes;
  timeout = 60s;
  upstream "local" {{
    default = yes;
    self_scan = yes;
  }}
"""


class MilterBayes(RspamdBayes):
    """Its Bayes alone, as a milter."""

    exact = False

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self.port = free_port()

    def configure(self) -> Path:
        """Write a configuration with the proxy, too."""
        path = super().configure()
        with path.open("a") as file:
            file.write(f'worker "rspamd_proxy" {{\n{_PROXY.format(port=self.port)}}}\n')
        return path


class MilterFull(RspamdFull):
    """All of its rules that need no network, as a milter."""

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self.port = free_port()

    def configure(self) -> Path:
        """Write what differs from the package's settings, the proxy, too."""
        path = super().configure()
        proxy = self.folder / "override.d" / "worker-proxy.inc"
        proxy.write_text(f"enabled = true;\n{_PROXY.format(port=self.port)}")
        return path


@contextmanager
def theirs(
    folder: Path, *, kind: type[MilterBayes] | type[MilterFull], taught: Sequence[Example]
) -> Iterator[Server]:
    """Run Rspamd, which has learned some mails."""
    with kind(folder, _SECONDS) as peer:
        for example in taught:
            peer.learn(example.item.data, example.label)
        server = Server(kind.title, peer.port, peer.cpu_seconds, peer.memory_bytes)
        answers(server, _REQUEST, _HELLO)
        yield server


@contextmanager
def idle(folder: Path) -> Iterator[Server]:
    """Run a milter that does all that ours does but judge."""
    port = free_port()
    program = Path(__file__).parent / "idle_milter.py"
    command = [sys.executable, str(program), str(port)]
    home = {"CHAFFINCH_HOME": str(folder)}
    with running("chaffinch, judging nothing", command, port, home) as server:
        answers(server, _REQUEST, _HELLO)
        yield server


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--mails", type=int, default=4000, help="for ours (default: %(default)s)")
    parser.add_argument("--theirs", type=int, default=1000, help="for theirs (default: 1000)")
    parser.add_argument("--taught", type=int, default=400, help="mails that theirs has learned")
    parser.add_argument("--no-results", action="store_true", help="write no results file")
    options = parser.parse_args()
    servers: list[tuple[Start, int]] = [
        (
            partial(ours, door="milter", request=_REQUEST, mail=_HELLO, **settings),
            options.mails,
        )
        for settings in _SETTINGS
    ]
    servers.append((idle, options.mails))
    examples = corpus(max(options.mails, options.theirs) + options.taught)
    taught, asked = examples[: options.taught], examples[options.taught :]
    for kind in (MilterBayes, MilterFull):
        if missing := kind.missing():
            print(f"{kind.title} is left out: install {', '.join(missing)}", file=sys.stderr)
        else:
            servers.append((partial(theirs, kind=kind, taught=taught), options.theirs))
    rows = run(servers, [_REQUEST], [packets(example.item.data) for example in asked])
    print(table(rows))
    if not options.no_results:
        write("servers_milter", {"rows": rows, "options": vars(options)})


if __name__ == "__main__":
    main()
