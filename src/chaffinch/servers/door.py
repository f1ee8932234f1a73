"""What every door has: connections that are let in, bounded, counted, and told of in the log."""

from __future__ import annotations

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from chaffinch.servers.access import Access, Peer
from chaffinch.servers.counters import KEPT_BACK, Counters
from chaffinch.servers.desk import Desk, Judged
from chaffinch.servers.entrance import Entrance
from chaffinch.servers.faults import CutOffError, FaultError, RefusedError
from chaffinch.servers.log import say, told_of
from chaffinch.types import Flag

#: Seconds that a client has for a request, and for taking its answer.
PATIENCE = 60.0
#: Connections of one worker at a time, and bytes of all their mails.
MOST_CONNECTIONS = 500
MOST_BYTES = 512 << 20
# Seconds that begun connections have to finish when all is to stop.
_FAREWELL = 20.0


@dataclass(slots=True)
class House:
    """What the doors of one process share.

    Parameters
    ----------
    desk : Desk
        Where mail is judged.
    access : Access
        Who may come in, and speak for whom.
    counters : Counters
        What happened.
    largest : int
        Bytes that a mail may have.
    room_taken : int
        Bytes of mails that are held now.
    stopping : asyncio.Event
        Set when connections that wait for nothing but their client are to end.
    """

    desk: Desk
    access: Access
    counters: Counters
    largest: int
    room_taken: int = 0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def room(self) -> Iterator[Callable[[int], None]]:
        """Give what takes room for bytes of a mail; all of it goes back at the end.

        What takes it raises RefusedError where there is none; less than none gives it back before.
        """
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if self.room_taken + size > MOST_BYTES:
                raise RefusedError("all the room for mails is in use: try again")
            taken += size
            self.room_taken += size

        try:
            yield take
        finally:
            self.room_taken -= taken

    def count(self, door: str, outcome: str) -> None:
        """Count a request by what came of it."""
        self.counters.add("requests_total", door=door, outcome=outcome)

    def judged(
        self,
        door: str,
        judged: Judged,
        owner: str,
        peer: Peer,
        seconds: float,
        *,
        junk: str = "tag",
        **told: object,
    ) -> None:
        """Count a verdict and write it into the log, with what else the door has to tell.

        The door does with junk as the setting of that name says.
        """
        verdict = judged.verdict
        self.count(door, "judged")
        done: dict[str, Any] = {"action": verdict.action}
        if verdict.would_be:
            done["would_be"] = verdict.would_be
        self.counters.add("verdicts_total", door=door, **done)
        self.counters.took(door, seconds)
        if verdict.action == "junk" and junk in KEPT_BACK:
            done["done"] = KEPT_BACK[junk]
            self.counters.add("kept_back_total", door=door, done=done["done"])
        say(
            "judged",
            level="info",
            door=door,
            peer=str(peer),
            owner=owner,
            item=verdict.item,
            **done,
            score=round(verdict.score, 3),
            model=verdict.model,
            bytes=len(judged.data),
            ms=round(seconds * 1000, 2),
            **told,
        )

    def ended(self, door: str, peer: Peer, error: BaseException) -> None:
        """Count what a connection ended by and write it into the log.

        A door that still has an answer to give calls this first: who reads the answer, and looks
        into the log for more, finds it there.
        """
        level = "warning"
        if isinstance(error, FaultError):
            outcome, reason = error.outcome, str(error)
        elif isinstance(error, TimeoutError):
            outcome, reason = "timeout", f"the client took more than {PATIENCE:.0f} seconds"
        elif isinstance(error, ConnectionError):
            outcome, reason = "gone", "the client went away"
        else:
            outcome, reason, level = "failed", told_of(error), "error"
        self.count(door, outcome)
        say(outcome, level=level, door=door, peer=str(peer), reason=reason)

    def taught(self, door: str, flag: Flag, peer: Peer, *, undone: bool = False) -> None:
        """Count a flag and write it into the log."""
        self.count(door, "answered" if flag.known else "taught")
        say(
            "taken back" if undone else "known already" if flag.known else "flagged",
            door=door,
            peer=str(peer),
            owner=flag.owner,
            item=flag.item,
            label=flag.label,
            by=flag.by,
            held=flag.held,
        )


class Door(Protocol):
    """What speaks one protocol."""

    name: str

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Return the door that settings describe.

        Raises
        ------
        UsageError
            If they lack what it needs.
        """
        ...

    async def serve(
        self, house: House, reader: StreamReader, writer: StreamWriter, peer: Peer
    ) -> None:
        """Serve a connection until it is over.

        What goes wrong in it is raised, and logged by who calls; or it tells the house by itself,
        and then its client.
        """
        ...


class Listener:
    """Lets in who comes to a door.

    Parameters
    ----------
    door : Door
        What serves them.
    house : House
        What all doors share.
    """

    def __init__(self, door: Door, house: House) -> None:
        self.door, self.house = door, house
        self._entrance = Entrance(self._served)

    async def listen(self, listening: socket.socket) -> None:
        """Begin to let in who comes to a listening socket."""
        await self._entrance.open(listening)

    async def leave(self) -> None:
        """Leave who comes to other processes, and return when all who are in have been served."""
        await self._entrance.shut(let_in=False)
        await self._entrance.empty()

    async def stop(self, *, let_in: bool = True) -> None:
        """Let nobody in any more, and return when those who are in have been served, or cut off.

        Parameters
        ----------
        let_in : bool
            Whether who waits already is let in, and not left to other processes.
        """
        self.house.stopping.set()
        await self._entrance.close(_FAREWELL, let_in=let_in)

    async def _served(self, reader: StreamReader, writer: StreamWriter) -> None:
        name, counters = self.door.name, self.house.counters
        try:
            peer = Peer.of(writer.get_extra_info("socket"))
        except OSError:
            # Gone before it was looked at.
            return
        counters.add("connections_total", door=name)
        counters.add("connections_open", door=name)
        try:
            self._admit(peer)
            await self.door.serve(self.house, reader, writer, peer)
        except asyncio.CancelledError:
            self.house.ended(name, peer, CutOffError("serve stops before it was over"))
            raise
        except Exception as error:  # noqa: BLE001 (one connection's failure is not another's)
            self.house.ended(name, peer, error)
        finally:
            counters.add("connections_open", -1, door=name)

    def _admit(self, peer: Peer) -> None:
        if not self.house.access.admits(peer):
            raise RefusedError("this address is not in allow")
        if len(self._entrance) > MOST_CONNECTIONS:
            raise RefusedError(f"{MOST_CONNECTIONS} connections are open")
