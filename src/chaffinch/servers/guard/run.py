"""Guards several mailboxes at once: a thread each, and one desk that judges and learns for all."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

from chaffinch.loop.lock import guarding_turn
from chaffinch.servers.desk import Desk
from chaffinch.servers.guard.guard import Done, Guard
from chaffinch.servers.guard.source import Guarded, Source
from chaffinch.servers.log import say

G = TypeVar("G", bound=Guarded)
#: Opens a mailbox.
Connect = Callable[[G], AbstractContextManager[Source]]

# Seconds that guards have to end; what they had begun then is settled when they start again.
_FAREWELL = 25.0


def guard_all(
    home: Path,
    accounts: Sequence[G],
    connect: Connect[G],
    door: str,
    *,
    once: bool = False,
    backlog: int = 0,
) -> dict[str, Done]:
    """Guard mailboxes until SIGTERM or Ctrl-C, or look once.

    Parameters
    ----------
    home : Path
        The folder of the installation.
    accounts : sequence of Guarded
        Which.
    connect : callable
        Opens one.
    door : str
        Through which door their mail comes, for the record.
    once : bool
        Whether to look once and return.
    backlog : int
        How many mails of each folder are judged that were there before, the newest.

    Returns
    -------
    dict of str to Done
        What was done, by the accounts' names.

    Raises
    ------
    ExperienceError
        If another process guards one of them already.
    """
    with ExitStack() as turns:
        for account in accounts:
            turns.enter_context(guarding_turn(home, account.name))
        return asyncio.run(_guard(home, accounts, connect, door, once, backlog))


async def _guard(
    home: Path, accounts: Sequence[G], connect: Connect[G], door: str, once: bool, backlog: int
) -> dict[str, Done]:
    loop, stop = asyncio.get_running_loop(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    desk = Desk(home)
    guards = [
        Guard(one, partial(connect, one), door, home, desk, loop, stop, backlog=backlog)
        for one in accounts
    ]
    ended = [asyncio.Event() for _ in guards]

    def run(one: Guard, done: asyncio.Event) -> None:
        try:
            if once:
                one.run_once()
            else:
                one.run()
        finally:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(done.set)

    for one, done in zip(guards, ended, strict=True):
        # A server that hangs keeps nobody from ending.
        Thread(target=run, args=(one, done), daemon=True, name=one.account.name).start()
    waiting = asyncio.gather(*(one.wait() for one in ended))
    while not waiting.done() and not stop.is_set():
        await asyncio.wait([waiting], timeout=0.2)
    if not waiting.done():
        say("stopping")
        await asyncio.wait([waiting], timeout=_FAREWELL)
    if waiting.done():
        desk.close()
    else:
        waiting.cancel()
    if not once or stop.is_set():
        say("stopped")
    return {one.account.name: one.done for one in guards}
