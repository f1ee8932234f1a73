"""Where a mail points to: URLs, in the order met."""

from __future__ import annotations

import re
from itertools import islice

from chaffinch.readers.mail.content import Limits
from chaffinch.readers.mail.notes import Notes

# Each begins with letters as they stand, which are searched for many times faster than sets.
_WRITTEN = (
    ("://", re.compile(r'://[^\s<>"]++')),
    ("www.", re.compile(r'www\.[^\s<>"]++')),
    ("WWW.", re.compile(r'WWW\.[^\s<>"]++')),
)
_MOST_LOOKED_AT = 10_000
_SCHEMES = ("https", "http", "ftp")
_INSIDE_A_WORD = frozenset("/.@-_")
_CLOSING = ".,;:!?)]}>'*"
_BREAKS = re.compile(r"[\t\n\r]+")


class Links:
    """URLs, each once, cut and counted to the limits.

    Parameters
    ----------
    limits : Limits
        Of which ``urls`` and ``url`` hold here.
    notes : Notes
        Told of what was left out.

    Examples
    --------
    >>> links = Links(Limits(), Notes())
    >>> links.add_written("See www.example.org/a, or http://example.org/b.")
    >>> links.found()
    ('www.example.org/a', 'http://example.org/b')
    """

    def __init__(self, limits: Limits, notes: Notes) -> None:
        self._limits = limits
        self._notes = notes
        self._urls: dict[str, None] = {}

    def add(self, url: str) -> None:
        """Add a link's target; browsers drop line breaks within one, and so is done here."""
        url = _BREAKS.sub("", url.strip())
        if len(url) > self._limits.url:
            self._notes.add(f"URLs cut at {self._limits.url} characters")
            url = url[: self._limits.url]
        if not url or url in self._urls:
            return
        if len(self._urls) < self._limits.urls:
            self._urls[url] = None
        else:
            self._notes.add(f"only the first {self._limits.urls} URLs were kept")

    def add_written(self, text: str) -> None:
        """Add the URLs written out in a text."""
        found: list[tuple[int, int]] = []
        for start, pattern in _WRITTEN:
            if start in text:
                matches = islice(pattern.finditer(text), _MOST_LOOKED_AT)
                found += [(_begin(text, match.start()), match.end()) for match in matches]
        end = 0
        for begin, stop in sorted(found):
            if begin >= end:
                self.add(text[begin:stop].rstrip(_CLOSING))
                end = stop

    def found(self) -> tuple[str, ...]:
        """Return the URLs added."""
        return tuple(self._urls)


def _begin(text: str, at: int) -> int:
    """Return where the URL begins whose ``://`` or ``www.`` is at `at`, or -1 if there is none."""
    if text[at] == ":":
        before = text[max(0, at - 5) : at].lower()
        return next((at - len(s) for s in _SCHEMES if before.endswith(s)), -1)
    before = text[max(0, at - 1) : at]
    return -1 if before.isalnum() or before in _INSIDE_A_WORD else at
