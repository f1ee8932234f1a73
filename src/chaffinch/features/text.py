"""Text in named parts: the one byte string that gram features are counted on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaffinch.compiled import or_compiled
from chaffinch.features.rows import Line

_SPACE, _LINE_FEED = b" \n"
_KERNEL = "chaffinch.features._kernel"


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
    section : str
        Which section of the item it belongs to; pieces of one section stand together.
    """

    where: str
    text: str
    limit: int
    section: str = ""


class Layout(NamedTuple):
    """The parts of one item joined into one byte string.

    Attributes
    ----------
    text : bytes
        UTF-8, white space folded, parts divided by a line feed.
    parts : tuple of (str, int)
        Name and first byte of each part, in order.
    sections : dict of str to (int, int)
        The first byte of each section, and the first behind it.
    """

    text: bytes
    parts: tuple[tuple[str, int], ...]
    sections: dict[str, tuple[int, int]]

    def words(self) -> tuple[list[str], NDArray[np.int64]]:
        """Return the words, and the first byte of each; the white space behind a word is its."""
        return words_of(self.text)

    def lines(self, starts: NDArray[np.int64]) -> list[Line]:
        """Return which words stand together, by the first byte of each word.

        A part is one line, but where each of its lines has a name of its own.
        """
        bounds: list[tuple[str, int, bool]] = []
        ends = [*(start for _, start in self.parts[1:]), len(self.text)]
        for (where, start), end in zip(self.parts, ends, strict=False):
            if where:
                bounds.append((where, start, False))
                continue
            at = start
            while at < end:
                line_end = self.text.find(b"\n", at, end) + 1
                name = self.text[at:line_end].partition(b":")[0].rstrip(b"\n")
                bounds.append((name.decode("utf-8", "replace").lower(), at, True))
                at = line_end
        firsts = [*np.searchsorted(starts, [at for _, at, _ in bounds]).tolist(), starts.size]
        return [
            Line(where, first, behind, named)
            for (where, _, named), first, behind in zip(bounds, firsts, firsts[1:], strict=False)
        ]


def lay_out(parts: Iterable[Part]) -> Layout:
    r"""Join parts into one byte string, each folded and cut to its limit.

    Every part has a limit of its own, so that a long one cannot push the others out.

    Examples
    --------
    >>> lay_out([Part("subject", "4U   only", 100), Part("body", "free", 100)])
    Layout(text=b'4U only\nfree\n', parts=(('subject', 0), ('body', 8)), sections={'': (0, 13)})
    """
    pieces: list[bytes] = []
    places: list[tuple[str, int]] = []
    sections: dict[str, tuple[int, int]] = {}
    at = 0
    for where, text, limit, section in parts:
        if where:
            piece = _first(text, limit)
        else:
            piece = fold_lines(text[: 4 * limit].encode("utf-8", "replace"), limit)
        if piece:
            pieces.append(piece)
            places.append((where, at))
            first = sections[section][0] if section in sections else at
            at += len(piece) + 1
            sections[section] = first, at
    pieces.append(b"")
    return Layout(b"\n".join(pieces), tuple(places), sections)


def _first(text: str, limit: int) -> bytes:
    # Nearly always the first characters hold all that counts.
    piece = fold(text[: 2 * limit].encode("utf-8", "replace"), limit)
    if len(piece) < limit and len(text) > 2 * limit:
        return fold(text.encode("utf-8", "replace"), limit)
    return piece


@or_compiled(_KERNEL)
def words_of(text: bytes) -> tuple[list[str], NDArray[np.int64]]:
    r"""Return the words that end with a space or a line feed, and the first byte of each.

    Parameters
    ----------
    text : bytes
        UTF-8; what is none is replaced, word by word, as where a character was cut in its middle.

    Examples
    --------
    >>> words, starts = words_of(b"4U only\nfree\n")
    >>> words, starts.tolist()
    (['4U', 'only', 'free'], [0, 3, 8])
    """
    signs = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero((signs == _SPACE) | (signs == _LINE_FEED)) + 1
    words = text.decode("utf-8", "replace").replace("\n", " ").split(" ")[:-1]
    return words, np.concatenate(([0], ends[:-1])) if words else ends


@or_compiled(_KERNEL)
def fold(text: bytes, most: int) -> bytes:
    r"""Return a text with each run of white space as one space, none at its edges, cut to a length.

    Parameters
    ----------
    text : bytes
        The text; its white space is that of ASCII.
    most : int
        Bytes that are kept.

    Examples
    --------
    >>> fold(b"  4U\n\tonly  ", 100), fold(b"4U only", 3)
    (b'4U only', b'4U')
    """
    # At most `most` words can matter, so the split is bounded, whatever the text's length.
    return b" ".join(text.split(None, max(most, 0))[: max(most, 0)])[: max(most, 0)].rstrip()


@or_compiled(_KERNEL)
def fold_lines(text: bytes, most: int) -> bytes:
    r"""Return a text with each run of spaces and tabs as one space, cut to a length.

    Parameters
    ----------
    text : bytes
        The text.
    most : int
        Bytes that are kept.

    Examples
    --------
    >>> fold_lines(b"To: you  all\nX: \ta", 100)
    b'To: you all\nX: a'
    """
    text = text.replace(b"\t", b" ")
    # Each round halves every run of spaces.
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text[: max(most, 0)]
