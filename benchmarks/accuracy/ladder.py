"""A rung on a stream; and each rung of a task's ladder on a public data set, by protocol."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from streams import Stream, make_stream

from chaffinch.loop.evaluate import evaluate
from chaffinch.performance.progressive import Run
from chaffinch.performance.report import scoreboard, to_json
from chaffinch.types import Report

DELAY = 100


def judged(run: Run, stream: Stream, protocol: str) -> Report:
    """Let a rung judge a stream, and return how it did."""
    examples = (message.example for message in stream.messages)
    return evaluate(stream.task, run, examples, protocol=protocol, delay=DELAY, data=stream.name)


def plain(report: Report) -> dict[str, Any]:
    """Return what a results file says of a report; the speed has a benchmark of its own."""
    return {key: value for key, value in to_json(report).items() if "cpu" not in key}


def measure(data: str) -> dict[str, Any]:
    """Print a table for each protocol, and return what stands in it."""
    stream = make_stream(data)
    results = {}
    for protocol in ("immediate", "delayed", "batch"):
        runs = [Run(rung, rung.start()) for rung in stream.task.ladder]
        reports = [judged(run, stream, protocol) for run in runs]
        Console(width=80).print(scoreboard(reports))
        results[protocol] = [plain(report) for report in reports]
    return results
