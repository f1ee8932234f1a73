"""How many errors remain where only the surest items are answered, in 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaffinch.cli.common import console

if TYPE_CHECKING:
    from chaffinch.types import Report

# Shares in percent that stand in the table; the chart has all.
_SHOWN = (50, 80, 90, 95, 98, 99, 99.5, 100)


def show_coverage(report: Report) -> None:
    """Show the coverage–error curve of a report on many labels; nothing of any other."""
    from chaffinch.performance.charts import line_chart

    curve = report.extra.get("coverage")
    if not isinstance(curve, list) or not curve:
        return
    out = console()
    out.print("\nanswered, the surest   errors that remain, with 95% interval", markup=False)
    for share in _SHOWN:
        # Of few items no so many are a share: then the most that are no more.
        reached = [one for one in curve if one["answered_percent"] <= share]
        if not reached or reached[-1]["answered_percent"] < share - 1:
            continue
        one = reached[-1]
        value, low, high = (one["error_percent"][name] for name in ("value", "low", "high"))
        out.print(
            f"  {share:>5g}%  {one['answered']:>9,}   {one['errors']:>6,}   "
            f"{value:.2f}% [{low:.2f}–{high:.2f}]",
            markup=False,
        )
    if any(one["errors"] for one in curve):
        out.print()
        out.print(
            line_chart(
                {
                    report.rung: [
                        (100 - one["answered_percent"], one["error_percent"]["value"])
                        for one in curve
                    ]
                },
                height=14,
                y_label="errors % of what is answered",
                x_label="% left to people, the least sure",
            ),
            markup=False,
        )
