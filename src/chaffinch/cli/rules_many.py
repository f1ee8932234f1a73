"""Rules for many labels, as the verbs of `chaffinch rules` show them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chaffinch.cli.common import console, print_json
from chaffinch.explain.readable import printable, short_id
from chaffinch.performance.report import NOTHING

if TYPE_CHECKING:
    from chaffinch.rules.hits import FloatArray
    from chaffinch.rules.many import Confusion, LabelAccount, LabelHits
    from chaffinch.task import Task
    from chaffinch.types import Interval, Report

_IDS, _RULES = 3, 4


def tested(task: Task, hits: LabelHits, data: str, *, json: bool) -> None:
    """Show what each rule catches, and performance P of them all."""
    from chaffinch.performance.report import scoreboard, to_json
    from chaffinch.rules.many import label_accounts

    accounts = label_accounts(hits)
    report = report_of(task, hits, None, "rules as written", data)
    if json:
        print_json(
            {
                "items": _counts(hits),
                "rules": [
                    {
                        "name": one.rule.name,
                        "label": one.rule.label,
                        "description": one.rule.description,
                        "weight": one.rule.weight,
                        "hits": {"label": one.hits[0], "others": one.hits[1]},
                        "share": {
                            "label": _defined(one.shares[0]),
                            "others": _defined(one.shares[1]),
                        },
                        "errors_without": one.errors_without,
                    }
                    for one in accounts
                ],
                "report": to_json(report),
            }
        )
        return
    _show_accounts(accounts)
    console().print(scoreboard([report]))


def mistaken(hits: LabelHits, *, top: int, json: bool) -> None:
    """Show which labels the rules take for which, and what spoke."""
    from chaffinch.rules.many import confusions

    found = confusions(hits, most=top)
    errors = int((hits.said()[0] != hits.truth).sum())
    if json:
        print_json(
            {
                "items": _counts(hits),
                "errors": errors,
                "confused": [
                    {
                        "label": one.truth,
                        "said": one.said,
                        "of": one.of,
                        "items": one.ids,
                        "spoke": {rule.name: count for rule, count in one.blamed},
                        "silent": {rule.name: count for rule, count in one.silent},
                    }
                    for one in found
                ],
            }
        )
        return
    out = console()
    out.print(f"wrong: {errors:,} of {len(hits):,} ({100 * errors / len(hits):.1f}%)", style="bold")
    for one in found:
        _show_confusion(one)


def report_of(
    task: Task, hits: LabelHits, weights: FloatArray | None, title: str, data: str
) -> Report:
    """Return performance P of rules with these weights, by default with their own."""
    from chaffinch.loop.evaluate import report

    guesses, scores = hits.said(weights)
    return report(
        task, title, hits.truth, scores, guesses, cpu_seconds=0.0, protocol="frozen", data=data
    )


def _counts(hits: LabelHits) -> dict[str, Any]:
    import numpy as np

    names, counts = np.unique(hits.truth, return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def _show_accounts(accounts: Sequence[LabelAccount]) -> None:
    from rich.text import Text

    from chaffinch.cli.show_rules import rule_table

    table = rule_table("what each rule fits, and what the set would be without it")
    table.add_column("for")
    table.add_column("rule", overflow="fold")
    table.add_column("weight", justify="right")
    table.add_column("% of its\nlabel", justify="right")
    table.add_column("% of all\nothers", justify="right")
    table.add_column("errors\nwithout", justify="right")
    for one in sorted(accounts, key=lambda one: (one.rule.label, -one.rule.weight)):
        table.add_row(
            Text(one.rule.label),
            Text(one.rule.name),
            f"{one.rule.weight:+.1f}",
            _percent(one.shares[0], 1),
            _percent(one.shares[1], 2),
            f"{one.errors_without:+,}" if one.errors_without else "·",
        )
    console().print(table)


def _percent(share: Interval, places: int) -> str:
    """Return a share in percent; that of no items is none."""
    return NOTHING if math.isnan(share.value) else f"{100 * share.value:.{places}f}"


def _defined(share: Interval) -> dict[str, float] | None:
    return None if math.isnan(share.value) else asdict(share)


def _show_confusion(one: Confusion) -> None:
    out = console()
    share = f"{100 * len(one.ids) / one.of:.1f}% of its {one.of:,}"
    out.print(f"\n{one.truth} taken for {one.said}: {len(one.ids):,} ({share})", markup=False)
    for said, rules in ((f"spoke for {one.said}", one.blamed), ("silent", one.silent)):
        if told := ", ".join(f"{rule.name} {count}" for rule, count in rules[:_RULES]):
            out.print(
                textwrap.fill(f"  {said}: {printable(told)}", 80, subsequent_indent="    "),
                markup=False,
            )
    out.print(f"  such as {', '.join(short_id(id_) for id_ in one.ids[:_IDS])}", markup=False)
