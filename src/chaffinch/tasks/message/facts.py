"""Facts about a message that its words do not tell."""

from __future__ import annotations

from collections.abc import Iterator

from chaffinch.readers.links import host_of
from chaffinch.readers.message import MessageContent
from chaffinch.tasks.message.structure import structure
from chaffinch.tasks.message.wording import tell_structure

_MOST_LINKS, _LONGEST = 50, 60


def facts(message: MessageContent) -> Iterator[tuple[str, str]]:
    """Yield (part, fact) pairs.

    Examples
    --------
    >>> list(facts(MessageContent(plain="Hi!", urls=("http://a.example/x",))))[:3]
    [('link', 'a.example'), ('link', 'to .example'), ('structure', 'text of 0–19 characters')]
    """
    for url in message.urls[:_MOST_LINKS]:
        host = host_of(url) or host_of(f"http://{url}")
        if host:
            yield "link", host[:_LONGEST]
            yield "link", f"to .{host.rpartition('.')[2][:_LONGEST]}"
    # That there is no digit is what "no numbers" says, too.
    for fact in tell_structure([word for word in structure(message) if word != "digits-0"]):
        yield "structure", fact
