"""The verb that tells people what was learned: explain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import (
    Json,
    Owner,
    TaskName,
    day_of,
    no_stdout,
    print_json,
    progress_bar,
    shown_in,
)

if TYPE_CHECKING:
    from chaffinch.task import Task

_TOP, _TOP_OF_ALL, _TOP_OF_ONE = 20, 5, 6


def explain(
    task: TaskName,
    what: Annotated[
        str | None,
        typer.Argument(
            help="What to tell: patterns (what is unusually frequent under each label, and what "
            "the model makes of it), together (terms that say much together and little apart), "
            "campaigns (near-copies, and those with two labels), rising (what is more frequent or "
            "rarer now than before), unsure (where a flag would teach "
            "most, or may be wrong); of images and recordings filters (what the model looks at or "
            "listens to), prototypes "
            "(what it takes for typical of each label), confused (which labels it takes for "
            "which) and unsure; by default all, in short. Or one of them, by path or id: why it "
            "was given its label, and the flagged ones that are most like it.",
            metavar="WHAT",
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            help=f"How many of each kind; by default {_TOP}, or {_TOP_OF_ALL} where all is told.",
            min=1,
            max=1000,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help="For rising: now begins on this day (UTC), as in 2026-11-25."),
    ] = None,
    last: Annotated[
        int | None,
        typer.Option(
            "--last",
            help="For rising: now is so many of the latest items; by default a fifth, 500 at most.",
            min=1,
        ),
    ] = None,
    png: Annotated[
        Path | None,
        typer.Option(
            "--png",
            callback=no_stdout,
            help="Of images and recordings: draw what is told into this PNG.",
            metavar="PNG",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            callback=no_stdout,
            help="Of images and recordings: write a report with pictures here, and with sound.",
            metavar="FILE",
        ),
    ] = None,
    owner: Owner = "",
    json: Json = False,
) -> None:
    """Tell what was learned: what experience shows, and what the live model makes of it.

    Example: chaffinch explain mail together --top 40

    Example: chaffinch explain digits unsure

    Example: chaffinch explain words said.wav --html why.html
    """
    from chaffinch.cli.explain_items import explain_items, is_item
    from chaffinch.cli.pictures import check_png
    from chaffinch.cli.show_explain import show_account
    from chaffinch.errors import UsageError
    from chaffinch.experience.store import Experience
    from chaffinch.explain.account import SECTIONS, account, sections_of
    from chaffinch.explain.account_json import to_json
    from chaffinch.explain.account_pictures import SECTIONS as PICTURED
    from chaffinch.explain.rising import Window
    from chaffinch.explain.table import TermTable
    from chaffinch.task import get_task

    kind = get_task(task)
    if png is not None:
        check_png("--png", png, [what] if what else [])
    if what is not None and what not in (*SECTIONS, *PICTURED) and is_item(what):
        explain_items(
            kind, what, owner=owner, top=top or _TOP_OF_ONE, png=png, html=html, json=json
        )
        return
    if owner:
        raise UsageError("--owner says whose one item is: name it, or leave that away")
    if kind.medium is not None:
        if since or last:
            raise UsageError("--since and --last are for what is rising: leave them away")
        _pictures(kind, what, top, png=png, html=html, json=json)
        return
    if png or html:
        raise UsageError(
            f"--png and --html are for images and recordings, and {task} has none: `chaffinch "
            f"study {task} --html FILE` writes a report of what experience shows"
        )
    sections = sections_of(what)
    if (since or last) and "rising" not in sections:
        raise UsageError("--since and --last are for what is rising: leave them away")
    window = None
    if since or last:
        window = Window(last=last, since=day_of("--since", since))
    with Experience.look() as experience, progress_bar() as bar:
        table = None
        if sections != ("unsure",):
            total = sum(experience.log.count(task).values())
            examples = experience.examples(task, given=True)
            table = TermTable.of(kind, shown_in(bar, "reading", examples, total))
        told = account(
            kind,
            experience,
            table,
            sections,
            top=top or (_TOP if what else _TOP_OF_ALL),
            window=window,
        )
    if json:
        print_json(to_json(told))
    else:
        show_account(told)


def _pictures(
    task: Task,
    what: str | None,
    top: int | None,
    *,
    png: Path | None,
    html: Path | None,
    json: bool,
) -> None:
    """Tell what was learned of pictures."""
    from chaffinch.cli.show_explain_pictures import show_account
    from chaffinch.experience.store import Experience
    from chaffinch.explain.account import sections_of
    from chaffinch.explain.account_pictures import SECTIONS, as_json, picture_account

    sections = sections_of(what, SECTIONS, item=task.medium.name if task.medium else "")
    with Experience.look() as experience:
        most = top or (_TOP if what else _TOP_OF_ALL)
        told = picture_account(task, experience, sections, top=most)
    if png is not None:
        from chaffinch.pages.explain_pictures import draw_account

        draw_account(told, png)
    if html is not None:
        from chaffinch.pages.explain_pictures import explain_page
        from chaffinch.pages.page import write_page

        write_page(html, explain_page(told))
    if json:
        print_json(as_json(told))
    else:
        show_account(told, [path for path in (png, html) if path is not None])
