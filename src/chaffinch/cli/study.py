"""The verb that looks before anything is learned: study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import Data, Format, Json, Labels, TaskName, labelled, print_json

if TYPE_CHECKING:
    from chaffinch.loop.study import Study
    from chaffinch.task import Task


def study(
    task: TaskName,
    data: Data = None,
    label: Labels = None,
    top: Annotated[
        int,
        typer.Option("--top", help="How many patterns of each part and label.", min=1, max=100),
    ] = 5,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", help="Write a report with charts and examples here.", metavar="FILE"
        ),
    ] = None,
    format_: Format = None,
    json: Json = False,
) -> None:
    """Study what the labels look like: patterns of each part, campaigns, times and lengths.

    This is where rules begin that are written by hand. Nothing is learned and nothing is stored.
    The report of --html holds the words of your items: it is for your eyes. It sets one label
    against the other, so it is for tasks of two.

    Example: chaffinch study mail spamassassin --html study.html
    """
    from chaffinch.cli.show_study import show_study
    from chaffinch.explain.table import TermTable
    from chaffinch.loop.study import as_json
    from chaffinch.loop.study import study as studied
    from chaffinch.task import get_task

    what = get_task(task)
    # A task of more labels is refused before anything is read.
    what.is_positive(what.labels[0])
    with labelled(what, data, label, format_) as (examples, _):
        table = TermTable.of(what, examples)
    found = studied(table, top=top)
    _hold_both(what, found, bool(data or label))
    if html is not None:
        _write(html, what, found, ", ".join([*(data or ()), *(label or ())]))
    if json:
        print_json(as_json(what, found))
    else:
        show_study(what, found, html)


def _hold_both(task: Task, found: Study, named: bool) -> None:
    """Refuse to study one label without another to set it against."""
    from chaffinch.errors import InputError

    missing = [name for name, items in zip(task.labels, found.items, strict=True) if not items]
    if missing:
        where = "the data" if named else "the experience"
        remedy = (
            " ".join(f"--label {name}=PATH" for name in missing)
            if named
            else f"flag some, or name labelled data, as in `chaffinch study {task.name} DATA`"
        )
        raise InputError(
            f"there is no {' and no '.join(missing)} in {where}, and a study sets one label "
            f"against the other: {'add ' if named else ''}{remedy}"
        )


def _write(path: Path, task: Task, found: Study, data: str) -> None:
    from chaffinch.pages.page import write_page
    from chaffinch.pages.study import study_page

    write_page(path, study_page(task, found, data=data))
