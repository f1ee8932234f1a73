"""Which parts of a mail count, for grams, for rules and for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chaffinch.features.grams import View
from chaffinch.features.text import Part
from chaffinch.readers.mail import MailContent
from chaffinch.tasks.mail.authenticated import authentication_words
from chaffinch.tasks.mail.facts import facts
from chaffinch.tasks.mail.manners import sender_address, sender_name
from chaffinch.tasks.mail.sender import address_of, name_of

# Bytes of each kind of part that grams are counted on. Chosen on shuffles 1, 2 and 3 of the
# SpamAssassin corpus, whole and cut, and on Enron's visible text; never on a reported stream.
_STRUCTURE, _AUTHENTICATION, _LINKS, _HEADERS, _HEADER, _SENDER, _BODY, _HIDDEN = (
    400,
    400,
    1500,
    2500,
    800,
    1500,
    6000,
    1000,
)
# The lines by which people choose what to open first.
_SENDERS = frozenset(("subject", "from", "to", "reply-to", "cc", "sender"))
_LONGEST_SENDER = max(map(len, _SENDERS))

#: A mail is judged as a whole, and by these by themselves.
VIEWS = (View(("headers", "sender")), View(("sender",), within=True), View(("body",)))


def gram_parts(mail: MailContent) -> Iterator[Part]:
    """Yield the parts of a mail whose grams the learned models count."""
    sender: list[str] = []
    others: list[str] = []
    for name, value in mail.headers:
        line = f"{name}: {value[:_HEADER]}"
        if len(name) <= _LONGEST_SENDER:
            (sender if name.lower() in _SENDERS else others).append(line)
        # What this or another copy of Chaffinch wrote is no evidence, and may be forged.
        elif name[:12].lower() != "x-chaffinch-":
            others.append(line)
    kinds = [*mail.structure, *(f"{part.type} {part.name}" for part in mail.attachments)]
    yield Part("structure", " ".join(kinds), _STRUCTURE, "headers")
    # Nothing where no results are believed: it is as if the part were not there.
    yield Part("authentication", " ".join(authentication_words(mail)), _AUTHENTICATION, "headers")
    yield Part("link", " ".join(mail.urls), _LINKS, "headers")
    yield Part("", "\n".join(others), _HEADERS, "headers")
    yield Part("", "\n".join(sender), _SENDER, "sender")
    yield Part("body", mail.visible, _BODY, "body")
    yield Part("hidden", mail.hidden, _HIDDEN, "body")


#: The parts that a hand-written rule may look in.
RULE_PARTS: dict[str, Callable[[MailContent], str]] = {
    "from_name": lambda mail: name_of(mail.header("from")),
    "from_address": lambda mail: address_of(mail.header("from")),
    "to": lambda mail: mail.header("to"),
    "subject": lambda mail: mail.header("subject"),
    "visible": lambda mail: mail.visible,
    "hidden": lambda mail: mail.hidden,
    "urls": lambda mail: "\n".join(mail.urls),
    "attachments": lambda mail: "\n".join(f"{part.type} {part.name}" for part in mail.attachments),
    "structure": lambda mail: "\n".join(mail.structure),
    "headers": lambda mail: "\n".join(f"{name}: {value}" for name, value in mail.headers),
    "facts": lambda mail: "\n".join(f"{part}: {fact}" for part, fact in facts(mail)),
}


def vocabulary(mail: MailContent) -> list[tuple[str, str]]:
    """Return the parts whose words and phrases people are shown."""
    return [
        ("subject", mail.header("subject")),
        ("from", sender_name(mail)),
        ("address", sender_address(mail)),
        ("body", mail.visible),
        ("hidden", mail.hidden),
    ]
