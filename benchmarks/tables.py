"""Tables of what was measured, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

#: The measures that tables show, and what they are called there.
COLUMNS = {
    "one_minus_roca_percent": "1-ROCA %",
    "ham_lost_percent": "hm %",
    "spam_missed_percent": "sm %",
    "lam_percent": "lam %",
    "spam_missed_percent_at_ham_lost_0_1": "sm % at hm .1",
    "spam_missed_percent_at_ham_lost_0_5": "sm % at hm .5",
}


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table that can be read as it is.

    Examples
    --------
    >>> print(markdown(["filter", "hm %"], [["a", "0.5"]]))
    | filter | hm % |
    | ------ | ---- |
    | a      | 0.5  |
    """
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (head, ["-" * width for width in widths], *rows)
    )
    return "\n".join(f"| {line} |" for line in lines)
