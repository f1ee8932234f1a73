"""The door for mail servers, Postfix and Sendmail: a milter that tells verdicts in headers."""

from __future__ import annotations

import asyncio
import socket
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Mapping
from typing import Any, Self

from chaffinch.servers.access import Peer
from chaffinch.servers.desk import Judged
from chaffinch.servers.door import PATIENCE, House
from chaffinch.servers.faults import LateError, RefusedError
from chaffinch.servers.log import say, told_of
from chaffinch.servers.milter_mail import Mail
from chaffinch.servers.milter_protocol import Conversation, go_on, refuse, set_aside

# Seconds that a server may be silent between mails, as libmilter has it: its client may be slow.
_IDLE = 7210.0
# Seconds for a mail, once it has begun to come in: the server has all of it by then.
_COMING_IN = 300.0
# Seconds that a verdict may take, before the mail goes on without: servers wait longer than that.
_JUDGING = 20.0
_CHUNK = 1 << 16


class Milter:
    """Sendmail's milter protocol: many mails a connection, and one connection a client of SMTP.

    Parameters
    ----------
    junk : {"tag", "reject", "quarantine"}
        What is done with junk, beside telling it in headers.
    unjudged : {"pass", "wait"}
        Whether a mail that cannot be judged now goes on untagged, or has to come again.
    """

    name = "milter"

    def __init__(self, junk: str = "tag", unjudged: str = "pass") -> None:
        self.junk = junk
        self.unjudged = unjudged

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Return the door that settings describe."""
        return cls(settings["junk"], settings["unjudged"])

    async def serve(
        self, house: House, reader: StreamReader, writer: StreamWriter, peer: Peer
    ) -> None:
        """Judge the mails of a connection, one after the other."""
        _notice_its_end(writer)
        with house.room() as take:
            visit = _Visit(self, house, peer, take)
            until = time.monotonic() + PATIENCE
            while not visit.talk.is_over and (data := await _read(reader, until)):
                was = visit.talk.mails if visit.talk.is_begun else -1
                visit.talk.feed(data)
                for step in visit.talk.steps():
                    await _send(writer, step if isinstance(step, bytes) else await visit.of(step))
                visit.hold(visit.talk.coming)
                if not visit.talk.is_begun:
                    until = time.monotonic() + _IDLE
                elif was != visit.talk.mails:
                    until = time.monotonic() + _COMING_IN
            if visit.talk.is_cut_short:
                raise ConnectionResetError


class _Visit:
    """One connection: what is said, and what is answered."""

    def __init__(self, door: Milter, house: House, peer: Peer, take: Callable[[int], None]) -> None:
        self.talk = Conversation(
            house.largest,
            recipients=house.access.users != "one",
            quarantine=door.junk == "quarantine",
            is_ours=house.desk.is_ours,
        )
        self._door, self._house, self._peer = door, house, peer
        self._take, self._taken = take, 0

    def hold(self, mail: Mail | None) -> None:
        """Take room for a mail instead of the one before; where there is none, hold none of it."""
        size = len(mail.data) if mail else 0
        try:
            self._take(size - self._taken)
        except RefusedError as error:
            assert mail is not None
            mail.drop(str(error), may_wait=True)
            self._take(-self._taken)
            size = 0
        self._taken = size

    async def of(self, mail: Mail) -> bytes:
        """Return what is answered to a mail."""
        self.hold(mail)
        if mail.is_forged_beyond_measure:
            self._house.count(self._door.name, "refused")
            self._say("refused", mail, "it came with too many forged headers of ours")
            return refuse(550, "5.7.1 This mail has too many headers that only this server writes")
        if mail.authenticated:
            self._house.count(self._door.name, "answered")
            self._say("passed", mail, "its sender has logged in", level="info")
            return self.talk.tags(mail, ()) + go_on()
        if mail.why_not:
            return self._unjudged(mail, mail.why_not, may_wait=mail.may_wait)
        started = time.perf_counter()
        owner = self._owner(mail)
        # Held once, not twice, while it waits for its turn.
        data, mail.data = bytes(mail.data), bytearray()
        try:
            async with asyncio.timeout(_JUDGING):
                judged = await self._house.desk.judge(data, owner, door=self._door.name)
        except TimeoutError:
            return self._unjudged(mail, f"no verdict within {_JUDGING:.0f} seconds", may_wait=True)
        except Exception as error:  # noqa: BLE001 (whatever it is, the mail is not to be lost)
            return self._unjudged(mail, told_of(error), may_wait=True)
        taken = time.perf_counter() - started
        told = {"junk": self._door.junk, "queue": mail.queue}
        self._house.judged(self._door.name, judged, owner, self._peer, taken, **told)
        return self._answer(mail, judged)

    def _answer(self, mail: Mail, judged: Judged) -> bytes:
        verdict = judged.verdict
        junk = self._door.junk if verdict.action == "junk" else "tag"
        if junk == "reject":
            return refuse(550, f"5.7.1 Not taken: it looks like junk ({verdict.item[:12]})")
        tags = self.talk.tags(mail, judged.headers())
        return tags + (set_aside("junk") if junk == "quarantine" else b"") + go_on()

    def _unjudged(self, mail: Mail, why: str, *, may_wait: bool) -> bytes:
        self._house.count(self._door.name, "unjudged")
        self._say("unjudged", mail, why)
        if may_wait and self._door.unjudged == "wait":
            return refuse(451, "4.7.1 It cannot be judged now: try again later")
        return self.talk.tags(mail, ()) + go_on()

    def _owner(self, mail: Mail) -> str:
        """Return whose taste judges it: the one recipient's, where the server may say so."""
        try:
            return self._house.access.owner(self._peer, mail.recipient) if mail.recipient else ""
        except RefusedError:
            return ""

    def _say(self, event: str, mail: Mail, reason: str, *, level: str = "warning") -> None:
        door, peer = self._door.name, str(self._peer)
        say(event, level=level, door=door, peer=peer, queue=mail.queue, reason=reason)


async def _read(reader: StreamReader, until: float) -> bytes:
    try:
        async with asyncio.timeout(until - time.monotonic()):
            return await reader.read(_CHUNK)
    except TimeoutError as error:
        raise LateError("the mail server took too long to say what it had begun to") from error


async def _send(writer: StreamWriter, answer: bytes) -> None:
    writer.write(answer)
    # Nearly always all of it has gone out at once.
    if writer.transport.get_write_buffer_size():
        async with asyncio.timeout(PATIENCE):
            await writer.drain()


def _notice_its_end(writer: StreamWriter) -> None:
    """Have the system look whether a silent server of another machine is there at all."""
    connection = writer.get_extra_info("socket")
    if connection.family != socket.AF_UNIX:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
