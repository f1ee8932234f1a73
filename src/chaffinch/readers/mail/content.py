"""What reading a mail gives, and how much of a mail is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chaffinch.readers.limits import Limits


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a mail that is not read as its text.

    Parameters
    ----------
    type : str
        Its content type, lower case: ``"application/pdf"``.
    name : str
        Its file name, decoded; empty where it has none.
    size : int
        Bytes after transfer decoding, estimated from the encoded length.
    """

    type: str
    name: str
    size: int


class Result(NamedTuple):
    """What one method found out about a sender.

    Attributes
    ----------
    method : str
        ``"spf"``, ``"dkim"`` or ``"dmarc"``.
    found : str
        What it found, in the words of RFC 8601, section 2.7: ``"pass"``, ``"fail"``.
    domain : str
        The domain that it speaks of, lower case; empty where none is named.
    """

    method: str
    found: str
    domain: str = ""


@dataclass(frozen=True, slots=True)
class MailContent:
    """What a mail says, and to whom it shows it.

    Parameters
    ----------
    headers : tuple of (str, str)
        Every header in order: its name as written, its value unfolded and decoded.
    visible : str
        What a person sees: the plain text parts, and the HTML parts turned into text, in order.
    hidden : str
        Text that HTML keeps from a person's eyes.
    urls : tuple of str
        Link and image targets of HTML, and URLs written in text, each once, in order.
    attachments : tuple of Attachment
        The parts not read as text.
    structure : tuple of str
        The content types met, depth first.
    notes : tuple of str
        What was cut or could not be read, in plain words.
    authentication : tuple of Result
        What SPF, DKIM and DMARC said of the sender, where that is believed.

    Examples
    --------
    >>> mail = MailContent(headers=(("Subject", "Hello"),))
    >>> mail.header("subject"), mail.header("to")
    ('Hello', '')
    """

    headers: tuple[tuple[str, str], ...] = ()
    visible: str = ""
    hidden: str = ""
    urls: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    structure: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    authentication: tuple[Result, ...] = ()

    def header(self, name: str) -> str:
        """Return the first header of this name, in any case, or an empty string."""
        name = name.lower()
        return next((value for known, value in self.headers if known.lower() == name), "")


@dataclass(frozen=True, slots=True)
class MailLimits(Limits):
    """How much of a mail is read, beyond what holds for every kind of text.

    Parameters
    ----------
    block : int
        Bytes of a header block, the mail's own or a part's.
    value : int
        Characters of one header's value.
    headers : int
        Headers of a header block.
    attachments : int
        Attachments listed.
    depth : int
        How deep parts may stand inside parts; deeper ones are read as text.
    parts : int
        Parts read.
    """

    block: int = 1 << 18
    value: int = 1 << 16
    headers: int = 1000
    attachments: int = 100
    depth: int = 20
    parts: int = 200


#: The limits that hold where none are given.
DEFAULT = MailLimits()
