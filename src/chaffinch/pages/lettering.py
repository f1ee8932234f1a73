"""The letters that captions of pictures are written in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# Fonts that machines have, and the letters of many languages; Pillow's own has those of English.
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
# No font has a letter for it, and all draw in its place what they draw for any that they lack.
_NONE = "\uffff"


class Lettering:
    """A font that has all letters of some texts, or the most of them that can be had here.

    Parameters
    ----------
    texts : iterable of str
        What is to be written.

    Examples
    --------
    >>> Lettering(["7, 99%"]).written("7, 99%")
    '7, 99%'
    """

    def __init__(self, texts: Iterable[str]) -> None:
        letters = set("".join(texts))
        self._name = ""
        self._lacking = self._lacks(letters)
        for name in _FONTS if self._lacking else ():
            before, self._name = self._name, name
            try:
                lacking = self._lacks(letters)
            except OSError:
                # It is not here.
                lacking = letters
            if len(lacking) < len(self._lacking):
                self._lacking = lacking
            else:
                self._name = before

    def of(self, size: int) -> Any:
        """Return the font of a size in pixels."""
        from PIL import ImageFont

        if self._name:
            return ImageFont.truetype(self._name, size)
        return ImageFont.load_default(size=size)

    def written(self, text: str) -> str:
        """Return a text as it can be written: a letter that there is none for by its number."""
        return "".join(f"U+{ord(one):04X}" if one in self._lacking else one for one in text)

    def _lacks(self, letters: set[str]) -> set[str]:
        font = self.of(20)
        none = bytes(font.getmask(_NONE))
        return {one for one in letters if one.isprintable() and bytes(font.getmask(one)) == none}
