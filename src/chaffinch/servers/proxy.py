"""The doors between two mail servers: they judge what passes, and pass on what the next one says.

Commands go to the next hop as they come, and its replies come back. A mail is taken in whole,
judged, and acknowledged when the next hop has acknowledged it.
"""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from chaffinch.errors import UsageError
from chaffinch.servers.access import Peer
from chaffinch.servers.caller import Caller
from chaffinch.servers.circle import NONCE
from chaffinch.servers.door import House
from chaffinch.servers.faults import DeferredError, InvalidError, LateError, RefusedError
from chaffinch.servers.next_hop import Hop, NextHop
from chaffinch.servers.passing import Passing
from chaffinch.servers.smtp_protocol import Command, Reply, SmugglingError

# What goes to the next hop as it is: whether it comes in order is for the next hop to say.
_PASSED_ON = ("MAIL", "RCPT", "RSET", "XFORWARD")
# What the next hop can, and this door lets through. Neither STARTTLS and AUTH, which would end
# here, nor CHUNKING, as mail comes by DATA.
_OFFERED = ("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "XFORWARD", "SIZE")
# Not the next hop's name: Postfix takes what greets with its own for itself, and the mail for lost.
_NAME = "chaffinch"
# Commands in vain, until a client is sent away.
_VAIN = 20


class Proxy:
    """A door between two mail servers.

    Parameters
    ----------
    next_hop : NextHop
        Who takes the mail.
    unjudged : {"pass", "wait"}
        Whether what cannot be judged goes on untagged, or its sender is told to try again.
    junk : {"tag", "reject"}
        Whether junk goes on with its verdict, or is refused.
    """

    name: str
    hello: tuple[str, ...]

    def __init__(self, next_hop: NextHop, unjudged: str = "pass", junk: str = "tag") -> None:
        self.next_hop = next_hop
        self.unjudged = unjudged
        self.junk = junk

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Return the door that settings describe.

        Raises
        ------
        UsageError
            If there is no next hop that it can pass mail to, or junk is to be set aside.
        """
        if settings["junk"] == "quarantine":
            raise UsageError(
                f"junk = quarantine is for milters alone: with the door {cls.name} write tag, or "
                "reject"
            )
        text = settings.get("next_hop", "")
        try:
            next_hop = NextHop.parse(text)
        except ValueError as error:
            raise UsageError(
                f"{cls.name} needs a next hop, and next_hop = {text!r} is none ({error}): write it "
                "like smtp:127.0.0.1:10026 or lmtp:unix:/run/dovecot/lmtp"
            ) from error
        if cls is Smtp and next_hop.protocol == "lmtp":
            raise UsageError(
                f"next_hop = {text} answers for each recipient, and SMTP has one answer for all: "
                "open the door lmtp instead of smtp"
            )
        return cls(next_hop, settings["unjudged"], settings["junk"])

    async def serve(
        self, house: House, reader: StreamReader, writer: StreamWriter, peer: Peer
    ) -> None:
        """Serve a connection until it is over."""
        caller = Caller(house, reader, writer)
        session = _Session(self, house, caller, peer)
        try:
            await session.run()
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, the client is to be told)
            house.ended(self.name, peer, error)
            code, said = _farewell(error)
            with suppress(OSError):
                if caller.owed > 1:
                    await caller.answer(Reply.of(451 if code == 421 else code, said))
                else:
                    await caller.say(Reply.of(code, said))
        finally:
            session.end()


class Smtp(Proxy):
    """SMTP, as Postfix speaks it to content filters before its queue and behind it."""

    name = "smtp"
    hello = ("EHLO", "HELO")


class Lmtp(Proxy):
    """LMTP, as mail servers speak it to what delivers: an answer for each recipient."""

    name = "lmtp"
    hello = ("LHLO",)


def _farewell(error: Exception) -> tuple[int, str]:
    """Return the last words to a client: whatever happened, its mail is to wait, not to bounce."""
    if isinstance(error, DeferredError):
        return 421, "4.4.1 the next hop does not take mail now: the log says why"
    if isinstance(error, LateError):
        return 421, "4.4.2 that took too long"
    if isinstance(error, SmugglingError):
        return 550, f"5.5.2 refused: {error}"
    if isinstance(error, InvalidError):
        return 500, f"5.5.2 {error}"
    return 421, "4.3.0 something went wrong: the log says what"


class _Session:
    """What a client and the next hop have said to each other so far."""

    def __init__(self, door: Proxy, house: House, caller: Caller, peer: Peer) -> None:
        self._door, self._house, self._caller, self._peer = door, house, caller, peer
        self._hop: Hop | None = None
        # Bytes that a mail may have at the next hop; 0 where it does not say.
        self._most = 0
        self._begun = False
        # How many recipients the next hop has taken, and the last of them.
        self._recipients, self._recipient = 0, ""
        # What the client calls its next mail.
        self._queue = ""
        self._vain = 0

    async def run(self) -> None:
        """Do what the client asks for until it goes."""
        kind = "LMTP" if isinstance(self._door, Lmtp) else "ESMTP"
        if self._house.stopping.is_set():
            await self._caller.send_away()
            return
        await self._caller.say(Reply.of(220, f"{_NAME} {kind} {NONCE}"))
        while command := await self._caller.command(idle=not self._begun):
            if command.verb == "QUIT":
                await self._caller.say(Reply.of(221, "2.0.0 bye"))
                break
            await self._do(command)
        if self._hop is not None and not self._begun:
            await self._hop.quit()

    def end(self) -> None:
        """Let the next hop go; a mail that it was not told the end of is none."""
        if self._hop is not None:
            self._hop.drop()

    async def _do(self, command: Command) -> None:
        verb = command.verb
        if verb in self._door.hello:
            await self._hello(command)
        elif verb == "NOOP":
            await self._caller.say(Reply.of(250, "2.0.0 ok"))
        elif verb == "VRFY":
            await self._caller.say(Reply.of(252, "2.1.5 send some mail and see"))
        elif self._hop is None:
            if verb not in (*_PASSED_ON, "DATA", "EHLO", "HELO", "LHLO"):
                # A browser that was sent here, at the latest.
                raise InvalidError("it begins with no command of SMTP")
            await self._in_vain(503, f"5.5.1 say {self._door.hello[0]} first")
        elif verb in _PASSED_ON:
            await self._pass_on(self._hop, command)
        elif verb == "DATA" and not command.argument:
            await self._data(self._hop)
        else:
            await self._in_vain(500, "5.5.1 no such command")

    async def _hello(self, command: Command) -> None:
        if not command.argument:
            await self._in_vain(501, "5.5.4 who are you?")
            return
        if self._hop is None:
            self._hop = await self._door.next_hop.connect()
        can = await self._hop.hello(command.argument)
        self._forget()
        self._queue = ""
        size = can.get("SIZE", b"")
        self._most = int(size) if len(size) < 20 and size.isdigit() else 0
        lines = [_NAME.encode(), b"PIPELINING"]
        lines += [
            b" ".join(filter(None, (word.encode(), can[word]))) for word in _OFFERED if word in can
        ]
        await self._caller.say(Reply(250, tuple(lines[:1] if command.verb == "HELO" else lines)))

    async def _pass_on(self, hop: Hop, command: Command) -> None:
        reply = await hop.ask(command.line)
        if reply.done and command.verb == "MAIL":
            self._forget()
            self._begun = True
        elif reply.done and command.verb == "RCPT":
            self._recipients += 1
            self._recipient = command.path
        elif reply.done and command.verb == "XFORWARD":
            self._queue = command.queue or self._queue
        elif reply.done and command.verb == "RSET":
            self._forget()
            self._queue = ""
        await self._caller.say(reply)

    async def _data(self, hop: Hop) -> None:
        if not self._recipients:
            await self._in_vain(503, "5.5.1 there is no recipient")
            return
        await self._caller.say(Reply.of(354, "end with <CR><LF>.<CR><LF>"))
        self._caller.owed = self._recipients if isinstance(self._door, Lmtp) else 1
        await Passing(
            self._house,
            self._door.name,
            self._peer,
            self._caller,
            hop,
            owner=self._owner(),
            queue=self._queue,
            most=self._most,
            waits=self._door.unjudged == "wait",
            rejects=self._door.junk == "reject",
        ).run()
        self._forget()
        self._queue = ""

    def _forget(self) -> None:
        self._begun = False
        self._recipients, self._recipient = 0, ""

    def _owner(self) -> str:
        """Return by whose taste to judge: of several recipients by none."""
        if self._recipients != 1 or not self._recipient:
            return ""
        try:
            return self._house.access.owner(self._peer, self._recipient.lower())
        except RefusedError:
            # Who may not speak for a recipient has the mail judged all the same.
            return ""

    async def _in_vain(self, code: int, said: str) -> None:
        self._vain += 1
        if self._vain > _VAIN:
            raise InvalidError(f"more than {_VAIN} commands in vain")
        await self._caller.say(Reply.of(code, said))
