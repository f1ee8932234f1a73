"""Reading a message: bytes in, content out, whatever the bytes are."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from chaffinch.readers.charset import decode
from chaffinch.readers.disguise import undisguise
from chaffinch.readers.html import read_html, unescape
from chaffinch.readers.limits import Limits
from chaffinch.readers.links import Links
from chaffinch.readers.message.content import DEFAULT, MessageContent
from chaffinch.readers.message.domains import written_domains
from chaffinch.readers.notes import Notes

# Elements that people's comments come with. A message without any is no HTML: it may say "<3".
_ELEMENTS = (
    "a abbr b big blockquote body br center code del div em font h[1-6] head hr html i iframe img "
    "ins li ol p pre q s script small span strike strong style sub sup table tbody td th tr tt u ul"
)
_TAG = re.compile(rf"</?(?:{'|'.join(_ELEMENTS.split())})(?:[\s/][^<>]*+)?>", re.IGNORECASE)

# Quotes and dashes of windows-1252 that another program took for Latin-1 before it wrote UTF-8.
_MISREAD = {
    code: shown for code in range(0x80, 0xA0) if (shown := bytes([code]).decode("cp1252", "ignore"))
}


def read_message(data: bytes, limits: Limits = DEFAULT) -> MessageContent:
    r"""Return what a short plain text says; any bytes are a readable message.

    Bytes are UTF-16 where they begin with its mark, else UTF-8 where they are, else windows-1252.
    A text with HTML's common tags is read as a browser shows it. Character references are decoded
    once, as many web sites store comments with them.

    Parameters
    ----------
    data : bytes
        The message, or anything else.
    limits : Limits
        How much of it is read.

    Returns
    -------
    MessageContent
        What could be read, and notes on what could not.

    Examples
    --------
    >>> message = read_message(b"W\xc2\xadIN &pound;500 at <a href='http://a.example/'>my site</a>")
    >>> message.plain, message.urls, message.tricks
    ('WIN £500 at my site', ('http://a.example/',), ('html', 'invisible-characters'))
    """
    notes = Notes()
    if len(data) > limits.raw:
        notes.add(f"message cut at {limits.raw} of {len(data)} bytes")
        data = data[: limits.raw]
    marked = data.startswith((BOM_UTF16_BE, BOM_UTF16_LE))
    text = decode(data, "utf-16" if marked else "", notes)
    links = Links(limits, notes)
    hidden, tricks = "", []
    if _TAG.search(text):
        text, hidden = read_html(text, links, limits, notes)
        tricks = ["html", "hidden-text"] if hidden else ["html"]
    else:
        text = unescape(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_MISREAD)
    if len(text) > limits.text:
        notes.add(f"text cut at {limits.text} of {len(text)} characters")
        text = text[: limits.text]
    plain, disguised = undisguise(text)
    plain = plain[: limits.text]
    hidden, _ = undisguise(hidden)
    links.add_written(plain)
    for domain in written_domains(plain):
        links.add(domain)
    return MessageContent(
        text,
        plain,
        hidden[: limits.text],
        links.found(),
        (*tricks, *disguised),
        notes.taken(),
    )
