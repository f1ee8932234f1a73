"""What was learned as people read it, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaffinch.cli.common import console
from chaffinch.cli.show_items import show_campaigns, show_unsure
from chaffinch.cli.tables import named, new_table, say, texts

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from chaffinch.explain.account import Account
    from chaffinch.explain.ranking import Pattern
    from chaffinch.explain.together import Pair
    from chaffinch.task import Task


def show_account(told: Account) -> None:
    """Show what was learned, section by section."""
    sections = {
        "patterns": (told.learned, _show_patterns),
        "together": (told.together, _show_together),
        "campaigns": (told.campaigns, show_campaigns),
        "rising": (told.rising, _show_rising),
        "unsure": (told.unsure, show_unsure),
    }
    asked = [
        name for name, (found, _) in sections.items() if found is not None or name in told.missing
    ]
    for name in asked:
        if len(asked) > 1:
            console().rule(name, align="left", style="default")
        if name in told.missing:
            say(told.missing[name])
        else:
            sections[name][1](told)


def _show_rising(told: Account) -> None:
    from chaffinch.explain.telling import sentences

    if told.rising is None:
        return
    said = [one for _, one in sentences(told.rising)]
    sizes = told.rising.sizes.values()
    if sizes and not any(inside for _, inside in sizes):
        say("No item is that recent: name an earlier --since.")
        return
    if sizes and not any(before for before, _ in sizes):
        say("No item is older than that: name a later --since, or a smaller --last.")
        return
    if not said:
        say("Nothing is more frequent now, or less, than chance explains.")
    for one in said[: told.top]:
        console().print(
            textwrap.fill(one, 79, initial_indent="- ", subsequent_indent="  "), markup=False
        )
    if len(said) > told.top:
        say(f"And {len(said) - told.top} more: --top shows them.")


def _show_patterns(told: Account) -> None:
    task, learned = told.task, told.learned
    if learned is None:
        return
    negative, positive = (
        items - copies for items, copies in zip(learned.items, learned.copies, strict=True)
    )
    say(
        f"{learned.items[1]:,} {task.positive} and {learned.items[0]:,} {task.negative}; "
        f"{sum(learned.copies):,} near-copies of an earlier one do not count."
    )
    for label, other, sizes, patterns, sign in (
        (task.positive, task.negative, (negative, positive), learned.positive, 1),
        (task.negative, task.positive, (positive, negative), learned.negative, -1),
    ):
        table = new_table(f"unusually frequent in {label}")
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
        say(
            "model gives: what the live model adds for it to the log-odds of this label, on "
            "average over some items that have it. It is little where the words beside it say "
            "the same."
        )
    elif "model" in told.missing:
        say(f"What the model makes of them is not known: {told.missing['model']}")


def _pattern_row(
    told: Account, pattern: Pattern, sizes: tuple[int, int], sign: int
) -> tuple[Text, ...]:
    held = told.held.get(pattern.term)
    return texts(
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
        say(
            f"Of {found.tested:,} pairs of terms none is strong together and weak apart beyond "
            "doubt."
        )
        return
    say(
        f"{found.found:,} of {found.tested:,} pairs of terms are strong together and weak apart; "
        "one in twenty of them is expected to be chance. The surest:"
    )
    for positive in (True, False):
        pairs = [pair for pair in found.pairs if pair.positive == positive]
        if pairs:
            console().print(_pairs_table(told.task, pairs, positive))
    say(
        "more than the sum: log-odds of both together beyond the first's and the second's, with "
        "the 95% interval."
    )


def _pairs_table(task: Task, pairs: Sequence[Pair], positive: bool) -> Table:
    label = task.positive if positive else task.negative
    table = new_table(
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
            *texts(
                f"{named(pair.first)}\n{named(pair.second)}",
                *(
                    f"{100 * counts[positive] / sum(counts):.0f}%\nof {sum(counts):,}"
                    for counts in (pair.both, pair.first_only, pair.second_only, pair.neither)
                ),
                f"{value:.1f}\n[{low:.1f}–{high:.1f}]",
            )
        )
    return table
