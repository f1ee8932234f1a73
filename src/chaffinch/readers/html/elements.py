"""What HTML's elements do to the text around them (WHATWG HTML, section 13.2)."""

from __future__ import annotations

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
#: What most elements end.
NOTHING: frozenset[str] = frozenset()
#: What stands in the text in an element's place, whether it is void, and what it ends, by its name.
ELEMENTS = {
    name: (_MARKS.get(name, ""), name in _VOIDS, _CLOSES.get(name, NOTHING))
    for name in _VOIDS.union(_MARKS, _CLOSES)
}
#: The same of an element that is not among them.
UNKNOWN = ("", False, NOTHING)
#: Elements out of which no end tag reaches but those of a table's own parts.
WALLS = frozenset(("td", "th", "caption", "table"))
TABLE_PARTS = frozenset(("table", "html", "body")) | _CELL_ENDS

#: Attributes that point to something.
TARGETS = frozenset(("href", "src", "action", "background"))
#: Attributes that are looked at.
TELLING = frozenset(("alt", "bgcolor", "class", "color", "hidden", "id", "style", "text", *TARGETS))
