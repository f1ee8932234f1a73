"""Which items to look at, as people read it: campaigns, and what the model is unsure of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from chaffinch.cli.common import console
from chaffinch.cli.tables import day, new_table, say, texts, words
from chaffinch.explain.readable import short_id
from chaffinch.scheme import Binary

if TYPE_CHECKING:
    from rich.table import Table

    from chaffinch.explain.account import Account
    from chaffinch.explain.campaigns import Campaign, Campaigns
    from chaffinch.explain.unsure import Doubt, DoubtGroup, Unsure
    from chaffinch.task import Task


def show_campaigns(told: Account) -> None:
    """Show the campaigns, those with two labels first."""
    found = told.campaigns
    if found is None:
        return
    if not found.found and not found.mixed:
        say("No three items are near-copies of each other.")
        return
    if found.mixed:
        say("Near-copies with two labels: one of the flags may be wrong.")
        console().print(_campaigns_table(told.task, found.mixed, "near-copies with two labels"))
    _show_largest(told.task, found)


def _show_largest(task: Task, found: Campaigns) -> None:
    if not found.largest:
        return
    say(
        f"{found.items:,} items are near-copies of others, in {found.found:,} campaigns of three "
        "or more."
    )
    console().print(_campaigns_table(task, found.largest, "largest campaigns"))


def _campaigns_table(task: Task, campaigns: Iterable[Campaign], title: str) -> Table:
    table = new_table(title, expand=True, leading=1)
    table.add_column("items", justify="right")
    table.add_column("first, last")
    table.add_column("its own words, and the names of some", no_wrap=True, ratio=1)
    for one in campaigns:
        labels = [
            f"{count:,} {label}" for label, count in zip(task.labels, one.counts, strict=True)
        ]
        odd = [f"{label}: {short_id(entry.id)}  {entry.title}" for label, entry in one.odd[:4]]
        table.add_row(
            *texts(
                "\n".join(line for line, count in zip(labels, one.counts, strict=True) if count),
                "\n".join(dict.fromkeys((day(one.first), day(one.last)))),
                "\n".join((words(one.terms), *(odd or one.titles[:2]))),
            )
        )
    return table


def show_unsure(told: Account) -> None:
    """Show where a flag would teach most, and which may be wrong."""
    found = told.unsure
    if found is None:
        return
    _show_unflagged(found)
    _show_contradicted(told.task, found)
    if found.doubted or found.contradicted:
        two = isinstance(told.task.scheme, Binary)
        of = f" of {told.task.positive}" if two else " of the label given"
        say(
            f"p: probability{of}. Say what an item is with `chaffinch flag "
            f"{told.task.name} LABEL ITEM`."
        )


def _show_unflagged(found: Unsure) -> None:
    if not found.judged:
        say("No item was judged and kept that has no flag yet.")
    elif not found.doubted:
        say(f"{found.model} is sure of all {found.judged:,} unflagged items that it looked at.")
    else:
        say(
            f"{found.model} is not sure of {found.doubted:,} of the {found.judged:,} unflagged "
            "items judged last. A flag on these teaches it most:"
        )
        table = new_table("judged, not flagged: the least sure first", expand=True)
        table.add_column("p", justify="right")
        _add_doubts(table, found.unflagged_groups, lambda one: (_share(one.now),))
        console().print(table)


def _show_contradicted(task: Task, found: Unsure) -> None:
    if not found.flagged:
        say(
            f"No launched model of {task.name} has judged flagged items yet: `chaffinch learn "
            f"{task.name}` trains and launches one."
        )
    elif not found.contradicted:
        say(f"It was sure, and right, of all {found.flagged:,} items before they were flagged.")
    else:
        say(
            f"Before it learned their flags it was wrong or not sure in {found.contradicted:,} of "
            f"{found.flagged:,}. These went most against it: they are hard, or the flag is wrong."
        )
        table = new_table("flagged: the most wrong first", expand=True)
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
            table.add_row(*texts(*lead, what + words(group.terms[:2])), style="italic")
        for one in group.doubts:
            table.add_row(*texts(*first(one), short_id(one.item), _title(one)))


def _title(one: Doubt) -> str:
    return f"{one.title} (of {one.owner})" if one.owner else one.title


def _share(probability: float) -> str:
    return f"{probability:.3f}"
