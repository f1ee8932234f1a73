"""Why this verdict: the score divided among the words that made it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from chaffinch.features.rows import Share
from chaffinch.types import Reason

_EDGES = " \t\r\n.,;:!?\"'()[]{}<>*_|=-"
_LONGEST = 60


def strongest(shares: Iterable[Share], count: int) -> tuple[Reason, ...]:
    """Return the pieces of an item that said most, strongest first.

    The same word in the same part is one reason, whatever its case and punctuation. A header's own
    name says that the header is there.

    Parameters
    ----------
    shares : iterable of Share
        How much each piece said.
    count : int
        How many to return at most.

    Examples
    --------
    >>> shares = [Share("Free,", "body", 0.5), Share("free", "body", 0.25), Share("Hi", "to", 0.1)]
    >>> strongest(shares, 1)
    (Reason(text='Free', where='body', weight=0.75),)
    """
    weights: dict[tuple[str, str], float] = defaultdict(float)
    shown: dict[tuple[str, str], str] = {}
    for share in shares:
        text = share.text.strip(_EDGES) or share.text
        key = (share.where, text.lower())
        shown.setdefault(key, text)
        weights[key] += share.weight
    ranked = sorted(weights, key=lambda key: -abs(weights[key]))
    return tuple(
        Reason(_named(shown[key], key[0]), key[0], weights[key])
        for key in ranked[:count]
        if weights[key]
    )


def _named(text: str, where: str) -> str:
    if text.lower() == where:
        return "(is there)"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
