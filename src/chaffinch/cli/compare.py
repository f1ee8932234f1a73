"""The verb that sets the ways to sort side by side: compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

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
    print_json,
    progress_bar,
)

if TYPE_CHECKING:
    from chaffinch.loop.compare import Arm
    from chaffinch.loop.ladder import Step
    from chaffinch.task import Rung, Task
    from chaffinch.types import Example

_SHORT = ("4U", "For U", "F0r U", "look-\nalikes", "hidden\nHTML")


def compare(
    task: TaskName,
    data: Data = None,
    label: Labels = None,
    format_: Format = None,
    rungs: Annotated[
        str | None,
        typer.Option(
            "--rungs",
            help="Of more than two labels: these rungs, with commas between them, or 'all' for "
            "those that are there on request, too.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Set rules as written, rules with fitted weights and learned models side by side.

    All learn the earlier half of the items and judge the later half. Then campaigns of made-up spam
    are rewritten step by step, as spammers do when they are caught: how much is caught at once, and
    how much when three were flagged? Nothing is stored and no model changes.

    Of a task with more than two labels, such as digits, there are no campaigns: each rung of the
    ladder says how much it errs, what it takes, and what it is good at. Deep rungs, which take the
    extra 'train' and long to learn, are there on request.

    Example: chaffinch compare mail spamassassin

    Example: chaffinch compare digits mnist
    """
    from chaffinch.loop.compare import compare as compared
    from chaffinch.performance.report import to_json
    from chaffinch.scheme import Binary
    from chaffinch.task import get_task

    what = get_task(task)
    wanted = _wanted(what, rungs) if rungs else _installed(what.ladder)
    with labelled(what, data, label, format_) as (examples, name):
        items = list(examples)
    if not isinstance(what.scheme, Binary):
        _ladder(replace(what, ladder=wanted), items, name, json=json)
        return
    with progress_bar() as bar:
        # The earlier half is read for the rules, and once more for what learns.
        passing = bar.add_task("comparing", total=len(items) + len(items) // 2)
        arms = compared(what, items, data=name, judged=lambda: bar.advance(passing))
    if json:
        print_json(
            [
                {
                    "name": arm.name,
                    "rules": arm.rules,
                    "weights": arm.weights,
                    "report": to_json(arm.report),
                    "campaign": [asdict(step) for step in arm.campaign],
                }
                for arm in arms
            ]
        )
    else:
        _show(what, arms)


def _wanted(task: Task, rungs: str) -> tuple[Rung, ...]:
    """Return the rungs that are asked for, simplest first."""
    from chaffinch.errors import UsageError
    from chaffinch.scheme import Binary

    if isinstance(task.scheme, Binary):
        raise UsageError(
            f"--rungs is for tasks of more than two labels, and {task.name} has two: leave it out"
        )
    if rungs == "all":
        return _installed(task.rungs)
    names = [task.rung(name.strip()).name for name in rungs.split(",")]
    wanted = tuple(rung for rung in task.rungs if rung.name in names)
    for rung in wanted:
        rung.require()
    return wanted


def _installed(rungs: Sequence[Rung]) -> tuple[Rung, ...]:
    """Return those that can be compared, and say what the others need."""
    from chaffinch.errors import MissingExtraError

    found = []
    for rung in rungs:
        try:
            rung.require()
        except MissingExtraError as error:
            note(f"{rung.name} is left out: {error}")
        else:
            found.append(rung)
    return tuple(found)


def _ladder(task: Task, items: Sequence[Example], name: str, *, json: bool) -> None:
    from chaffinch.cli.tables import say
    from chaffinch.loop.ladder import good_enough, halves, ladder
    from chaffinch.performance.report import to_json

    earlier, later = halves(task, items, name)
    with progress_bar() as bar:
        passing = bar.add_task("comparing", total=len(task.ladder) * len(later))
        judging = ladder(task, earlier, later, data=name, progress=lambda: bar.advance(passing))
        steps = list(judging)
    if json:
        print_json([step.as_json() | {"report": to_json(step.report)} for step in steps])
    else:
        console().print(_steps(task, len(earlier), len(later), steps))
        if steps:
            say(f"{good_enough(task, steps)}.")
    for rung in task.ladder:
        if all(step.rung is not rung for step in steps):
            note(f"{rung.name} is left out: it has learned from what is to be judged")


def _steps(task: Task, learned: int, judged: int, steps: Sequence[Step]) -> object:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=f"{task.name}: {learned:,} items learned, the {judged:,} after them judged",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("rung, and what it is good at", overflow="fold", max_width=36)
    for heading in ("errors %\n[95% interval]", "to fit\ns", "size\nMB", "to judge\nms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for step in steps:
        table.add_row(
            Text.assemble((step.rung.title, "bold"), f"\n{step.rung.worth}"),
            str(step.report.metrics["error_percent"]),
            f"{step.wall_seconds:.1f}",
            f"{step.megabytes:.2f}",
            f"{step.milliseconds:.2f}",
        )
    return table


def _show(task: Task, arms: Sequence[Arm]) -> None:
    from chaffinch.performance.report import scoreboard

    out = console()
    out.print(scoreboard([arm.report for arm in arms]))
    out.print(_campaign(task, arms))


def _campaign(task: Task, arms: Sequence[Arm]) -> object:
    from rich import box
    from rich.table import Table

    from chaffinch.loop.compare import FLAGS

    table = Table(
        title=f"what people wrote, what was learned, and % caught of a campaign\n"
        f"as it is rewritten: at once › when {FLAGS} of a step were flagged {task.positive}",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("model", overflow="fold", max_width=18)
    for heading in ("rules", "weights", *_SHORT):
        table.add_column(heading, justify="right", no_wrap=True)
    for arm in arms:
        table.add_row(
            arm.name,
            f"{arm.rules or '·'}",
            f"{arm.weights:,}" if arm.weights else "·",
            *(f"{100 * one.at_once:.0f}›{100 * one.flagged:.0f}" for one in arm.campaign),
        )
    return table
