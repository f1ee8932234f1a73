"""What a mail server and a milter say to each other, apart from any socket.

Sendmail's milter protocol as its libmilter (mfdef.h) and Postfix speak it, versions 2 to 6, from
the milter's side: packets of a length, a command and what belongs to it. As little as can be is
asked for, so that of a mail only its end has to be waited for.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from enum import IntFlag

from chaffinch.readers.mail import is_own_header, write_header
from chaffinch.servers.faults import InvalidError
from chaffinch.servers.milter_mail import Mail

#: Bytes of the largest packet: a chunk of a body has up to 64 KiB, a header of Postfix 100 KiB.
LARGEST_PACKET = 1 << 18
_OLDEST, _NEWEST = 2, 6
# Names and values of macros that are looked at.
_WORDS = 200
_WORD = re.compile(r"[!-~]{1,100}")
# The stages of a mail for which a list of macros can be asked (SMFIM_*).
_AT_MAIL, _AT_END = 2, 5


class Action(IntFlag):
    """What a milter may do to a mail (SMFIF_*)."""

    ADD_HEADERS = 0x1
    CHANGE_HEADERS = 0x10
    QUARANTINE = 0x20
    LIST_MACROS = 0x100


class Step(IntFlag):
    """What a milter need not be told, or will not answer (SMFIP_*)."""

    NO_CONNECT = 0x1
    NO_HELO = 0x2
    NO_RECIPIENT = 0x8
    NO_END_OF_HEADERS = 0x40
    SILENT_HEADER = 0x80
    NO_UNKNOWN = 0x100
    NO_DATA = 0x200
    SILENT_CONNECT = 0x1000
    SILENT_HELO = 0x2000
    SILENT_MAIL = 0x4000
    SILENT_RECIPIENT = 0x8000
    SILENT_DATA = 0x10000
    SILENT_UNKNOWN = 0x20000
    SILENT_END_OF_HEADERS = 0x40000
    SILENT_BODY = 0x80000
    LEADING_SPACE = 0x100000


# What is answered though it is of no interest: servers of old versions send it all the same.
_NO_MATTER = {
    b"C": Step.SILENT_CONNECT,
    b"H": Step.SILENT_HELO,
    b"U": Step.SILENT_UNKNOWN,
    b"T": Step.SILENT_DATA,
}
# All but that recipients are left out: they are asked for where they say whose mail it is.
_WANTED = Step(sum(Step)) & ~Step.NO_RECIPIENT


class Conversation:
    r"""One connection of a mail server: what it says is fed, and comes out as steps.

    Parameters
    ----------
    largest : int
        Bytes that a mail may have.
    recipients : bool
        Whether recipients are asked for.
    quarantine : bool
        Whether the server has to be able to set mail aside.
    is_ours : callable
        Is given a header; returns whether only we may write it.

    Examples
    --------
    >>> talk = Conversation(1000)
    >>> talk.feed(packet(b"O", struct.pack(">3I", 6, 0x1F, 0x1FFFFF)))
    >>> talk.feed(packet(b"M", b"<a@example.org>\0") + packet(b"L", b"Subject\0hi\0"))
    >>> talk.feed(packet(b"E"))
    >>> _, mail = talk.steps()
    >>> mail.data
    bytearray(b'Subject:hi\r\n\r\n')
    """

    def __init__(
        self,
        largest: int,
        *,
        recipients: bool = False,
        quarantine: bool = False,
        is_ours: Callable[[bytes], bool] = is_own_header,
    ) -> None:
        #: Whether the server has said good-bye.
        self.is_over = False
        #: How many mails have come.
        self.mails = 0
        self._largest = largest
        self._is_ours = is_ours
        self._wanted = _WANTED if recipients else _WANTED | Step.NO_RECIPIENT
        self._needed = Action.ADD_HEADERS | Action.CHANGE_HEADERS
        if quarantine:
            self._needed |= Action.QUARANTINE
        self._granted: Step | None = None
        self._may_negotiate = True
        self._came = bytearray()
        self._macros: dict[str, str] = {}
        self._mail: Mail | None = None
        # What of a mail came last: "", "headers" or "body".
        self._part = ""

    @property
    def is_begun(self) -> bool:
        """Whether the server is in the middle of something, and should not take long."""
        return self._granted is None or self.is_cut_short

    @property
    def is_cut_short(self) -> bool:
        """Whether there should have been more: a part of a mail has come, or of a packet."""
        return bool(self._came or self._part) and not self.is_over

    @property
    def coming(self) -> Mail | None:
        """The mail that is coming in."""
        return self._mail

    def feed(self, data: bytes) -> None:
        """Take what came in; `steps` has to be gone through before more is."""
        self._came += data

    def steps(self) -> Iterator[bytes | Mail]:
        """Return what is to be sent, and mails that wait for an answer, in the order they came.

        Raises
        ------
        InvalidError
            If that is not how the protocol goes.
        """
        while not self.is_over and (found := self._packet()) is not None:
            step = self._do(*found)
            if step is not None:
                yield step

    def tags(self, mail: Mail, headers: Sequence[tuple[str, str]]) -> bytes:
        """Return what puts headers on top of a mail, and takes off those that were forged.

        Parameters
        ----------
        mail : Mail
            The mail.
        headers : sequence of (str, str)
            Names and values, as `add_headers` takes them.
        """
        # From the last to the first, as those behind one that is taken off may be counted anew.
        packets = [packet(b"m", _number(at) + name + b"\0\0") for name, at in reversed(mail.forged)]
        for name, value in reversed(headers):
            written = b"\n".join(write_header(name, value)).partition(b":")[2]
            if not self._is_granted(Step.LEADING_SPACE):
                written = written.removeprefix(b" ")
            packets.append(packet(b"i", _number(0) + name.encode() + b"\0" + written + b"\0"))
        return b"".join(packets)

    def _packet(self) -> tuple[bytes, bytes] | None:
        if len(self._came) < 4:
            return None
        length = int.from_bytes(self._came[:4])
        if not 1 <= length <= LARGEST_PACKET:
            raise InvalidError(f"a packet of {length} bytes: 1 to {LARGEST_PACKET} are taken")
        if len(self._came) < 4 + length:
            return None
        command, payload = bytes(self._came[4:5]), bytes(self._came[5 : 4 + length])
        del self._came[: 4 + length]
        return command, payload

    def _do(self, command: bytes, payload: bytes) -> bytes | Mail | None:
        if command == b"O":
            return self._negotiate(payload)
        if command in b"QK":
            self._reset()
            self.is_over = command == b"Q"
            # After QUIT_NC there is another client's turn, and options may be told anew.
            self._may_negotiate = True
            return None
        if self._granted is None:
            raise InvalidError("a command came before the options")
        if command in _NO_MATTER:
            return self._answer(_NO_MATTER[command])
        if command == b"D":
            self._define(payload)
        elif command == b"A":
            self._reset()
        elif command == b"M":
            self._mail, self._part = Mail(), ""
            self._mail.authenticated = bool(self._macros.get("auth_authen"))
            return self._answer(Step.SILENT_MAIL)
        elif command in b"RLNBE":
            if self._mail is None:
                raise InvalidError("a part of a mail came before its sender")
            return self._content(self._mail, command, payload)
        else:
            raise InvalidError("there is no such command")
        return None

    def _content(self, mail: Mail, command: bytes, payload: bytes) -> bytes | Mail | None:
        if command == b"R":
            mail.address(
                payload.partition(b"\0")[0].strip(b"<>").decode("utf-8", "replace").lower()
            )
            return self._answer(Step.SILENT_RECIPIENT)
        if command == b"L":
            self._header(mail, payload)
            return self._answer(Step.SILENT_HEADER)
        if self._part != "body":
            mail.hold(b"\r\n", self._largest)
            self._part = "body"
        if command == b"N":
            return self._answer(Step.SILENT_END_OF_HEADERS)
        mail.hold(payload, self._largest)
        if command == b"B":
            return self._answer(Step.SILENT_BODY)
        queue = self._macros.get("i", "")
        mail.queue = queue if _WORD.fullmatch(queue) else ""
        self._reset()
        self.mails += 1
        return mail

    def _header(self, mail: Mail, payload: bytes) -> None:
        parts = payload.split(b"\0", 3)
        if len(parts) != 3 or not parts[0] or parts[2]:
            raise InvalidError("a header is no name and value")
        if self._part == "body":
            raise InvalidError("a header came behind the body")
        self._part = "headers"
        name, value, _ = parts
        between = b":" if self._is_granted(Step.LEADING_SPACE) else b": "
        lines = value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        field = name + between + lines + b"\r\n"
        mail.note(name, ours=self._is_ours(field))
        mail.hold(field, self._largest)

    def _negotiate(self, payload: bytes) -> bytes:
        if not self._may_negotiate:
            raise InvalidError("the options came twice")
        if len(payload) < 12:
            raise InvalidError("the options are cut short")
        version, actions, steps = struct.unpack_from(">3I", payload)
        if version < _OLDEST:
            raise InvalidError(f"version {version} of the protocol is too old: {_OLDEST} is needed")
        if self._needed & ~actions:
            missing = self._needed & ~Action(actions)
            raise InvalidError(f"the mail server lets no milter do what is needed: {missing!r}")
        self._may_negotiate = False
        self._granted = self._wanted & Step(steps)
        taken, lists = self._needed, b""
        if actions & Action.LIST_MACROS:
            taken |= Action.LIST_MACROS
            lists = _number(_AT_MAIL) + b"{auth_authen}\0" + _number(_AT_END) + b"i\0"
        options = struct.pack(">3I", min(version, _NEWEST), taken, self._granted)
        return packet(b"O", options + lists)

    def _define(self, payload: bytes) -> None:
        words = payload[1:].split(b"\0", _WORDS)
        if payload[:1] == b"M":
            # Those of the mail before are not this one's.
            self._macros = {}
        for name, value in zip(words[::2], words[1::2], strict=False):
            known = name.strip(b"{}").decode("ascii", "replace")
            if known in ("i", "auth_authen"):
                self._macros[known] = value[:200].decode("utf-8", "replace")

    def _reset(self) -> None:
        self._mail, self._part, self._macros = None, "", {}

    def _answer(self, silent: Step) -> bytes | None:
        return None if self._is_granted(silent) else go_on()

    def _is_granted(self, step: Step) -> bool:
        return self._granted is not None and step in self._granted


def packet(command: bytes, payload: bytes = b"") -> bytes:
    r"""Return a packet as it is sent.

    Examples
    --------
    >>> packet(b"q", b"junk\0")
    b'\x00\x00\x00\x06qjunk\x00'
    """
    return _number(1 + len(payload)) + command + payload


def go_on() -> bytes:
    """Return the answer that lets a mail, or a command, pass."""
    return packet(b"c")


def refuse(code: int, said: str) -> bytes:
    """Return the answer that a mail is not taken.

    Parameters
    ----------
    code : int
        Of SMTP, 400 to 599.
    said : str
        An enhanced code (RFC 3463) and a text for people, in printable ASCII.
    """
    # Sendmail takes it for a format.
    return packet(b"y", f"{code} {said}".replace("%", "%%").encode("ascii") + b"\0")


def set_aside(why: str) -> bytes:
    """Return what sends a mail into quarantine, before the answer that lets it pass."""
    return packet(b"q", why.encode("ascii") + b"\0")


def _number(value: int) -> bytes:
    return value.to_bytes(4)
