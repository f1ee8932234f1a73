from __future__ import annotations

import io
import json
import math

import numpy as np
from rich.console import Console

from chaffinch.performance.judged import Judgements
from chaffinch.performance.measure import accuracy_interval, measure
from chaffinch.performance.report import build_report, scoreboard, to_json
from chaffinch.types import Interval, Report

BOARD = """\
                   mail, immediate, two baskets, 1,000 items

                  accuracy  ham as      spam                 1-ROCA %  items /
 model                   %  spam %  missed %           [95% interval]    CPU s
 ──────────────────────────────────────────────────────────────────────────────
 rules               81.90   15.35     25.27           7.48 [6.8–8.2]   20,000
 logistic            99.35    0.00      0.64  0.0149 [0.00734–0.0241]    1,235
 regression
 0123456789ab            -       -         -                        -        -"""


def report(rung: str = "bayes") -> Report:
    random = np.random.default_rng(0)
    truth = random.random(1000) < 0.3
    score = random.normal(np.where(truth, 1.0, -1.0), 1.2)
    verdicts = Judgements(truth, score, score > 0.2)
    return build_report(
        verdicts.wrong,
        measure(verdicts, cost_ham_lost=10, cost_spam_missed=1),
        task="mail",
        model="0123456789abcdef",
        rung=rung,
        protocol="immediate",
        data="two baskets",
        data_hash="d1ce",
        cpu_seconds=0.05,
        extra={"peak": math.inf, "windows": (1, {"from": 2.5})},
    )


def judged(
    rung: str, cpu_seconds: float, accuracy: float, lost: float, missed: float, roca: Interval
) -> Report:
    metrics = {
        "accuracy": Interval(accuracy, 0, 1),
        "ham_lost_percent": Interval(lost, 0, 100),
        "spam_missed_percent": Interval(missed, 0, 100),
        "one_minus_roca_percent": roca,
    }
    facts = ("mail", "m", rung, "immediate", "two baskets", "", 1000, 0)
    return Report(*facts, metrics, cpu_seconds=cpu_seconds)


def shown(reports: list[Report], width: int = 80) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(scoreboard(reports))
    return "\n".join(line.rstrip() for line in capture.get().rstrip().split("\n"))


def test_a_report_counts_what_was_judged() -> None:
    made = report()
    assert made.n == 1000
    assert made.errors == round(1000 * (1 - made.metrics["accuracy"].value))
    assert made.curve[-1][0] == 1000


def test_json_holds_each_measure_with_its_interval() -> None:
    made = report()
    as_json = json.loads(json.dumps(to_json(made), allow_nan=False))
    for name, interval in made.metrics.items():
        assert as_json[name] == interval.value
        assert as_json[f"{name}_interval"] == [interval.low, interval.high]
    assert as_json["n"] == 1000
    assert as_json["errors"] == made.errors
    assert as_json["items_per_cpu_second"] == 20_000
    assert as_json["curve"] == [list(point) for point in made.curve]
    assert as_json["extra"] == {"peak": None, "windows": [1, {"from": 2.5}]}
    for name in ("task", "model", "rung", "protocol", "data", "data_hash", "cpu_seconds"):
        assert as_json[name] == getattr(made, name)


def test_what_is_undefined_is_null() -> None:
    nothing = build_report(
        np.zeros(0, dtype=np.bool_),
        measure(Judgements([], [], []), cost_ham_lost=10, cost_spam_missed=1),
        task="mail",
        model="m",
        rung="bayes",
        protocol="frozen",
        data="empty",
        data_hash="",
        cpu_seconds=0.0,
    )
    as_json = json.loads(json.dumps(to_json(nothing), allow_nan=False))
    assert as_json["accuracy"] is None
    assert as_json["one_minus_roca_percent_interval"] == [None, None]
    assert as_json["items_per_cpu_second"] is None
    assert as_json["curve"] == []


def test_a_task_with_many_labels_has_its_accuracy() -> None:
    wrong = np.arange(100) < 7
    digits = Report("digits", "m", "net", "batch", "scans", "", 100, 7, {})
    digits.metrics["accuracy"] = accuracy_interval(wrong)
    assert to_json(digits)["accuracy"] == 0.93
    assert "93.00" in shown([digits])


def test_the_scoreboard_looks_just_so_in_80_columns() -> None:
    rules = judged("rules", 0.05, 0.819, 15.351, 25.27, Interval(7.48, 6.8, 8.2))
    linear = judged(
        "logistic regression", 0.81, 0.9935, 0.0, 0.636, Interval(0.0149, 0.00734, 0.0241)
    )
    bare = Report("mail", "0123456789abcdef", "", "immediate", "two baskets", "", 1000, 0, {})
    assert shown([rules, linear, bare]) == BOARD


def test_what_differs_does_not_stand_in_the_title() -> None:
    other = Report("mail", "m", "rules", "frozen", "one basket", "", 1000, 0, {})
    assert shown([report(), other]).split("\n")[0].strip() == "mail, 1,000 items"


def test_a_name_in_brackets_is_no_markup() -> None:
    assert "[bold]x" in shown([report("[bold]x")])
