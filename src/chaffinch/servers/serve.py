"""Open the doors: sockets, worker processes, and what watches over them."""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from chaffinch.predictor import Predictor
from chaffinch.servers.access import Address
from chaffinch.servers.counters import Counters
from chaffinch.servers.listening import Listening
from chaffinch.servers.log import say, told_of
from chaffinch.servers.memory import give_back_large
from chaffinch.servers.plan import ANYBODY, Plan, decided
from chaffinch.servers.service_manager import notify
from chaffinch.servers.worker import STOPS, judging, run, telling_how

_LOOKED_FOR = {signal.SIGCHLD, signal.SIGHUP, *STOPS}
# Seconds between two starts of the same worker, and until one that was told to stop is killed.
_BETWEEN, _FAREWELL = 1.0, 30.0


def serve(home: Path) -> None:
    """Open the doors that the settings name, and keep them open until told to stop.

    Parameters
    ----------
    home : Path
        The folder of the installation.

    Raises
    ------
    UsageError
        If the settings are wrong.
    UnavailableError
        If an address cannot be had.
    StorageError
        If the home folder is somebody else's and we are root.
    """
    plan = Plan.read(home)
    give_back_large()
    sockets = Listening()
    # Its other end closes when this process is gone, however it went.
    stop = os.pipe()
    try:
        sockets.follow(plan)
        _tell("starting", plan, sockets)
        watch: _Watch | None = _Watch(plan, sockets, stop)
        while watch is not None:
            watch = watch.until_told()
    finally:
        sockets.close()
    say("stopped")


def _tell(event: str, plan: Plan, sockets: Listening) -> None:
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


def _loaded(home: Path) -> Predictor:
    """Load the model once for all workers."""
    predictor = Predictor.load("mail", home=home)
    # No database may be open while a process is forked.
    predictor.close()
    return predictor


class _Watch:
    """Starts the processes, and starts again what ends by itself."""

    def __init__(
        self,
        plan: Plan,
        sockets: Listening,
        stop: tuple[int, int],
        *,
        loaded: Predictor | None = None,
        leaving: set[int] | None = None,
    ) -> None:
        self._plan, self._sockets, self._stop = plan, sockets, stop
        self._opened = [(door, sockets.at(door.name, where)) for door, where in plan.doors]
        self._monitors = [sockets.at("monitor", where) for where in plan.monitor]
        names = list(dict.fromkeys(door.name for door, _ in self._opened))
        self._counters = Counters(plan.workers + 1, names)
        # The last place is the monitor's.
        self._last = plan.workers
        self._places: dict[int, int] = {}
        self._started = [-_BETWEEN] * (plan.workers + 1)
        self._loaded = loaded
        # Closed where others come in the place of these processes.
        self._leave = os.pipe()
        # Those of settings before, which finish what they have begun.
        self._leaving = leaving or set()
        if loaded is None:
            try:
                self._loaded = _loaded(plan.home)
            except Exception as error:  # noqa: BLE001 (the doors open, and say that they cannot judge)
                say("no model", level="error", reason=told_of(error))

    def until_told(self) -> _Watch | None:
        """Keep the processes running until this one is told to stop, then end them.

        Returns
        -------
        _Watch or None
            What is to go on with other settings, where it is told to read them; None at the end.
        """
        # Blocked until they are waited for, so that none is missed between two looks.
        signal.pthread_sigmask(signal.SIG_BLOCK, _LOOKED_FOR)
        # What is here now is never looked at again, so that processes go on sharing it.
        gc.collect()
        gc.freeze()
        notify("READY=1")
        stopping = False
        while not stopping:
            for place in range(self._last + bool(self._monitors)):
                if place not in self._places.values():
                    self._start(place)
            came = signal.sigtimedwait(_LOOKED_FOR, _BETWEEN)
            stopping = came is not None and came.si_signo in STOPS
            if came is not None and came.si_signo == signal.SIGHUP:
                following = self._read_again()
                if following is not None:
                    return following
            self._bury()
        say("stopping")
        notify("STOPPING=1")
        self._sockets.close()
        os.close(self._stop[1])
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

    def _read_again(self) -> _Watch | None:
        """Return what does as the settings say now, where it can; else all goes on as it is."""
        try:
            plan = Plan.read(self._plan.home)
            loaded = self._loaded_again(plan.home)
            self._sockets.follow(plan)
        except Exception as error:  # noqa: BLE001 (whatever it is, nothing is lost by it)
            say("not reloaded", level="error", reason=told_of(error))
            return None
        _tell("reloading", plan, self._sockets)
        following = _Watch(
            plan,
            self._sockets,
            self._stop,
            loaded=loaded,
            leaving={*self._places} | self._leaving,
        )
        for pipe in self._leave:
            os.close(pipe)
        return following

    def _loaded_again(self, home: Path) -> Predictor | None:
        try:
            return _loaded(home)
        except Exception:
            # Who judges now must not be replaced by who cannot.
            if self._counters.total("ready"):
                raise
            return None

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
        os.close(self._leave[1])
        os.close(self._stop[1])
        if place == self._last:
            work = telling_how(self._monitors, self._counters, self._plan.workers)
            others = [listening for _, listening in self._opened]
        else:
            work = judging(self._plan, self._opened, self._counters, self._loaded)
            others = self._monitors
        for listening in others:
            listening.close()
        os._exit(run(work, leave=self._leave[0], stop=self._stop[0]))

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
