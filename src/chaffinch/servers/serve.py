"""Open the doors: settings, sockets, worker processes, and what watches over them."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaffinch.errors import UsageError
from chaffinch.experience.store import check_owner
from chaffinch.predictor import Predictor
from chaffinch.servers.access import (
    Access,
    Address,
    Network,
    open_socket,
    reached_by_all,
    remove_file,
)
from chaffinch.servers.counters import Counters
from chaffinch.servers.desk import Desk
from chaffinch.servers.dkim import Signatures
from chaffinch.servers.door import Door, House, Listener
from chaffinch.servers.entrance import Entrance, refuse_new
from chaffinch.servers.log import say, told_of
from chaffinch.servers.memory import give_back_large
from chaffinch.servers.milter import Milter
from chaffinch.servers.monitor import Monitor
from chaffinch.servers.next_hop import NextHop
from chaffinch.servers.proxy import Lmtp, Proxy, Smtp
from chaffinch.servers.spamd import Spamd
from chaffinch.settings import AT_UNIX, OVER_TCP, SETTINGS, read_settings, unread

#: The doors there are; the setting of a door's name says where it listens.
DOORS: tuple[type[Door], ...] = (Spamd, Milter, Smtp, Lmtp)
_STOPS = (signal.SIGTERM, signal.SIGINT)
_LOOKED_FOR = {signal.SIGCHLD, signal.SIGHUP, *_STOPS}
_HANG_UP = (
    "settings are read when serve starts: start it again to have them read; flags and models count "
    "by themselves"
)
# Seconds between two starts of the same worker, and until one that was told to stop is killed.
_BETWEEN, _FAREWELL = 1.0, 30.0
# Seconds that the monitor has for its last answers.
_ANSWERING = 5.0
_READY_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the settings say is to be served.

    Parameters
    ----------
    home : Path
        The folder of the installation.
    doors : list of (Door, Address)
        Which doors listen where.
    access : Access
        Who may come in.
    mode : int
        The mode of UNIX sockets.
    workers : int
        How many processes judge.
    largest : int
        Bytes that a mail may have.
    monitor : list of Address
        Where it is told how they are.
    signatures : Signatures or None
        What verifies DKIM signatures, where that is asked for.
    reasons : str
        Of which mail headers tell why.
    unread : dict of str to str
        Which settings make no difference to what is opened, and why.
    """

    home: Path
    doors: list[tuple[Door, Address]]
    access: Access
    mode: int
    workers: int
    largest: int
    monitor: list[Address]
    signatures: Signatures | None
    reasons: str
    unread: dict[str, str]

    def told(self) -> list[str]:
        """Return in lines what is to be served."""
        doors = [(door.name, address) for door, address in self.doors]
        doors += [("monitor", address) for address in self.monitor]
        workers = f"{self.workers} {'process judges' if self.workers == 1 else 'processes judge'}"
        return [
            *(f"{name} at {address}" for name, address in doors),
            f'users = "{self.access.users}", reasons = "{self.reasons}", {workers}',
        ]

    @classmethod
    def read(cls, home: Path) -> Plan:
        """Return what the settings of a home folder say.

        Raises
        ------
        UsageError
            If they cannot be read, open no door, or open one further than may be.
        StorageError
            If the home folder is somebody else's and we are root.
        """
        check_owner(home)
        settings = {one.name: one.parse(one.default) for one in SETTINGS if one.default}
        written = read_settings(home)
        settings |= written
        doors = [
            (door.of(settings), address)
            for door in DOORS
            for address in _addresses(door.name, settings.get(door.name, []))
        ]
        if not doors:
            names = ", ".join(door.name for door in DOORS)
            raise UsageError(
                f"no door is to be opened: say where one of them listens ({names}) in "
                f'{home / "settings.toml"}, as in spamd = "127.0.0.1:783"'
            )
        for door, _ in doors:
            if isinstance(door, Proxy):
                _no_circle(door.next_hop, doors)
        monitor = _addresses("monitor", settings.get("monitor", []))
        for address in monitor:
            if address.path or not address.is_local:
                raise UsageError(f"monitor = {address}: it listens on loopback: 127.0.0.1:PORT")
        access = Access(_networks(settings.get("allow", [])), settings["users"])
        return cls(
            home,
            doors,
            access,
            settings["socket_mode"],
            settings["workers"],
            settings["largest_mail"] << 20,
            monitor,
            Signatures.wanted(settings),
            settings["reasons"],
            unread(written, {word for one in doors for word in _known_as(*one)}),
        )


def _known_as(door: Door, address: Address) -> tuple[str, str]:
    return door.name, AT_UNIX if address.path else OVER_TCP


def _addresses(name: str, words: list[str]) -> list[Address]:
    found = []
    for word in words:
        try:
            found.append(Address.parse(word))
        except ValueError as error:
            if word.startswith("inet:"):
                raise UsageError(
                    f"{name} = {word} is no address: write it without inet:, as in "
                    f"{word.removeprefix('inet:')}"
                ) from error
            raise UsageError(
                f"{name} = {word} is no address: write it like 127.0.0.1:783, [::1]:783 or "
                "unix:/run/chaffinch/spamd.sock"
            ) from error
    return found


def _no_circle(next_hop: NextHop, doors: list[tuple[Door, Address]]) -> None:
    for door, address in doors:
        if next_hop.is_at(address):
            raise UsageError(
                f"next_hop = {next_hop} is where the door {door.name} listens, and mail would go "
                "round for ever: name who takes it from there"
            )


def _networks(words: list[str]) -> tuple[Network, ...]:
    found: list[Network] = []
    for word in words:
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError as error:
            raise UsageError(
                f"allow = {word} is no network ({error}): write it like 192.0.2.0/24"
            ) from error
    return tuple(found)


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
    for name, why in plan.unread.items():
        say("no effect", level="warning", setting=name, reason=why)
    give_back_large()
    opened: list[tuple[Door, socket.socket]] = []
    with ExitStack() as stack:
        for door, address in plan.doors:
            listening = open_socket(door.name, address, plan.access, plan.mode)
            stack.callback(remove_file, listening)
            opened.append((door, listening))
            say("listening", door=door.name, address=_told(listening))
            _warn_of(door, address, plan)
        monitors = [open_socket("monitor", one, Access(), plan.mode) for one in plan.monitor]
        for listening in monitors:
            say("listening", door="monitor", address=_told(listening))
        _Watch(plan, opened, monitors).until_stopped()
    say("stopped")


def _warn_of(door: Door, address: Address, plan: Plan) -> None:
    # Of all doors that of spamd alone learns.
    if not isinstance(door, Spamd) or plan.access.users != "believed":
        return
    if reached_by_all(address, plan.mode):
        say(
            "anybody may teach",
            level="warning",
            door=door.name,
            address=str(address),
            reason='users = "believed", and every user of this machine may come in and teach for '
            'anybody: listen only at unix:/PATH with socket_mode = "660", in a folder of mode 2750 '
            'and of the group that may, or set users = "checked"',
        )


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

    def __init__(
        self, plan: Plan, opened: list[tuple[Door, socket.socket]], monitors: list[socket.socket]
    ) -> None:
        self._plan, self._opened, self._monitors = plan, opened, monitors
        names = list(dict.fromkeys(door.name for door, _ in opened))
        self._counters = Counters(plan.workers + 1, names)
        # The last place is the monitor's.
        self._last = plan.workers
        self._places: dict[int, int] = {}
        self._started = [-_BETWEEN] * (plan.workers + 1)
        self._loaded = _loaded(plan.home)
        # Its other end closes when this process is gone, however it went.
        self._alive, self._held = os.pipe()

    def until_stopped(self) -> None:
        """Keep the processes running until this one is told to stop, then end them."""
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
                # Sent from habit, or because a terminal was closed: mail is not to go untagged.
                say("not read again", level="warning", reason=_HANG_UP)
            self._bury()
        say("stopping")
        self._close()
        until = time.monotonic() + _FAREWELL
        while self._places and time.monotonic() < until:
            signal.sigtimedwait({signal.SIGCHLD}, 0.2)
            self._bury(expected=True)
        for pid in self._places:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while self._places:
            signal.sigtimedwait({signal.SIGCHLD}, 0.2)
            self._bury()

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
                place = self._places.pop(pid)
                self._counters.forget(place)
                if not expected or status:
                    code = os.waitstatus_to_exitcode(status)
                    say("worker ended", level="error", worker=place, pid=pid, code=code)

    def _close(self) -> None:
        """Have the processes let in who waits already, and stop."""
        sockets = [*(one for _, one in self._opened), *self._monitors]
        for listening in sockets:
            refuse_new(listening)
            remove_file(listening)
        os.close(self._held)
        # Each process has its own, and whoever came once those are closed would wait in vain.
        for listening in sockets:
            listening.close()

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
        await asyncio.gather(*(one.stop() for one in listeners))
        desk.close()

    async def _tell_how(self, stopped: asyncio.Event) -> None:
        for _, listening in self._opened:
            listening.close()
        entrance = Entrance(Monitor(self._counters, self._plan.workers).connected)
        for listening in self._monitors:
            await entrance.open(listening)
        await stopped.wait()
        await entrance.close(_ANSWERING)


def _run(work: Callable[[asyncio.Event], Awaitable[None]], alive: int) -> int:
    """Do the work of a child process until it is told to stop; return its exit code."""

    async def until_stopped() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        # Who watches is mostly told as well, and says so when nobody new can come in.
        for number in _STOPS:
            loop.add_signal_handler(number, loop.call_later, _BETWEEN, stopped.set)
        # Nothing is ever written there: it can be read when the other end is closed.
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
