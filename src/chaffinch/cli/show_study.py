"""A study as people read it in a terminal, in 80 columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chaffinch.cli.common import console
from chaffinch.explain.readable import printable
from chaffinch.explain.times import day_of

if TYPE_CHECKING:
    from rich.text import Text

    from chaffinch.explain.campaigns import Campaign
    from chaffinch.explain.times import Times
    from chaffinch.loop.study import Found, Study
    from chaffinch.task import Task

_TEXT, _BAR, _CAMPAIGNS = 33, 9, 5
# Log-odds of the longest bar.
_LONGEST = 6.0
_EIGHTHS, _LEVELS = " ▏▎▍▌▋▊▉█", "▁▂▃▄▅▆▇█"
_STYLES = ("blue", "red")


def show_study(task: Task, study: Study, page: Path | None) -> None:
    """Show a study, and what to do next."""
    out = console()
    out.print("\n".join(_overall(task, study)), markup=False)
    titles = f"{'% of ' + task.positive:>11} {'% of ' + task.negative:>9}   log-odds ± 95%"
    for part in study.parts:
        out.print()
        out.print(_heading(part.part, titles))
        for label, patterns in ((1, part.positive), (0, part.negative)):
            for found in patterns:
                out.print(_row(found, label, study.counted))
    if study.campaigns:
        out.print()
        out.print(_heading("campaigns", "near-copies of one text"))
        for campaign in study.campaigns[:_CAMPAIGNS]:
            out.print("\n".join(_campaign(task, campaign)), markup=False)
    if study.times.months:
        out.print()
        out.print(_heading("when it comes", "in UTC"))
        for row in _times(task, study.times):
            out.print(row)
    out.print()
    out.print("\n".join(_next(task, page)), markup=False)


def _overall(task: Task, study: Study) -> Iterator[str]:
    negative, positive = study.items
    span = ""
    if study.span is not None:
        first, last = map(day_of, study.span)
        span = f", of {first}" if first == last else f", from {first} to {last}"
    yield f"{positive:,} {task.positive} and {negative:,} {task.negative}{span}."
    yield f"{sum(study.copies):,} near-copies of an earlier one do not count in what follows."
    separable = study.separable
    if separable.patterns:
        yield (
            f"{100 * separable.positive:.1f}% of {task.positive} and "
            f"{100 * separable.negative:.1f}% of {task.negative} have one or more of the "
            f"{len(separable.patterns)} surest patterns."
        )
    middle = " and ".join(
        f"{low:,} to {high:,} ({label})"
        for label, (low, _, high) in zip(task.labels[::-1], study.lengths[::-1], strict=True)
    )
    yield f"Characters of the middle half: {middle}."


def _heading(title: str, note: str) -> Text:
    from rich.text import Text

    return Text.assemble((f"{title:<{_TEXT + 2}}", "bold"), (note, "dim"))


def _row(found: Found, label: int, counted: tuple[int, int]) -> Text:
    from rich.cells import set_cell_size
    from rich.text import Text

    pattern = found.pattern
    negative, positive = pattern.counts if label else pattern.counts[::-1]
    log_odds = (
        f"{'+' if label else '−'}{pattern.log_odds:.1f} ± {pattern.high - pattern.log_odds:.1f}"
    )
    return Text.assemble(
        f"  {set_cell_size(_fitted(pattern.text, _TEXT), _TEXT)}",
        f"{100 * positive / max(1, counted[1]):>11.1f} {100 * negative / max(1, counted[0]):>9.1f}",
        f"{log_odds:>13} ",
        (_bar(pattern.log_odds), _STYLES[label]),
    )


def _fitted(text: str, width: int) -> str:
    """Return a text of an item cut to this many columns; some letters take two."""
    from rich.cells import cell_len, set_cell_size

    shown = printable(text)
    return shown if cell_len(shown) <= width else set_cell_size(shown, width - 1) + "…"


def _bar(value: float) -> str:
    eighths = round(8 * _BAR * min(1.0, value / _LONGEST))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _campaign(task: Task, campaign: Campaign) -> Iterator[str]:
    sizes = " ".join(
        f"{size:,} {label}"
        for size, label in zip(campaign.counts[::-1], task.labels[::-1], strict=True)
        if size
    )
    when = f", {day_of(campaign.first)}" if math.isfinite(campaign.first) else ""
    if when and day_of(campaign.last) != day_of(campaign.first):
        when += f" to {day_of(campaign.last)}"
    head = f"  {sizes}{when}: "
    yield head + _fitted(f"“{campaign.titles[0]}”", 79 - len(head))
    words = ", ".join(term.text for term in campaign.terms)
    if words:
        yield "      " + _fitted(f"own words: {words}", 73)


def _times(task: Task, times: Times) -> Iterator[Text]:
    from rich.text import Text

    width = max(map(len, task.labels))
    months = len(times.months)
    yield Text(
        f"  {'':<{width}}  {'hour 0 to 23':<24}  {'Mon–Sun':<7}  "
        + (f"{times.months[0][0]} to {times.months[-1][0]}" if months > 1 else times.months[0][0]),
        "dim",
    )
    for label in (1, 0):
        yield Text.assemble(
            f"  {task.labels[label]:<{width}}  ",
            (
                "  ".join(
                    f"{_sparks([pair[label] for pair in pairs])}"
                    for pairs in (times.hours, times.weekdays, [one[1:] for one in times.months])
                ),
                _STYLES[label],
            ),
        )


def _sparks(counts: Sequence[int]) -> str:
    most = max(counts, default=0)
    return "".join(_LEVELS[-(-8 * count // most) - 1] if count else " " for count in counts)


def _next(task: Task, page: Path | None) -> Iterator[str]:
    if page is not None:
        yield f"{page} has all of it with charts and examples: open it in a browser."
    else:
        yield "With charts and examples: --html FILE."
    yield f"Next: `chaffinch rules suggest {task.name}` makes rules of such patterns, and"
    yield f"`chaffinch rules test {task.name}` tries those that you write."
