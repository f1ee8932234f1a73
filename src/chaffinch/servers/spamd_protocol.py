"""What spamc and spamd say to each other, apart from any socket.

SpamAssassin's spamd/PROTOCOL, version 1.5, and what spamc and spamd make of it: a request is a
line, headers and a message, and so is the reply, after which the connection is over.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import Final

from chaffinch.servers.faults import InvalidError

#: sysexits.h, as the replies name them.
CODES: Final = {
    "EX_OK": 0,
    "EX_DATAERR": 65,
    "EX_UNAVAILABLE": 69,
    "EX_SOFTWARE": 70,
    "EX_TEMPFAIL": 75,
    "EX_PROTOCOL": 76,
    "EX_NOPERM": 77,
    "EX_TIMEOUT": 79,
}
#: What is answered with a verdict.
VERDICTS = ("CHECK", "SYMBOLS", "REPORT", "REPORT_IFSPAM", "HEADERS", "PROCESS")
_COMMANDS = (*VERDICTS, "TELL", "PING", "SKIP")
#: They come without a message, from old clients without an empty line, too.
_BARE = ("PING", "SKIP")
_COMMAND = re.compile(rb"([A-Z_]{1,20}) SPAMC/(\d{1,3}\.\d{1,3})[ \t]*")
_HEADER = re.compile(rb"([!-9;-~]{1,100}):[ \t]*([^\r\n]*)")
_LENGTH = re.compile(rb"\d{1,12}")
# Bytes and number of the lines before the message.
_HEAD, _LINES = 16_384, 64
_BODY_FOLLOWS = re.compile(rb"\r\n\r\n|\n\n")


class ProtocolError(InvalidError):
    """A request that is none, or too large.

    Parameters
    ----------
    code : str
        One of `CODES`.
    said : str
        What is wrong with it, in words of the protocol alone: nothing of the mail.
    """

    def __init__(self, code: str, said: str) -> None:
        super().__init__(said)
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks.

    Parameters
    ----------
    command : str
        ``"CHECK"``, ``"TELL"`` …
    headers : dict of str to str
        By their names in lower case.
    message : bytes
        The mail as it was sent.
    """

    command: str
    headers: dict[str, str] = field(default_factory=dict)
    message: bytes = b""

    def mail(self, largest: int) -> bytes:
        """Return the mail, decompressed where it was sent compressed.

        Parameters
        ----------
        largest : int
            Bytes that it may have.

        Raises
        ------
        ProtocolError
            If it is larger, cut short, or compressed in another way than by zlib.
        """
        how = self.headers.get("compress", "")
        if not how:
            return self.message
        if how.lower() != "zlib":
            raise ProtocolError("EX_PROTOCOL", "Compress: only zlib is understood")
        inflating = zlib.decompressobj()
        try:
            data = inflating.decompress(self.message, largest + 1)
        except zlib.error as error:
            raise ProtocolError("EX_DATAERR", "the message is no zlib stream") from error
        if len(data) > largest:
            raise _too_large(largest)
        if not inflating.eof or inflating.unused_data:
            raise ProtocolError("EX_DATAERR", "the zlib stream is cut short, or goes on")
        return data


class Parser:
    r"""Takes a request as it comes in, in pieces of any size.

    Parameters
    ----------
    largest : int
        Bytes that a message may have.

    Examples
    --------
    >>> parser = Parser(1000)
    >>> parser.feed(b"CHECK SPAMC/1.5\r\nContent-length: 3\r\n\r\nhi")
    >>> parser.request is None
    True
    >>> parser.feed(b"!")
    >>> parser.request
    Request(command='CHECK', headers={'content-length': '3'}, message=b'hi!')
    """

    def __init__(self, largest: int) -> None:
        #: The request, once all of it is there.
        self.request: Request | None = None
        self._largest = largest
        self._came = bytearray()
        self._head: Request | None = None
        self._length: int | None = None
        self._read = 0
        self._command = ""
        self._headers: dict[str, str] = {}

    @property
    def begun(self) -> bool:
        """Whether anything has come in."""
        return bool(self._came or self._command)

    @property
    def surplus(self) -> bool:
        """Whether more has come in than the request announced: its mail may be cut short."""
        if self.request is None or self.request.command in _BARE:
            return False
        return bool(self._came)

    def feed(self, data: bytes) -> None:
        """Take what came in.

        Raises
        ------
        ProtocolError
            If it is no request, or a message larger than may be.
        """
        self._came += data
        if self.request is not None:
            return
        if self._head is None:
            self._read_head()
        if self._head is None or self.request is not None:
            return
        if self._length is None:
            if len(self._came) > self._largest:
                raise _too_large(self._largest)
        elif len(self._came) >= self._length:
            self._finish(self._length)

    def end(self) -> None:
        """Take it that nothing more will come.

        Raises
        ------
        ProtocolError
            If the request is not whole.
        """
        if self.request is not None:
            return
        if self._head is None:
            raise ProtocolError("EX_PROTOCOL", "the request ends before its message")
        if self._length is not None:
            raise ProtocolError(
                "EX_PROTOCOL",
                f"Bad header line: (Content-Length mismatch: Expected {self._length} bytes, got "
                f"{len(self._came)} bytes)",
            )
        self._finish(len(self._came))

    def _read_head(self) -> None:
        at = 0
        while self._head is None and (end := self._came.find(b"\n", at)) >= 0:
            self._check_head(end)
            self._read_line(bytes(self._came[at:end]).removesuffix(b"\r"))
            at = end + 1
        # One deletion for all lines: each moves what follows.
        del self._came[:at]
        self._read += at
        if self._head is None:
            self._check_head(len(self._came))

    def _check_head(self, more: int) -> None:
        if self._read + more > _HEAD:
            raise ProtocolError("EX_PROTOCOL", f"the headers are longer than {_HEAD} bytes")

    def _read_line(self, line: bytes) -> None:
        if not self._command:
            found = _COMMAND.fullmatch(line)
            command = found[1].decode() if found else ""
            if command not in _COMMANDS:
                raise ProtocolError("EX_PROTOCOL", "Bad header line: no command of SPAMC/1.5")
            self._command = command
            if command in _BARE:
                self._head = self.request = Request(command)
            return
        if not line:
            self._head = Request(self._command, self._headers)
            return
        if len(self._headers) >= _LINES:
            raise ProtocolError("EX_PROTOCOL", f"more than {_LINES} headers")
        header = _HEADER.fullmatch(line)
        if header is None:
            raise ProtocolError("EX_PROTOCOL", "Bad header line: no name and colon")
        name, value = header[1].decode().lower(), header[2].rstrip(b" \t")
        if name in self._headers:
            raise ProtocolError("EX_PROTOCOL", "Bad header line: a header came twice")
        self._headers[name] = value.decode("utf-8", "replace")
        if name == "content-length":
            if not _LENGTH.fullmatch(value):
                raise ProtocolError("EX_PROTOCOL", "Bad header line: (Content-Length is no number)")
            self._length = int(value)
            if self._length > self._largest:
                raise _too_large(self._largest)

    def _finish(self, length: int) -> None:
        message = bytes(self._came[:length])
        del self._came[:length]
        self.request = Request(self._command, self._headers, message)


def _too_large(largest: int) -> ProtocolError:
    return ProtocolError("EX_DATAERR", f"the message is larger than {largest} bytes")


def reply(code: str, *headers: tuple[str, str], body: bytes | None = None, said: str = "") -> bytes:
    r"""Return a reply as it is sent.

    Parameters
    ----------
    code : str
        One of `CODES`, or ``"PONG"``.
    headers : tuple of (str, str)
        Names and values.
    body : bytes, optional
        What follows the headers, whose length is told.
    said : str
        What follows the code in its place: what went wrong.

    Examples
    --------
    >>> reply("EX_OK", ("Spam", "True ; 7.1 / 4.6"))
    b'SPAMD/1.5 0 EX_OK\r\nSpam: True ; 7.1 / 4.6\r\n\r\n'
    """
    if code == "PONG":
        return b"SPAMD/1.5 0 PONG\r\n"
    lines = [f"SPAMD/1.5 {CODES[code]} {said or code}"]
    if body is not None:
        lines.append(f"Content-length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("ascii", "replace") + (body or b"")


def block_of(mail: bytes) -> bytes:
    r"""Return a mail up to its body, as spamc parts it: it puts the body that it has behind this.

    Examples
    --------
    >>> block_of(b"A: 1\r\n\r\nbody\n\n")
    b'A: 1\r\n\r\n'
    """
    found = _BODY_FOLLOWS.search(mail)
    return mail[: found.end()] if found else mail
