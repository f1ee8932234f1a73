"""A mail on its way: taken in, judged, handed over to the next hop, and only then acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from chaffinch.readers.mail import strip_own_headers
from chaffinch.readers.mail.own import strip_headers
from chaffinch.servers.access import Peer
from chaffinch.servers.caller import Caller
from chaffinch.servers.desk import Judged
from chaffinch.servers.door import House
from chaffinch.servers.faults import DeferredError, RefusedError
from chaffinch.servers.log import say, told_of
from chaffinch.servers.next_hop import Hop
from chaffinch.servers.smtp_protocol import Reply, SmugglingError, Stuffing

# Seconds that a verdict may take, before the mail goes on without.
_JUDGING = 20.0
# Bytes of a mail that are held whether there is room or not, to take forged headers out of.
_HEAD = 1 << 16
_CHUNK = 1 << 16
# Queue ids of the next hop that the log tells of one mail.
_MOST_IDS = 8


@dataclass(slots=True)
class Passing:
    """A mail that a client sends, and the next hop is to take.

    Parameters
    ----------
    house : House
        What all doors share.
    door : str
        The door's name.
    peer : Peer
        Who sends it.
    caller : Caller
        Where it comes from, and who is owed an answer.
    hop : Hop
        Where it goes.
    owner : str
        By whose taste it is judged.
    queue : str
        Its queue id at the client; empty where it told none.
    most : int
        Bytes that it may have at the next hop; 0 where that is not known.
    waits : bool
        Whether it has to wait where it cannot be judged, instead of going on untagged.
    rejects : bool
        Whether it is refused where it is junk.
    """

    house: House
    door: str
    peer: Peer
    caller: Caller
    hop: Hop
    owner: str
    queue: str
    most: int
    waits: bool
    rejects: bool

    async def run(self) -> None:
        """Take it in, judge it, hand it over, and answer."""
        with self.house.room() as take:
            async with aclosing(self.caller.mail()) as pieces:
                mail, why_not = await self._held(pieces, take)
                judged = None if why_not else await self._judged(mail)
                if why_not:
                    self._unjudged(why_not)
                if judged is None and self.waits and len(mail) <= self.house.largest:
                    await _heard_out(pieces)
                    await self._refuse(Reply.of(451, "4.3.0 it cannot be judged now: try again"))
                elif judged is None:
                    unforged = strip_headers(mail, self.house.desk.is_ours)
                    await self._hand_over(unforged, pieces, "")
                elif self.rejects and judged.verdict.action == "junk":
                    said = f"5.7.1 refused as junk: {judged.verdict.item[:12]}"
                    await self._refuse(Reply.of(550, said))
                else:
                    await self._hand_over(self._marked(judged), pieces, judged.verdict.item)

    async def _held(
        self, pieces: AsyncIterator[bytes], take: Callable[[int], None]
    ) -> tuple[bytes, str]:
        """Return the mail; or as much of it as may be held, and why no more."""
        mail = bytearray()
        async for piece in pieces:
            mail += piece
            if len(mail) > self.house.largest:
                return bytes(mail), f"it is larger than {self.house.largest} bytes"
            if len(mail) > _HEAD:
                try:
                    take(len(piece))
                except RefusedError as error:
                    return bytes(mail), str(error)
        return bytes(mail), ""

    async def _judged(self, mail: bytes) -> Judged | None:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(_JUDGING):
                judged = await self.house.desk.judge(mail, self.owner, door=self.door)
        except TimeoutError:
            self._unjudged(f"no verdict within {_JUDGING:.0f} seconds")
            return None
        except Exception as error:  # noqa: BLE001 (whatever it is, the mail is not to be lost)
            self._unjudged(told_of(error))
            return None
        taken = time.perf_counter() - started
        told = {"junk": "reject" if self.rejects else "tag", "queue": self.queue}
        self.house.judged(self.door, judged, self.owner, self.peer, taken, **told)
        return judged

    def _unjudged(self, reason: str) -> None:
        self.house.count(self.door, "unjudged")
        self._say("unjudged", "warning", reason=reason)

    def _marked(self, judged: Judged) -> bytes:
        """Return the mail with its verdict, or without where the next hop would not take more."""
        marked = judged.marked()
        if self.most and len(marked) > self.most >= len(judged.data):
            return strip_own_headers(judged.data)
        return marked

    async def _refuse(self, reply: Reply) -> None:
        await self.caller.answer(reply)
        # The next hop waits for a mail that will not come.
        await self.hop.ask(b"RSET")

    async def _hand_over(self, first: bytes, rest: AsyncIterator[bytes], item: str) -> None:
        stuffing = Stuffing()
        try:
            refused = await self.hop.begin()
            if refused is None:
                for at in range(0, len(first), _CHUNK):
                    await self.hop.write(stuffing.write(first[at : at + _CHUNK]))
                async for piece in rest:
                    await self.hop.write(stuffing.write(piece))
        except (DeferredError, SmugglingError):
            await _heard_out(rest)
            raise
        codes: Counter[int] = Counter()
        taken_as: dict[str, None] = {}
        try:
            if refused is not None:
                await _heard_out(rest)
                codes[refused.code] += self.caller.owed
                await self.caller.answer(refused)
                return
            if self.caller.is_gone:
                # It will send the mail again: taken now, it would come twice.
                raise ConnectionResetError
            await self.hop.write(stuffing.end())
            each = self.hop.where.protocol == "lmtp"
            while self.caller.owed:
                reply = await self.hop.reply(delivering=True)
                codes[reply.code] += 1 if each else self.caller.owed
                if reply.queued_as and len(taken_as) < _MOST_IDS:
                    taken_as[reply.queued_as] = None
                await self.caller.answer(reply, 1 if each else self.caller.owed)
        except asyncio.CancelledError:
            why = "serve stops before the next hop has answered: sent again, it may come twice"
            self._say("not acknowledged", "warning", item=item, to=str(self.hop.where), reason=why)
            raise
        finally:
            if codes:
                level = "info" if max(codes) < 300 else "warning"
                told = {"item": item, "to": str(self.hop.where), "replies": codes}
                self._say("passed on", level, **told, queued_as=" ".join(taken_as))

    def _say(self, event: str, level: str, **told: object) -> None:
        door, peer = self.door, str(self.peer)
        say(event, level=level, door=door, peer=peer, queue=self.queue, **told)


async def _heard_out(rest: AsyncIterator[bytes]) -> None:
    """Take the rest of a mail, as a client hears an answer when it has said all."""
    async for _ in rest:
        pass
