"""The page of images or recordings: what each is, why, and the flagged ones that are like it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chaffinch import __version__
from chaffinch.explain.sounds import RANGES
from chaffinch.pages.heat import check_number, itself, nearest, speaking
from chaffinch.pages.page import Column, Markup, heading, page, paragraph, table, together
from chaffinch.pages.pictures import Players, picture, pictures
from chaffinch.pages.sheet import Panel

if TYPE_CHECKING:
    from chaffinch.explain.item import ItemAccount
    from chaffinch.task import Task
    from chaffinch.types import Item

# Pixels of the page for one of a drawing.
_SCALE = 2


def item_page(told: Sequence[ItemAccount]) -> Markup:
    """Return the report of why some images or recordings were given their labels.

    Parameters
    ----------
    told : sequence of ItemAccount
        The items, of one task.

    Raises
    ------
    UsageError
        If there are more than 64 items, or none, or pictures that rules judge.
    """
    check_number(len(told))
    judge, players = told[0].judge, Players()
    return page(
        f"Why these {judge.task.name}",
        *(_item(one, players) for one in told),
        lead=f"{told[0].verdict.model}: {judge.rung.title}.",
        footer=f"Chaffinch {__version__}, {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}. "
        "This page holds the items themselves. It loads nothing and runs nothing.",
    )


def _item(told: ItemAccount, players: Players) -> Markup:
    verdict, task = told.verdict, told.judge.task
    second = f", second best {verdict.second}" if verdict.second else ""
    said = f"{verdict.label}, probability {verdict.probability:.4f}, {verdict.action}{second}"
    if not verdict.label:
        said = f"Nothing to judge, {verdict.action}"
    shows = [itself(told, "as it is"), *speaking(told)]
    blocks = [
        heading(told.name),
        paragraph(f"{said}. {task.title(told.content)}."),
        _panels(shows, players),
        paragraph(_legend(told), soft=True),
        _reasons(told),
    ]
    if told.near:
        blocks += [
            heading("The flagged ones most like it", level=3),
            _panels(nearest(told), players),
            table(
                [
                    Column("flag"),
                    Column("by"),
                    Column("alike", number=True),
                    Column("name"),
                    Column("item"),
                    Column("what it is"),
                ],
                [
                    [
                        one.label,
                        one.by,
                        f"{one.likeness:.0%}",
                        one.item.source,
                        one.item.id,
                        _title(task, one.item),
                    ]
                    for one in told.near
                ],
            ),
            paragraph(
                "Alike: 100% is the same, 0% what two of different labels usually are, as the "
                "model sees them.",
                soft=True,
            ),
        ]
    return together(*blocks)


def _title(task: Task, item: Item) -> str:
    return task.title(task.reader(item.data))


def _legend(told: ItemAccount) -> str:
    medium = told.judge.task.medium
    if medium is None or told.content.blank:
        return ""
    said = (
        "Orange speaks for a label, blue against it: log-odds that it loses where that place is "
        f"{medium.covered}."
    )
    if told.judge.task.reads("recording"):
        said += f" High sounds are above, early ones left; {RANGES}."
    return said


def _reasons(told: ItemAccount) -> Markup:
    sides = zip(told.labels, (told.verdict.reasons, told.second), strict=False)
    rows = [
        [label, f"{one.weight:+.2f}", one.where, one.text] for label, some in sides for one in some
    ]
    columns = [Column("label"), Column("log-odds", number=True), Column("where"), Column("what")]
    return table(columns, rows) if rows else Markup("")


def _panels(panels: Iterable[Panel], players: Players) -> Markup:
    return pictures(
        picture(
            one.colours,
            says=one.said,
            caption=one.said,
            side=max(100, _SCALE * one.colours.shape[1]),
            sound=players.take(one.sound),
            axes=one.axes,
        )
        for one in panels
    )
