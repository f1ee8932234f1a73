"""A study of pictures as people read it in a terminal, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from chaffinch.cli.common import console
from chaffinch.cli.pictures import beside, dotted
from chaffinch.cli.tables import new_table, say, texts
from chaffinch.explain.readable import printable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from chaffinch.loop.study_pictures import PictureStudy, Shown
    from chaffinch.task import Task

# Labels beside each other in a table, and letters of a label and of a name.
_ACROSS, _LABEL, _NAME = 10, 8, 14
# Pictures beside each other.
_ROW = 5
#: What is odd about some pictures, by what `chaffinch.explain.lookalikes.Odd` calls it.
ODD = {
    "two labels": "the same picture with two labels",
    "looks like": "what looks like them bears another label: the flag may be wrong",
    "unlike": "unlike all others of their label",
    "boldest": "most ink",
    "thinnest": "least ink",
}


def show_study(task: Task, study: PictureStudy, page: Path | None, *, top: int) -> None:
    """Show a study of pictures, and what to do next."""
    out = console()
    out.print("\n".join(_overall(study)), markup=False)
    out.print("\nmean pictures", style="bold")
    means = [
        [f"{printable(label)[:_LABEL]}, {study.items[label]:,}", *dotted(mean)]
        for label, mean in study.means.items()
    ]
    out.print("\n".join(beside(means)), markup=False)
    out.print("\nthe most telling signs: the median of each label", style="bold")
    out.print("\n".join(_signs(study, top)), markup=False)
    if len(study.means) > _ACROSS:
        say(f"Of {len(study.means)} labels the {_ACROSS} most common; --json has all.")
    out.print(_confused(study, 2 * top))
    say(
        "alike: how many of both look like the other label, by the labels of the five pictures "
        "nearest to each. told by: the condition on one sign that is right most often, counted on "
        "the same pictures; a rule can say it as it stands."
    )
    _show_odd(study)
    out.print()
    out.print("\n".join(_next(task, page)), markup=False)


def _overall(study: PictureStudy) -> Iterator[str]:
    whole, seen = sum(study.items.values()), sum(study.seen.values())
    yield f"{whole:,} pictures of {len(study.items):,} labels."
    if seen < whole:
        yield f"{seen:,} of them, drawn at random, are looked at in what follows."
    kinds = list(study.sizes.items())
    more = f", and {len(kinds) - 3:,} other sizes" if len(kinds) > 3 else ""
    told = ", ".join(f"{size} ({count:,})" for size, count in kinds[:3])
    yield f"Width and height in pixels: {told}{more}."
    for note, count in list(study.notes.items())[:5]:
        said = printable(note)
        yield textwrap.shorten(f"Noted of {count:,}: {said}", 79, placeholder="…")


def _signs(study: PictureStudy, top: int) -> Iterator[str]:
    """Yield the median of the most telling signs by label."""
    labels = sorted(sorted(study.seen, key=lambda one: -study.seen[one])[:_ACROSS])
    yield " " * 20 + "".join(f"{printable(label)[:5]:>6}" for label in labels)
    for sign in study.signs[: 2 * top]:
        spreads = [sign.quartiles[label] for label in labels]
        cells = ["" if spread is None else f"{round(spread[1], 2):g}" for spread in spreads]
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
                _share(best.fits, best.label, best.fits_other, best.other) if best else "",
                f"{best.right:.1%}" if best else "",
            )
        )
    return table


def _share(fits: float, label: str, fits_other: float, other: str) -> str:
    return f"{fits:.0%} of {label[:_LABEL]}, {fits_other:.0%} of {other[:_LABEL]}"


def _show_odd(study: PictureStudy) -> None:
    out = console()
    for why, found in groupby(study.odd, key=lambda one: one[0].why):
        out.print(f"\n{ODD[why]}", style="bold")
        shown = [
            [*_told(one, odd.label, odd.like), *dotted(one.pixels)]
            for odd, one in list(found)[:_ROW]
        ]
        out.print("\n".join(beside(shown)), markup=False)


def _told(one: Shown, label: str, like: str) -> list[str]:
    said = f"{label[:4]} like {like[:4]}" if like else label[:_LABEL]
    name = printable(one.name)
    return [printable(said), name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"]


def _next(task: Task, page: Path | None) -> Iterator[str]:
    if page is not None:
        yield f"{page} has all of it with pictures: open it in a browser."
    else:
        yield "With pictures and every pair of labels: --html FILE."
    yield f"Next: `chaffinch rules list {task.name}` shows the rules there are, and"
    yield f"`chaffinch rules errors {task.name} DATA` what they get wrong."
