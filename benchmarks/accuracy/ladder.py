"""Each rung of a task's ladder on a public data set, in judged order, by protocol."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from chaffinch.datasets import get
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.loop.evaluate import evaluate
from chaffinch.performance.progressive import Run
from chaffinch.performance.report import scoreboard, to_json
from chaffinch.task import get_task

DELAY = 100


def measure(task_name: str, data: str) -> dict[str, Any]:
    """Print a table for each protocol, and return what stands in it."""
    task = get_task(task_name)
    path = get(data)
    results = {}
    for protocol in ("immediate", "delayed", "batch"):
        reports = []
        for rung in task.ladder:
            examples = gather(task, [open_source(path)], skipped=print)
            report = evaluate(
                task,
                Run(rung, rung.start()),
                examples,
                protocol=protocol,
                delay=DELAY,
                data=data,
            )
            reports.append(report)
        Console(width=80).print(scoreboard(reports))
        results[protocol] = [
            {key: value for key, value in to_json(report).items() if "cpu" not in key}
            for report in reports
        ]
    return results
