"""How the parts of a mail are told to people."""

from __future__ import annotations

from collections.abc import Sequence

from chaffinch.explain.readable import readable
from chaffinch.explain.wording import Wording, tell_links
from chaffinch.tasks.mail.authenticated import tell_authentication

_ADDRESSED = ("subject", "from", "to", "cc", "reply-to", "sender")
_TYPES = ("text/", "image/", "audio/", "video/", "application/", "message/", "multipart/")


def tell_structure(kinds: Sequence[str]) -> list[str]:
    """Return what the content types and file names in a mail say of it.

    Examples
    --------
    >>> tell_structure(["text/html"]), tell_structure(["application/pdf", "bill.pdf"])
    (['is HTML without plain text'], ['a part of type application/pdf', 'a file named bill.pdf'])
    """
    held = set(kinds)
    said = {
        "text/plain": "has a plain text part" if len(held) > 1 else "is plain text alone",
        "text/html": "has an HTML part" if "text/plain" in held else "is HTML without plain text",
        "multipart/alternative": "says the same in several forms",
        "multipart/mixed": "has several parts",
        "multipart/related": "has parts that belong together, as text and its pictures",
        "multipart/signed": "has a digital signature",
        "message/rfc822": "has another mail inside",
    }
    return [said.get(kind) or _told(kind) for kind in kinds]


def _told(kind: str) -> str:
    if kind.startswith(_TYPES):
        return f"a part of type {kind}"
    name, quoted = readable(kind)
    return f"a file named {name}" if quoted else f"a file's name: {name}"


WORDING = Wording(
    names={name: name for name in _ADDRESSED} | {"hidden": "hidden text"},
    prose=frozenset(("subject",)),
    tell={
        "structure": tell_structure,
        "link": tell_links,
        "authentication": tell_authentication,
    },
    sender=("from", "address"),
)
