"""Rules as written, rules with fitted weights and learned models on mail and on SMS."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from accuracy.ladder import plain
from results_file import write
from streams import make_stream
from tables import markdown

from chaffinch.loop.compare import compare

DATA = ("spamassassin", "sms")


def measure(data: str) -> list[dict[str, Any]]:
    """Print what each way to sort makes of a data set, and return it."""
    stream = make_stream(data)
    arms = compare(stream.task, [message.example for message in stream.messages], data=data)
    head = ["", "rules", "weights", "hm %", "sm %", "1-ROCA %"]
    rows = []
    for arm in arms:
        metrics = arm.report.metrics
        rows.append(
            [
                arm.name,
                f"{arm.rules or ''}",
                f"{arm.weights:,}" if arm.weights else "",
                f"{metrics['ham_lost_percent'].value:.2f}",
                f"{metrics['spam_missed_percent'].value:.2f}",
                str(metrics["one_minus_roca_percent"]),
                *(f"{100 * one.at_once:.0f} › {100 * one.flagged:.0f}" for one in arm.campaign),
            ]
        )
    head += [f"caught of '{one.step}' %" for one in arms[0].campaign]
    print(f"\n{data}, the later half of {len(stream.messages):,}\n\n{markdown(head, rows)}\n")
    return [
        {
            "name": arm.name,
            "rules": arm.rules,
            "weights": arm.weights,
            "report": plain(arm.report),
            "campaign": [asdict(one) for one in arm.campaign],
        }
        for arm in arms
    ]


if __name__ == "__main__":
    write("compare", {data: measure(data) for data in DATA})
