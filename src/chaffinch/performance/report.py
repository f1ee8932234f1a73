"""Reports of performance P: made, written as strict JSON, and shown side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chaffinch.performance.curve import learning_curve
from chaffinch.types import Interval, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from chaffinch.performance.judged import BoolArray

NOTHING = "-"
# Fewer items tell no speed.
_FEWEST_TIMED = 50
# Headings and measures of a scoreboard, of two labels and of more.
_OF_TWO = (
    ("accuracy\n%", "accuracy"),
    ("ham as\nspam %", "ham_lost_percent"),
    ("spam\nmissed %", "spam_missed_percent"),
    ("1-ROCA %\n[95% interval]", "one_minus_roca_percent"),
)
_COLUMNS = (
    ("errors %\n[95% interval]", "error_percent"),
    ("unsure\n%", "unsure_percent"),
    ("wrong of\naccepted %", "accepted_error_percent"),
    ("cost per\n1,000", "cost_per_1000"),
)


def build_report(
    wrong: BoolArray,
    metrics: Mapping[str, Interval],
    *,
    task: str,
    model: str,
    rung: str,
    protocol: str,
    data: str,
    data_hash: str,
    cpu_seconds: float,
    extra: Mapping[str, object] | None = None,
) -> Report:
    """Return the report of a run.

    Parameters
    ----------
    wrong : ndarray of bool, shape (n,)
        Whether each verdict was wrong, in judged order: gives n, the errors and the curve.
    metrics : mapping of str to Interval
        What `chaffinch.performance.measure.measure` returns; a task with more than two labels has
        its ``"accuracy"`` alone, from `accuracy_interval`.
    task, model, rung, protocol, data, data_hash, cpu_seconds, extra
        As in `chaffinch.types.Report`.

    Examples
    --------
    >>> import numpy as np
    >>> from chaffinch.performance.measure import accuracy_interval
    >>> wrong = np.array([True, False, False, False])
    >>> report = build_report(
    ...     wrong, {"accuracy": accuracy_interval(wrong)}, task="mail", model="m1", rung="rules",
    ...     protocol="frozen", data="inbox", data_hash="", cpu_seconds=0.5,
    ... )
    >>> report.n, report.errors, report.curve
    (4, 1, ((4, 25.0),))
    """
    return Report(
        task=task,
        model=model,
        rung=rung,
        protocol=protocol,
        data=data,
        data_hash=data_hash,
        n=wrong.size,
        errors=int(wrong.sum()),
        metrics=dict(metrics),
        curve=learning_curve(wrong),
        cpu_seconds=cpu_seconds,
        extra=dict(extra or {}),
    )


def items_per_cpu_second(report: Report) -> float:
    """Return how many items a second of processor time judged; NaN where no time was taken."""
    return report.n / report.cpu_seconds if report.cpu_seconds > 0 else float("nan")


def to_json(report: Report) -> dict[str, object]:
    """Return a report as JSON-ready data, whose keys docs/performance.md explains.

    Each metric stands under its own name, with its 95% interval under ``<name>_interval``. What
    is undefined (NaN) or endless becomes null, for JSON knows neither.

    Examples
    --------
    >>> measured = {"accuracy": Interval(0.75, 0.19, 0.99)}
    >>> report = Report("mail", "m1", "rules", "frozen", "inbox", "", 4, 1, measured)
    >>> as_json = to_json(report)
    >>> as_json["accuracy"], as_json["accuracy_interval"], as_json["items_per_cpu_second"]
    (0.75, [0.19, 0.99], None)
    """
    metrics: dict[str, object] = {}
    for name, interval in report.metrics.items():
        metrics[name] = interval.value
        metrics[f"{name}_interval"] = [interval.low, interval.high]
    plain = {
        "task": report.task,
        "model": report.model,
        "rung": report.rung,
        "protocol": report.protocol,
        "data": report.data,
        "data_hash": report.data_hash,
        "n": report.n,
        "errors": report.errors,
        **metrics,
        "cpu_seconds": report.cpu_seconds,
        "items_per_cpu_second": items_per_cpu_second(report),
        "curve": report.curve,
        "extra": report.extra,
    }
    return {key: _strict(entry) for key, entry in plain.items()}


def _strict(entry: object) -> object:
    """Replace what JSON cannot hold: NaN and infinity by null, tuples by lists."""
    if isinstance(entry, float):
        return entry if math.isfinite(entry) else None
    if isinstance(entry, dict):
        return {str(key): _strict(inner) for key, inner in entry.items()}
    if isinstance(entry, list | tuple):
        return [_strict(inner) for inner in entry]
    return entry


def scoreboard(reports: Sequence[Report]) -> Table:
    """Return a table of one row a model, made for 80 columns.

    Parameters
    ----------
    reports : sequence of Report
        In the order of the rows. What all have in common stands in the title.

    Returns
    -------
    rich.table.Table
        For a `rich.console.Console` to print.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(_common(reports)), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("model", overflow="fold")
    columns = _COLUMNS if any("error_percent" in one.metrics for one in reports) else _OF_TWO
    counts = {report.n for report in reports}
    if len(counts) > 1:
        table.add_column("items", justify="right", no_wrap=True)
    for heading, _ in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("items /\nCPU s", justify="right", no_wrap=True)
    for report in reports:
        # Of few items the time is that of whatever else was done meanwhile.
        speed = items_per_cpu_second(report) if report.n >= _FEWEST_TIMED else math.nan
        table.add_row(
            Text(report.rung or report.model[:12]),
            *([f"{report.n:,}"] if len(counts) > 1 else []),
            *(
                _with_interval(report, name) if "interval" in heading else _value(report, name)
                for heading, name in columns
            ),
            f"{speed:,.0f}" if math.isfinite(speed) else NOTHING,
        )
    return table


def _common(reports: Sequence[Report]) -> str:
    facts = (
        {report.task for report in reports},
        {report.protocol for report in reports},
        {report.data for report in reports},
        {f"{report.n:,} items" for report in reports},
    )
    return ", ".join(fact.pop() for fact in facts if len(fact) == 1)


def _value(report: Report, name: str) -> str:
    interval = report.metrics.get(name)
    if interval is None or math.isnan(interval.value):
        return NOTHING
    return f"{interval.value * (100 if name == 'accuracy' else 1):.2f}"


def _with_interval(report: Report, name: str) -> str:
    interval = report.metrics.get(name)
    return NOTHING if interval is None or math.isnan(interval.value) else str(interval)
