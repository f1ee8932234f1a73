"""How much of any text is read, whatever kind of item it stands in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an item is read; what lies beyond is left out, and a note says so.

    Parameters
    ----------
    raw : int
        Bytes of the item.
    text : int
        Characters of visible text, and as many of hidden text.
    urls : int
        URLs.
    url : int
        Characters of one URL.
    tags : int
        Tags read of one page of HTML.
    """

    raw: int = 1 << 20
    text: int = 1 << 18
    urls: int = 500
    url: int = 2000
    tags: int = 100_000
