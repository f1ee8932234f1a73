"""The verbs that judge: predict, and filter for mail on its way."""

from __future__ import annotations

import json as json_
import re
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from chaffinch.cli.common import (
    Format,
    Json,
    Owner,
    SkippedRecords,
    TaskName,
    item_on_stdin,
    no_stdout,
    note,
    path_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chaffinch.predictor import Predictor
    from chaffinch.task import Task
    from chaffinch.types import Item, Part, Verdict

# bogofilter(1), "RETURN VALUES".
_BOGOFILTER_CODES = {"junk": 0, "deliver": 1, "unsure": 2}
_BOGOFILTER_ERROR = 3
#: What the id of an item, or the beginning of one, looks like.
ITEM_ID = re.compile("[0-9a-f]{1,32}")
# sysexits.h: the caller should keep the mail and try again.
_TEMPORARY_FAILURE = 75


def predict(
    task: TaskName,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, folders, mailboxes and the like to judge, ids of items that are "
            "kept, or their first digits, 6 at least; - or nothing for stdin.",
            metavar="PATH|ID|-...",
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
            callback=no_stdout,
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

    Of words and rules the weights of the reasons, what all others weigh, and the base add up to the
    score. Of images and recordings a weight is what the score loses where a part is covered, and
    these do not add up. What holds nothing to judge has no label; what was not read as a whole,
    as a note says, is unsure.

    With --json, one object a line: name, item, label, second (the next best label, of several),
    probability, score, action, model, reasons, notes, intercept, rest, would_be (the action, were
    it not for log_only) and missing (how many flags are, where the promise keeps it unsure); a
    reason has a text, where it stands, its weight, how
    much of that is the owner's own view, and whether the text is quoted. Of an image that shows
    several signs, or a recording of several words, each is judged; box says where it stands: left,
    top, right, bottom, or begin and end in seconds; and line on which line of an image, from 0.

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
    seen: list[tuple[str, Item, Verdict]] = []  # what is to be drawn
    if heat is not None:
        _check_heat(what, heat, named)
    with Predictor.load(task) as predictor, SkippedRecords() as skipped:
        for path in named:
            try:
                for whole, item in items_of(what, path, owner, format_, skipped):
                    read: list[Verdict] = []
                    lines: list[str] = []
                    item = predictor.known(item)
                    parts = what.parts(item.data) if what.parts else []
                    for name, part, one in parts_of(whole, item, parts):
                        verdict = predictor.predict(one, door="predict", reasons=reasons, part=part)
                        read.append(verdict)
                        if heat is not None:
                            seen.append((name, one, verdict))
                        if json:
                            missing = missing_flags(what, verdict, predictor.policy)
                            told = {"name": name, **asdict(verdict), "missing": missing}
                            place = {"box": part.box, "line": part.line} if part else {}
                            print(json_.dumps(told | place))
                        else:
                            # What was noted of the whole is told once, with what it reads.
                            known = part.notes if part else ()
                            own = tuple(note for note in verdict.notes if note not in known)
                            shown = replace(verdict, notes=own)
                            lines += verdict_lines(what, name, shown, predictor.policy)
                    if parts and not json:
                        # What it reads is what was asked; why follows.
                        lines = [*line_read(whole, parts, read), *lines]
                    if lines:
                        print("\n".join(lines))
            except InputError as error:
                # One that is not there must not keep the others from their verdicts.
                if len(named) == 1:
                    raise
                note(str(error))
                failed = True
        if heat is not None:
            _draw(predictor, seen, heat)
            note(f"what speaks for and against each is drawn in {heat}")
    if failed:
        raise typer.Exit(InputError.exit_code)


def _check_heat(task: Task, heat: Path, named: list[str]) -> None:
    """Refuse to draw what has no looks, or over an item that is judged."""
    from chaffinch.cli.pictures import check_png
    from chaffinch.errors import UsageError

    if task.medium is None:
        raise UsageError(
            f"--heat draws images and recordings, and {task.name} has none: leave it away"
        )
    check_png("--heat", heat, named)


def _draw(predictor: Predictor, seen: list[tuple[str, Item, Verdict]], path: Path) -> None:
    """Draw what was judged, with what speaks for and against it, and the flagged items like it."""
    from chaffinch.explain.item import item_account
    from chaffinch.explain.nearest import MOST, Neighbours
    from chaffinch.pages.heat import check_number, draw

    check_number(len(seen))
    neighbours = Neighbours(predictor, predictor.flagged(MOST))
    told = [
        item_account(predictor, neighbours, name, item, verdict=verdict)
        for name, item, verdict in seen
    ]
    draw(told, path)


def parts_of(
    name: str, item: Item, parts: Sequence[Part]
) -> Iterator[tuple[str, Part | None, Item]]:
    """Yield an item, or each of its parts where it has several, with what to call it."""
    if not parts:
        yield name, None, item
    for number, part in enumerate(parts, start=1):
        told = f"{name} [{number} of {len(parts)}]"
        source = f"{item.source} [{number} of {len(parts)}]" if item.source else ""
        yield told, part, replace(item, data=part.data, source=source)


def items_of(
    task: Task, path: str, owner: str, format_: str | None, skipped: SkippedRecords
) -> Iterator[tuple[str, Item]]:
    """Yield the items that a path, an id or - for stdin means, with what to call each."""
    from chaffinch.experience.gather import item_of, records_of

    if path == "-":
        yield "stdin", item_on_stdin(task, owner)
        return
    where = path_of(path)
    if ITEM_ID.fullmatch(path) and not where.exists():
        from chaffinch.experience.store import Experience

        with Experience.look() as experience:
            item = experience.items.get(path, owner=owner)
        yield item.source or path, item
        return
    for record in records_of(task, where, format=format_, skipped=skipped):
        yield record.name, item_of(task, record, owner)


class FilterCommand(TyperCommand):
    """The command of `filter`, whose code must not be a verdict where it was not understood."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options, as any command does."""
        code = _BOGOFILTER_ERROR if "--bogofilter-codes" in args else _TEMPORARY_FAILURE
        try:
            return super().parse_args(ctx, args)
        except typer.Exit:
            raise
        except Exception as error:
            # One of click, which some versions of typer bring along under another name.
            error.exit_code = code  # type: ignore[attr-defined]
            raise


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
    altered. Where the mail cannot be judged, or there is none, it passes on all the same, without
    forged ones, and stderr says why. A command that is not understood, such as a misspelt option,
    writes nothing and exits with 75, or 3 under --bogofilter-codes, so that who calls keeps the
    mail.

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
        passed, code = _unjudged(data), _BOGOFILTER_ERROR
    try:
        sys.stdout.buffer.write(passed)
        sys.stdout.buffer.flush()
    except OSError as error:
        note(f"mail could not be passed on: {error.strerror}")
        raise typer.Exit(_TEMPORARY_FAILURE) from error
    raise typer.Exit(code if bogofilter_codes else 0)


def _unjudged(data: bytes) -> bytes:
    """Return a mail without what would pass for our verdict."""
    try:
        from chaffinch.readers.mail import strip_own_headers

        return strip_own_headers(data)
    except Exception as error:  # noqa: BLE001 (even a bug of ours must not stop the mail)
        note(f"forged headers, if there are any, stay: {error}")
        return data


def _judged(data: bytes, owner: str) -> tuple[bytes, int]:
    from chaffinch.errors import InputError
    from chaffinch.predictor import Predictor
    from chaffinch.servers.dkim import Signatures
    from chaffinch.servers.marks import marked
    from chaffinch.settings import home_folder, read_settings
    from chaffinch.types import Item

    if not data or data.isspace():
        # Whatever was to come has died before it wrote anything: of nothing nothing is known.
        raise InputError("stdin is empty: there is no mail to judge")
    signatures = Signatures.wanted(read_settings(home_folder()))
    if signatures is not None:
        data, _ = signatures.told(data)
    with Predictor.load("mail") as predictor:
        verdict = predictor.predict(Item(predictor.task.clean(data), "mail", owner), door="filter")
        policy = predictor.policy
    for said in verdict.notes:
        note(said)
    return marked(data, verdict, policy), _BOGOFILTER_CODES[verdict.action]
