"""A study of images or recordings as people read it in a terminal, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from chaffinch.cli.common import console
from chaffinch.cli.pictures import beside, thumbnail
from chaffinch.cli.tables import new_table, say, texts
from chaffinch.explain.lookalikes import odd_title
from chaffinch.explain.readable import ending, printable, short

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from chaffinch.loop.study_pictures import PictureStudy, Shown
    from chaffinch.task import Task

# Labels beside each other in a table, and letters of a label and of a name.
_ACROSS, _LABEL, _NAME = 10, 8, 14
# Pictures beside each other.
_ROW = 5


def show_study(task: Task, study: PictureStudy, page: Path | None, *, top: int) -> None:
    """Show a study of images or recordings, and what to do next."""
    out = console()
    out.print("\n".join(_overall(task, study)), markup=False)
    out.print(f"\nmean {task.portrait.looks}", style="bold")
    means = [
        [f"{printable(label)[:_LABEL]}, {study.items[label]:,}", *thumbnail(mean)]
        for label, mean in study.means.items()
    ]
    out.print("\n".join(beside(means)), markup=False)
    out.print("\nthe most telling signs: the median of each label", style="bold")
    out.print("\n".join(_signs(study, top)), markup=False)
    if len(study.means) > _ACROSS:
        say(f"Of {len(study.means)} labels the {_ACROSS} most common; --json has all.")
    out.print(_confused(study, 2 * top))
    say(
        "alike: how many of both look like the other label, by the labels of the five nearest to "
        "each. told by: the condition on one sign that is right most often, counted on "
        "the same items; a rule can say it as it stands. fits: how many of that label, and of the "
        "other one."
    )
    out.print("\nwhere they differ: what the one has and the other has not", style="bold")
    out.print("\n".join(_differ(study, 2 * top)), markup=False)
    say(f"In brackets by how many times what is usual within a label. {task.portrait.legend}")
    _show_odd(task, study)
    out.print()
    out.print("\n".join(_next(task, page)), markup=False)


def _overall(task: Task, study: PictureStudy) -> Iterator[str]:
    whole, seen = sum(study.items.values()), sum(study.seen.values())
    name = task.medium.name if task.medium else "item"
    yield f"{whole:,} {name}s of {len(study.items):,} labels."
    if seen < whole:
        yield f"{seen:,} of them, drawn at random, are looked at in what follows."
    kinds = list(study.sizes.items())
    more = f", and {len(kinds) - 3:,} other sizes" if len(kinds) > 3 else ""
    told = ", ".join(f"{size} ({count:,})" for size, count in kinds[:3])
    yield f"Of which size: {told}{more}."
    for note, count in list(study.notes.items())[:5]:
        said = printable(note)
        yield textwrap.shorten(f"Noted of {count:,}: {said}", 79, placeholder="…")


def _signs(study: PictureStudy, top: int) -> Iterator[str]:
    """Yield the median of the most telling signs by label."""
    labels = sorted(sorted(study.seen, key=lambda one: -study.seen[one])[:_ACROSS])
    yield " " * 20 + "".join(f"{printable(label)[:5]:>6}" for label in labels)
    for sign in study.signs[: 2 * top]:
        spreads = [sign.quartiles[label] for label in labels]
        cells = ["" if spread is None else short(spread[1]) for spread in spreads]
        yield f"  {sign.name[:18]:<18}" + "".join(f"{cell:>6}" for cell in cells)


def _confused(study: PictureStudy, most: int) -> Table:
    table = new_table("labels that look alike, and what tells them apart", expand=True)
    table.add_column("labels", no_wrap=True)
    table.add_column("alike", justify="right", no_wrap=True)
    table.add_column("told by", no_wrap=True)
    table.add_column("fits", justify="right", no_wrap=True)
    table.add_column("right", justify="right", no_wrap=True)
    for one in study.confused[:most]:
        first, second = (label[:_LABEL] for label in one.labels)
        best = one.splits[0] if one.splits else None
        table.add_row(
            *texts(
                f"{first} and {second}",
                f"{sum(one.times):,} of {sum(one.items):,}",
                f"{best.label[:_LABEL]} if {best.condition}" if best else "",
                f"{best.fits:.0%}, {best.fits_other:.0%}" if best else "",
                f"{best.right:.1%}" if best else "",
            )
        )
    return table


def _differ(study: PictureStudy, most: int) -> Iterator[str]:
    """Yield for each two labels what the one has more of, and what the other."""
    for one in study.confused[:most]:
        for label, other in (one.labels, one.labels[::-1]):
            parts = [
                f"{part.where} ({part.size:.1f})"
                for part in one.difference.parts
                if part.label == label
            ]
            said = f"{printable(label)[:_LABEL]} against {printable(other)[:_LABEL]}"
            told = f"{said}: {'; '.join(parts) or 'nothing that the other has not'}"
            yield from textwrap.wrap(told, 79, subsequent_indent="  ")


def _show_odd(task: Task, study: PictureStudy) -> None:
    out = console()
    for why, found in groupby(study.odd, key=lambda one: one[0].why):
        out.print(f"\n{odd_title(why, task.portrait)}", style="bold")
        shown = [
            [*_told(one, odd.label, odd.like), *thumbnail(one.pixels)]
            for odd, one in list(found)[:_ROW]
        ]
        out.print("\n".join(beside(shown)), markup=False)


def _told(one: Shown, label: str, like: str) -> list[str]:
    said = f"{label[:4]} like {like[:4]}" if like else label[:_LABEL]
    return [printable(said), ending(printable(one.name), _NAME)]


def _next(task: Task, page: Path | None) -> Iterator[str]:
    if page is not None:
        yield f"{page} has all of it drawn: open it in a browser."
    else:
        yield "Drawn, and with every pair of labels: --html FILE."
    yield f"Next: `chaffinch rules list {task.name}` shows the rules there are, and"
    yield f"`chaffinch rules errors {task.name} DATA` what they get wrong."
