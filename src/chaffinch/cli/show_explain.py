"""What was learned as people read it, in 80 columns."""

from __future__ import annotations

import math
import textwrap
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from chaffinch.cli.common import console, printable

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from chaffinch.explain.account import Account
    from chaffinch.explain.campaigns import Campaign, Campaigns
    from chaffinch.explain.ranking import Pattern
    from chaffinch.explain.terms import Term
    from chaffinch.explain.together import Pair
    from chaffinch.explain.unsure import Doubt, DoubtGroup, Unsure
    from chaffinch.task import Task

_WIDTH = 79
# As many of an id's digits as tell it from others.
_ID = 12


def show_account(told: Account) -> None:
    """Show what was learned, section by section."""
    sections = {
        "patterns": (told.learned, _show_patterns),
        "together": (told.together, _show_together),
        "campaigns": (told.campaigns, _show_campaigns),
        "unsure": (told.unsure, _show_unsure),
    }
    asked = [
        name for name, (found, _) in sections.items() if found is not None or name in told.missing
    ]
    for name in asked:
        if len(asked) > 1:
            console().rule(name, align="left", style="default")
        if name in told.missing:
            _say(told.missing[name])
        else:
            sections[name][1](told)


def _show_patterns(told: Account) -> None:
    task, learned = told.task, told.learned
    if learned is None:
        return
    negative, positive = (
        items - copies for items, copies in zip(learned.items, learned.copies, strict=True)
    )
    _say(
        f"{learned.items[1]:,} {task.positive} and {learned.items[0]:,} {task.negative}; "
        f"{sum(learned.copies):,} near-copies of an earlier one do not count."
    )
    for label, other, sizes, patterns, sign in (
        (task.positive, task.negative, (negative, positive), learned.positive, 1),
        (task.negative, task.positive, (positive, negative), learned.negative, -1),
    ):
        table = _table(f"unusually frequent in {label}")
        table.add_column("where", overflow="fold")
        table.add_column("word, phrase or fact", overflow="fold", min_width=22)
        table.add_column(f"in % of\n{label}", justify="right")
        table.add_column(f"in % of\n{other}", justify="right")
        table.add_column("log-odds\n95% interval", justify="right")
        table.add_column("model\ngives", justify="right")
        for pattern in patterns:
            table.add_row(*_pattern_row(told, pattern, sizes, sign))
        console().print(table)
    if told.held:
        _say(
            "model gives: what the live model adds for it to the log-odds of this label, on "
            "average over some items that have it. It is little where the words beside it say "
            "the same."
        )
    elif "model" in told.missing:
        _say(f"What the model makes of them is not known: {told.missing['model']}")


def _pattern_row(
    told: Account, pattern: Pattern, sizes: tuple[int, int], sign: int
) -> tuple[Text, ...]:
    held = told.held.get(pattern.term)
    return _texts(
        pattern.part,
        pattern.text,
        f"{100 * pattern.counts[1] / sizes[1]:.1f}",
        f"{100 * pattern.counts[0] / sizes[0]:.1f}",
        f"{pattern.log_odds:.1f} [{pattern.low:.1f}–{pattern.high:.1f}]",
        f"{sign * held.weight:+.2f}" if held else "",
    )


def _show_together(told: Account) -> None:
    found = told.together
    if found is None:
        return
    if not found.pairs:
        _say(
            f"Of {found.tested:,} pairs of terms none is strong together and weak apart beyond "
            "doubt."
        )
        return
    _say(
        f"Strong together, weak apart: {found.found:,} of {found.tested:,} pairs of terms, 5% of "
        f"them by chance."
    )
    for positive in (True, False):
        pairs = [pair for pair in found.pairs if pair.positive == positive]
        if pairs:
            console().print(_pairs_table(told.task, pairs, positive))
    _say(
        "more than the sum: log-odds of both together beyond the first's and the second's, with "
        "the 95% interval."
    )


def _pairs_table(task: Task, pairs: Sequence[Pair], positive: bool) -> Table:
    label = task.positive if positive else task.negative
    table = _table(
        f"together they say {label}: {label} in % of the items that have …",
        expand=True,
        leading=1,
    )
    table.add_column("first\nand second", overflow="fold", ratio=1)
    for head in ("both", "only\nfirst", "only\nsecond", "neither"):
        table.add_column(head, justify="right")
    table.add_column("more than\nthe sum", justify="right")
    for pair in pairs:
        value, low, high = pair.interaction
        table.add_row(
            *_texts(
                f"{_named(pair.first)}\n{_named(pair.second)}",
                *(
                    f"{100 * counts[positive] / sum(counts):.0f}%\nof {sum(counts):,}"
                    for counts in (pair.both, pair.first_only, pair.second_only, pair.neither)
                ),
                f"{value:.1f}\n[{low:.1f}–{high:.1f}]",
            )
        )
    return table


def _show_campaigns(told: Account) -> None:
    found = told.campaigns
    if found is None:
        return
    if not found.found and not found.mixed:
        _say("No three items are near-copies of each other.")
        return
    if found.mixed:
        _say("Near-copies with two labels: one of the flags may be wrong.")
        console().print(_campaigns_table(told.task, found.mixed, "near-copies with two labels"))
    _show_largest(told.task, found)


def _show_largest(task: Task, found: Campaigns) -> None:
    if not found.largest:
        return
    _say(
        f"{found.items:,} items are near-copies of others, in {found.found:,} campaigns of three "
        "or more."
    )
    console().print(_campaigns_table(task, found.largest, "largest campaigns"))


def _campaigns_table(task: Task, campaigns: Iterable[Campaign], title: str) -> Table:
    table = _table(title, expand=True, leading=1)
    table.add_column("items", justify="right")
    table.add_column("first, last")
    table.add_column("its own words, and the names of some", no_wrap=True, ratio=1)
    for one in campaigns:
        labels = [
            f"{count:,} {label}" for label, count in zip(task.labels, one.counts, strict=True)
        ]
        odd = [f"{label}: {entry.id[:_ID]}  {entry.title}" for label, entry in one.odd[:4]]
        table.add_row(
            *_texts(
                "\n".join(line for line, count in zip(labels, one.counts, strict=True) if count),
                "\n".join(dict.fromkeys((_day(one.first), _day(one.last)))),
                "\n".join((_words(one.terms), *(odd or one.titles[:2]))),
            )
        )
    return table


def _show_unsure(told: Account) -> None:
    found = told.unsure
    if found is None:
        return
    _show_unflagged(found)
    _show_contradicted(told.task, found)
    if found.doubted or found.contradicted:
        _say(
            f"p: probability of {told.task.positive}. Say what an item is with `chaffinch flag "
            f"{told.task.name} LABEL ITEM`."
        )


def _show_unflagged(found: Unsure) -> None:
    if not found.judged:
        _say("No item was judged and kept that has no flag yet.")
    elif not found.doubted:
        _say(f"{found.model} is sure of all {found.judged:,} unflagged items that it looked at.")
    else:
        _say(
            f"{found.model} is not sure of {found.doubted:,} of the {found.judged:,} unflagged "
            "items judged last. A flag on these teaches it most:"
        )
        table = _table("judged, not flagged: the least sure first", expand=True)
        table.add_column("p", justify="right")
        _add_doubts(table, found.unflagged_groups, lambda one: (_share(one.now),))
        console().print(table)


def _show_contradicted(task: Task, found: Unsure) -> None:
    if not found.flagged:
        _say(
            f"No launched model of {task.name} has judged flagged items yet: `chaffinch learn "
            f"{task.name}` trains and launches one."
        )
    elif not found.contradicted:
        _say(f"It was sure, and right, of all {found.flagged:,} items before they were flagged.")
    else:
        _say(
            f"Before it learned their flags it was wrong or not sure in {found.contradicted:,} of "
            f"{found.flagged:,}. These went most against it: they are hard, or the flag is wrong."
        )
        table = _table("flagged: the most wrong first", expand=True)
        table.add_column("flag")
        table.add_column("p\nbefore", justify="right")
        table.add_column("p\nnow", justify="right")
        _add_doubts(
            table,
            found.flagged_groups,
            lambda one: (one.label, _share(one.before or 0.0), _share(one.now)),
        )
        console().print(table)


def _add_doubts(table: Table, groups: Iterable[DoubtGroup], first: Any) -> None:
    table.add_column("item")
    table.add_column("what they have in common, and their names", no_wrap=True, ratio=1)
    lead = [""] * (len(table.columns) - 1)
    for number, group in enumerate(groups):
        if number:
            table.add_row(*lead, "")
        if group.terms or group.copies:
            what = "near-copies, " if group.copies else "most have "
            table.add_row(*_texts(*lead, what + _words(group.terms[:2])), style="italic")
        for one in group.doubts:
            table.add_row(*_texts(*first(one), one.item[:_ID], _title(one)))


def _title(one: Doubt) -> str:
    return f"{one.title} (of {one.owner})" if one.owner else one.title


def _share(probability: float) -> str:
    return f"{probability:.3f}"


def _named(term: Term) -> str:
    return f"{term.part}: {term.text}"


def _words(terms: Iterable[Term]) -> str:
    parts: dict[str, list[str]] = {}
    for term in terms:
        parts.setdefault(term.part, []).append(term.text)
    return "; ".join(f"{part}: {', '.join(texts)}" for part, texts in parts.items())


def _day(when: float) -> str:
    if math.isnan(when):
        return ""
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(when))
    except (OverflowError, OSError, ValueError):
        return ""


def _table(title: str, **how: Any) -> Table:
    from rich import box
    from rich.table import Table

    return Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), **how)


def _texts(*cells: str) -> tuple[Text, ...]:
    """Return cells that show no more than letters: no markup, nothing that steers a terminal."""
    from rich.text import Text

    return tuple(Text("\n".join(printable(line) for line in cell.split("\n"))) for cell in cells)


def _say(text: str) -> None:
    console().print(textwrap.fill(text, _WIDTH), markup=False)
