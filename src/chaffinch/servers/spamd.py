"""The door for spamc, and for all that speaks as it does: SpamAssassin's spamd protocol."""

from __future__ import annotations

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from typing import Any, Self

from chaffinch.errors import ChaffinchError, InputError
from chaffinch.explain.verdict import verdict_lines
from chaffinch.servers.access import Peer
from chaffinch.servers.desk import Judged
from chaffinch.servers.door import PATIENCE, House
from chaffinch.servers.faults import RefusedError
from chaffinch.servers.marks import STATUS, required
from chaffinch.servers.spamd_protocol import (
    VERDICTS,
    Parser,
    ProtocolError,
    Request,
    block_of,
    reply,
)

# A report is asked for its reasons; of others headers tell them, or nobody sees them: then none are
# looked for, which is much quicker.
_REASONS = {"REPORT": 20, "REPORT_IFSPAM": 20, "HEADERS": None, "PROCESS": None}
_CHUNK = 1 << 16


class Spamd:
    """SpamAssassin's spamd protocol: one request a connection."""

    name = "spamd"

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:  # noqa: ARG003 (other doors need them)
        """Return the door, which no setting changes."""
        return cls()

    async def serve(
        self, house: House, reader: StreamReader, writer: StreamWriter, peer: Peer
    ) -> None:
        """Answer the one request of a connection."""
        parser = Parser(house.largest)
        with house.room() as take:
            try:
                async with asyncio.timeout(PATIENCE):
                    while parser.request is None and (data := await reader.read(_CHUNK)):
                        take(len(data))
                        parser.feed(data)
                if not parser.begun:
                    # Somebody looked whether anybody is there.
                    return
                parser.end()
                assert parser.request is not None
                answer = await self._answer(house, parser.request, peer)
                if parser.surplus:
                    # A mail that is cut short must not come back as the whole.
                    raise ProtocolError("EX_PROTOCOL", "more came than Content-length told")
            except Exception as error:  # noqa: BLE001 (whatever it is, the client is to be told)
                house.ended(self.name, peer, error)
                answer = _refusal(error)
            await _send(writer, answer)

    async def _answer(self, house: House, request: Request, peer: Peer) -> bytes:
        if request.command in VERDICTS:
            return await self._judge(house, request, peer)
        if request.command == "TELL":
            return await self._tell(house, request, peer)
        house.count(self.name, "answered")
        return reply("PONG") if request.command == "PING" else b""

    async def _judge(self, house: House, request: Request, peer: Peer) -> bytes:
        started = time.perf_counter()
        owner = house.access.owner(peer, request.headers.get("user", ""))
        mail = request.mail(house.largest)
        reasons = _REASONS.get(request.command, 0)
        judged = await house.desk.judge(mail, owner, door=self.name, reasons=reasons)
        house.judged(self.name, judged, owner, peer, time.perf_counter() - started)
        verdict = judged.verdict
        spam = "True" if verdict.action == "junk" else "False"
        limit = required(verdict, judged.policy)
        told = ("Spam", f"{spam} ; {verdict.score:.3f} / {limit:.3f}")
        return reply("EX_OK", told, body=_body(request.command, judged))

    async def _tell(self, house: House, request: Request, peer: Peer) -> bytes:
        user = request.headers.get("user", "")
        owner = house.access.owner(peer, user, teaching=True)
        by = user or peer.login
        mail = request.mail(house.largest)
        done = []
        # What is to be done elsewhere, "remote", is not ours, and its header says that it was not.
        if "local" in _places(request, "set"):
            label = request.headers.get("message-class", "")
            if label not in ("spam", "ham"):
                raise ProtocolError("EX_PROTOCOL", "Message-class: write spam or ham")
            flag = await house.desk.teach(mail, label, owner, by=by, door=self.name)
            house.taught(self.name, flag, peer)
            # So it is where it was known already: clients cannot tell that from a refusal.
            done.append(("DidSet", "local"))
        elif "local" in _places(request, "remove"):
            try:
                flag = await house.desk.take_back(mail, owner, by=by)
            except InputError:
                # Nobody said anything of it: there is nothing to take back, and spamc says so.
                house.count(self.name, "answered")
            else:
                house.taught(self.name, flag, peer, undone=True)
                done.append(("DidRemove", "local"))
        else:
            house.count(self.name, "answered")
        return reply("EX_OK", *done, body=b"")


def _places(request: Request, header: str) -> set[str]:
    return {place.strip().lower() for place in request.headers.get(header, "").split(",")}


def _body(command: str, judged: Judged) -> bytes | None:
    if command == "PROCESS":
        return judged.marked()
    if command == "HEADERS":
        return block_of(judged.marked())
    if command == "SYMBOLS":
        verdict = judged.verdict
        would_be = ",CHAFFINCH_LOG_ONLY" if verdict.would_be else ""
        return f"CHAFFINCH_{STATUS[verdict.action].upper()}{would_be}".encode()
    if command == "REPORT" or (command == "REPORT_IFSPAM" and judged.verdict.action == "junk"):
        lines = verdict_lines(judged.task, "Chaffinch", judged.verdict, judged.policy)
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    return b"" if command == "REPORT_IFSPAM" else None


def _refusal(error: Exception) -> bytes:
    """Return the answer that tells a client to let the mail pass as it is."""
    if isinstance(error, ProtocolError):
        return reply(error.code, said=str(error))
    if isinstance(error, RefusedError):
        return reply("EX_NOPERM", said=str(error))
    if isinstance(error, TimeoutError):
        return reply("EX_TIMEOUT", said=f"no whole request in {PATIENCE:.0f} seconds")
    if isinstance(error, ChaffinchError):
        return reply("EX_TEMPFAIL", said="cannot do this at present: the log says why")
    return reply("EX_SOFTWARE", said="something went wrong: the log says what")


async def _send(writer: StreamWriter, answer: bytes) -> None:
    async with asyncio.timeout(PATIENCE):
        writer.write(answer)
        await writer.drain()
