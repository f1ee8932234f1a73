"""Each hand-written rule for mail on the SpamAssassin corpus, and all of them together.

The rules were written while looking at these mails, so the numbers flatter them. So all of them
also judge what a person sees of Enron's mails: no rule was written for them, and only a few
weights were lowered after a look at them.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from accuracy.ladder import judged, plain
from results_file import write
from streams import Stream, make_stream
from tables import COLUMNS, markdown

from chaffinch.features.rules import RuleFeatures
from chaffinch.performance.progressive import Run

SEED = 1  # a development shuffle; rules do not learn, so that the order changes nothing


def measure(stream: Stream) -> dict[str, Any]:
    """Return what each rule and all of them do, and what a mail costs."""
    rung = stream.task.ladder[0]
    features = rung.features
    if not isinstance(features, RuleFeatures):
        raise TypeError(f"the first rung of {stream.task.name} has no rules")
    contents = [stream.task.reader(message.data) for message in stream.messages]
    features.row(contents[0])  # the files are read
    started = time.process_time()
    rows = [features.row(content) for content in contents]
    seconds = time.process_time() - started
    spam = np.array([stream.task.is_positive(message.label) for message in stream.messages])
    fits = np.zeros((len(rows), features.n_features), np.bool_)
    for row, found in zip(fits, rows, strict=True):
        row[found.slots] = True
    caught, alarmed = fits[spam].mean(axis=0), fits[~spam].mean(axis=0)
    return {
        "data": stream.about,
        "microseconds_per_mail": 1e6 * seconds / len(rows),
        "together": plain(judged(Run(rung, rung.start()), stream, "immediate")),
        "rules": {
            rule.name: {
                "weight": rule.weight,
                "catch_percent": 100 * float(catch),
                "false_alarms_percent": 100 * float(alarms),
            }
            for rule, catch, alarms in zip(features.rules.rules, caught, alarmed, strict=True)
        },
    }


def main() -> None:
    """Measure, print a table, and write the results."""
    measured = measure(make_stream("spamassassin", seed=SEED))
    other = make_stream("enron", cut="visible")
    rung = other.task.ladder[0]
    measured["elsewhere"] = plain(judged(Run(rung, rung.start()), other, "immediate"))
    rows = [
        [name, *(f"{number:.2f}" for number in numbers.values())]
        for name, numbers in measured["rules"].items()
    ]
    print(markdown(["rule", "weight", "catch %", "false alarms %"], rows))
    rows = [
        [where, *(f"{measured[where][key]:.3f}" for key in COLUMNS)]
        for where in ("together", "elsewhere")
    ]
    print(markdown(["all rules", *COLUMNS.values()], rows))
    print(f"{measured['microseconds_per_mail']:.0f} microseconds a mail")
    write("mail_rules", measured)


if __name__ == "__main__":
    main()
