"""The verbs of the traditional approach: write rules, test them, see their errors, fit weights."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chaffinch.cli import suggest
from chaffinch.cli.common import (
    Data,
    Format,
    Json,
    Labels,
    TaskName,
    console,
    labelled,
    note,
    print_json,
)
from chaffinch.scheme import Binary

if TYPE_CHECKING:
    from chaffinch.explain.common import Group
    from chaffinch.explain.table import TermTable
    from chaffinch.rules.fit import Fitted
    from chaffinch.rules.hits import FloatArray, Hits
    from chaffinch.rules.many import LabelHits
    from chaffinch.rules.mistakes import Side
    from chaffinch.rules.rule import RuleSet
    from chaffinch.task import Task
    from chaffinch.types import Interval, Report

app = typer.Typer(
    help="Rules that people write: list, test, errors, fit, suggest, export.", no_args_is_help=True
)
app.command()(suggest.suggest)
app.command()(suggest.export)


@app.command("list")
def list_(task: TaskName, json: Json = False) -> None:
    """List the rules in force: what each looks for, what it weighs, and where that stands.

    Example: chaffinch rules list mail

    Example: chaffinch rules list digits
    """
    from chaffinch.cli.show_rules import show_rules
    from chaffinch.rules.files import local_path
    from chaffinch.rules.hits import rule_features
    from chaffinch.settings import home_folder
    from chaffinch.task import get_task

    rules = rule_features(get_task(task)).rules
    if json:
        print_json(
            {
                "intercept": rules.intercept,
                "rules": [
                    asdict(rule) | {"conditions": [str(one) for one in rule.conditions]}
                    for rule in rules.rules
                ],
                "disabled": rules.disabled,
            }
        )
        return
    show_rules(rules)
    console().print(f"Your own: {local_path(home_folder(), task)}", markup=False, soft_wrap=True)


@app.command("test")
def tested(
    task: TaskName,
    data: Data = None,
    label: Labels = None,
    format_: Format = None,
    json: Json = False,
) -> None:
    """Show what each rule catches and what it costs, and performance P of them all.

    For every rule: how much of either label it fits, the rule that fits most of the same items, and
    how much more would be missed, and be a false alarm, without it. Of many labels: how much of its
    own label and of all others it fits, and how many more errors there would be.

    Example: chaffinch rules test mail spamassassin

    Example: chaffinch rules test digits mnist:test
    """
    from chaffinch.cli.show_rules import show_accounts
    from chaffinch.performance.report import scoreboard, to_json
    from chaffinch.rules.account import accounts
    from chaffinch.rules.fit import check_both_labels
    from chaffinch.rules.hits import Hits
    from chaffinch.task import get_task

    what = get_task(task)
    if not isinstance(what.scheme, Binary):
        from chaffinch.cli import rules_many

        rules_many.tested(what, *_hits_of_labels(what, data, label, format_), json=json)
        return
    with labelled(what, data, label, format_) as (examples, name):
        hits = Hits.of(what, examples)
    check_both_labels(what, hits, name)
    found = accounts(hits)
    report = _report(what, hits, hits.scores(), "rules as written", name)
    if json:
        print_json(
            {
                "items": _counts(what, hits),
                "rules": [
                    {
                        "name": one.rule.name,
                        "description": one.rule.description,
                        "weight": one.rule.weight,
                        "hits": {what.negative: one.hits[0], what.positive: one.hits[1]},
                        "share": {
                            what.negative: _interval(one.shares[0]),
                            what.positive: _interval(one.shares[1]),
                        },
                        "most_alike": one.alike,
                        "shared": one.shared,
                        "missed_without": one.missed_without,
                        "lost_without": one.lost_without,
                    }
                    for one in found
                ],
                "report": to_json(report),
            }
        )
        return
    show_accounts(what, found)
    console().print(scoreboard([report]))


@app.command()
def errors(
    task: TaskName,
    data: Data = None,
    label: Labels = None,
    format_: Format = None,
    top: Annotated[
        int, typer.Option("--top", help="How many groups of each kind.", min=1, max=100)
    ] = 8,
    json: Json = False,
) -> None:
    """Group what the rules judge wrongly by what it has in common.

    Of what they miss: what no rule uses yet. Of ham that they judge spam: which rules are to blame.
    Of many labels: which are taken for which, what spoke for the wrong one, and what was silent.

    Example: chaffinch rules errors mail spamassassin

    Example: chaffinch rules errors digits mnist
    """
    from chaffinch.cli.show_rules import show_mistakes
    from chaffinch.explain.table import TermTable
    from chaffinch.rules.fit import check_both_labels
    from chaffinch.rules.hits import Watched
    from chaffinch.rules.mistakes import mistakes
    from chaffinch.task import get_task

    what = get_task(task)
    if not isinstance(what.scheme, Binary):
        from chaffinch.cli import rules_many

        rules_many.mistaken(_hits_of_labels(what, data, label, format_)[0], top=top, json=json)
        return
    with labelled(what, data, label, format_) as (examples, name):
        watched = Watched(what, examples)
        table = TermTable.of(what, watched)
    hits = watched.hits()
    check_both_labels(what, hits, name)
    found = mistakes(hits, table, groups=top)
    if json:
        print_json(
            {
                "items": _counts(what, hits),
                "missed": _side_json(table, found.missed),
                "lost": _side_json(table, found.lost),
            }
        )
    else:
        show_mistakes(what, table, found)


@app.command()
def fit(
    task: TaskName,
    data: Data = None,
    label: Labels = None,
    format_: Format = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the fitted weights into force.")
    ] = False,
    json: Json = False,
) -> None:
    """Learn the weights of the rules, and show how far weights alone carry them.

    A rule keeps the side that a person gave it. Performance P of fitted weights is that of weights
    fitted to the earlier half of the items, on the later half; what --write puts into force is
    fitted to all of them.

    Example: chaffinch rules fit mail spamassassin --write

    Example: chaffinch rules fit digits mnist --write
    """
    from chaffinch.cli.show_rules import show_fitted
    from chaffinch.performance.report import scoreboard, to_json
    from chaffinch.rules.files import fitted_path, local_path
    from chaffinch.rules.fit import check_both_labels, write_fitted
    from chaffinch.rules.fit import fit as fitted_to
    from chaffinch.rules.hits import Hits
    from chaffinch.settings import home_folder
    from chaffinch.task import get_task

    what = get_task(task)
    if isinstance(what.scheme, Binary):
        with labelled(what, data, label, format_) as (examples, name):
            hits = Hits.of(what, examples)
        half = len(hits) // 2
        earlier, later = hits.part(slice(0, half)), hits.part(slice(half, None))
        check_both_labels(what, earlier, f"the earlier half of {name}")
        proven = fitted_to(earlier)
        by_hand = later.scores(later.weights_by_hand, later.rules.intercept_by_hand)
        learned = later.scores(proven.weights, proven.intercept)
        reports = [
            _report(what, later, by_hand, "weights by hand", name),
            _report(what, later, learned, "fitted weights", name),
        ]
        final, rules = fitted_to(hits), hits.rules
    else:
        final, rules, reports = _fit_labels(what, data, label, format_)
    path = fitted_path(home_folder(), task)
    if write:
        write_fitted(path, rules, final, local_path(home_folder(), task))
    if json:
        print_json(
            {
                "intercept": final.intercept,
                "weights": {
                    rule.name: float(weight)
                    for rule, weight in zip(rules.rules, final.weights, strict=True)
                },
                "written": str(path) if write else None,
                "reports": [to_json(report) for report in reports],
            }
        )
        return
    show_fitted(rules, final)
    console().print(scoreboard(reports))
    if write:
        console().print(f"written to {path}", markup=False, soft_wrap=True)
    else:
        note("nothing was changed: --write puts these weights into force")


def _hits_of_labels(
    task: Task, data: list[str] | None, label: list[str] | None, format_: str | None
) -> tuple[LabelHits, str]:
    from chaffinch.rules.many import LabelHits, check_labels

    with labelled(task, data, label, format_) as (examples, name):
        hits = LabelHits.of(task, examples)
    check_labels(task, hits, name)
    return hits, name


def _fit_labels(
    task: Task, data: list[str] | None, label: list[str] | None, format_: str | None
) -> tuple[Fitted, RuleSet, list[Report]]:
    from chaffinch.cli.rules_many import report_of
    from chaffinch.rules.many import check_labels, fit_labels

    hits, name = _hits_of_labels(task, data, label, format_)
    half = len(hits) // 2
    earlier, later = hits.part(slice(0, half)), hits.part(slice(half, None))
    check_labels(task, earlier, f"the earlier half of {name}")
    proven = fit_labels(earlier)
    reports = [
        report_of(task, later, later.weights_by_hand, "weights by hand", name),
        report_of(task, later, proven.weights, "fitted weights", name),
    ]
    return fit_labels(hits), hits.rules, reports


def _report(task: Task, hits: Hits, scores: FloatArray, title: str, data: str) -> Report:
    from chaffinch.loop.evaluate import report

    return report(task, title, hits.truth, scores, cpu_seconds=0.0, protocol="frozen", data=data)


def _counts(task: Task, hits: Hits) -> dict[str, int]:
    positive = int(hits.truth.sum())
    return {task.negative: len(hits) - positive, task.positive: positive}


def _interval(share: Interval) -> dict[str, float]:
    return {"value": share.value, "low": share.low, "high": share.high}


def _side_json(table: TermTable, side: Side) -> dict[str, Any]:
    def group(one: Group) -> dict[str, Any]:
        return {
            "patterns": [asdict(pattern) for pattern in one.patterns],
            "items": [table.entries[row].id for row in one.rows],
        }

    return {
        "count": side.count,
        "of": side.of,
        "groups": [group(one) for one in side.groups],
        "alone": [table.entries[row].id for row in side.alone],
        "rules": {rule.name: count for rule, count in side.blamed},
    }
