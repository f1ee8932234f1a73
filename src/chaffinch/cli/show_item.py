"""Why an image or a recording was given its label, as people read it, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chaffinch.cli.pictures import beside, drawn, thumbnail
from chaffinch.cli.tables import say
from chaffinch.explain.readable import ending, flagged_as, printable, short_id
from chaffinch.explain.verdict import reason_lines, verdict_lines

if TYPE_CHECKING:
    from chaffinch.explain.item import ItemAccount
    from chaffinch.types import Policy

_WIDTH, _TITLE = 79, 24


def show_item(told: ItemAccount, policy: Policy) -> None:
    """Show an item: the verdict and why, how it looks, and the flagged items most like it."""
    print("\n".join(verdict_lines(told.judge.task, printable(told.name), told.verdict, policy)))
    if told.content.blank:
        return
    print("\n".join(_lines(told)))


def _lines(told: ItemAccount) -> Iterator[str]:
    task = told.judge.task
    if told.second:
        yield f"for and against {printable(told.verdict.second)}, the second best:"
        yield from reason_lines(told.second)
    if task.reads("recording"):
        from chaffinch.explain.sounds import RANGES

        yield from textwrap.wrap(f"({RANGES})", _WIDTH)
    yield from textwrap.wrap(printable(task.title(told.content)), _WIDTH)
    for line in drawn(task.portrait.of(told.content)):
        if line.strip():
            yield f"   {line}".rstrip()
    if told.near:
        near = [task.reader(one.item.data) for one in told.near]
        named = any(one.item.source for one in told.near)
        yield "the flagged ones most like it:"
        yield from beside(
            [
                [
                    flagged_as(one.label, one.by)[:_TITLE],
                    *([ending(printable(one.item.source), _TITLE)] if named else []),
                    f"{short_id(one.item.id)}, {one.likeness:.0%} alike",
                    printable(task.title(content))[:_TITLE],
                    *thumbnail(task.portrait.of(content)),
                ]
                for one, content in zip(told.near, near, strict=True)
            ]
        )
        yield "(100% alike is the same, 0% what two of different labels usually are)"
    else:
        yield "Nothing was flagged yet that could be set beside it."


def show_written(told: int, paths: list[str]) -> None:
    """Say where more was written, or how to have it written."""
    if paths:
        say(f"{' and '.join(paths)} {'has' if len(paths) == 1 else 'have'} it drawn.")
    elif told:
        say("Drawn, with what speaks for and against: --png PNG; as a page: --html FILE.")
