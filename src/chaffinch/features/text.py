"""Text in named parts: the one byte string that gram features are counted on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Part(NamedTuple):
    """A named piece of content, and how many bytes of it may count.

    Attributes
    ----------
    where : str
        What the piece is called; empty where each line begins with a name of its own and a colon.
    text : str
        The piece.
    limit : int
        How many bytes of it count.
    """

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
        """Yield (where, start, end) of each word; the white space behind a word belongs to it."""
        ends = [start for _, start in self.parts[1:]] + [len(self.text)]
        for (where, start), end in zip(self.parts, ends, strict=True):
            at = start
            while at < end:
                line_end = end if where else self.text.find(b"\n", at, end) + 1
                name = where or self.text[at:line_end].partition(b":")[0].decode().lower()
                while at < line_end:
                    space = self.text.find(b" ", at, line_end)
                    following = line_end if space < 0 else space + 1
                    yield name, at, following
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
        folded = _folded(text, limit) if where else _folded_lines(text)
        piece = folded[:limit].encode("utf-8", "replace")[:limit]
        if piece:
            pieces.append(piece)
            places.append((where, at))
            at += len(piece) + 1
    pieces.append(b"")
    return Layout(b"\n".join(pieces), tuple(places))


def _folded(text: str, most: int) -> str:
    # Nearly always the first characters hold all that counts.
    first = " ".join(text[: 2 * most].split())
    if len(first) >= most or len(text) <= 2 * most:
        return first
    # At most `most` words can matter, so the split is bounded, whatever the text's length.
    return " ".join(text.split(None, most))


def _folded_lines(text: str) -> str:
    text = text.replace("\t", " ")
    # Each round halves every run of spaces.
    while "  " in text:
        text = text.replace("  ", " ")
    return text
