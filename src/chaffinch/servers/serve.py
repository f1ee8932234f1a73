"""Open the doors: sockets, worker processes, and what watches over them."""

from __future__ import annotations

import asyncio
import gc
import os
import select
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from chaffinch.errors import ChaffinchError, UsageError
from chaffinch.predictor import Predictor
from chaffinch.servers.access import Address
from chaffinch.servers.counters import Counters
from chaffinch.servers.desk import Desk
from chaffinch.servers.door import House, Listener
from chaffinch.servers.entrance import Entrance, refuse_new
from chaffinch.servers.log import say, told_of
from chaffinch.servers.memory import give_back_large
from chaffinch.servers.monitor import Monitor
from chaffinch.servers.plan import ANYBODY, Plan, decided
from chaffinch.servers.sockets import file_of, open_socket, remove_file

_Place = tuple[str, Address]
_STOPS = (signal.SIGTERM, signal.SIGINT)
_LOOKED_FOR = {signal.SIGCHLD, signal.SIGHUP, *_STOPS}
# Seconds between two starts of the same worker, and until one that was told to stop is killed.
_BETWEEN, _FAREWELL = 1.0, 30.0
# Seconds that the monitor has for its last answers.
_ANSWERING = 5.0
_READY_EVERY = 1.0


def serve(home: Path) -> None:
    """Open the doors that the settings name, and keep them open until told to stop.

    Parameters
    ----------
    home : Path
        The folder of the installation.

    Raises
    ------
    UsageError
        If the settings are wrong, or an address cannot be had.
    StorageError
        If the home folder is somebody else's and we are root.
    """
    plan = Plan.read(home)
    give_back_large()
    sockets = _Sockets()
    try:
        sockets.follow(plan)
        _tell("starting", plan, sockets)
        watch = _Watch(plan, sockets)
        while (following := watch.until_told()) is not None:
            watch = _Watch(following, sockets, watch)
    finally:
        sockets.close()
    say("stopped")


class _Sockets:
    """Those that are listened at: one for each place of a plan."""

    def __init__(self) -> None:
        self._open: dict[_Place, socket.socket] = {}
        # Whose file is gone, or is another's, is not found by clients any more.
        self._files: dict[_Place, tuple[int, int] | None] = {}

    def at(self, name: str, address: Address) -> socket.socket:
        """Return the one of a place."""
        return self._open[_place(name, address)]

    def follow(self, plan: Plan) -> None:
        """Listen wherever a plan says and nowhere else; where that fails all is as it was."""
        new: dict[_Place, socket.socket] = {}
        found = {place for place, one in self._open.items() if self._has_file(place, one)}
        try:
            for name, address in plan.places:
                if _place(name, address) not in found:
                    new[_place(name, address)] = open_socket(name, address, plan.mode)
            for _, address in found:
                if address.path:
                    Path(address.path).chmod(plan.mode)
        except (UsageError, OSError):
            for one in new.values():
                _end(one)
            raise
        found &= {_place(*one) for one in plan.places}
        for place, one in self._open.items():
            if place not in found:
                _end(one, with_file=self._has_file(place, one))
        self._open = {place: one for place, one in self._open.items() if place in found} | new
        self._files = {place: file_of(one) for place, one in self._open.items()}

    def close(self) -> None:
        """Listen nowhere; processes that share them can still let in who waits."""
        for place, one in self._open.items():
            _end(one, with_file=self._has_file(place, one))
        self._open = {}

    def _has_file(self, place: _Place, one: socket.socket) -> bool:
        return file_of(one) == self._files[place]


def _place(name: str, address: Address) -> _Place:
    """Return by what a socket is known; one whose port the system chose is its door's alone."""
    return ("" if address.path or address.port else name), address


def _end(listening: socket.socket, *, with_file: bool = True) -> None:
    refuse_new(listening)
    if with_file:
        remove_file(listening)
    listening.close()


def _tell(event: str, plan: Plan, sockets: _Sockets) -> None:
    """Write into the log what is served from now on."""
    say(
        event,
        home=str(plan.home),
        log_only=plan.log_only,
        users=plan.access.users,
        reasons=plan.reasons,
        workers=plan.workers,
    )
    for name, why in plan.unread.items():
        say("no effect", level="warning", setting=name, reason=why)
    for door, address in plan.doors:
        where = _told(sockets.at(door.name, address))
        say("listening", door=door.name, address=where, **decided(door))
    for door, address in plan.taught_by_anybody:
        told = {"door": door.name, "address": str(address), "reason": ANYBODY}
        say("anybody may teach", level="warning", **told)
    for address in plan.monitor:
        say("listening", door="monitor", address=_told(sockets.at("monitor", address)))


def _told(listening: socket.socket) -> str:
    name = listening.getsockname()
    return str(Address(path=name) if isinstance(name, str) else Address(name[0], name[1]))


def _loaded(home: Path) -> Predictor | None:
    """Load the model once for all workers; without one, each tries until there is one."""
    try:
        predictor = Predictor.load("mail", home=home)
    except Exception as error:  # noqa: BLE001 (the doors open, and say that nothing can be judged)
        say("no model", level="error", reason=told_of(error))
        return None
    # No database may be open while a process is forked.
    predictor.close()
    return predictor


class _Watch:
    """Starts the processes, and starts again what ends by itself."""

    def __init__(self, plan: Plan, sockets: _Sockets, before: _Watch | None = None) -> None:
        self._plan, self._sockets = plan, sockets
        self._opened = [(door, sockets.at(door.name, where)) for door, where in plan.doors]
        self._monitors = [sockets.at("monitor", where) for where in plan.monitor]
        names = list(dict.fromkeys(door.name for door, _ in self._opened))
        self._counters = Counters(plan.workers + 1, names)
        # The last place is the monitor's.
        self._last = plan.workers
        self._places: dict[int, int] = {}
        self._started = [-_BETWEEN] * (plan.workers + 1)
        self._loaded = _loaded(plan.home)
        # Its other end closes when this process is gone, however it went.
        self._alive, self._held = os.pipe()
        # Those of settings before, which finish what they have begun.
        self._leaving = before.leave() if before is not None else set()

    def until_told(self) -> Plan | None:
        """Keep the processes running until this one is told to stop, then end them.

        Returns
        -------
        Plan or None
            What to serve instead, where it is told to read the settings again; None at the end.
        """
        # Blocked until they are waited for, so that none is missed between two looks.
        signal.pthread_sigmask(signal.SIG_BLOCK, _LOOKED_FOR)
        # What is here now is never looked at again, so that processes go on sharing it.
        gc.collect()
        gc.freeze()
        stopping = False
        while not stopping:
            for place in range(self._last + bool(self._monitors)):
                if place not in self._places.values():
                    self._start(place)
            came = signal.sigtimedwait(_LOOKED_FOR, _BETWEEN)
            stopping = came is not None and came.si_signo in _STOPS
            if came is not None and came.si_signo == signal.SIGHUP:
                following = self._read_again()
                if following is not None:
                    return following
            self._bury()
        say("stopping")
        self._sockets.close()
        os.close(self._held)
        until = time.monotonic() + _FAREWELL
        while (self._places or self._leaving) and time.monotonic() < until:
            signal.sigtimedwait({signal.SIGCHLD}, 0.2)
            self._bury(expected=True)
        for pid in (*self._places, *self._leaving):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while self._places or self._leaving:
            signal.sigtimedwait({signal.SIGCHLD}, 0.2)
            self._bury()
        return None

    def leave(self) -> set[int]:
        """Have the processes finish what they have begun, as others come; return which they are."""
        self._loaded = None
        # It is never read: that something is there tells that others let in who comes.
        os.write(self._held, b".")
        os.close(self._held)
        os.close(self._alive)
        return {*self._places} | self._leaving

    def _read_again(self) -> Plan | None:
        """Return what the settings say now, where it can be had; else all goes on as it is."""
        try:
            plan = Plan.read(self._plan.home)
            self._sockets.follow(plan)
        except (ChaffinchError, OSError) as error:
            say("not reloaded", level="error", reason=told_of(error))
            return None
        _tell("reloading", plan, self._sockets)
        return plan

    def _start(self, place: int) -> None:
        if time.monotonic() - self._started[place] < _BETWEEN:
            return
        self._started[place] = time.monotonic()
        self._counters.worker = place
        self._counters.add("worker_starts_total", place != self._last)
        pid = os.fork()
        if pid:
            self._places[pid] = place
            return
        os.close(self._held)
        work = self._work if place != self._last else self._tell_how
        os._exit(_run(work, self._alive))

    def _bury(self, *, expected: bool = False) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                pid, status = ended
                place = self._places.pop(pid, None)
                if place is None:
                    self._leaving.discard(pid)
                else:
                    self._counters.forget(place)
                if (place is not None and not expected) or status:
                    code = os.waitstatus_to_exitcode(status)
                    say("worker ended", level="error", worker=place, pid=pid, code=code)

    def _is_replaced(self) -> bool:
        """Return, in a process that is to stop, whether others let in who comes."""
        looking = select.poll()
        looking.register(self._alive, select.POLLIN)
        return any(event & select.POLLIN for _, event in looking.poll(0))

    async def _work(self, stopped: asyncio.Event) -> None:
        plan, counters = self._plan, self._counters
        for one in self._monitors:
            one.close()
        desk = Desk(plan.home, self._loaded, signatures=plan.signatures, reasons=plan.reasons)
        house = House(desk, plan.access, counters, plan.largest)
        listeners = []
        for door, listening in self._opened:
            listeners.append(Listener(door, house))
            await listeners[-1].listen(listening)
        while not stopped.is_set():
            counters.set("ready", await desk.ready())
            with suppress(TimeoutError):
                async with asyncio.timeout(_READY_EVERY):
                    await stopped.wait()
        counters.set("ready", 0)
        let_in = not self._is_replaced()
        await asyncio.gather(*(one.stop(let_in=let_in) for one in listeners))
        desk.close()

    async def _tell_how(self, stopped: asyncio.Event) -> None:
        for _, listening in self._opened:
            listening.close()
        entrance = Entrance(Monitor(self._counters, self._plan.workers).connected)
        for listening in self._monitors:
            await entrance.open(listening)
        await stopped.wait()
        await entrance.close(_ANSWERING, let_in=not self._is_replaced())


def _run(work: Callable[[asyncio.Event], Awaitable[None]], alive: int) -> int:
    """Do the work of a child process until it is told to stop; return its exit code."""

    async def until_stopped() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        # Who watches is mostly told as well, and says so when nobody new can come in.
        for number in _STOPS:
            loop.add_signal_handler(number, loop.call_later, _BETWEEN, stopped.set)
        # It can be read when something was written there, or the other end is closed.
        loop.add_reader(alive, _set, loop, alive, stopped)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD, *_STOPS})
        await work(stopped)

    try:
        with asyncio.Runner(loop_factory=quicker_loop()) as runner:
            runner.run(until_stopped())
    except BaseException as error:  # noqa: BLE001 (a child must never return into its parent's code)
        say("failed", level="error", reason=told_of(error))
        return 1
    return 0


def quicker_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop; None, for Python's own, where uvloop is not installed."""
    try:
        import uvloop
    except ImportError:
        return None
    make: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return make


def _set(loop: Any, alive: int, stopped: asyncio.Event) -> None:
    loop.remove_reader(alive)
    stopped.set()
