"""HTML to text in one pass, telling what a person sees from what is hidden.

The reading follows browsers where that matters to what is seen (WHATWG HTML, section 13.2), in time
linear in the page's length whatever it holds: no tree is built, and no search starts again where
another has been.
"""

from __future__ import annotations

import re
from itertools import accumulate, count

from chaffinch.compiled import or_compiled
from chaffinch.readers.html.elements import BREAK, RAW
from chaffinch.readers.html.looks import NO_CHANGE, Change
from chaffinch.readers.html.paint import may_hide, paint
from chaffinch.readers.html.references import unescape
from chaffinch.readers.html.stylesheet import parse_sheet
from chaffinch.readers.html.tags import CLOSED, NO_TAG, ODD, REMEMBERED, Tag, parse_tag
from chaffinch.readers.limits import Limits
from chaffinch.readers.links import Links
from chaffinch.readers.notes import Notes

_COMMENT_END = re.compile("--!?>")
_CLOSE = re.compile(">")
# Behind its name an end tag may be broken off by the next.
_RAW_ENDS = {name: re.compile(rf"</{name}(?![^\s/<>])", re.IGNORECASE) for name in RAW}
_LONGEST_REMEMBERED = 200
# How far a quotation in a tag may reach over other tags before it is taken for a slip.
_MOST_QUOTED = 32


def read_html(text: str, links: Links, limits: Limits, notes: Notes) -> tuple[str, str]:
    """Return a page's visible and hidden text.

    Parameters
    ----------
    text : str
        The page, without NULs.
    links : Links
        Given the targets of links and pictures.
    limits : Limits
        Of which ``tags`` holds here.
    notes : Notes
        Told where the page ends inside of a tag, a comment or a script.

    Returns
    -------
    (str, str)
        The text seen and the text hidden, white space folded, a line for each block that has text.
        Neither holds comments, scripts, style sheets or the title.

    Examples
    --------
    >>> limits, notes = Limits(), Notes()
    >>> page = "<p>V<b></b>ery<!-- so -->&nbsp;good<p style='display:none'>not seen"
    >>> read_html(page, Links(limits, notes), limits, notes)
    ('Very good', 'not seen')
    """
    page = _Page(text, limits, notes)
    told = telling(page.tags)
    for target in [target for tag in told for target in tag.targets]:
        links.add(target)
    if may_hide(told, page.rules):
        visible, hidden = paint(page.tags, page.texts, page.rules)
        return _tidy(visible), _tidy(hidden)
    return _tidy(flow(page.tags, page.texts)), ""


@or_compiled("chaffinch.readers.html._kernel")
def telling(tags: list[Tag]) -> list[Tag]:
    """Return the tags that point to something or change a look, each once, in the order met."""
    return [tag for tag in dict.fromkeys(tags) if tag.change is not NO_CHANGE or tag.targets]


@or_compiled("chaffinch.readers.html._kernel")
def flow(tags: list[Tag], texts: list[str]) -> str:
    """Return a page's text with what stands in each tag's place."""
    return "".join([tag.mark + text for tag, text in zip(tags, texts, strict=True)])


def _tidy(text: str) -> str:
    """Return a page's text as lines without references, or white space to spare."""
    # The commonest reference by far; folded it is a space like any other.
    return fold(unescape(text.replace("&nbsp;", " ")))


@or_compiled("chaffinch.readers.html._kernel")
def fold(text: str) -> str:
    """Return a text's lines, which breaks part, with one space for any white space in them."""
    # One split and one join over all lines; a break is a word for that while.
    words = " ".join(text.replace(BREAK, f" {BREAK} ").split())
    return "\n".join(filter(None, map(str.strip, words.split(BREAK))))


@or_compiled("chaffinch.readers.html._kernel")
def cut_tags(
    page: str, remembered: dict[str, Tag], no_tag: Tag, odd: Tag, longest: int
) -> tuple[list[Tag], list[str], list[tuple[int, int]]]:
    """Return a page's tags, the text behind each, and place and position of those that are odd.

    The first stands for no tag, before the text that the page begins with. A position is that
    behind the ``<``.
    """
    start, *pieces = page.split("<")
    cut = [piece.partition(">") for piece in pieces]
    heads = [head if closed and len(head) <= longest else "" for head, closed, _ in cut]
    tags = list(map(remembered.__getitem__, heads))
    positions = accumulate([len(start) + 1, *[len(piece) + 1 for piece in pieces]])
    found = [
        (at, position)
        for at, tag, position in zip(count(1), tags, positions, strict=False)
        if tag is odd
    ]
    return [no_tag, *tags], [start, *[text for _, _, text in cut]], found


class _Page:
    """A page cut into its tags and the text behind each, the first of which stands for none.

    Most tags are told from their own characters, all at one go; the odd ones, such as comments, are
    gone back to, and may swallow what follows.
    """

    def __init__(self, page: str, limits: Limits, notes: Notes) -> None:
        self._notes = notes
        self.rules: dict[str, Change] = {}
        # No page has more tags than characters, so that most need not be counted.
        if len(page) > limits.tags and page.count("<") > limits.tags:
            notes.add(f"only the first {limits.tags} tags of HTML were read")
            page = page[: -len(page.split("<", limits.tags + 1)[-1]) - 1]
        self._page = page
        self.tags, self.texts, odd = cut_tags(page, REMEMBERED, NO_TAG, ODD, _LONGEST_REMEMBERED)
        end = 1
        for at, start in odd:
            if at >= end:
                end = self._read_odd(at, start)

    def _read_odd(self, at: int, start: int) -> int:
        """Read the odd tag at a place, or what looks like one; return the place behind it.

        Here and below, `start` is its position in the page.
        """
        page = self._page
        if page.startswith("!--", start):
            # From the second character on, as browsers take "<!-->" for a whole comment.
            return self._skip(at, start, start + 1, _COMMENT_END, "a comment")
        first = (
            page[start + 1 : start + 2] if page.startswith("/", start) else page[start : start + 1]
        )
        if first.isascii() and first.isalpha():
            return self._read_tag(at, start)
        if page.startswith(("!", "?", "/"), start):
            return self._skip(at, start, start, _CLOSE, "a declaration")
        self.texts[at] = page[start - 1 : self._next(start)]
        self.tags[at] = NO_TAG
        return at + 1

    def _read_tag(self, at: int, start: int) -> int:
        """Read a tag that is long, or holds a "<" or a quotation mark without its like."""
        page, stop = self._page, self._next(start)
        found = CLOSED.match(page, start, stop)
        if not found:
            reach = stop
            for _ in range(_MOST_QUOTED - 1):
                reach = self._next(reach + 1)
            found = CLOSED.match(page, start, reach)
        if not found:
            tag = parse_tag(page[start:stop].partition(">")[0])
            return self._skip(at, start, start, _CLOSE, "a tag", tag)
        tag = parse_tag(found[1])
        if tag.name in RAW and not tag.ends:
            return self._skip_raw(at, start, found.end(), tag)
        return self._put(at, start, found.end(), tag)

    def _skip_raw(self, at: int, start: int, stop: int, tag: Tag) -> int:
        """Skip what an element holds that is no text of the page; learn a style sheet."""
        page = self._page
        found = _RAW_ENDS[tag.name].search(page, stop)
        end = found.start() if found else len(page)
        if tag.name == "style":
            parse_sheet(page[stop:end], self.rules)
        return self._skip(at, start, end, _CLOSE, f"<{tag.name}>", tag)

    def _skip(
        self,
        at: int,
        start: int,
        position: int,
        end: re.Pattern[str],
        what: str,
        tag: Tag = NO_TAG,
    ) -> int:
        """Let a tag swallow all up to an end, which is looked for from a position on."""
        found = end.search(self._page, position)
        if found:
            return self._put(at, start, found.end(), tag)
        self._notes.add(f"HTML ends inside of {what}; what follows its start is not shown")
        return self._put(at, start, len(self._page), tag)

    def _put(self, at: int, start: int, stop: int, tag: Tag) -> int:
        """Put a tag and the text behind it in the place of all that begin up to a position."""
        self.tags[at], self.texts[at] = tag, self._page[stop : self._next(stop)]
        gap = self._page.count("<", start, stop)
        end = at + 1 + gap
        if gap:
            self.tags[at + 1 : end] = [NO_TAG] * gap
            self.texts[at + 1 : end] = [""] * gap
        return end

    def _next(self, position: int) -> int:
        """Return where the next tag begins, or the page ends."""
        found = self._page.find("<", position)
        return found if found >= 0 else len(self._page)
