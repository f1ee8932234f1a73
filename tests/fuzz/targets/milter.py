"""The milter protocol: any bytes are mails or an error."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from chaffinch.servers import milter_mail, milter_protocol
from chaffinch.servers.faults import InvalidError
from chaffinch.servers.milter_mail import Mail
from chaffinch.servers.milter_protocol import Conversation, packet
from fuzz.target import Target

LARGEST = 2000
#: What Postfix 3.7 offers, and what the first version of libmilter that there was did.
NOW, ONCE = (6, 0x1FF, 0x1FFFFF), (2, 0x3F, 0x7F)
_TAG = ("X-Chaffinch-Status", "spam")


def offer(options: tuple[int, int, int]) -> bytes:
    """Return the packet that a server begins with."""
    return packet(b"O", struct.pack(">3I", *options))


PIECES = (
    offer(NOW),
    offer(ONCE),
    packet(b"O", b"\0"),
    *(packet(bytes([command])) for command in b"ABCDEHKLMNOQRTUz"),
    packet(b"M", b"<eve@example.org>\0SIZE=3\0"),
    packet(b"R", b"<ada@example.org>\0"),
    packet(b"R", b"<Bob@example.org>\0"),
    packet(b"L", b"Subject\0 hi\n there\0"),
    packet(b"L", b"X-Chaffinch-Status\0 ham\0"),
    packet(b"L", b"no end\0 of it"),
    packet(b"B", b"hello\r\n"),
    packet(b"B", b"x" * 900),
    packet(b"D", b"Mi\x004F2\0{auth_authen}\0ada\0"),
    packet(b"D", b"Ei\0\xff\xfe\0odd"),
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
)
_MAIL = b"".join(PIECES[at] for at in (-4, 19, 20, 22, 23, 25)) + packet(b"E", b"bye\r\n")


class Milter(Target):
    """What a mail server says to the milter door."""

    name = "milter"
    modules = (milter_protocol, milter_mail)
    seeds = (
        offer(NOW) + _MAIL + _MAIL + packet(b"Q"),
        offer(ONCE) + _MAIL + packet(b"A") + _MAIL,
        offer(NOW) + _MAIL + packet(b"K") + offer(ONCE) + _MAIL,
        offer(NOW) + _MAIL[:-10],
        b"GET / HTTP/1.1\r\n\r\n",
    )
    words = PIECES

    def outcome(self, pieces: Sequence[bytes]) -> list[object]:
        """Return the answers, the mails, and what ended it."""
        talk = Conversation(LARGEST, recipients=True)
        found: list[object] = []
        try:
            for piece in pieces:
                talk.feed(piece)
                for step in talk.steps():
                    found.append(step)
                    if isinstance(step, Mail):
                        assert len(step.data) <= LARGEST
                        check_tags(talk.tags(step, [_TAG]), step)
                assert talk.coming is None or len(talk.coming.data) <= LARGEST
        except InvalidError as error:
            found.append(str(error).encode("ascii"))
        found.append(talk.is_over)
        return found


def check_tags(tags: bytes, mail: Mail) -> None:
    """Fail unless as many headers are taken off as were forged, and one is put on."""
    commands, at = [], 0
    while at < len(tags):
        commands.append(tags[at + 4 : at + 5])
        at += 4 + int.from_bytes(tags[at : at + 4])
    assert at == len(tags)
    assert commands == [b"m"] * len(mail.forged) + [b"i"]
