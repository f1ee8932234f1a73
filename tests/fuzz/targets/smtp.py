"""SMTP and LMTP: any bytes are commands, mails and replies, or an error."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chaffinch.servers import smtp_protocol
from chaffinch.servers.faults import DeferredError, InvalidError
from chaffinch.servers.smtp_protocol import (
    Client,
    Command,
    Replies,
    Reply,
    SmugglingError,
    Stuffing,
)
from fuzz.target import Target

_CONTROLS = re.compile(rb"[\0-\x08\n-\x1f\x7f]")
_MAIL = b"Subject: hi\r\n\r\n..\r\n.dots\r\n.\r\n"


class Smtp(Target):
    """What a client says to the proxy, and how its mails go on."""

    name = "smtp"
    modules = (smtp_protocol,)
    # Little, as most of it is a few expressions: mutations have to find the way themselves.
    seeds = (b"NOOP\r\n", b"DATA\r\nHi\r\n.\r\n")
    words = (
        *(b"EHLO x\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n", b"QUIT\r\n"),
        *(b'RCPT TO:<"a\\">b"@c> NOTIFY=NEVER\r\n', b"DATA\r\n" + _MAIL, b"DATA\r\n.\r\n"),
        *(b"\r\n.\r\n", b"\n.\n", b"\r.\r", b"\r\n..", b"\r\n", b".", b"\0"),
        b"x" * 5000,
    )

    def outcome(self, pieces: Sequence[bytes]) -> list[object]:
        """Return the commands and the mails, and what ended it."""
        client = Client()
        found: list[object] = []
        mail: bytearray | None = None
        try:
            for piece in pieces:
                client.feed(piece)
                while True:
                    if mail is not None:
                        more, ended = client.mail()
                        mail += more
                        if not ended:
                            break
                        found.append(goes_on(bytes(mail)))
                        mail = None
                    line = client.command()
                    if line is None:
                        break
                    command = Command.parse(line)
                    assert not (command.verb and re.search(rb"[\0-\x1f\x7f]", line))
                    found.append((command, command.path))
                    mail = bytearray() if command.verb == "DATA" else None
        except InvalidError as error:
            found.append(str(error).encode("ascii"))
        return [*found, mail]


def goes_on(mail: bytes) -> bytes:
    """Return a mail as it is sent, and fail unless all servers take it for that and no more."""
    stuffing = Stuffing()
    try:
        sent = b"".join(stuffing.write(mail[at : at + 7]) for at in range(0, len(mail), 7))
    except SmugglingError as error:
        return str(error).encode("ascii")
    lines = re.split(rb"\r\n|\r|\n", sent.replace(b"\0", b""))
    assert b"." not in lines[:-1]
    client = Client()
    client.feed(sent + stuffing.end() + b"QUIT\r\n")
    assert client.mail() == (mail, True)
    assert client.command() == b"QUIT"
    return sent


class Replied(Target):
    """What the next hop says to the proxy."""

    name = "smtp_replies"
    modules = (smtp_protocol,)
    seeds = (b"250 2.0.0 ok\r\n",)
    words = (
        b"250 ",
        b"250-",
        b"421 ",
        b"354\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"x" * 5000,
        b"250-x\r\n" * 250,
    )

    def outcome(self, pieces: Sequence[bytes]) -> list[object]:
        """Return the replies, and what ended it."""
        replies = Replies()
        found: list[object] = []
        try:
            for piece in pieces:
                replies.feed(piece)
                while reply := replies.next():
                    found.append(reply)
                    assert 200 <= reply.code < 600
                    assert not any(map(_CONTROLS.search, reply.lines))
                    assert heard(reply.sent()) == reply
        except DeferredError as error:
            found.append(str(error).encode("ascii"))
        return found


def heard(sent: bytes) -> Reply | None:
    """Return the reply that is told."""
    replies = Replies()
    replies.feed(sent)
    return replies.next()
