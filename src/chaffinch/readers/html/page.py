"""HTML to text in one pass, telling what a person sees from what is hidden.

The reading follows browsers where that matters to what is seen (WHATWG HTML, section 13.2), in time
linear in the page's length whatever it holds: no tree is built, and no search starts again where
another has been.
"""

from __future__ import annotations

import re

from chaffinch.compiled import or_compiled
from chaffinch.readers.html.elements import BREAK, RAW
from chaffinch.readers.html.looks import Change
from chaffinch.readers.html.paint import may_hide, paint
from chaffinch.readers.html.references import unescape
from chaffinch.readers.html.stylesheet import parse_sheet
from chaffinch.readers.html.tags import CLOSED, NO_TAG, ODD, REMEMBERED, Tag, parse_tag
from chaffinch.readers.limits import Limits
from chaffinch.readers.links import Links
from chaffinch.readers.notes import Notes

_COMMENT_END = re.compile("--!?>")
_CLOSE = re.compile(">")
_RAW_ENDS = {name: re.compile(rf"/{name}(?![^\s/>])", re.IGNORECASE) for name in RAW}
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
    # In the order met; each tells what it says once, however often it stands there.
    different = dict.fromkeys(page.tags)
    for target in [target for tag in different if tag.targets for target in tag.targets]:
        links.add(target)
    if may_hide(different, page.rules):
        visible, hidden = paint(page.tags, page.texts, page.rules)
        return _tidy(visible), _tidy(hidden)
    return _tidy(flow(page.tags, page.texts)), ""


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
    pieces: list[str], remembered: dict[str, Tag], odd: Tag, longest: int
) -> tuple[list[Tag], list[str], list[int]]:
    """Return the tag that each piece begins with, the text behind it, and which tags are odd."""
    cut = [piece.partition(">") for piece in pieces]
    heads = [head if closed and len(head) <= longest else "" for head, closed, _ in cut]
    tags = list(map(remembered.__getitem__, heads))
    places = [place for place, tag in enumerate(tags) if tag is odd]
    return tags, [text for _, _, text in cut], places


class _Page:
    """A page cut into its tags and the text behind each, the first of which stands for none.

    Most tags are told from their own characters, all at one go; the odd ones, such as comments, are
    gone back to, and may swallow what follows.
    """

    def __init__(self, page: str, limits: Limits, notes: Notes) -> None:
        self._notes = notes
        self.rules: dict[str, Change] = {}
        self._pieces = page.split("<", limits.tags)
        if self._pieces[-1].count("<"):
            notes.add(f"only the first {limits.tags} tags of HTML were read")
            self._pieces[-1] = self._pieces[-1].partition("<")[0]
        self.tags, self.texts, odd = cut_tags(self._pieces, REMEMBERED, ODD, _LONGEST_REMEMBERED)
        end = self._put(0, 1, NO_TAG, self._pieces[0])
        for at in odd:
            if at >= end:
                end = self._read_odd(at)

    def _read_odd(self, at: int) -> int:
        """Read the odd tag at a place, or what looks like one; return the place behind it."""
        piece = self._pieces[at]
        if piece.startswith("!--"):
            # From the second character on, as browsers take "<!-->" for a whole comment.
            return self._skip(at, at, _COMMENT_END, "a comment", start=1)
        first = piece[1:2] if piece[:1] == "/" else piece[:1]
        if first.isascii() and first.isalpha():
            return self._read_tag(at)
        if piece.startswith(("!", "?", "/")):
            return self._skip(at, at, _CLOSE, "a declaration")
        return self._put(at, at + 1, NO_TAG, "<" + piece)

    def _read_tag(self, at: int) -> int:
        """Read a tag that is long, or holds a "<" or a quotation mark without its like."""
        window = self._pieces[at]
        found = CLOSED.match(window)
        if not found:
            window = "<".join(self._pieces[at : at + _MOST_QUOTED])
            found = CLOSED.match(window)
        if not found:
            tag = parse_tag(self._pieces[at].partition(">")[0])
            return self._skip(at, at, _CLOSE, "a tag", tag)
        tag = parse_tag(found[1])
        end = at + 1 + found[1].count("<")
        if tag.name in RAW and not tag.ends:
            return self._skip_raw(at, end, tag)
        return self._put(at, end, tag, window[found.end() :].partition("<")[0])

    def _skip_raw(self, at: int, start: int, tag: Tag) -> int:
        """Skip what an element holds that is no text of the page; learn a style sheet."""
        pieces, ends = self._pieces, _RAW_ENDS[tag.name]
        end = next((i for i in range(start, len(pieces)) if ends.match(pieces[i])), len(pieces))
        if tag.name == "style":
            parse_sheet("<".join(pieces[start - 1 : end]).partition(">")[2], self.rules)
        return self._skip(at, end, _CLOSE, f"<{tag.name}>", tag)

    def _skip(
        self,
        at: int,
        place: int,
        end: re.Pattern[str],
        what: str,
        tag: Tag = NO_TAG,
        start: int = 0,
    ) -> int:
        """Let the tag at `at` swallow all up to an end, which is looked for from `place` on."""
        for last in range(place, len(self._pieces)):
            found = end.search(self._pieces[last], start)
            if found:
                return self._put(at, last + 1, tag, self._pieces[last][found.end() :])
            start = 0
        self._notes.add(f"HTML ends inside of {what}; what follows its start is not shown")
        return self._put(at, len(self._pieces), tag, "")

    def _put(self, at: int, end: int, tag: Tag, text: str) -> int:
        """Put a tag and the text behind it in the place of all up to `end`."""
        self.tags[at], self.texts[at] = tag, text
        gap = end - at - 1
        if gap:
            self.tags[at + 1 : end] = [NO_TAG] * gap
            self.texts[at + 1 : end] = [""] * gap
        return end
