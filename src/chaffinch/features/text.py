"""Text in named parts: the one byte string that gram features are counted on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Part(NamedTuple):
    """A named piece of content, and how many bytes of it may count."""

    where: str
    text: str
    limit: int


class Layout(NamedTuple):
    """The parts of one item joined into one byte string.

    Attributes
    ----------
    text : bytes
        UTF-8, white space folded, parts divided by a line feed.
    parts : tuple of (str, int)
        Name and first byte of each part, in order.
    """

    text: bytes
    parts: tuple[tuple[str, int], ...]

    def words(self) -> Iterator[tuple[str, int, int]]:
        """Yield (where, start, end) of each word; white space goes to the word before it."""
        starts = [start for _, start in self.parts] + [len(self.text)]
        for (where, start), end in zip(self.parts, starts[1:], strict=True):
            at = start
            while at < end:
                space = self.text.find(b" ", at, end)
                following = end if space < 0 else space + 1
                yield where, at, following
                at = following


def lay_out(parts: Iterable[Part]) -> Layout:
    r"""Join parts into one byte string, each folded and cut to its limit.

    Every part has a limit of its own, so that a long one cannot push the others out.

    Examples
    --------
    >>> lay_out([Part("subject", "4U   only", 100), Part("body", "free", 100)])
    Layout(text=b'4U only\nfree\n', parts=(('subject', 0), ('body', 8)))
    """
    pieces: list[bytes] = []
    places: list[tuple[str, int]] = []
    at = 0
    for where, text, limit in parts:
        # At most `limit` words can matter, so the split is bounded, whatever the text's length.
        folded = " ".join(text.split(None, limit))
        piece = folded[:limit].encode("utf-8", "replace")[:limit]
        if piece:
            pieces.append(piece)
            places.append((where, at))
            at += len(piece) + 1
    return Layout(b"\n".join([*pieces, b""]), tuple(places))
