"""Where an item points to: URLs, in the order met."""

from __future__ import annotations

import re

from chaffinch.compiled import or_compiled
from chaffinch.readers.limits import Limits
from chaffinch.readers.notes import Notes

# What URLs without a scheme are known by; found far faster as they stand than in any case.
_BARE = ("www.", "WWW.")
_REST = re.compile(r'[\w%@\[][^\s<>"]*+')
_SCHEMES = ("http", "https", "ftp")
_INSIDE_A_WORD = frozenset("/.@-_")
_CLOSING = ".,;:!?)]}>'*"
_BREAKS = re.compile(r"[\t\n]+")
_MOST_LOOKED_AT = 10_000
_AUTHORITY_END = re.compile(r"[/?#\\]")


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
        self._full = False

    def add(self, url: str) -> None:
        """Add a link's target; browsers drop line breaks within one, and so is done here."""
        if url in self._urls:
            return
        url = url.strip()
        if "\n" in url or "\t" in url:
            url = _BREAKS.sub("", url)
        if len(url) > self._limits.url:
            self._notes.add(f"URLs cut at {self._limits.url} characters")
            url = url[: self._limits.url]
        if not url or url in self._urls:
            return
        if len(self._urls) < self._limits.urls:
            self._urls[url] = None
        elif not self._full:
            self._full = True
            self._notes.add(f"only the first {self._limits.urls} URLs were kept")

    def add_written(self, text: str) -> None:
        """Add the URLs written out in a text."""
        found = find_written(text, "://", _MOST_LOOKED_AT)
        # Most that begin with "www." stand behind a scheme, and are found already.
        bare = [span for mark in _BARE for span in find_written(text, mark, _MOST_LOOKED_AT)]
        if bare:
            found = sorted(found + bare)
        end = 0
        for begin, stop in found:
            if begin >= end:
                self.add(text[begin:stop].rstrip(_CLOSING))
                end = stop

    def found(self) -> tuple[str, ...]:
        """Return the URLs added."""
        return tuple(self._urls)


@or_compiled("chaffinch.readers._kernel")
def find_written(text: str, mark: str, most: int) -> list[tuple[int, int]]:
    """Return where the URLs with this mark begin and end, the first `most` marks looked at."""
    spans = []
    at = text.find(mark)
    for _ in range(most):
        if at < 0:
            break
        rest = _REST.match(text, at + len(mark))
        end = rest.end() if rest else at + len(mark)
        begin = begin_of(text, at) if rest else -1
        if begin >= 0:
            spans.append((begin, end))
        at = text.find(mark, end)
    return spans


@or_compiled("chaffinch.readers._kernel")
def begin_of(text: str, at: int) -> int:
    """Return where the URL begins whose mark is at `at`, or -1 where it is none."""
    before = text[max(0, at - 5) : at].lower()
    if text[at] == ":":
        for scheme in _SCHEMES:
            if before.endswith(scheme):
                return at - len(scheme)
        return -1
    return -1 if before[-1:].isalnum() or before[-1:] in _INSIDE_A_WORD else at


def host_of(url: str) -> str:
    """Return the host that a URL leads to, in small letters; empty where it names none.

    What stands before an ``@`` is left out: it is there to mislead.

    Examples
    --------
    >>> host_of("http://bank.example@203.0.113.7:8080/login"), host_of("www.Example.org/a")
    ('203.0.113.7', 'www.example.org')
    >>> host_of("mailto:ann@example.org")
    ''
    """
    _, found, rest = url.partition("://")
    if not found:
        rest = url if "." in url and ":" not in url.partition("/")[0] else ""
    authority = _AUTHORITY_END.split(rest, maxsplit=1)[0]
    return authority.rpartition("@")[2].partition(":")[0].lower().strip(".")
