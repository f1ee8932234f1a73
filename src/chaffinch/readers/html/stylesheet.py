"""The simple rules of a style sheet: ``tag``, ``.class``, ``tag.class`` and ``#id``."""

from __future__ import annotations

import re

from chaffinch.readers.html.looks import NO_CHANGE, Change, parse_style
from chaffinch.readers.html.tags import Tag

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE = re.compile(r"[a-z0-9]{0,20}[.#]?[\w-]{1,60}")
_PIECE = re.compile(r"([^{}]*+)([{}]|\Z)")
_MOST_RULES = 500
_MOST_CLASSES = 20


def parse_sheet(css: str, rules: dict[str, Change]) -> None:
    """Add a style sheet's simple rules to `rules`, as far as they change a look.

    What stands in ``@media`` and its kin holds on some screens only, and is left out.

    Parameters
    ----------
    css : str
        The sheet.
    rules : dict of str to Change
        The rules so far, by selector in lower case; not more than 500 are kept.

    Examples
    --------
    >>> rules = {}
    >>> parse_sheet("@media print { .a { display: none } } P.b, .c { display: none }", rules)
    >>> sorted(rules)
    ['.c', 'p.b']
    """
    depth = 0
    selector = ""
    css = _COMMENT.sub("", css.lower().replace("<!--", "").replace("-->", ""))
    for text, brace in _PIECE.findall(css):
        if brace == "{":
            # What ends in a semicolon before it is a rule of its own: @import, @charset.
            selector = text.rpartition(";")[2].strip() if depth == 0 else selector
            depth += 1
        elif brace == "}":
            if depth == 1 and not selector.startswith("@"):
                _add_rule(selector, text, rules)
            depth = max(depth - 1, 0)


def _add_rule(selectors: str, body: str, rules: dict[str, Change]) -> None:
    change = parse_style(body)
    if change == NO_CHANGE:
        return
    for selector in selectors.split(",", _MOST_RULES):
        selector = selector.strip()
        if len(rules) < _MOST_RULES and _SIMPLE.fullmatch(selector):
            rules[selector] = change


def change_of(tag: Tag, rules: dict[str, Change]) -> Change:
    """Return what a tag and the rules that mean it change of a look, the tag's own word first.

    Examples
    --------
    >>> rules = {"p": Change(tiny=True), ".x": Change(tiny=False)}
    >>> change_of(Tag("p", "", classes="a x"), rules).tiny
    False
    """
    selectors = [f"#{tag.identity}"] if tag.identity else []
    if tag.classes:
        for word in tag.classes.split()[:_MOST_CLASSES]:
            selectors += (f"{tag.name}.{word}", f".{word}")
    change = tag.change
    for selector in (*selectors, tag.name):
        if selector in rules:
            change = change.after(rules[selector])
    return change
