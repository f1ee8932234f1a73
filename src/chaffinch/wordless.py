"""What a task says of items that hold no text, such as pictures and recordings."""

from __future__ import annotations

from typing import Any

#: What to do with an item of several parts, which can be no example as a whole.
FLAG_EACH = "flag each by its id, which predict tells"


def never(content: Any) -> None:
    """Return when an item was made: it does not tell."""
    del content


def as_it_is(data: bytes) -> bytes:
    """Return an item as it came in: nothing was added to it, and nothing was cut."""
    return data


def no_words(content: Any) -> list[tuple[str, str]]:
    """Return the words of an item: none."""
    del content
    return []
