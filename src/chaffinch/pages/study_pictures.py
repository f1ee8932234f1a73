"""The page of a study of pictures: what the labels look like, and what tells them apart."""

from __future__ import annotations

import time
from itertools import chain, groupby

from chaffinch import __version__
from chaffinch.explain.lookalikes import Why
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
from chaffinch.pages.pictures import grey, picture, pictures
from chaffinch.task import Task

# Signs that are drawn, those that stand below them in small, and pairs that are shown at once.
_DRAWN, _PAIRS = 8, 15
_ODD: dict[Why, str] = {
    "two labels": "The same picture, with two labels",
    "looks like": "What looks like them bears another label: the flag may be wrong",
    "unlike": "Least like the mean of their label",
    "boldest": "Most ink",
    "thinnest": "Least ink",
}


def study_page(task: Task, study: PictureStudy, *, data: str = "") -> Markup:
    """Return the report of a study of pictures.

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
        _overall(study),
        _means(study),
        _confused(study),
        _signs(study),
        _odd(study),
        _read(study),
        _next(task),
        lead="What tells each label from the others, to the eye and in numbers, in "
        f"{data or 'the experience'}: where rules by hand begin.",
        footer=f"Chaffinch {__version__}, {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}. "
        "This page shows the pictures themselves. It loads nothing and runs nothing.",
    )


def _overall(study: PictureStudy) -> Markup:
    whole, seen = sum(study.items.values()), sum(study.seen.values())
    pairs = [
        (f"{whole:,}", f"pictures, {seen:,} of them looked at"),
        (f"{len(study.items):,}", "labels"),
    ]
    if study.confused:
        first = study.confused[0]
        pairs.append((" and ".join(first.labels), "look most alike"))
    if study.signs:
        pairs.append((study.signs[0].name, "is the sign that tells most"))
    return figures(pairs)


def _means(study: PictureStudy) -> Markup:
    return together(
        heading("The mean picture of each label"),
        paragraph("Where it is dark most have ink; where it is blurred, hands differ."),
        pictures(
            picture(
                grey(mean),
                says=f"The mean picture of {label}",
                caption=f"{label}: {study.items[label]:,}, {100 * study.ink[label]:.0f}% ink",
            )
            for label, mean in study.means.items()
        ),
    )


def _confused(study: PictureStudy) -> Markup:
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
            "A picture looks like the label that most of the five nearest to it bear, pixel by "
            "pixel. For each two labels stand the three signs that tell them apart best, each as a "
            "condition that a rule can say; how often it is right, where both labels are equally "
            "frequent, is counted on the pictures that it was read from.",
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
            "What is measured of each picture, the most telling first: how many bits a sign alone "
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
                            ""
                            if (one := sign.quartiles[label]) is None
                            else f"{round(one[1], 2):g}"
                            for label in labels
                        ),
                    ]
                    for sign in study.signs
                ],
            ),
        ),
    )


def _odd(study: PictureStudy) -> Markup:
    blocks = [heading("Pictures that are worth a look")]
    for why, found in groupby(study.odd, key=lambda one: one[0].why):
        blocks.append(heading(_ODD[why], level=3))
        blocks.append(
            pictures(
                picture(
                    grey(shown.pixels),
                    says=f"A picture with the label {odd.label}",
                    caption=f"{odd.label}{f' like {odd.like}' if odd.like else ''}: {shown.name}",
                )
                for odd, shown in found
            )
        )
    return together(*blocks)


def _read(study: PictureStudy) -> Markup:
    rows = [
        *([f"{size} pixels", f"{count:,}"] for size, count in list(study.sizes.items())[:20]),
        *([f"noted: {note}", f"{count:,}"] for note, count in list(study.notes.items())[:20]),
    ]
    return together(
        heading("Sizes, and what was noted"),
        table([Column("width and height, or note"), Column("pictures", number=True)], rows),
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
                    " learns from the same pictures without any rule, and says how much better.",
                ),
            ]
        ),
    )
