"""The page of a study of images or recordings: what labels look like, and what tells them apart."""

from __future__ import annotations

import time
from itertools import chain, groupby
from typing import Any

from numpy.typing import NDArray

from chaffinch import __version__
from chaffinch.explain.lookalikes import odd_title
from chaffinch.explain.readable import short
from chaffinch.loop.study_pictures import Confused, PictureStudy
from chaffinch.pages.charts import Ranked, ranked_bars
from chaffinch.pages.page import (
    Bar,
    Column,
    Markup,
    bullets,
    code,
    details,
    figure,
    figures,
    heading,
    page,
    paragraph,
    table,
    together,
)
from chaffinch.pages.pictures import Players, grey, picture, pictures, signed
from chaffinch.task import Task

# Signs that are drawn, those that stand below them in small, and pairs that are shown at once.
_DRAWN, _PAIRS = 8, 15
# Rows of a table that a pair of labels takes up, about.
_TOLD = 4


def study_page(task: Task, study: PictureStudy, *, data: str = "") -> Markup:
    """Return the report of a study of images or recordings.

    Parameters
    ----------
    task : Task
        What was studied.
    study : PictureStudy
        What was found.
    data : str
        What it was found in; the experience, where it is empty.

    Raises
    ------
    MissingExtraError
        If what draws charts is not installed.
    """
    return page(
        f"What {task.name} look like",
        _overall(task, study),
        _means(task, study),
        _confused(task, study),
        _differ(task, study),
        _signs(study),
        _odd(task, study),
        _read(study),
        _next(task),
        lead="What tells each label from the others, to the eye and in numbers, in "
        f"{data or 'the experience'}: where rules by hand begin.",
        footer=f"Chaffinch {__version__}, {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}. "
        "This page holds the items themselves. It loads nothing and runs nothing.",
    )


def _overall(task: Task, study: PictureStudy) -> Markup:
    name = task.medium.name if task.medium else "item"
    whole, seen = sum(study.items.values()), sum(study.seen.values())
    pairs = [
        (f"{whole:,}", f"{name}s, {seen:,} of them looked at"),
        (f"{len(study.items):,}", "labels"),
    ]
    if study.confused:
        first = study.confused[0]
        pairs.append((" and ".join(first.labels), "look most alike"))
    if study.signs:
        pairs.append((study.signs[0].name, "is the sign that tells most"))
    return figures(pairs)


def _means(task: Task, study: PictureStudy) -> Markup:
    portrait = task.portrait
    said = f"Where it is dark most have {portrait.dark}; where it is blurred, they differ."
    return together(
        heading(f"The mean {portrait.looks} of the labels"),
        paragraph(f"{said} {portrait.legend}"),
        pictures(
            picture(
                grey(mean),
                says=f"What {label} looks like on average",
                caption=f"{label}: {study.items[label]:,}, {study.ink[label]:.0%} {portrait.dark}",
                side=_side(mean),
            )
            for label, mean in study.means.items()
        ),
    )


def _side(pixels: NDArray[Any]) -> int:
    return max(84, 2 * int(pixels.shape[1]))


def _differ(task: Task, study: PictureStudy) -> Markup:
    """Return where the labels that look most alike differ, drawn and in words."""
    portrait, drawn = task.portrait, study.confused[:_PAIRS]
    rows = [
        [" and ".join(one.labels), part.label, part.where, f"{part.size:.1f}"]
        for one in study.confused
        for part in one.difference.parts
    ]
    columns = [
        Column("labels"),
        Column("what has more"),
        Column("where"),
        Column("by", number=True),
    ]
    return together(
        heading("Where they differ"),
        paragraph(
            f"Orange: the first label has more {portrait.dark} there; blue: the second. The "
            "difference of the means is measured by what is usual within a label (Cohen's d). "
            f"{portrait.legend}"
        ),
        pictures(
            picture(
                signed(one.difference.sizes),
                says=f"Where {first} and {second} differ",
                caption=f"{first} against {second}",
                side=_side(one.difference.sizes),
            )
            for one in drawn
            for first, second in [one.difference.labels]
        ),
        table(columns, rows[: _TOLD * _PAIRS]),
        details("All other pairs", table(columns, rows[_TOLD * _PAIRS :]))
        if len(rows) > _TOLD * _PAIRS
        else "",
    )


def _confused(task: Task, study: PictureStudy) -> Markup:
    name = task.medium.name if task.medium else "item"
    columns = [
        Column("labels"),
        Column("look alike"),
        Column("told apart by"),
        Column("fits"),
        Column("right", number=True),
    ]
    pairs = [_rows(one) for one in study.confused]
    rows, others = (list(chain(*some)) for some in (pairs[:_PAIRS], pairs[_PAIRS:]))
    return together(
        heading("Labels that look alike, and what tells them apart"),
        paragraph(
            f"Each {name} looks like the label that most of the five nearest to it bear, place by "
            "place. For each two labels stand the three signs that tell them apart best, each as a "
            "condition that a rule can say; how often it is right, where both labels are equally "
            "frequent, is counted on the items that it was read from.",
            soft=True,
        ),
        table(columns, rows),
        details("All other pairs", table(columns, others)) if others else "",
    )


def _rows(one: Confused) -> list[list[str | Bar]]:
    """Return a row for each condition that tells two labels apart; the first names them."""
    alike = Bar(5 * one.share, f"{100 * one.share:.1f}% ({sum(one.times):,})")
    rows: list[list[str | Bar]] = []
    for each in one.splits:
        rows.append(
            [
                *((" and ".join(one.labels), alike) if not rows else ("", "")),
                f"{each.label} if {each.condition}",
                f"{each.fits:.0%} of {each.label}, {each.fits_other:.0%} of {each.other}",
                f"{each.right:.1%}",
            ]
        )
    return rows


def _signs(study: PictureStudy) -> Markup:
    drawn = [
        together(
            heading(sign.name, level=3),
            figure(
                ranked_bars(
                    [
                        Ranked(label, spread[1], spread[0], spread[2])
                        for label, spread in sign.quartiles.items()
                        if spread is not None
                    ],
                    unit="median, with the quartiles",
                ),
                caption=f"{sign.says}; {sign.bits:.2f} bits",
            ),
        )
        for sign in study.signs[:_DRAWN]
    ]
    labels = list(study.means)
    return together(
        heading("The signs, by label"),
        paragraph(
            "What is measured of each, the most telling first: how many bits a sign alone "
            "tells of the label (mutual information).",
            soft=True,
        ),
        *drawn,
        details(
            "All signs: the median of each label",
            table(
                [
                    Column("sign"),
                    Column("bits", number=True),
                    *(Column(label, number=True) for label in labels),
                ],
                [
                    [
                        sign.name,
                        f"{sign.bits:.2f}",
                        *(
                            "" if (one := sign.quartiles[label]) is None else short(one[1])
                            for label in labels
                        ),
                    ]
                    for sign in study.signs
                ],
            ),
        ),
    )


def _odd(task: Task, study: PictureStudy) -> Markup:
    blocks, players = [heading("What is worth a look")], Players()
    for why, found in groupby(study.odd, key=lambda one: one[0].why):
        blocks.append(heading(odd_title(why, task.portrait).capitalize(), level=3))
        blocks.append(
            pictures(
                picture(
                    grey(shown.pixels),
                    says=f"One with the label {odd.label}",
                    caption=f"{odd.label}{f' like {odd.like}' if odd.like else ''}: {shown.name}",
                    side=_side(shown.pixels),
                    sound=players.take(shown.sound),
                )
                for odd, shown in found
            )
        )
    return together(*blocks)


def _read(study: PictureStudy) -> Markup:
    rows = [
        *([size, f"{count:,}"] for size, count in list(study.sizes.items())[:20]),
        *([f"noted: {note}", f"{count:,}"] for note, count in list(study.notes.items())[:20]),
    ]
    return together(
        heading("Sizes, and what was noted"),
        table([Column("size, or note"), Column("items", number=True)], rows),
    )


def _next(task: Task) -> Markup:
    return together(
        heading("What to do next"),
        bullets(
            [
                together(code(f"chaffinch rules list {task.name}"), " shows the rules there are."),
                together(
                    code(f"chaffinch rules errors {task.name} DATA"),
                    " shows which labels they take for which, and which rule spoke.",
                ),
                together(
                    code(f"chaffinch learn {task.name} DATA"),
                    " learns from the same items without any rule, and says how much better.",
                ),
            ]
        ),
    )
