"""HTML's tags one by one: what each does to the text around it (WHATWG HTML, section 13.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chaffinch.compiled import or_compiled
from chaffinch.readers.html.elements import ELEMENTS, NOTHING, RAW, TARGETS, TELLING, UNKNOWN
from chaffinch.readers.html.looks import NO_CHANGE, Change, parse_attributes, parse_style
from chaffinch.readers.html.references import unescape

_QUOTES = frozenset("\"'")

# A quoted value may hold a ">". Each way through is the only one, so that nothing is tried twice.
_INSIDE = r"""/?[a-zA-Z][^>"'=]*+(?:(?:=\s*+(?:"[^"]*+"|'[^']*+'|(?!["']))|["'])[^>"'=]*+){0,200}"""
_WHOLE = re.compile(_INSIDE)
#: A tag from behind its ``<`` to its ``>``, with at most 200 attributes.
CLOSED = re.compile(f"({_INSIDE})>")
_NAME = re.compile(r"/?([^\s/>]++)")
_ATTRIBUTE = re.compile(r"""([^\s=/>"']++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?""")


@or_compiled("chaffinch.readers.html._kernel")
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
    closes: frozenset[str] = NOTHING
    change: Change = NO_CHANGE
    targets: tuple[str, ...] = ()
    classes: str = ""
    identity: str = ""


#: How many tags are remembered at most; most pages repeat those of others.
MOST_REMEMBERED = 8192

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
        tag = self[head] = tell_tag(head, ODD)
        return tag


#: Callers bound the length of what they look up, as it is kept.
REMEMBERED = _Remembered()


@or_compiled("chaffinch.readers.html._kernel")
def tell_tag(head: str, odd: Tag) -> Tag:
    """Return the tag of these characters where they alone tell it, or the odd one."""
    if not _WHOLE.fullmatch(head):
        return odd
    tag = parse_tag(head)
    return tag if tag.ends or tag.name not in RAW else odd


@or_compiled("chaffinch.readers.html._kernel")
def parse_tag(head: str) -> Tag:
    """Return the tag of these characters, which begin with a name, or with a slash and a name."""
    found = _NAME.match(head)
    name = found[1].lower() if found else ""
    mark, void, closes = ELEMENTS.get(name, UNKNOWN)
    if head[0] == "/":
        return Tag(name, mark, True)
    said: dict[str, str] = {}
    for key, value in _ATTRIBUTE.findall(head, len(name)):
        key = key.lower()
        # Of attributes of one name the first holds.
        if key in TELLING and key not in said:
            said[key] = _unquote(value)
    if not said:
        return Tag(name, mark, False, void, closes)
    targets = tuple([said[key] for key in said if key in TARGETS and said[key]])
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
