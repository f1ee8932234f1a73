"""What items are that are no text, and how people are shown one: there are no first words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Look(NamedTuple):
    """How an item looks and sounds.

    Attributes
    ----------
    pixels : ndarray of float32, shape (height, width)
        How its first sign or word looks, 1 is dark.
    sound : bytes
        How that sounds, as a file; empty where there is nothing to hear.
    """

    pixels: NDArray[np.float32]
    sound: bytes


@dataclass(frozen=True)
class Portrait:
    """How people are shown an item.

    Parameters
    ----------
    of : callable
        Content → what its first sign or word looks like: an array of float32 of one shape for all,
        rows from top to bottom, where 1 is drawn dark and 0 is not drawn.
    told : callable
        Content → what it is, in a few words.
    dark, light : str
        What is where it is dark, and where it is not.
    looks : str
        What people call how several look, such as ``"pictures"``.
    legend : str
        How to read what is drawn, in a sentence; empty where everybody knows.
    size : callable
        Content → its size, as people would give it.
    patch : tuple of int
        Rows and columns of a part that can be told from others.
    place : callable
        First and last row and column of such a part, as a range of rows and one of columns → where
        that is, in words.
    played : callable, optional
        Content → its first word as a file of sound; None where there is nothing to hear.
    before : int
        How many columns lie before a word is first heard.
    """

    of: Callable[[Any], NDArray[np.float32]]
    told: Callable[[Any], str]
    dark: str
    light: str
    looks: str
    legend: str
    size: Callable[[Any], str]
    patch: tuple[int, int]
    place: Callable[[range, range], str]
    played: Callable[[Any], bytes] | None = None
    before: int = 0

    def look(self, content: Any) -> Look:
        """Return how an item looks and sounds."""
        sound = b"" if self.played is None or content.blank else self.played(content)
        return Look(self.of(content), sound)


@dataclass(frozen=True)
class Medium:
    """What items are, where they are no text.

    Parameters
    ----------
    name : str
        What people call one: ``"image"``, ``"recording"``.
    format_of : callable
        Bytes → the name of their format; None where they are no such item.
    require : callable
        Told a format's name, raises `MissingExtraError` where what reads it is not installed.
    covered : str
        What was done to its parts to see what they say.
    portrait : Portrait
        How one is shown.
    """

    name: str
    format_of: Callable[[bytes], str | None]
    require: Callable[[str], None]
    covered: str
    portrait: Portrait
