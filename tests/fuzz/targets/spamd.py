"""The protocol of spamd: any bytes are a request or an error."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from chaffinch.servers import spamd_protocol
from chaffinch.servers.spamd_protocol import CODES, VERDICTS, Parser, ProtocolError, block_of
from fuzz.target import Target

LARGEST = 2000
_MAIL = b"Subject: hi\n\nhello"


class Spamd(Target):
    """What spamc, or whoever it is, says to the spamd door."""

    name = "spamd"
    modules = (spamd_protocol,)
    seeds = (
        b"PING SPAMC/1.2\r\n" + b"x" * 3000,
        b"CHECK SPAMC/1.5\r\nUser: ada\r\nContent-length: 18\r\n\r\n" + _MAIL,
        b"PROCESS SPAMC/1.5\r\nCompress: zlib\r\n\r\n" + zlib.compress(_MAIL),
        b"TELL SPAMC/1.5\r\nMessage-class: spam\r\nSet: local\r\n\r\n" + _MAIL,
        b"HEADERS SPAMC/1.5\r\n" + b"x: y\r\n" * 70,
        b"SYMBOLS SPAMC/1.5\r\nContent-length: 3000\r\n\r\n" + b"x" * 3000,
    )
    words = (
        *(f"{command} SPAMC/1.5\r\n".encode() for command in (*VERDICTS, "TELL", "PING", "SKIP")),
        b"Content-length: 3\r\n",
        b"Content-length: 12\n",
        b"Content-length: -1\r\n",
        b"Content-length: 99999999999999999999\r\n",
        b"CONTENT-LENGTH:0\r\n",
        b"User: \xff\xfe\r\n",
        b"Compress: zlib\r\n",
        b"Set: local,remote\r\n",
        zlib.compress(_MAIL),
        zlib.compress(bytes(100_000)),
        b"x" * 500,
        b"x" * 20_000,
    )

    def outcome(self, pieces: Sequence[bytes]) -> tuple[object, ...]:
        """Return the request and its mail, or the error."""
        parser = Parser(LARGEST)
        try:
            for piece in pieces:
                parser.feed(piece)
            parser.end()
            assert parser.request is not None
            mail = parser.request.mail(LARGEST)
        except ProtocolError as error:
            return (CODES[error.code], str(error).encode("ascii"))
        assert len(mail) <= LARGEST
        block = block_of(mail)
        assert mail.startswith(block)
        assert block == mail or block.endswith((b"\n\n", b"\r\n\r\n"))
        return (parser.request, mail, parser.surplus)
