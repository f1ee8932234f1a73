"""The verbs that make rules of what was learned, and hand them on: suggest, export."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chaffinch.cli.common import (
    Data,
    Format,
    Json,
    Labels,
    TaskName,
    console,
    labelled,
    note,
    or_stdout,
    print_json,
)
from chaffinch.explain.readable import printable

if TYPE_CHECKING:
    from chaffinch.rules.export.written import Written
    from chaffinch.rules.rule import RuleSet
    from chaffinch.rules.suggest import Suggestion
    from chaffinch.task import Task

_TARGETS = ("chaffinch", "sieve", "spamassassin")


def suggest(
    task: TaskName,
    data: Data = None,
    label: Labels = None,
    format_: Format = None,
    top: Annotated[
        int, typer.Option("--top", help="How many rules to suggest.", min=1, max=100)
    ] = 10,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", help="Put this rule into your file of rules.", metavar="NAME"),
    ] = None,
    refuse: Annotated[
        list[str] | None,
        typer.Option("--refuse", help="Do not suggest this rule again.", metavar="NAME"),
    ] = None,
    json: Json = False,
) -> None:
    """Suggest short rules that a person can read, accept, edit or refuse; of two labels.

    They are found in the earlier half of the items and measured on the later half, by which nothing
    is chosen.

    Example: chaffinch rules suggest mail --accept NAME
    """
    from chaffinch.errors import UsageError
    from chaffinch.rules.accept import accept as accepted
    from chaffinch.rules.accept import refuse as refusing
    from chaffinch.rules.accept import refused
    from chaffinch.rules.hits import rule_features
    from chaffinch.rules.suggest import check_halves
    from chaffinch.rules.suggest import suggest as suggested
    from chaffinch.scheme import Binary
    from chaffinch.settings import home_folder
    from chaffinch.task import get_task

    what = get_task(task)
    if not isinstance(what.scheme, Binary):  # said before anything is read
        raise UsageError(
            f"{task} has more than two labels, of which no rules are suggested: `chaffinch study "
            f"{task} DATA` tells for each two the condition that tells them apart best, as a rule "
            "can say it"
        )
    known = {rule.name for rule in rule_features(what).rules.rules}
    with labelled(what, data, label, format_) as (examples, name):
        items = list(examples)
    check_halves(what, items, name)
    home = home_folder()
    found = suggested(what, items, most=top, refused=[*refused(home, task), *known])
    taken = _named(found, accept or (), known)
    left = _named(found, refuse or (), known)
    written = accepted(home, task, [one.rule for one in taken]) if taken else None
    if left:
        refusing(home, task, [one.rule for one in left])
    if json:
        print_json(
            {
                "suggestions": [_as_json(what, one) for one in found],
                "accepted": [one.rule.name for one in taken],
                "refused": [one.rule.name for one in left],
            }
        )
        return
    _show(what, found)
    if written is not None:
        console().print(f"accepted: {written} has it now, to edit", markup=False, soft_wrap=True)
    elif found and not left:
        note(
            "nothing was changed: --accept NAME puts a rule into force, --refuse NAME keeps it away"
        )


def export(
    task: TaskName,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="File to write; - or nothing for stdout.", metavar="FILE", callback=or_stdout
        ),
    ] = None,
    to: Annotated[
        str, typer.Option("--to", help="For which program: chaffinch, sieve or spamassassin.")
    ] = "chaffinch",
    everything: Annotated[
        bool, typer.Option("--all", help="Those that ship with Chaffinch, too.")
    ] = False,
) -> None:
    """Write your own rules for Chaffinch, as a Sieve script or for SpamAssassin.

    What a program cannot say is left out, and the file and stderr say why.

    Example: chaffinch rules export mail --to sieve junk.sieve

    Example: chaffinch rules export digits --to chaffinch digits.toml
    """
    from dataclasses import replace

    from chaffinch.errors import InputError, UsageError, did_you_mean
    from chaffinch.rules.files import local_path
    from chaffinch.rules.hits import rule_features
    from chaffinch.settings import home_folder
    from chaffinch.task import get_task
    from chaffinch.whole import written_whole

    if to not in _TARGETS:
        raise UsageError(
            f"--to {to}: no such program{did_you_mean(to, list(_TARGETS))}: use one of "
            f"{', '.join(_TARGETS)}"
        )
    what = get_task(task)
    if to != "chaffinch" and task != "mail":
        raise UsageError(f"{to} reads mail only: export the rules of mail, or --to chaffinch")
    rules = rule_features(what).rules
    chosen = tuple(rule for rule in rules.rules if everything or rule.source == "local")
    if not chosen:
        raise InputError(
            f"there are no rules of your own in {local_path(home_folder(), task)}: accept some "
            f"that `chaffinch rules suggest {task}` names, or export all with --all"
        )
    written = _exported(what, replace(rules, rules=chosen), to)
    if written.left_out:
        names = ", ".join(rule.name for rule, _ in written.left_out[:3])
        more = "" if len(written.left_out) <= 3 else " and others"
        note(
            f"{len(written.written)} rules written, {len(written.left_out)} left out, of which the "
            f"file says why: {names}{more}"
        )
    if file is None:
        sys.stdout.write(written.text)
        return
    with written_whole(file) as out:
        out.write(written.text.encode())


def _exported(task: Task, rules: RuleSet, to: str) -> Written:
    from chaffinch.rules.export import sieve, spamassassin, toml

    least = task.policy.junk
    if to == "sieve":
        return sieve.export(rules, least=least)
    if to == "spamassassin":
        return spamassassin.export(rules, least=least)
    return toml.export(rules)


def _named(
    found: Sequence[Suggestion], names: Sequence[str], in_force: Collection[str]
) -> list[Suggestion]:
    from chaffinch.errors import UsageError, did_you_mean

    known = {one.rule.name: one for one in found}
    for name in names:
        if name in in_force:
            raise UsageError(
                f"{name} is one of your rules already: edit or disable it in their file"
            )
        if name not in known:
            raise UsageError(
                f"no rule '{name}' is suggested{did_you_mean(name, list(known))}: "
                f"use one of {', '.join(known) or 'none'}"
            )
    return [known[name] for name in names]


def _as_json(task: Task, one: Suggestion) -> dict[str, Any]:
    return {
        "name": one.rule.name,
        "description": one.rule.description,
        "conditions": [str(condition) for condition in one.rule.conditions],
        "weight": one.rule.weight,
        "hits": {task.negative: one.hits[0], task.positive: one.hits[1]},
        "share": {task.negative: asdict(one.shares[0]), task.positive: asdict(one.shares[1])},
        "so_far": {task.negative: one.together[0], task.positive: one.together[1]},
    }


def _show(task: Task, found: Sequence[Suggestion]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not found:
        console().print("No rule would catch much and hardly anything else.")
        return
    table = Table(
        title=f"suggested rules, by what they do on the later half: % of {task.positive} caught,\n"
        f"{task.negative} hit by mistake, and % of both by the rules so far",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("rule, in words and by name", overflow="fold")
    table.add_column(f"{task.positive}\n%", justify="right")
    table.add_column(f"{task.negative}\nhit", justify="right")
    table.add_column(f"{task.positive}\nso far", justify="right")
    table.add_column(f"{task.negative}\nso far", justify="right")
    for one in found:
        table.add_row(
            Text.assemble(printable(one.rule.description), "\n", (one.rule.name, "bold")),
            f"{100 * one.shares[1].value:.1f}",
            f"{one.hits[0]:,}",
            f"{100 * one.together[1]:.1f}",
            f"{100 * one.together[0]:.2f}",
        )
    console().print(table)
