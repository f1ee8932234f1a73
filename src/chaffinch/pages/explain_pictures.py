"""What was learned of images or recordings, drawn: as a page, and as a sheet in a PNG."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaffinch import __version__
from chaffinch.explain.account_pictures import PictureAccount, doubts_of
from chaffinch.explain.confused import Confusions
from chaffinch.explain.filters import Filters
from chaffinch.explain.prototypes import Prototype
from chaffinch.explain.readable import ending, short_id
from chaffinch.explain.unsure import Doubt, Unsure
from chaffinch.pages.page import Markup, heading, page, paragraph, plain
from chaffinch.pages.pictures import Players, enlarged, grey, picture, pictures, signed
from chaffinch.pages.sheet import Panel, Strip, draw_sheet
from chaffinch.task import Task

# Pixels of a picture's side on a sheet, pictures beside each other there, and letters of an id and
# of a label.
_SIDE, _ACROSS, _LABEL, _NAME = 96, 8, 12, 16
# Letters of a line there, and pixels for one of a spectrum.
_LINE, _SCALE = 110, 2
# As many of the surest as fit beside the kinds.
_SUREST = 4


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A section: what it is called, what is said of it, and its pictures."""

    title: str
    says: str
    strips: Sequence[Strip] = ()


def explain_page(told: PictureAccount) -> Markup:
    """Return the report of what was learned of images or recordings.

    Parameters
    ----------
    told : PictureAccount
        What was learned.
    """
    blocks: list[str] = []
    players = Players()
    for chapter in _chapters(told):
        blocks += [heading(chapter.title), paragraph(chapter.says)]
        for strip in chapter.strips:
            blocks.append(heading(strip.title, level=3) if strip.title else "")
            blocks.append(
                pictures(
                    picture(
                        one.colours,
                        says=f"{strip.title or chapter.title} {one.said}",
                        caption=one.said,
                        side=max(84, 2 * one.colours.shape[1]),
                        sound=players.take(one.sound),
                        axes=one.axes,
                    )
                    for one in strip.panels
                )
            )
    return page(
        f"What was learned of {told.task.name}",
        *blocks,
        lead=f"{told.model}: {told.rung}.",
        footer=f"Chaffinch {__version__}, {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}. "
        "This page holds the items themselves. It loads nothing and runs nothing.",
    )


def draw_account(told: PictureAccount, path: Path) -> None:
    """Draw what was learned of images or recordings as a PNG.

    Parameters
    ----------
    told : PictureAccount
        What was learned.
    path : Path
        The PNG to write.

    Raises
    ------
    MissingExtraError
        If Pillow is missing.
    StorageError
        If the file cannot be written.
    """
    strips = []
    for chapter in _chapters(told):
        rows = [row for strip in chapter.strips for row in _folded(strip)]
        titled = f"{chapter.title}: {chapter.says}"
        strips += [*(Strip((), line) for line in textwrap.wrap(titled, _LINE)), *rows]
    draw_sheet(strips, path, side=_SIDE if told.task.reads("image") else None)


def _folded(strip: Strip) -> Iterator[Strip]:
    """Yield a strip in rows that fit beside each other; the title stands over the first."""
    for start in range(0, len(strip.panels), _ACROSS):
        row = [
            one._replace(colours=enlarged(one.colours, _SCALE))
            for one in strip.panels[start : start + _ACROSS]
        ]
        yield Strip(row, "" if start else plain(strip.title))


def _chapters(told: PictureAccount) -> Iterator[_Chapter]:
    if told.filters is not None:
        yield _looks(told.task, told.filters)
    if told.prototypes is not None:
        yield _typical(told.prototypes)
    if told.confused is not None:
        yield _confused(told.confused)
    if told.unsure is not None:
        yield from _unsure(told, told.unsure)


def _looks(task: Task, found: Filters) -> _Chapter:
    panels = [
        Panel(signed(values) if found.signed else grey(values), name)
        for name, values in found.pictures
    ]
    if not panels:
        return _Chapter("What it looks at", found.says)
    portrait = task.portrait
    legend = (
        f" It looks for {portrait.dark} where it is orange, for {portrait.light} where it is blue. "
        f"{portrait.legend}"
    )
    says = found.says + (legend if found.signed else "")
    return _Chapter("What it looks at", says, [Strip(panels)])


def _typical(found: Iterable[Prototype]) -> _Chapter:
    strips = []
    for one in found:
        kinds = [Panel(grey(mean), f"mean of {share:.0%}") for share, mean in one.kinds]
        surest = [
            Panel(grey(sure.look.pixels), f"p {sure.probability:.5f}", sure.look.sound)
            for sure in one.surest[:_SUREST]
        ]
        strips.append(Strip([*kinds, *surest], f"{one.label[:_LABEL]}, of {one.items:,}"))
    if not strips:
        return _Chapter("What is typical", "None was flagged, or judged and kept, yet.")
    says = "The kinds in which it sees each label, and those that it is surest of."
    return _Chapter("What is typical", says, strips)


def _confused(found: Confusions) -> _Chapter:
    if not found.judged:
        return _Chapter("What it confuses", "No launched model has judged flagged items yet.")
    says = f"{found.wrong:,} of {found.judged:,} were judged wrongly before they were learned."
    strips = [
        Strip(
            [
                Panel(
                    grey(one.look.pixels),
                    f"p {one.probability:.3f} {ending(one.name, _NAME)}".rstrip(),
                    one.look.sound,
                )
                for one in pair.mistaken
            ],
            f"{pair.truth[:_LABEL]} taken for {pair.said[:_LABEL]}: "
            f"{pair.times:,} of {pair.items:,}",
        )
        for pair in found.pairs
    ]
    return _Chapter("What it confuses", says, [one for one in strips if one.panels])


def _unsure(told: PictureAccount, found: Unsure) -> Iterator[_Chapter]:
    unflagged, flagged = doubts_of(found)
    says = f"It is not sure of {found.doubted:,} of the {found.judged:,} items judged last."
    yield _Chapter("Where a flag would teach most", says, _doubts(told, unflagged))
    says = (
        f"Before it learned them it was wrong or not sure of {found.contradicted:,} of "
        f"{found.flagged:,} flagged ones. These went most against it."
    )
    yield _Chapter("What is hard, or flagged wrongly", says, _doubts(told, flagged))


def _doubts(told: PictureAccount, doubts: Iterable[Doubt]) -> list[Strip]:
    panels = [
        Panel(
            grey(told.shown[one.owner, one.item].pixels),
            f"{one.label[:_LABEL] + ' ' if one.label else ''}{short_id(one.item)} "
            f"{ending(one.name, _NAME)}".rstrip(),
            told.shown[one.owner, one.item].sound,
        )
        for one in doubts
        if (one.owner, one.item) in told.shown
    ]
    return [Strip(panels)] if panels else []
