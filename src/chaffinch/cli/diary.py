"""The verb that tells what happened: diary."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import (
    Json,
    TaskName,
    console,
    day_of,
    no_stdout,
    note,
    print_json,
    progress_bar,
)

if TYPE_CHECKING:
    from chaffinch.explain.diary.entries import Diary


def diary(
    task: TaskName,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", help="The first day, as in 2026-11-25; by default 30 days before the last."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="The last day; by default today.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            callback=no_stdout,
            help="Write a page of HTML here instead of Markdown on stdout.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Tell what happened day by day: flags, verdicts, mistakes, new items, launches and refusals.

    Every line names its evidence, which stands at the end. Days are UTC; more than 31 are told by
    weeks. The experience is only read.

    Example: chaffinch diary mail --since 2026-11-01

    Example: chaffinch diary digits --html diary.html
    """
    from chaffinch.errors import UsageError
    from chaffinch.experience.history import History
    from chaffinch.explain.diary.write import write
    from chaffinch.task import get_task

    if html and json:
        raise UsageError("--html and --json exclude each other: give one")
    what = get_task(task)
    first, last = day_of("--since", since), day_of("--until", until)
    if first is not None and last is not None and first > last:
        raise UsageError(f"--since {since} is later than --until {until}: exchange the two")
    with History.open(task) as history, progress_bar() as bar:
        reading = bar.add_task("reading", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(reading, completed=done, total=total)

        written = write(what, history, since=first, until=last, progress=progress)
    if json:
        print_json(_as_json(written))
    elif html:
        from chaffinch.pages.diary import diary_page
        from chaffinch.pages.page import write_page

        write_page(html, diary_page(written))
        note(f"the diary is in {html}")
    else:
        from chaffinch.explain.diary.markdown import markdown

        out = console()
        shown = markdown(written, terminal=out.is_terminal)
        out.print(shown, markup=False, emoji=False, soft_wrap=True, end="")


def _as_json(written: Diary) -> dict[str, object]:
    """Return a diary JSON-ready: the texts that people read, and the keys of the evidence."""
    return {
        **asdict(written),
        "entries": [
            {
                "title": entry.title,
                "date": entry.date,
                "lines": [{"text": one.text, "evidence": one.evidence} for one in entry.lines],
            }
            for entry in written.entries
        ],
        "evidence": [
            {"key": one.key, "text": one.text, "command": one.command} for one in written.evidence
        ],
    }
