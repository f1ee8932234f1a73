"""Many patterns at once: which of them a text holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chaffinch.rules.rule import compile_pattern

# Patterns searched for in one pass, and bytes that the pass may take: more patterns need more
# states, and once they exceed the memory they are made anew again and again. 12 took a third longer
# than 6 on mail.
_TOGETHER = 6
_MEMORY = 8 << 20


class Patterns:
    r"""Patterns in RE2 syntax, searched for in a few passes over a text.

    Parameters
    ----------
    patterns : sequence of str
        The patterns; each is one that `compile_pattern` takes.

    Examples
    --------
    >>> sorted(Patterns([r"\bfree\b", "(?i)win", "^x"]).found("WIN a free car"))
    [0, 1]
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._passes = [
            (start, _Pass(patterns[start : start + _TOGETHER]))
            for start in range(0, len(patterns), _TOGETHER)
        ]

    def found(self, text: str) -> set[int]:
        """Return the places, in the sequence given, of the patterns that the text holds."""
        encoded = text.encode("utf-8", "replace")
        return {start + place for start, one in self._passes for place in one.found(encoded)}


class _Pass:
    """Patterns that are searched for together, or one by one where memory does not suffice."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = patterns
        self._alone: list[Any] = []
        self._set = _together(patterns)

    def found(self, text: bytes) -> Iterator[int]:
        # RE2 does not tell "none" from "out of memory"; the empty pattern, which every text holds,
        # does.
        places = self._set.Match(text) if self._set is not None else None
        if places is not None:
            return (place for place in places if place < len(self._patterns))
        self._alone = self._alone or [compile_pattern(pattern) for pattern in self._patterns]
        return (place for place, one in enumerate(self._alone) if one.search(text) is not None)


def _together(patterns: Sequence[str]) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    together = re2.Set.SearchSet(options)
    try:
        for pattern in (*patterns, ""):
            together.Add(pattern)
        together.Compile()
    except re2.error:
        return None
    return together
