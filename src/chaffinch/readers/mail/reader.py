"""Reading a mail: bytes in, content out, whatever the bytes are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from chaffinch.readers.charset import decode
from chaffinch.readers.html import read_html
from chaffinch.readers.links import Links
from chaffinch.readers.mail.authentication import believed
from chaffinch.readers.mail.content import DEFAULT, Attachment, MailContent, MailLimits, Result
from chaffinch.readers.mail.headers import decode_fields, parse_fields, split_block, to_lf
from chaffinch.readers.mail.mime import Part, walk
from chaffinch.readers.mail.transfer import decode_transfer, decoded_size
from chaffinch.readers.notes import Notes

_HTML = frozenset(("text/html", "text/x-html", "application/xhtml+xml"))
# Containers get here where they could not be opened.
_TEXT = ("text/", "multipart/", "message/")


def read_mail(
    data: bytes,
    limits: MailLimits = DEFAULT,
    *,
    hosts: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> MailContent:
    r"""Return what a mail says; any bytes are a readable mail.

    Parameters
    ----------
    data : bytes
        The mail, or anything else.
    limits : MailLimits
        How much of it is read.
    hosts : mapping of str to collection of str
        Under which names, lower case, results of which methods are believed, SPF, DKIM or DMARC; by
        default none are, and their headers are headers as any other.

    Returns
    -------
    MailContent
        What could be read, and notes on what could not.

    Examples
    --------
    >>> mail = read_mail(b"Subject: =?utf-8?q?Caf=C3=A9?=\n\nSee www.example.org!\n")
    >>> mail.header("subject"), mail.visible, mail.urls
    ('Café', 'See www.example.org!', ('www.example.org',))
    """
    notes = Notes()
    if len(data) > limits.raw:
        notes.add(f"mail cut at {limits.raw} of {len(data)} bytes")
        data = data[: limits.raw]
    block, body = split_block(to_lf(data))
    fields = parse_fields(block, limits, notes)
    if not fields and body:
        notes.add("no headers: all of it read as text")
    results: tuple[Result, ...] = ()
    if hosts:
        fields, results = believed(fields, hosts, notes)
    texts = _Texts(limits, notes)
    structure: list[str] = []
    for part in walk(fields, body, limits, notes, structure):
        texts.read(part)
    return MailContent(
        decode_fields(fields, block, notes),
        texts.whole(texts.visible, "visible"),
        texts.whole(texts.hidden, "hidden"),
        texts.links.found(),
        tuple(texts.attachments),
        tuple(structure),
        notes.taken(),
        results,
    )


class _Texts:
    """What the parts read so far say."""

    def __init__(self, limits: MailLimits, notes: Notes) -> None:
        self._limits = limits
        self._notes = notes
        self.links = Links(limits, notes)
        self.visible: list[str] = []
        self.hidden: list[str] = []
        self.attachments: list[Attachment] = []

    def read(self, part: Part) -> None:
        """Read a part as text, or list it."""
        html = part.type in _HTML
        if part.attached or not (html or part.type.startswith(_TEXT)):
            self._list(part)
            return
        text = decode(decode_transfer(part.body, part.encoding), part.charset, self._notes)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if html:
            text, hidden = read_html(text, self.links, self._limits, self._notes)
            self.hidden.append(hidden)
        self.visible.append(text)
        self.links.add_written(text)

    def _list(self, part: Part) -> None:
        if len(self.attachments) == self._limits.attachments:
            self._notes.add(f"only the first {self._limits.attachments} attachments were listed")
            return
        size = decoded_size(part.body, part.encoding)
        self.attachments.append(Attachment(part.type, part.name, size))

    def whole(self, texts: list[str], kind: str) -> str:
        """Join the texts of all parts, cut to the limit."""
        text = "\n".join([text for text in map(str.rstrip, texts) if text])
        if len(text) <= self._limits.text:
            return text
        self._notes.add(f"{kind} text cut at {self._limits.text} of {len(text)} characters")
        return text[: self._limits.text]
