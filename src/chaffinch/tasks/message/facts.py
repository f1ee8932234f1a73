"""Facts about a message that its words do not tell."""

from __future__ import annotations

from collections.abc import Iterator

from chaffinch.readers.links import host_of
from chaffinch.readers.message import MessageContent
from chaffinch.tasks.message.structure import structure
from chaffinch.tasks.message.wording import in_words

_MOST_LINKS, _LONGEST = 50, 60


def facts(message: MessageContent) -> Iterator[tuple[str, str]]:
    """Yield (part, fact) pairs.

    Examples
    --------
    >>> list(facts(MessageContent(plain="Hi!", urls=("http://a.example/x",))))[:3]
    [('link', 'a.example'), ('link', 'to .example'), ('structure', 'fewer than 20 characters')]
    """
    for url in message.urls[:_MOST_LINKS]:
        host = host_of(url) or host_of(f"http://{url}")
        if host:
            yield "link", host[:_LONGEST]
            yield "link", f"to .{host.rpartition('.')[2][:_LONGEST]}"
    for word in structure(message):
        yield "structure", in_words(word)
