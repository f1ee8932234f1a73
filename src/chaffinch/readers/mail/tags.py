"""HTML's tags one by one: what each does to the text around it (WHATWG HTML, section 13.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape as unescape_references

from chaffinch.compiled import or_compiled
from chaffinch.readers.mail.looks import NO_CHANGE, Change, parse_attributes, parse_style

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


@or_compiled("chaffinch.readers.mail._kernel")
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
    """The tags met lately, by their characters between ``<`` and ``>``.

    They are ``ODD`` where those are no tag, begin a quotation that does not end, or start an
    element whose text is none of the page's.
    """

    def __missing__(self, head: str) -> Tag:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        tag = ODD
        if is_whole(head):
            parsed = parse_tag(head)
            if parsed.ends or parsed.name not in RAW:
                tag = parsed
        self[head] = tag
        return tag


#: Callers bound the length of what they look up, as it is kept.
REMEMBERED = _Remembered()


def parse_tag(head: str) -> Tag:
    """Return the tag of these characters, which begin with a name, or with a slash and a name."""
    found = _NAME.match(head)
    name = found[1].lower() if found else ""
    mark = _MARKS.get(name, "")
    if head[0] == "/":
        return Tag(name, mark, ends=True)
    void = name in _VOIDS
    closes = _CLOSES.get(name, _NOTHING)
    said = attributes(head, len(name), _TELLING)
    if not said:
        return Tag(name, mark, False, void, closes)
    if "&" in head:
        said = {key: unescape(value) for key, value in said.items()}
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


@or_compiled("chaffinch.readers.mail._kernel")
def is_whole(head: str) -> bool:
    """Tell whether these characters are a tag whose quotations all end."""
    return _WHOLE.fullmatch(head) is not None


@or_compiled("chaffinch.readers.mail._kernel")
def attributes(head: str, start: int, known: frozenset[str]) -> dict[str, str]:
    """Return the attributes of these names among a tag's characters, references not decoded."""
    said: dict[str, str] = {}
    for key, value in _ATTRIBUTE.findall(head, start):
        key = key.lower()
        # Of attributes of one name the first holds.
        if key in known and key not in said:
            quoted = value[:1] in _QUOTES and value[-1:] == value[:1]
            said[key] = value[1:-1] if quoted else value
    return said


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
