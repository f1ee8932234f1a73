"""Each rung of the ladder on the SpamAssassin corpus, in judged order, by protocol."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from rich.console import Console

from chaffinch.datasets import get
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.loop.evaluate import evaluate
from chaffinch.performance.progressive import Run
from chaffinch.performance.report import scoreboard, to_json
from chaffinch.task import get_task


def main() -> None:
    """Measure and write."""
    task = get_task("mail")
    path = get("spamassassin")
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
                delay=100,
                data="spamassassin",
            )
            reports.append(report)
        Console(width=80).print(scoreboard(reports))
        results[protocol] = [
            {key: value for key, value in to_json(report).items() if "cpu" not in key}
            for report in reports
        ]
    write("mail_accuracy", {"delay": 100, "protocols": results})


if __name__ == "__main__":
    main()
