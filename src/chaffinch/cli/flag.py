"""The verb that says what an item really is: flag."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import (
    By,
    Format,
    Json,
    New,
    Owner,
    SkippedRecords,
    TaskName,
    console,
    item_on_stdin,
    note,
    path_of,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaffinch.experience.store import Experience
    from chaffinch.task import Task
    from chaffinch.types import Flag, Item, Launch

# Items that are named one by one.
_SHOWN = 10


def flag(
    task: TaskName,
    label: Annotated[
        str, typer.Argument(help="The true label, such as spam, ham or 7.", metavar="LABEL")
    ],
    items: Annotated[
        list[str],
        typer.Argument(
            help="Files; folders, mailboxes and the like, of which every item is flagged; ids "
            "that predict printed, or their first digits, 6 at least; or - for stdin.",
            metavar="PATH|ID...",
        ),
    ],
    undo: Annotated[
        bool, typer.Option("--undo", help="Take this label back, as if it had never been given.")
    ] = False,
    new: New = False,
    owner: Owner = "",
    by: By = None,
    format_: Format = None,
    json: Json = False,
) -> None:
    """Say what items really are; the next verdict knows it.

    A flag is on disk when the command returns. Flagging an item again with another label replaces
    the first. Flags of somebody whom `chaffinch review` does not trust are stored, and held. An
    image of several signs that stand apart, or a recording of several words, has no label as a
    whole: flag each by its id. Signs that were cut from ink that hangs together are one if you say
    so, and read as one from then on.

    Example: chaffinch flag mail spam ~/Maildir/cur/1745000000.M1.host:2,S

    Example: chaffinch flag digits 7 seven.png

    Example: chaffinch flag mail spam ~/Maildir/cur/1745000000.M1.host:2,S --undo
    """
    from chaffinch.cli.new import agree_on_new
    from chaffinch.errors import InputError
    from chaffinch.experience.known import known
    from chaffinch.experience.store import Experience
    from chaffinch.loop.flag import keep_up, store_flag
    from chaffinch.loop.watch import look
    from chaffinch.task import get_task

    what = get_task(task)
    label = what.label(label)
    who = by or getpass.getuser()
    ids = [name for name in items if name != "-" and not path_of(name).exists()]
    with Experience.look() as experience:
        # Before anything is begun, or flagged: what is not there is an error.
        for name in ids:
            experience.items.get(name, owner=owner)
        if not undo:
            agree_on_new(what, experience, [label], new=new)
    done: list[Flag] = []
    failed = False
    left: dict[str, str] = {}
    with Experience.open() as experience, SkippedRecords() as skipped:
        for name in items:
            try:
                for called, item in _named(what, experience, name, owner, format_, skipped):
                    if undo:
                        item = known(what, experience.items, item)
                        done.append(_undone(what, experience, called, item, label, who))
                        before = experience.log.standing(task, item.id, owner=item.owner)
                        left[item.id] = f": {before.label} again" if before else ""
                    else:
                        reason = what.unfit(what.uncut(item.data)) if what.unfit else ""
                        if reason:
                            raise InputError(f"{called} {reason}")
                        done.append(store_flag(what, experience, item, label, by=who))
            except InputError as error:
                # One that cannot be read must not keep the others from their flags.
                if len(items) == 1:
                    raise
                note(str(error))
                failed = True
        if not undo:
            look(what, experience, by=who, given=len(set(done)))
        launched = keep_up(what, experience)
        waiting = set() if undo else {one.seq for one in experience.review.held(task)}
    held = [one for one in done if one.seq in waiting]
    if json:
        print_json(
            {
                "flags": [
                    {
                        "item": one.item,
                        "label": one.label,
                        "seq": one.seq,
                        "held": one in held,
                    }
                    for one in done
                ],
                "undone": undo,
                "skipped": skipped.count,
                "launched": launched.model if launched else None,
            }
        )
    else:
        _show(what, done, held, left, label, launched)
    if failed:
        raise typer.Exit(InputError.exit_code)


def _undone(
    task: Task, experience: Experience, called: str, item: Item, label: str, by: str
) -> Flag:
    """Take a flag of this label back."""
    from chaffinch.errors import InputError

    standing = experience.log.standing(task.name, item.id, owner=item.owner)
    if standing is None or standing.label != label:
        raise InputError(
            f"{called} is not flagged {label}"
            + (f" but {standing.label}" if standing else "")
            + ": there is nothing to undo"
        )
    return experience.undo(task.name, item.id, owner=item.owner, by=by)


def _show(
    task: Task,
    done: list[Flag],
    held: list[Flag],
    undone: dict[str, str],
    label: str,
    launched: Launch | None,
) -> None:
    """Show what was flagged, or which flags were taken back and what stands then."""
    from chaffinch.cli.show import show_launched
    from chaffinch.cli.tables import say
    from chaffinch.explain.readable import counted, short_id
    from chaffinch.loop.watch import named

    out = console()
    # An item that was named twice is flagged once.
    given = list(dict.fromkeys(done))
    for one in given[:_SHOWN]:
        said = f"no longer {one.label}{undone[one.item]}" if undone else one.label
        waits = ", held for review" if one in held else ""
        out.print(f"{short_id(one.item)}  {said}{waits}", markup=False)
    if len(given) > _SHOWN:
        out.print(f"and {len(given) - _SHOWN:,} more", markup=False)
    if len(done) > 1:
        all_ = counted(len(set(done)), "item")
        say(f"{all_} no longer {label}." if undone else f"{all_} flagged {label}.")
    if held:
        count = len(set(held))
        note(
            f"{counted(count, 'flag')} by {named(held[0].by)} {'are' if count > 1 else 'is'} "
            f"stored but not learned: `chaffinch review {task.name}` tells why, and decides"
        )
    if launched:
        show_launched(launched)


def _named(
    task: Task,
    experience: Experience,
    name: str,
    owner: str,
    format_: str | None,
    skipped: SkippedRecords,
) -> Iterator[tuple[str, Item]]:
    """Yield the items that were named, and what to call each where it cannot be flagged."""
    from chaffinch.experience.gather import item_of, records_of
    from chaffinch.explain.readable import short_id

    if name == "-":
        yield "stdin", item_on_stdin(task, owner)
    elif path_of(name).exists():
        for record in records_of(task, path_of(name), format=format_, skipped=skipped):
            yield record.name, item_of(task, record, owner)
    else:
        item = experience.items.get(name, owner=owner)
        yield f"item {short_id(item.id)}", item
