"""The verbs that judge: predict, and filter for mail on its way."""

from __future__ import annotations

import json as json_
import re
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import (
    Format,
    Json,
    Owner,
    SkippedRecords,
    TaskName,
    note,
    path_of,
    read_stdin,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaffinch.task import Task
    from chaffinch.types import Item, Verdict

# bogofilter(1), "RETURN VALUES".
_BOGOFILTER_CODES = {"junk": 0, "deliver": 1, "unsure": 2}
_BOGOFILTER_ERROR = 3
_ID = re.compile("[0-9a-f]{8,32}")
# sysexits.h: the caller should keep the mail and try again.
_TEMPORARY_FAILURE = 75


def predict(
    task: TaskName,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders, mailboxes and the like to judge, ids (or beginnings of ids) "
            "of items that are kept; - or nothing for stdin.",
            metavar="PATH|ID|-",
        ),
    ] = None,
    reasons: Annotated[
        int,
        typer.Option(
            "--reasons",
            help="How many reasons to give at most; 1000 is nearly always all.",
            min=0,
            max=100_000,
        ),
    ] = 6,
    heat: Annotated[
        Path | None,
        typer.Option(
            "--heat",
            help="Draw images, or the spectra of recordings, with what speaks for and against "
            "their labels, into this PNG.",
            metavar="PNG",
        ),
    ] = None,
    owner: Owner = "",
    format_: Format = None,
    json: Json = False,
) -> None:
    """Judge items by the launched model, and say why.

    The weights of the reasons, what all others weigh, and the base add up to the score.

    With --json, one object a line: item, label, probability, score, action, model, reasons, notes,
    intercept, rest, would_be (the action, were it not for log_only) and missing (how many flags
    are, where the promise keeps it unsure); a reason has a text, where it stands, its weight, how
    much of that is the owner's own view, and whether the text is quoted. Of an image that shows
    several signs, or a recording of several words, each is judged, and box says where it stands:
    left, top, right, bottom; or begin and end in seconds.

    Example: chaffinch predict mail message.eml

    Example: chaffinch predict digits postcode.png --heat why.png
    """
    from chaffinch.errors import InputError
    from chaffinch.explain.verdict import line_read, missing_flags, verdict_lines
    from chaffinch.predictor import Predictor
    from chaffinch.task import get_task

    what = get_task(task)
    named = paths or ["-"]
    failed = False
    seen: list[tuple[str, Item, Verdict]] = []
    if heat is not None:
        _check_heat(what, heat, named)
    with Predictor.load(task) as predictor, SkippedRecords() as skipped:
        for path in named:
            try:
                for whole, item in _items(what, path, owner, format_, skipped):
                    read = []
                    for name, box, one in _parts(what, whole, item):
                        verdict = predictor.predict(one, door="predict", reasons=reasons)
                        read.append(verdict)
                        if heat is not None:
                            seen.append((name, one, verdict))
                        if json:
                            missing = missing_flags(what, verdict, predictor.policy)
                            told = {"name": name, **asdict(verdict), "missing": missing}
                            print(json_.dumps(told | ({"box": box} if box else {})))
                        else:
                            print("\n".join(verdict_lines(what, name, verdict, predictor.policy)))
                    if len(read) > 1 and not json:
                        print(line_read(whole, read))
            except InputError as error:
                # One that is not there must not keep the others from their verdicts.
                if len(named) == 1:
                    raise
                note(str(error))
                failed = True
        if heat is not None:
            from chaffinch.pages.heat import draw

            draw(predictor, seen, heat)
    if failed:
        raise typer.Exit(InputError.exit_code)


def _check_heat(task: Task, heat: Path, named: list[str]) -> None:
    """Refuse to draw what has no looks, or over an item that is judged."""
    from chaffinch.errors import UsageError

    if task.medium is None:
        raise UsageError(
            f"--heat draws images and recordings, and {task.name} has none: leave it away"
        )
    if heat.suffix.lower() != ".png":
        raise UsageError(f"--heat {heat}: it is a PNG: name it {heat.with_suffix('.png')}")
    for name in named:
        if heat.exists() and Path(name).exists() and heat.samefile(name):
            raise UsageError(f"--heat {heat} is an item that is to be judged: name another file")


def _parts(
    task: Task, name: str, item: Item
) -> Iterator[tuple[str, tuple[float, ...] | None, Item]]:
    """Yield an item, or each of its parts where it has several, with what to call it."""
    parts = task.parts(item.data) if task.parts else []
    if not parts:
        yield name, None, item
    for number, part in enumerate(parts, start=1):
        told = f"{name} [{number} of {len(parts)}]"
        yield told, part.box, replace(item, data=part.data)


def _items(
    task: Task, path: str, owner: str, format_: str | None, skipped: SkippedRecords
) -> Iterator[tuple[str, Item]]:
    from chaffinch.experience.gather import check_kind, item_of
    from chaffinch.experience.importers import Skipped, open_source
    from chaffinch.types import Item

    if path == "-":
        yield "stdin", Item(task.clean(read_stdin()), task.name, owner)
        return
    where = path_of(path)
    if _ID.fullmatch(path) and not where.exists():
        from chaffinch.experience.store import Experience

        with Experience.look() as experience:
            yield path, experience.items.get(path, owner=owner)
        return
    source = open_source(where, format=format_)
    check_kind(task, source)
    for record in source:
        if isinstance(record, Skipped):
            skipped(record)
        else:
            yield record.name, item_of(task, record, owner)


def filter_mail(
    bogofilter_codes: Annotated[
        bool,
        typer.Option(
            "--bogofilter-codes",
            help="Exit as bogofilter does: 0 spam, 1 ham, 2 unsure, 3 error.",
        ),
    ] = False,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Where a mail cannot be judged write nothing and exit with 75, so that who calls "
            "keeps it and tries again.",
        ),
    ] = False,
    owner: Owner = "",
) -> None:
    """Pass one mail from stdin to stdout, with the verdict in its headers.

    For procmail, maildrop, fdm and the like. The headers are X-Chaffinch-* and, for rules that know
    SpamAssassin, X-Spam-Flag and X-Spam-Status; forged ones are taken out, and nothing else is
    altered. On any failure the mail passes through unchanged, and stderr says why.

    Example: chaffinch filter < mail > judged
    """
    if sys.stdin is None or sys.stdout is None:
        note("mail could not be passed on: standard input or output is closed")
        raise typer.Exit(_TEMPORARY_FAILURE)
    data = sys.stdin.buffer.read()
    try:
        passed, code = _judged(data, owner)
    except Exception as error:
        if keep:
            note(f"mail not judged, to be tried again: {error}")
            raise typer.Exit(_TEMPORARY_FAILURE) from error
        note(f"mail passed through unjudged: {error}")
        passed, code = data, _BOGOFILTER_ERROR
    try:
        sys.stdout.buffer.write(passed)
        sys.stdout.buffer.flush()
    except OSError as error:
        note(f"mail could not be passed on: {error.strerror}")
        raise typer.Exit(_TEMPORARY_FAILURE) from error
    raise typer.Exit(code if bogofilter_codes else 0)


def _judged(data: bytes, owner: str) -> tuple[bytes, int]:
    from chaffinch.predictor import Predictor
    from chaffinch.servers.marks import marked
    from chaffinch.types import Item

    with Predictor.load("mail") as predictor:
        verdict = predictor.predict(Item(predictor.task.clean(data), "mail", owner), door="filter")
        policy = predictor.policy
    for said in verdict.notes:
        note(said)
    return marked(data, verdict, policy), _BOGOFILTER_CODES[verdict.action]
