"""Rules and their accounts as people read them, in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaffinch.cli.common import console
from chaffinch.explain.readable import printable, short_id

if TYPE_CHECKING:
    from rich.table import Table

    from chaffinch.explain.common import Group
    from chaffinch.explain.table import TermTable
    from chaffinch.rules.account import Account
    from chaffinch.rules.fit import Fitted
    from chaffinch.rules.mistakes import Mistakes, Side
    from chaffinch.rules.rule import RuleSet
    from chaffinch.task import Task

_TITLES = 3


def show_rules(rules: RuleSet) -> None:
    """Show the rules in force."""
    from rich.text import Text

    many = any(rule.label for rule in rules.rules)
    where_none = "" if many else f", {rules.intercept:+.2f} where none fits"
    table = rule_table(f"{len(rules.rules)} rules{where_none}")
    if many:
        table.add_column("for")
    table.add_column("rule", overflow="fold")
    table.add_column("looks for")
    table.add_column("weight", justify="right")
    table.add_column("from")
    for rule in rules.rules:
        where = rule.source if rule.source == rule.weighed else f"{rule.source}, {rule.weighed}"
        table.add_row(
            *([Text(rule.label)] if many else []),
            Text(rule.name),
            Text(printable(rule.description)),
            f"{rule.weight:+.2f}",
            where,
        )
    out = console()
    out.print(table)
    if rules.disabled:
        out.print(f"disabled: {', '.join(rules.disabled)}", markup=False)


def show_accounts(task: Task, accounts: Sequence[Account]) -> None:
    """Show what each rule catches and costs."""
    from rich.text import Text

    table = rule_table("what each rule fits, and how much more goes wrong without it")
    table.add_column("rule", overflow="fold")
    table.add_column("weight", justify="right")
    table.add_column(f"% of\n{task.positive}", justify="right")
    table.add_column(f"% of\n{task.negative}", justify="right")
    table.add_column("most like it", overflow="fold")
    table.add_column("more\nmissed", justify="right")
    table.add_column("false\nalarms", justify="right")
    for one in sorted(accounts, key=lambda one: -one.rule.weight):
        table.add_row(
            Text(one.rule.name),
            f"{one.rule.weight:+.1f}",
            f"{100 * one.shares[1].value:.1f}",
            f"{100 * one.shares[0].value:.1f}",
            Text(f"{one.alike} {one.shared:.0%}" if one.alike else ""),
            _change(one.missed_without),
            _change(one.lost_without),
        )
    console().print(table)


def _change(count: int) -> str:
    return f"{count:+,}" if count else "·"


def show_fitted(rules: RuleSet, fitted: Fitted) -> None:
    """Show each rule's weight before and after it was fitted."""
    from rich.text import Text

    table = rule_table("weights by hand, and fitted to all items")
    table.add_column("rule", overflow="fold")
    table.add_column("by hand", justify="right")
    table.add_column("fitted", justify="right")
    if not any(rule.label for rule in rules.rules):
        by_hand, learned = rules.intercept_by_hand, fitted.intercept
        table.add_row("where none fits", f"{by_hand:+.2f}", f"{learned:+.2f}")
    for rule, weight in zip(rules.rules, fitted.weights, strict=True):
        table.add_row(Text(rule.name), f"{rule.by_hand:+.2f}", f"{weight + 0.0:+.2f}")
    console().print(table)


def show_mistakes(task: Task, table: TermTable, found: Mistakes) -> None:
    """Show what the rules judge wrongly, group by group."""
    _show_side(
        table,
        found.missed,
        f"{task.positive} missed",
        f"rules that kept it as {task.negative}",
        f"What it has in common that is rarer in {task.negative}, and that no rule uses:",
        task.negative,
    )
    console().print()
    _show_side(
        table,
        found.lost,
        f"{task.negative} judged {task.positive}",
        f"rules that took it for {task.positive}",
        f"What it has in common that is rarer in {task.positive}:",
        task.positive,
    )


def _show_side(
    table: TermTable, side: Side, title: str, blaming: str, heading: str, others: str
) -> None:
    out = console()
    share = f" ({100 * side.count / side.of:.1f}%)" if side.of else ""
    out.print(f"{title}: {side.count:,} of {side.of:,}{share}", style="bold", markup=False)
    if not side.count:
        return
    if side.blamed:
        blamed = ", ".join(f"{rule.name} {count}" for rule, count in side.blamed)
        out.print(
            textwrap.fill(f"{blaming}: {blamed}", 80, subsequent_indent="  "),
            markup=False,
        )
    if side.groups:
        out.print(heading, markup=False)
    for group in side.groups:
        out.print(_group(table, group, others), markup=False)
    if side.alone.size:
        out.print(f"{side.alone.size:>5}  with nothing in common", markup=False)


def _group(table: TermTable, group: Group, others: str) -> str:
    first = group.patterns[0]
    said = " + ".join(f"{one.part} '{printable(one.text)}'" for one in group.patterns[:3])
    lines = [f"{len(group.rows):>5}  {said} ({first.counts[0]:,} {others})"]
    for row in group.rows[:_TITLES]:
        entry = table.entries[row]
        lines.append(f"         {short_id(entry.id)}  {printable(entry.title)[:60]}")
    return "\n".join(line[:80] for line in lines)


def rule_table(title: str) -> Table:
    """Return an empty table of rules."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    return Table(title=Text(title), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
