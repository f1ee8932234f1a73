"""Addresses of the web as people write them in short texts: without scheme and without www."""

from __future__ import annotations

import re

_HOST = re.compile(
    r"(?<![\w.@/&=?%-])[a-z0-9][a-z0-9-]*+(?:\.[a-z0-9-]++)++(/[^\s<>\"]*+)?", re.IGNORECASE
)
# Endings that are no words; behind others a missing space after a full stop is likelier.
_ENDINGS = frozenset(
    "app biz ch club cn co com de dev edu eu fr gov info io jp ly mobi net online org pl ru shop "
    "site store top tv uk us vip website xyz za".split()
)
_LETTERS = re.compile("[a-z]{2,24}", re.IGNORECASE)
_CLOSING = ".,;:!?)]}>'*"


def written_domains(text: str) -> list[str]:
    """Return the domains, with what follows them, that a text names without scheme or ``www.``.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    list of str
        Domains with a well-known ending, or any with a path behind them, in order.

    Examples
    --------
    >>> written_domains("Win at prizes.example.com! Or sho.rt/x2. I am home.See you, a@b.com")
    ['prizes.example.com', 'sho.rt/x2']
    """
    found = []
    for match in _HOST.finditer(text):
        host = match[0][: len(match[0]) - len(match[1] or "")].rstrip(".")
        ending = host.rpartition(".")[2].lower()
        path = len(match[1] or "") > 1
        if ending in _ENDINGS or (path and _LETTERS.fullmatch(ending)):
            found.append(match[0].rstrip(_CLOSING))
    return found
