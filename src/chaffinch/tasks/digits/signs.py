"""The signs of a picture, each an item of its own: a postal code is five digits."""

from __future__ import annotations

from chaffinch.readers.image.segment import CUT
from chaffinch.tasks.digits.reading import read_digits
from chaffinch.types import Part
from chaffinch.wordless import FLAG_EACH


def unfit(data: bytes) -> str:
    """Return why a picture can be no example of one digit; empty where it can.

    Parameters
    ----------
    data : bytes
        The picture.

    Examples
    --------
    >>> unfit(b"no picture")[:15]
    'shows no digit:'
    """
    picture = read_digits(data)
    if not picture.glyphs:
        return f"shows no digit: {'; '.join(picture.notes) or 'nothing is written on it'}"
    return f"{picture.several}: {FLAG_EACH}" if picture.several else ""


def uncut(data: bytes) -> bytes:
    """Return the one sign that a picture shows if ink that hangs together is one; else the picture.

    What is cut may be digits that touch, or one that is wide. Whoever gives the picture one label
    says which.

    Parameters
    ----------
    data : bytes
        The picture.

    Returns
    -------
    bytes
        Where all its signs were cut from one, that one as `signs` would give it, so that it is read
        as it is; the picture itself where it shows one sign, none, or several that stand apart.

    Examples
    --------
    >>> uncut(b"no picture")
    b'no picture'
    """
    whole = read_digits(data).uncut
    return data if whole is None else whole.as_pgm()


def signs(data: bytes) -> list[Part]:
    """Return the signs of a picture that shows several, in the order that they are read in.

    Parameters
    ----------
    data : bytes
        The picture.

    Returns
    -------
    list of Part
        None where there is one sign, or none: then the picture itself is the item.

    Examples
    --------
    >>> signs(b"no picture")
    []
    """
    picture = read_digits(data)
    if len(picture.glyphs) < 2:
        return []
    return [
        Part(
            glyph.box,
            glyph.as_pgm(),
            glyph.line,
            picture.notes,
            (*picture.doubts, *((CUT,) if glyph.is_cut else ())),
        )
        for glyph in picture.glyphs
    ]
