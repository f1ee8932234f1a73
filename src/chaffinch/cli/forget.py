"""The verb that bounds the experience: forget."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import Json, TaskName, console, print_json

if TYPE_CHECKING:
    from chaffinch.experience.retention import Bounds, Forgotten
    from chaffinch.task import Task


def forget(
    task: TaskName,
    days: Annotated[
        int | None,
        typer.Option(
            "--days", help="Keep nothing older than so many days; 0: for ever.", metavar="N"
        ),
    ] = None,
    flagged: Annotated[
        int | None,
        typer.Option("--flagged", help="Keep the newest so many flagged items.", metavar="N"),
    ] = None,
    reservoir: Annotated[
        int | None,
        typer.Option(
            "--reservoir",
            help="Of the flagged items before those, keep so many as a sample, half of it for "
            "each label.",
            metavar="N",
        ),
    ] = None,
    unflagged: Annotated[
        int | None,
        typer.Option(
            "--unflagged",
            help="Of items without a flag keep so many, the last judged.",
            metavar="N",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go; forget nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Forget old experience for good: items, their flags and their verdicts.

    What is not given is as the settings keep_flagged, keep_reservoir, keep_unflagged and keep_days
    say. Models keep what they have learned; what none has learned yet stays until one has.

    Example: chaffinch forget mail --flagged 20000 --dry-run

    Example: chaffinch forget digits --unflagged 1000
    """
    from chaffinch.experience.retention import Bounds
    from chaffinch.experience.store import Experience
    from chaffinch.loop.forget import forget as forget_beyond
    from chaffinch.settings import read_settings
    from chaffinch.task import get_task

    what = get_task(task)
    given = {"days": days, "flagged": flagged, "reservoir": reservoir, "unflagged": unflagged}
    with Experience.look() if dry_run else Experience.open() as experience:
        bounds = replace(
            Bounds.of(read_settings(experience.home)),
            **{name: value for name, value in given.items() if value is not None},
        )
        told = forget_beyond(what, experience, bounds, dry_run=dry_run)
    if json:
        print_json({"dry_run": dry_run, "bounds": asdict(bounds), **asdict(told)})
    else:
        _show(what, bounds, told, dry_run=dry_run)


def _show(task: Task, bounds: Bounds, told: Forgotten, *, dry_run: bool) -> None:
    from chaffinch.cli.tables import new_table, say, texts
    from chaffinch.explain.readable import counted

    say(f"{'To keep' if dry_run else 'Kept'} of {task.name}: {bounds}.")
    table = new_table("what would stay and go" if dry_run else "what stayed and went")
    table.add_column("")
    for head in (
        "newest",
        "sample",
        "stays" if dry_run else "stayed",
        "goes" if dry_run else "went",
    ):
        table.add_column(head, justify="right")
    labels = dict.fromkeys((*task.labels, *told.newest, *told.reservoir, *told.gone))
    for label in labels:
        newest, sample = told.newest.get(label, 0), told.reservoir.get(label, 0)
        counts = (newest, sample, newest + sample, told.gone.get(label, 0))
        table.add_row(*texts(f"flagged {label}", *(f"{count:,}" for count in counts)))
    rest = {
        "not flagged": (told.unflagged, told.unflagged_gone),
        "verdicts": (told.verdicts_kept, told.verdicts),
    }
    for name, pair in rest.items():
        table.add_row(*texts(name, "", "", *(f"{count:,}" for count in pair)))
    console().print(table)
    if told.waiting:
        many = told.waiting > 1
        say(
            f"{counted(told.waiting, 'more item')} {'stay' if many else 'stays'} until a model "
            f"that has learned what was said of {'them' if many else 'it'} is stored: `chaffinch "
            f"learn {task.name}` sees to that."
        )
    if told.gone:
        left = sum(told.newest.values()) + sum(told.reservoir.values())
        say(
            f"The models go on knowing what they have learned. Of the {counted(left, 'flag')} that "
            f"{'stay' if dry_run else 'stayed'}, one that is taken back or changed later can be "
            "unlearned only where little of what a model knows was forgotten; `chaffinch learn "
            f"{task.name} --afresh` trains on these alone."
        )
    if dry_run:
        say(f"Nothing was changed. The database has {_size(told.bytes_before)}.")
    elif told:
        say(f"The database had {_size(told.bytes_before)}, and has {_size(told.bytes_after)}.")
    else:
        say("There was nothing to forget.")


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
