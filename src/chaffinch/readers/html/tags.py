"""HTML's tags one by one: what each does to the text around it (WHATWG HTML, section 13.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape as unescape_references

from chaffinch.readers.html.looks import NO_CHANGE, Change, parse_attributes, parse_style

#: Stands between two lines of a page; a text holds none, as NULs are dropped where it is decoded.
BREAK = "\0"

_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header html legend li main menu "
    "nav ol optgroup option p pre section summary table tbody textarea tfoot thead tr ul"
).split()
_MARKS = dict.fromkeys((*_BLOCKS, "br", "hr", "title", "iframe"), BREAK) | {"td": " ", "th": " "}
#: Elements whose text is none of the page's.
RAW = frozenset(("script", "style", "title", "iframe", "noembed", "noframes"))
_VOIDS = RAW.union(
    "area base basefont bgsound br col embed frame hr img input link meta param source track "
    "wbr".split()
)

_CELL_ENDS = frozenset(("td", "th", "tr", "tbody", "thead", "tfoot"))
# Start tags that end an element which was left open, by its name.
_ENDED_BY = {
    "p": frozenset(_BLOCKS) - {"body", "caption", "head", "html", "option", "textarea"},
    "li": frozenset(("li",)),
    "dd": frozenset(("dd", "dt")),
    "dt": frozenset(("dd", "dt")),
    "option": frozenset(("option", "optgroup")),
    "td": _CELL_ENDS,
    "th": _CELL_ENDS,
    "tr": _CELL_ENDS - {"td", "th"},
}
_CLOSES = {
    name: frozenset(open_ for open_, ends in _ENDED_BY.items() if name in ends)
    for name in frozenset().union(*_ENDED_BY.values())
}
_NOTHING: frozenset[str] = frozenset()
#: Elements out of which no end tag reaches but those of a table's own parts.
WALLS = frozenset(("td", "th", "caption", "table"))
TABLE_PARTS = frozenset(("table", "html", "body")) | _CELL_ENDS

_TARGETS = frozenset(("href", "src", "action", "background"))
_QUOTES = frozenset("\"'")
_TELLING = frozenset(
    ("alt", "bgcolor", "class", "color", "hidden", "id", "style", "text", *_TARGETS)
)

# A quoted value may hold a ">". Each way through is the only one, so that nothing is tried twice.
_INSIDE = r"""/?[a-zA-Z][^>"'=]*+(?:(?:=\s*+(?:"[^"]*+"|'[^']*+'|(?!["']))|["'])[^>"'=]*+){0,200}"""
_WHOLE = re.compile(_INSIDE)
#: A tag from behind its ``<`` to its ``>``, with at most 200 attributes.
CLOSED = re.compile(f"({_INSIDE})>")
_NAME = re.compile(r"/?([^\s/>]++)")
_ATTRIBUTE = re.compile(r"""([^\s=/>"']++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?""")
_LONG_NUMBER = re.compile(r"&#(?:[xX][0-9a-fA-F]{7,}|[0-9]{8,});?")


@dataclass(slots=True, eq=False)
class Tag:
    """A start or end tag; shared between pages, so never altered.

    Parameters
    ----------
    name : str
        The element's name, lower case; empty where no tag stands before the text.
    mark : str
        What stands in the text in the tag's place: a break, a space, a picture's text or nothing.
    ends : bool
        Whether it is an end tag.
    void : bool
        Whether it opens nothing: the element has no end tag, or its text is none of the page's.
    closes : frozenset of str
        The names of elements that it ends where they were left open.
    change : Change
        What it changes of how text looks.
    targets : tuple of str
        What it points to.
    classes, identity : str
        What style sheets know it by, lower case.
    """

    name: str
    mark: str
    ends: bool = False
    void: bool = True
    closes: frozenset[str] = _NOTHING
    change: Change = NO_CHANGE
    targets: tuple[str, ...] = ()
    classes: str = ""
    identity: str = ""


#: How many tags are remembered at most; most pages repeat those of others.
MOST_REMEMBERED = 4096

#: Stands before text that follows no tag.
NO_TAG = Tag("", "")
#: Stands where a tag has to be looked at together with what follows it.
ODD = Tag("", "")


class _Remembered(dict[str, Tag]):
    """The tags met lately, by their characters between ``<`` and ``>``."""

    def __missing__(self, head: str) -> Tag:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        tag = ODD
        if _WHOLE.fullmatch(head):
            parsed = parse_tag(head)
            if parsed.ends or parsed.name not in RAW:
                tag = parsed
        self[head] = tag
        return tag


_REMEMBERED = _Remembered()


def parse_short_tags(heads: Iterable[str]) -> list[Tag]:
    """Return the tags of these characters between ``<`` and ``>``, and remember them.

    Parameters
    ----------
    heads : iterable of str
        The characters of each; callers bound their number, as they are kept.

    Returns
    -------
    list of Tag
        ``ODD`` for each that is no tag, begins a quotation that does not end, or is the start of an
        element whose text is none of the page's.

    Examples
    --------
    >>> first, second = parse_short_tags(["/TD", "!doctype html"])
    >>> first.name, second is ODD
    ('td', True)
    """
    return list(map(_REMEMBERED.__getitem__, heads))


def parse_tag(head: str) -> Tag:
    """Return the tag of these characters, which begin with a name, or with a slash and a name."""
    found = _NAME.match(head)
    name = found[1].lower() if found else ""
    mark = _MARKS.get(name, "")
    if head[0] == "/":
        return Tag(name, mark, ends=True)
    void = name in _VOIDS
    closes = _CLOSES.get(name, _NOTHING)
    said: dict[str, str] = {}
    for key, value in _ATTRIBUTE.findall(head, len(name)):
        key = key.lower()
        # Of attributes of one name the first holds.
        if key in _TELLING and key not in said:
            said[key] = _unquote(value)
    if not said:
        return Tag(name, mark, False, void, closes)
    targets = tuple([said[key] for key in said if key in _TARGETS and said[key]])
    change = NO_CHANGE
    if len(said) > len(targets):
        mark += said.get("alt", "")
        change = parse_attributes(said)
        if "style" in said:
            change = parse_style(said["style"]).after(change)
    return Tag(
        name,
        mark,
        False,
        void,
        closes,
        change,
        targets,
        said.get("class", "").lower(),
        said.get("id", "").lower(),
    )


def _unquote(value: str) -> str:
    if value[:1] in _QUOTES and value[-1:] == value[:1]:
        value = value[1:-1]
    return unescape(value) if "&" in value else value


def unescape(text: str) -> str:
    """Decode character references; those of absurd length would cost more than linear time.

    Examples
    --------
    >>> unescape("caf&eacute; &#" + "9" * 5000 + ";")
    'café \ufffd'
    """
    if "&" not in text:
        return text
    return unescape_references(_LONG_NUMBER.sub("\ufffd", text) if "&#" in text else text)
