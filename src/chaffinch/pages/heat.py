"""Pictures and recordings with what speaks for and against their labels, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.errors import UsageError
from chaffinch.explain.pixels import heat
from chaffinch.explain.readable import ending, flagged_as, printable, short_id
from chaffinch.features.pixels import pixels_of
from chaffinch.pages.heard import axes_of, of_sound, what_speaks
from chaffinch.pages.pictures import enlarged, grey, signed
from chaffinch.pages.sheet import MOST, Panel, Strip, draw_sheet

if TYPE_CHECKING:
    from chaffinch.explain.item import ItemAccount
    from chaffinch.explain.nearest import Near
    from chaffinch.task import Judge, Task

_SCALE = 6  # pixels of the drawing for one of a picture
_NAME = 48  # letters of a name
_LEGEND = "orange speaks for the label, blue against it"


def draw(told: Sequence[ItemAccount], path: Path) -> None:
    """Draw items, a row each: itself, what speaks for its label, and for the second best.

    Above each stand its name and its id, above all what the colours mean. Orange speaks for the
    label, blue against it; of paper it says what ink there would do. Beside them stand the flagged
    items that are most like it. Of a recording its spectrum is drawn; where a rule judges, what it
    hears.

    Parameters
    ----------
    told : sequence of ItemAccount
        The items.
    path : Path
        The PNG to write.

    Raises
    ------
    UsageError
        If there are more than 64 items, or none, or pictures that rules judge.
    MissingExtraError
        If Pillow is missing.
    StorageError
        If the file cannot be written.
    """
    check_number(len(told))
    rows = []
    for one in told:
        verdict = one.verdict
        said = f"{verdict.label}, {verdict.probability:.1%}, {verdict.action}"
        if not verdict.label:
            said = f"nothing to judge, {verdict.action}"
        title = f"{ending(printable(one.name), _NAME)}: item {short_id(one.item.id)}"
        rows.append(Strip([itself(one, said), *speaking(one), *nearest(one)], title))
    draw_sheet([Strip((), _LEGEND), *rows], path)


def check_number(items: int) -> None:
    """Refuse to draw no item, or more than people look at.

    Raises
    ------
    UsageError
        If there are more than 64 items, or none.
    """
    if not items:
        raise UsageError("there is no item in it to be drawn or told of")
    if items > MOST:
        raise UsageError(f"more than {MOST} items are too many to be drawn: name fewer")


def itself(told: ItemAccount, said: str) -> Panel:
    """Return an item as it is."""
    return _plain(told.judge.task, told.content, said)


def speaking(told: ItemAccount) -> list[Panel]:
    """Return what speaks for the label of an item, and for the second best."""
    if told.content.blank:
        return []
    if told.judge.task.reads("recording"):
        return what_speaks(told.judge, told.content, told.labels)
    return _heats(told.judge, told.content, told.labels)


def nearest(told: ItemAccount) -> list[Panel]:
    """Return the flagged items that are most like one."""
    task = told.judge.task
    return [
        _plain(task, task.reader(one.item.data), f"{_flagged(one)}, {one.likeness:.0%} alike")
        for one in told.near
    ]


def _flagged(one: Near) -> str:
    """Return what a flagged item is called, and as what it was flagged."""
    said = f"flagged {flagged_as(one.label, one.by)[:_NAME]}"
    return f"{ending(printable(one.item.source), _NAME // 2)}: {said}" if one.item.source else said


def _plain(task: Task, content: Any, said: str) -> Panel:
    sound = task.portrait.look(content).sound
    if task.reads("recording"):
        return Panel(of_sound(content), said, sound, axes_of(content))
    return Panel(_of_picture(content), said, sound)


def _of_picture(content: Any) -> Any:
    return enlarged(grey(pixels_of(content)), _SCALE)


def _heats(judge: Judge, content: Any, labels: Sequence[str]) -> list[Panel]:
    pixels = pixels_of(content)
    found = [(label, heat(judge, pixels, label)) for label in labels]
    ground = grey(pixels * np.float32(0.35))
    return [
        Panel(enlarged(signed(seen.ink + seen.paper, ground), _SCALE), f"speaks for {label}")
        for label, seen in found
    ]
