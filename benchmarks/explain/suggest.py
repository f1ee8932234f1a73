"""Suggested rules: found in the first half of a stream, measured on the second."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import SEED, Stream, make_stream
from tables import markdown

from chaffinch.performance.proportions import clopper_pearson
from chaffinch.rules.suggest import suggest

DEVELOPMENT = (1, 2, 3)


def measure(stream: Stream) -> dict[str, Any]:
    """Print the rules that are suggested, and what they do, and return it."""
    found = suggest(stream.task, [message.example for message in stream.messages])
    later = stream.messages[len(stream.messages) // 2 :]
    spam = sum(message.label == stream.task.positive for message in later)
    ham = len(later) - spam
    rows = [
        [
            one.rule.description,
            f"{100 * one.shares[1].value:.1f}",
            f"{one.hits[0]}",
            f"{100 * one.together[1]:.1f}",
            f"{100 * one.together[0]:.2f}",
        ]
        for one in found
    ]
    head = ["rule", "spam %", "ham", "spam so far %", "ham so far %"]
    print(f"\n{stream.name}: {spam:,} spam and {ham:,} ham in the second half\n")
    print(markdown(head, rows))
    caught, lost = (
        clopper_pearson(round(found[-1].together[side] * size), size) if found else None
        for side, size in ((1, spam), (0, ham))
    )
    print(f"\ntogether: {caught} of spam, {lost} of ham")
    return {
        "stream": stream.about,
        "later": {"spam": spam, "ham": ham},
        # What a rule looks for may be a word of somebody's mail: numbers alone are kept.
        "rules": [
            {
                "conditions": len(one.conditions),
                "spam": one.hits[1],
                "ham": one.hits[0],
                "spam_so_far": one.together[1],
                "ham_so_far": one.together[0],
            }
            for one in found
        ],
        "caught": [caught.value, caught.low, caught.high] if caught else None,
        "false_alarms": [lost.value, lost.low, lost.high] if lost else None,
    }


def main() -> None:
    """Measure the reported shuffle; with --development those that settings were chosen on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--development", action="store_true", help="writes no results")
    if parser.parse_args().development:
        for seed in DEVELOPMENT:
            for cut in ("none", "headers"):
                measure(make_stream("spamassassin", seed=seed, cut=cut))
        return
    measured = {
        "spamassassin": measure(make_stream("spamassassin", seed=SEED)),
        "headers_cut": measure(make_stream("spamassassin", seed=SEED, cut="headers")),
    }
    write("mail_suggest", measured)


if __name__ == "__main__":
    main()
