"""Our spamd door against SpamAssassin's spamd: the same client, the same mails, over the wire.

One worker process each, SpamAssassin with its local rules and network tests off. A request is
CHECK, and PROCESS, which gives the mail back with its reasons.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import which
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

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

_SETTINGS: tuple[dict[str, Any], ...] = ({}, {"remember": False})
_HELLO = b"Subject: hello\n\nhi\n"


def _request(command: str) -> Request[bytes]:
    async def ask(port: int, mail: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{command} SPAMC/1.5\r\nContent-length: {len(mail)}\r\n\r\n".encode() + mail)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        if not answer:
            raise EOFError("no answer")
        if b" EX_OK\r\n" not in answer[:40]:
            raise SystemExit(f"the server answered {answer[:80]!r}")

    return Request(command, ask)


_REQUESTS = (_request("CHECK"), _request("PROCESS"))


@contextmanager
def theirs(folder: Path) -> Iterator[Server]:
    """Run SpamAssassin's spamd with one child."""
    port = free_port()
    command = [
        which("spamd") or "/usr/sbin/spamd",
        "--local",
        "--max-children=1",
        "--nouser-config",
        f"--port={port}",
        "--listen=127.0.0.1",
        f"--helper-home-dir={folder}",
    ]
    with running("SpamAssassin's spamd", command, port, {"HOME": str(folder)}) as server:
        answers(server, _REQUESTS[0], _HELLO)
        yield server


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--mails", type=int, default=4000, help="for ours (default: %(default)s)")
    parser.add_argument("--theirs", type=int, default=400, help="for theirs (default: %(default)s)")
    parser.add_argument("--no-results", action="store_true", help="write no results file")
    options = parser.parse_args()
    servers: list[tuple[Start, int]] = [
        (
            partial(ours, door="spamd", request=_REQUESTS[0], mail=_HELLO, **settings),
            options.mails,
        )
        for settings in _SETTINGS
    ]
    if which("spamd", path=f"{os.environ['PATH']}:/usr/sbin"):
        servers.append((theirs, options.theirs))
    else:
        print("spamd is not installed: only ours is measured", file=sys.stderr)
    mails = [example.item.data for example in corpus(max(options.mails, options.theirs))]
    rows = run(servers, _REQUESTS, mails)
    print(table(rows))
    if not options.no_results:
        write("servers_spamd", {"rows": rows, "options": vars(options)})


if __name__ == "__main__":
    main()
