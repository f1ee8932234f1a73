"""What SMTP and LMTP say, apart from any socket: commands, mails and replies, RFC 5321 and 2033.

aiosmtpd would read commands, but not for a proxy: it holds a mail as a list of lines, 170 bytes for
an empty one, refuses the parameters of delivery notices, and in LMTP answers once for all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chaffinch.servers.faults import DeferredError, InvalidError

# Bytes of a command with its line end: RFC 5321 asks for 512, and its extensions for some more.
_LONGEST_COMMAND = 4096
# Bytes of a line of a reply, and lines: RFC 5321 asks for 512 bytes.
_LONGEST_REPLY, _LINES = 4096, 200
_COMMAND = re.compile(rb"([A-Za-z]{1,12})(?: +([^\0-\x1f\x7f]*))?")
# A quoted local part may hold any bracket.
_PATH = re.compile(rb'(?:FROM|TO): ?<((?:"(?:[^"\\]|\\.)*"|[^"<>])*)>(?: .*)?', re.IGNORECASE)
# A queue id as servers make them: nothing of a mail, and no address.
_ID = rb"([A-Za-z0-9][A-Za-z0-9+/=_.:-]{0,63})"
_IDENT = re.compile(rb"(?:^| )IDENT=" + _ID + rb"(?: |$)", re.IGNORECASE)
# As Postfix and others, Exim, Dovecot and Sendmail say it.
_QUEUED = re.compile(
    rb"(?:\bqueued as |\bid=)" + _ID + rb"(?![^\s;,)>])|(?:^| )" + _ID + rb" (?:Saved|Message acc)"
)
_REPLY = re.compile(rb"([2-5][0-9][0-9])(?:([ -])([^\r\n]*))?")
_END = b"\r\n.\r\n"
# Control characters of a reply are passed on as question marks.
_SHOWN = bytes(63 if (code < 32 and code != 9) or code == 127 else code for code in range(256))
# What some servers take for the end of a mail, and no server should.
_LENIENT_END = re.compile(rb"[\r\n]\0*\.\0*[\r\n]")


class SmugglingError(InvalidError):
    """A mail that the next hop may take for two."""


@dataclass(frozen=True, slots=True)
class Command:
    r"""A command of a client.

    Parameters
    ----------
    line : bytes
        As it came, without its end.
    verb : str
        Its first word in capitals; empty where it is no command.
    argument : bytes
        What follows.

    Examples
    --------
    >>> Command.parse(b"rcpt TO:<ada@example.org> NOTIFY=NEVER").path
    'ada@example.org'
    >>> Command.parse(b"NOOP \r\n").verb
    ''
    """

    line: bytes
    verb: str = ""
    argument: bytes = b""

    @classmethod
    def parse(cls, line: bytes) -> Command:
        """Return what a line says; control characters in it make it no command."""
        found = _COMMAND.fullmatch(line)
        return cls(line, found[1].decode().upper(), found[2] or b"") if found else cls(line)

    @property
    def path(self) -> str:
        """The address between the brackets of MAIL and RCPT; empty where there is none."""
        found = _PATH.fullmatch(self.argument)
        return found[1].decode("utf-8", "replace") if found else ""

    @property
    def queue(self) -> str:
        """The client's queue id, as Postfix tells it in XFORWARD; empty where it does not."""
        found = _IDENT.search(self.argument)
        return found[1].decode() if found else ""


class Client:
    r"""Takes what a client sends, in pieces of any size: commands, and mails behind DATA.

    Examples
    --------
    >>> client = Client()
    >>> client.feed(b"DATA\r\nHi\r\n..\r\n.\r\nQUIT\r\n")
    >>> client.command()
    b'DATA'
    >>> client.mail()
    (b'Hi\r\n.\r\n', True)
    >>> client.command()
    b'QUIT'
    """

    def __init__(self) -> None:
        self._came = bytearray()
        # Whether a mail has begun: what stands here then begins with the line end before it.
        self._in_mail = False

    def feed(self, data: bytes) -> None:
        """Take what came in."""
        self._came += data

    def command(self) -> bytes | None:
        """Return the next line without its end; None where it is not whole yet.

        Raises
        ------
        InvalidError
            If it is longer than may be, or ends otherwise than in CR LF.
        """
        end = self._came.find(b"\n", 0, _LONGEST_COMMAND)
        if end < 0:
            if len(self._came) >= _LONGEST_COMMAND:
                raise InvalidError(f"a command is longer than {_LONGEST_COMMAND} bytes")
            return None
        line = bytes(self._came[: end + 1])
        del self._came[: end + 1]
        if not line.endswith(b"\r\n"):
            raise InvalidError("a command ends in LF alone: write CR LF")
        return line[:-2]

    def mail(self) -> tuple[bytes, bool]:
        """Return what has come of a mail since, as it was before dots were added, and its end.

        Returns
        -------
        bytes
            More of the mail.
        bool
            Whether that is all of it. It ends in CR LF, dot, CR LF and in nothing else.
        """
        # The mail may be empty: the line end of DATA is the one before its dot.
        came = self._came if self._in_mail else bytearray(b"\r\n") + self._came
        skip = 0 if self._in_mail else 2
        end = came.find(_END)
        cut = end + 2 if end >= 0 else len(came) - _begun(came)
        if cut < skip:
            return b"", False
        piece = bytes(came[:cut]).replace(b"\r\n.", b"\r\n")[skip:]
        self._came = came[end + len(_END) if end >= 0 else cut :]
        self._in_mail = end < 0
        return piece, end >= 0


def _begun(came: bytearray) -> int:
    """Return how many bytes at the end may be the beginning of the end of a mail."""
    return next((n for n in range(len(_END) - 1, 0, -1) if came.endswith(_END[:n])), 0)


class Stuffing:
    r"""Writes a mail as it is sent: with a dot before each line that begins with one.

    Every other byte is as it was, lines of any length among them.

    Examples
    --------
    >>> stuffing = Stuffing()
    >>> stuffing.write(b"Hi\r\n."), stuffing.write(b"\r\n"), stuffing.end()
    (b'Hi\r\n..', b'\r\n', b'.\r\n')
    >>> stuffing.write(b"two\n.\r\nMAIL FROM:<>\r\n")
    Traceback (most recent call last):
    chaffinch.servers.smtp_protocol.SmugglingError: a line ends in CR or LF alone, and a dot follows
    """

    def __init__(self) -> None:
        self._last = b"\r\n"
        # What was sent since the last line end, in short: nothing, a dot, or anything else.
        self._line = b"\n"

    def write(self, data: bytes) -> bytes:
        """Return more of the mail as it is sent.

        Raises
        ------
        SmugglingError
            If there is in it what a lenient server would take for its end.
        """
        if not data:
            return b""
        sent = (self._last + data).replace(b"\r\n.", b"\r\n..")[len(self._last) :]
        self._last = (self._last + data)[-2:]
        line = self._line + sent
        if _LENIENT_END.search(line):
            raise SmugglingError("a line ends in CR or LF alone, and a dot follows")
        tail = line[max(line.rfind(b"\r"), line.rfind(b"\n")) + 1 :].replace(b"\0", b"")
        self._line = b"\n" + tail if tail in (b"", b".") else b"x"
        return sent

    def end(self) -> bytes:
        """Return what ends the mail."""
        return b".\r\n" if self._last == b"\r\n" else b"\r\n.\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    r"""A reply, ours or the next hop's.

    Parameters
    ----------
    code : int
        From 200 to 599.
    lines : tuple of bytes
        What is said, without codes and line ends.

    Examples
    --------
    >>> Reply.of(250, "chaffinch", "8BITMIME").sent()
    b'250-chaffinch\r\n250 8BITMIME\r\n'
    """

    code: int
    lines: tuple[bytes, ...]

    @classmethod
    def of(cls, code: int, *lines: str) -> Reply:
        """Return a reply in our words."""
        return cls(code, tuple(line.encode() for line in lines))

    @property
    def done(self) -> bool:
        """Whether what was asked is done."""
        return 200 <= self.code < 300

    @property
    def queued_as(self) -> str:
        """The queue id under which the mail was taken; empty where it is not told.

        Examples
        --------
        >>> Reply.of(250, "2.0.0 Ok: queued as 4F1B2C").queued_as
        '4F1B2C'
        """
        found = _QUEUED.search(self.lines[-1]) if self.done else None
        return (found[1] or found[2]).decode() if found else ""

    def sent(self) -> bytes:
        """Return it as it is sent."""
        last = len(self.lines) - 1
        return b"".join(
            b"%d%s%s\r\n" % (self.code, b" " if place == last else b"-", line)
            for place, line in enumerate(self.lines)
        )


class Replies:
    r"""Takes what a next hop answers, in pieces of any size.

    Examples
    --------
    >>> replies = Replies()
    >>> replies.feed(b"250-mx\r\n250 SIZE 1000\r\n2")
    >>> replies.next()
    Reply(code=250, lines=(b'mx', b'SIZE 1000'))
    >>> replies.next() is None, replies.surplus
    (True, True)
    """

    def __init__(self) -> None:
        self._came = bytearray()
        self._lines: list[bytes] = []
        self._code = 0

    @property
    def surplus(self) -> bool:
        """Whether something came that was not taken yet."""
        return bool(self._came or self._lines)

    def feed(self, data: bytes) -> None:
        """Take what came in."""
        self._came += data

    def next(self) -> Reply | None:
        """Return the next reply; None where it is not whole yet.

        Raises
        ------
        DeferredError
            If it is none, or longer than may be.
        """
        while (end := self._came.find(b"\n", 0, _LONGEST_REPLY)) >= 0:
            line = bytes(self._came[:end]).removesuffix(b"\r")
            del self._came[: end + 1]
            found = _REPLY.fullmatch(line)
            if found is None or (self._lines and int(found[1]) != self._code):
                raise DeferredError("what it answers is no reply of SMTP")
            self._code = int(found[1])
            self._lines.append((found[3] or b"").translate(_SHOWN))
            if found[2] != b"-":
                lines, self._lines = tuple(self._lines), []
                return Reply(self._code, lines)
            if len(self._lines) == _LINES:
                raise DeferredError(f"a reply has more than {_LINES} lines")
        if len(self._came) >= _LONGEST_REPLY:
            raise DeferredError(f"a line of a reply is longer than {_LONGEST_REPLY} bytes")
        return None
