"""A process that serves connections, from its first one until it is told to end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from chaffinch.predictor import Predictor
from chaffinch.servers.counters import Counters
from chaffinch.servers.desk import Desk
from chaffinch.servers.door import Door, House, Listener
from chaffinch.servers.entrance import Entrance
from chaffinch.servers.log import say, told_of
from chaffinch.servers.monitor import Monitor
from chaffinch.servers.plan import Plan

#: What tells a process to end.
STOPS = (signal.SIGTERM, signal.SIGINT)
# Seconds until a process believes such a signal: who watches is mostly told as well, and says so
# when nobody new can come in.
_BELIEVES = 1.0
_READY_EVERY = 1.0
# Seconds that connections begun under settings before may go on: what a mail may take to come in.
_LEAVING = 1800.0
# Seconds that the monitor has for its last answers.
_ANSWERING = 5.0


class Told:
    """What a process was told by the one that watches over it.

    Attributes
    ----------
    leave : asyncio.Event
        Others let in who comes: who is in already is served to the end.
    stop : asyncio.Event
        All is to end, soon.
    """

    def __init__(self) -> None:
        self.leave, self.stop = asyncio.Event(), asyncio.Event()

    def end(self) -> None:
        """Take note that all is to end."""
        self.leave.set()
        self.stop.set()


#: What a process does until it is told to end.
Work = Callable[[Told], Awaitable[None]]


def run(work: Work, *, leave: int, stop: int) -> int:
    """Do the work of a process that was forked; return its exit code.

    Parameters
    ----------
    work : callable
        What it does.
    leave, stop : int
        Pipes that nobody writes to: the other end of each is closed to tell what `Told` says.
    """

    async def until_told() -> None:
        told, loop = Told(), asyncio.get_running_loop()
        for number in STOPS:
            loop.add_signal_handler(number, loop.call_later, _BELIEVES, told.end)
        for pipe, take_note in ((leave, told.leave.set), (stop, told.end)):
            loop.add_reader(pipe, _closed, loop, pipe, take_note)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD, *STOPS})
        await work(told)

    try:
        with asyncio.Runner(loop_factory=quicker_loop()) as runner:
            runner.run(until_told())
    except BaseException as error:  # noqa: BLE001 (a child must never return into its parent's code)
        say("failed", level="error", reason=told_of(error))
        return 1
    return 0


def _closed(loop: asyncio.AbstractEventLoop, pipe: int, take_note: Callable[[], None]) -> None:
    loop.remove_reader(pipe)
    take_note()


def quicker_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop; None, for Python's own, where uvloop is not installed."""
    try:
        import uvloop
    except ImportError:
        return None
    make: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return make


def judging(
    plan: Plan,
    doors: Sequence[tuple[Door, socket.socket]],
    counters: Counters,
    loaded: Predictor | None,
) -> Work:
    """Return the work of a process that judges.

    Parameters
    ----------
    plan : Plan
        What is served.
    doors : sequence of (Door, socket)
        Which doors listen where.
    counters : Counters
        Where it counts.
    loaded : Predictor or None
        The model, loaded before it was forked; None where each tries until there is one.
    """

    async def work(told: Told) -> None:
        desk = Desk(
            plan.home,
            loaded,
            signatures=plan.signatures,
            reasons=plan.reasons,
            counters=counters,
        )
        house = House(desk, plan.access, counters, plan.largest)
        listeners = []
        for door, listening in doors:
            listeners.append(Listener(door, house))
            await listeners[-1].listen(listening)
        while not told.leave.is_set():
            counters.set("ready", await desk.ready())
            with suppress(TimeoutError):
                async with asyncio.timeout(_READY_EVERY):
                    await told.leave.wait()
        counters.set("ready", 0)
        let_in = told.stop.is_set()
        if not let_in:
            await _all_left(listeners, told.stop)
        await asyncio.gather(*(one.stop(let_in=let_in) for one in listeners))
        desk.close()

    return work


async def _all_left(listeners: Sequence[Listener], stop: asyncio.Event) -> None:
    """Return when nobody is served any more, when all is to stop, or when it has taken too long."""
    leaving = asyncio.gather(*(one.leave() for one in listeners))
    waiting = (leaving, asyncio.ensure_future(stop.wait()))
    await asyncio.wait(waiting, timeout=_LEAVING, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def telling_how(monitors: Sequence[socket.socket], counters: Counters, workers: int) -> Work:
    """Return the work of a process that tells how the others are.

    Parameters
    ----------
    monitors : sequence of socket
        Where it listens.
    counters : Counters
        What they count.
    workers : int
        How many there are to be.
    """

    async def work(told: Told) -> None:
        entrance = Entrance(Monitor(counters, workers).connected)
        for listening in monitors:
            await entrance.open(listening)
        await told.leave.wait()
        await entrance.close(_ANSWERING, let_in=told.stop.is_set())

    return work
