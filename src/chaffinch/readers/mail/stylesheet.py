"""The simple rules of a style sheet: ``tag``, ``.class``, ``tag.class`` and ``#id``."""

from __future__ import annotations

import re

from chaffinch.readers.mail.looks import NO_CHANGE, Change, parse_style

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_SIMPLE = re.compile(r"[a-z0-9]{0,20}[.#]?[\w-]{1,60}")
_MOST_RULES = 500


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
    for piece in _COMMENT.sub("", css).lower().replace("}", "}{").split("{"):
        body, closed, _ = piece.partition("}")
        if closed and depth == 1 and not selector.startswith("@"):
            _add_rule(selector, body, rules)
        if closed:
            depth = max(depth - 1, 0)
        else:
            selector = piece.strip() if depth == 0 else selector
            depth += 1


def _add_rule(selectors: str, body: str, rules: dict[str, Change]) -> None:
    change = parse_style(body)
    if change == NO_CHANGE:
        return
    for selector in selectors.split(",", _MOST_RULES):
        selector = selector.strip()
        if len(rules) < _MOST_RULES and _SIMPLE.fullmatch(selector):
            rules[selector] = change


def rules_of(name: str, classes: str, identity: str) -> list[str]:
    """Return the selectors that an element answers to, weakest first.

    Examples
    --------
    >>> rules_of("p", "A b", "c")
    ['p', '.a', 'p.a', '.b', 'p.b', '#c']
    """
    selectors = [name]
    for word in classes.lower().split()[:20]:
        selectors += (f".{word}", f"{name}.{word}")
    return [*selectors, f"#{identity.lower()}"] if identity else selectors
