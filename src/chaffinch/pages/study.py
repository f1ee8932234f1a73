"""The page of a study: what the labels look like, for those who write rules against one of them."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from chaffinch import __version__
from chaffinch.explain.campaigns import Campaign
from chaffinch.explain.times import day_of
from chaffinch.loop.study import Found, PartStudy, Study
from chaffinch.pages.charts import Ranked, Series, columns, ranked_bars
from chaffinch.pages.page import (
    Bar,
    Column,
    Markup,
    Tone,
    bullets,
    code,
    details,
    figure,
    figures,
    heading,
    link,
    page,
    paragraph,
    strong,
    table,
    together,
)
from chaffinch.task import Task

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TONES: tuple[Tone, Tone] = ("negative", "positive")
_LOG_ODDS = "log-odds, with 95% interval"


def study_page(task: Task, study: Study, *, data: str = "") -> Markup:
    """Return the report of a study.

    Parameters
    ----------
    task : Task
        What was studied.
    study : Study
        What was found.
    data : str
        What it was found in; the experience, where it is empty.

    Raises
    ------
    MissingExtraError
        If what draws charts is not installed.
    """
    return page(
        f"What {task.positive} looks like",
        _overall(task, study),
        _contents(study),
        _surest(task, study),
        *(_part(task, study, part) for part in study.parts),
        _campaigns(task, study),
        _times(task, study),
        _lengths(task, study),
        _next(task),
        lead=f"What is unusually frequent in {task.positive} against {task.negative}, and the "
        f"other way round, in {data or 'the experience'}: where rules by hand begin.",
        footer=f"Chaffinch {__version__}, {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}. "
        "This page holds words of the items themselves. It loads nothing and runs nothing.",
    )


def _overall(task: Task, study: Study) -> Markup:
    negative, positive = study.items
    pairs = [
        (f"{positive:,}", f"{task.positive}, {study.copies[1]:,} of them near-copies"),
        (f"{negative:,}", f"{task.negative}, {study.copies[0]:,} of them near-copies"),
    ]
    if study.span is not None:
        first, last = study.span
        days = max(1, round((last - first) / 86400))
        pairs.append((f"{days:,} day{'s' if days > 1 else ''}", _days(first, last)))
    if study.separable.patterns:
        told, wrong = study.separable.positive, study.separable.negative
        what = (
            f"of {task.positive}, and {100 * wrong:.1f}% of {task.negative}, have one of the "
            f"{len(study.separable.patterns)} surest patterns"
        )
        pairs.append((f"{100 * told:.1f}%", what))
    return together(
        figures(pairs),
        paragraph(
            "Of near-copies only the first counts. Log-odds say how much likelier an item of one "
            "label is to have a pattern than one of the other: 0.7 is twice the odds, 2.3 ten "
            "times, 4.6 a hundred times. They are shrunk by a prior, so that what is rare cannot "
            "win by chance; patterns come in the order of how sure they are.",
            soft=True,
        ),
    )


def _contents(study: Study) -> Markup:
    links: list[str] = [link(part.part.capitalize(), part.part) for part in study.parts]
    links += [link("Campaigns")] if study.campaigns else []
    links += [link("When it comes")] if study.times.months else []
    pieces = [piece for one in [*links, link("Lengths")] for piece in (one, " · ")]
    return paragraph(*pieces[:-1])


def _surest(task: Task, study: Study) -> Markup:
    if not study.separable.patterns:
        return Markup()
    rows = [
        Ranked(f"{one.part}: {one.text}", one.log_odds, one.low, one.high, "positive")
        for one in study.separable.patterns
    ]
    return together(
        heading("The surest patterns"),
        figure(
            ranked_bars(rows, unit=_LOG_ODDS),
            caption=f"Of all parts, those that speak for {task.positive}, the surest first",
        ),
    )


def _part(task: Task, study: Study, part: PartStudy) -> Markup:
    rows = list(_rows(part))
    bars = [
        Ranked(
            one.pattern.text,
            sign * one.pattern.log_odds,
            sign * one.pattern.low,
            sign * one.pattern.high,
            _TONES[label],
        )
        for label, sign, one in rows
    ]
    return together(
        heading(part.part.capitalize(), anchor=part.part),
        figure(
            ranked_bars(bars, unit=_LOG_ODDS),
            caption=f"To the right what speaks for {task.positive}, to the left for "
            f"{task.negative}",
        ),
        table(
            [
                Column("pattern"),
                Column(f"of {task.positive}"),
                Column(f"of {task.negative}"),
                Column("log-odds", number=True),
            ],
            [
                [one.pattern.text, *_shares(study, label, one), _interval(sign, one)]
                for label, sign, one in rows
            ],
        ),
        details(
            "Examples",
            *(
                together(
                    paragraph(strong(one.pattern.text), f", {task.labels[label]}:"),
                    bullets(
                        together(example.title or "(no words)", " ", code(example.name))
                        for example in one.examples
                    ),
                )
                for label, _, one in rows
            ),
        ),
    )


def _rows(part: PartStudy) -> Iterator[tuple[int, int, Found]]:
    """Yield (label, sign, pattern), the positive label's first."""
    for found in part.positive:
        yield 1, 1, found
    for found in part.negative:
        yield 0, -1, found


def _shares(study: Study, label: int, found: Found) -> tuple[Bar, Bar]:
    counts = found.pattern.counts if label else found.pattern.counts[::-1]
    negative, positive = (
        Bar(count / max(1, of), f"{100 * count / max(1, of):.1f}% ({count:,})", tone)
        for count, of, tone in zip(counts, study.counted, _TONES, strict=True)
    )
    return positive, negative


def _interval(sign: int, found: Found) -> str:
    pattern = found.pattern
    value = f"{sign * pattern.log_odds:+.1f}".replace("-", "−")
    return f"{value} ± {pattern.high - pattern.log_odds:.1f}"


def _campaigns(task: Task, study: Study) -> Markup:
    if not study.campaigns:
        return Markup()
    return together(
        heading("Campaigns"),
        paragraph("The same text again and again, a little varied: the largest groups."),
        table(
            [
                Column("items", number=True),
                Column("first one's title"),
                Column("own words"),
                Column("when"),
            ],
            [
                [
                    _sizes(task, one),
                    one.titles[0],
                    ", ".join(term.text for term in one.terms),
                    _days(one.first, one.last),
                ]
                for one in study.campaigns
            ],
        ),
    )


def _sizes(task: Task, campaign: Campaign) -> str:
    pairs = zip(campaign.counts[::-1], task.labels[::-1], strict=True)
    return ", ".join(f"{size:,} {label}" for size, label in pairs if size)


def _days(first: float, last: float) -> str:
    if not math.isfinite(first):
        return "not known"
    days = dict.fromkeys((day_of(first), day_of(last)))
    return " to ".join(days)


def _times(task: Task, study: Study) -> Markup:
    times = study.times
    if not times.months:
        return Markup()
    months = [month for month, _, _ in times.months]
    charts = (
        ("hour of arrival, UTC", [f"{hour:02}" for hour in range(24)], times.hours),
        ("day of the week, UTC", list(_DAYS), times.weekdays),
        ("month", months, [(negative, positive) for _, negative, positive in times.months]),
    )
    return together(
        heading("When it comes"),
        *(
            figure(
                columns(
                    steps,
                    [
                        Series(task.labels[label], _percent([pair[label] for pair in pairs]), tone)
                        for label, tone in ((1, _TONES[1]), (0, _TONES[0]))
                    ],
                    unit="% of each label",
                    title=title,
                ),
                caption=f"Near-copies included, by {title.partition(',')[0]}",
            )
            for title, steps, pairs in charts
        ),
    )


def _percent(counts: list[int]) -> tuple[float, ...]:
    return tuple(100 * count / max(1, sum(counts)) for count in counts)


def _lengths(task: Task, study: Study) -> Markup:
    return together(
        heading("Lengths"),
        table(
            [
                Column("characters of the text"),
                Column("a quarter has at most", number=True),
                Column("half", number=True),
                Column("three quarters", number=True),
            ],
            [
                [task.labels[label], *(f"{length:,}" for length in study.lengths[label])]
                for label in (1, 0)
            ],
        ),
    )


def _next(task: Task) -> Markup:
    return together(
        heading("What to do next"),
        bullets(
            [
                together(
                    code(f"chaffinch rules suggest {task.name}"), " makes rules of such patterns."
                ),
                together(
                    code(f"chaffinch rules test {task.name}"),
                    " tries rules that you write, on items that they were not written from.",
                ),
                together(
                    code(f"chaffinch learn {task.name}"),
                    " learns from the same items without any rule, and says how much better.",
                ),
            ]
        ),
    )
