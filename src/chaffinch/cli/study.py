"""The verb that looks before anything is learned: study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import (
    Data,
    Format,
    Json,
    Labels,
    TaskName,
    labelled,
    no_stdout,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chaffinch.loop.study import Study
    from chaffinch.task import Task
    from chaffinch.types import Example


def study(
    task: TaskName,
    data: Data = None,
    label: Labels = None,
    top: Annotated[
        int,
        typer.Option(
            "--top",
            help="How many patterns of each part and label; of images and recordings, how many "
            "odd ones of each kind.",
            min=1,
            max=100,
        ),
    ] = 5,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            callback=no_stdout,
            help="Write a report with charts and examples here.",
            metavar="FILE",
        ),
    ] = None,
    format_: Format = None,
    json: Json = False,
) -> None:
    """Study what the labels look like: patterns of each part, campaigns, times and lengths.

    Of images and recordings: the mean look of each label, the signs that tell labels apart, which
    look alike, where they differ, and odd ones. This is where rules begin that are written by hand.
    Nothing is learned and nothing is stored. The report of --html holds the words of your items, or
    shows and plays them: it is for your eyes.

    Example: chaffinch study mail spamassassin --html study.html

    Example: chaffinch study words fsdd --html study.html
    """
    from chaffinch.task import get_task

    what = get_task(task)
    if html is not None:
        from chaffinch.pages.charts import drawing_tools

        # Before the work of which nothing could be shown.
        drawing_tools()
    named = ", ".join([*(data or ()), *(label or ())])
    with labelled(what, data, label, format_) as (examples, _):
        if what.medium is not None:
            _pictures(what, examples, named, top=top, html=html, json=json)
        else:
            _words(what, examples, named, top=top, html=html, json=json)


def _words(
    task: Task, examples: Iterable[Example], data: str, *, top: int, html: Path | None, json: bool
) -> None:
    """Study items that are made of words, of two labels."""
    from chaffinch.cli.show_study import show_study
    from chaffinch.explain.table import TermTable
    from chaffinch.loop.study import as_json, study

    found = study(TermTable.of(task, examples), top=top)
    _hold_both(task, found, bool(data))
    if html is not None:
        from chaffinch.pages.page import write_page
        from chaffinch.pages.study import study_page

        write_page(html, study_page(task, found, data=data))
    if json:
        print_json(as_json(task, found))
    else:
        show_study(task, found, html)


def _pictures(
    task: Task, examples: Iterable[Example], data: str, *, top: int, html: Path | None, json: bool
) -> None:
    """Study images or recordings, of many labels."""
    from chaffinch.cli.show_study_pictures import show_study
    from chaffinch.loop.study_pictures import as_json, study_pictures

    found = study_pictures(task, examples, top=top)
    if html is not None:
        from chaffinch.pages.page import write_page
        from chaffinch.pages.study_pictures import study_page

        write_page(html, study_page(task, found, data=data))
    if json:
        print_json(as_json(found))
    else:
        show_study(task, found, html, top=top)


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
