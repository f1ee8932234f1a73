"""Tables and lines in 80 columns, in which a text from outside is no more than letters."""

from __future__ import annotations

import math
import textwrap
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from chaffinch.cli.common import console
from chaffinch.explain.readable import printable

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from chaffinch.explain.terms import Term

_WIDTH = 79
# Columns before what is said of a thing.
_BESIDE = 12


def named(term: Term) -> str:
    """Return a term with the part that it stands in."""
    return f"{term.part}: {term.text}"


def words(terms: Iterable[Term]) -> str:
    """Return terms, those of a part together."""
    parts: dict[str, list[str]] = {}
    for term in terms:
        parts.setdefault(term.part, []).append(term.text)
    return "; ".join(f"{part}: {', '.join(texts)}" for part, texts in parts.items())


def day(when: float) -> str:
    """Return the day of a time in UTC; empty where it is not known."""
    if math.isnan(when):
        return ""
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(when))
    except (OverflowError, OSError, ValueError):
        return ""


def new_table(title: str, **how: Any) -> Table:
    """Return a table of the house."""
    from rich import box
    from rich.table import Table

    return Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), **how)


def texts(*cells: str) -> tuple[Text, ...]:
    """Return cells that show no more than letters: no markup, nothing that steers a terminal."""
    from rich.text import Text

    return tuple(Text("\n".join(printable(line) for line in cell.split("\n"))) for cell in cells)


def say(text: str) -> None:
    """Print a sentence, folded."""
    console().print(textwrap.fill(text, _WIDTH), markup=False)


def title(text: str) -> None:
    """Print what stands above rows."""
    console().print(text, markup=False, style="bold")


def row(what: str, said: str) -> None:
    """Print a thing and what is said of it, folded beside it."""
    indent = " " * _BESIDE
    folded = textwrap.fill(
        printable(said), _WIDTH, initial_indent=f"  {what:<9} ", subsequent_indent=indent
    )
    console().print(folded, markup=False)
