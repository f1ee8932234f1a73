"""The verb that teaches in bulk: learn."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import (
    By,
    Format,
    Json,
    Labels,
    New,
    Owner,
    SkippedRecords,
    TaskName,
    note,
    open_sources,
    print_json,
    progress_bar,
    shown_in,
    total_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chaffinch.experience.flagging import Added
    from chaffinch.experience.importers import Source
    from chaffinch.experience.store import Experience
    from chaffinch.loop.launch import Choice
    from chaffinch.loop.trained import Trained
    from chaffinch.loop.watch import Held
    from chaffinch.task import Task
    from chaffinch.types import Example

# How many times as much must have been learned, for performance not to be told anew.
_FEW = 10


def learn(
    task: TaskName,
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="Labelled data: a path, or a public data set's name.", metavar="DATA..."
        ),
    ] = None,
    label: Labels = None,
    new: New = False,
    owner: Owner = "",
    by: By = None,
    format_: Format = None,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Train from nothing, over all experience there is.")
    ] = False,
    json: Json = False,
) -> None:
    """Store labelled items, train the ladder on them, and launch the rung that proved itself.

    Every item is judged before it is learned, in order of arrival, so that the performance printed
    was measured on items that the models had not learned. Of data with a training and a test part,
    such as MNIST, the training part is stored. Without data it trains on what is stored.

    Example: chaffinch learn mail --label spam=~/Maildir/.Junk --label ham=~/Maildir

    Example: chaffinch learn digits mnist
    """
    from chaffinch.cli.new import agree_on_new
    from chaffinch.cli.show import show_learning
    from chaffinch.experience.flagging import Added
    from chaffinch.experience.gather import labels_of
    from chaffinch.experience.store import Experience
    from chaffinch.loop.evaluate import baseline as simplest
    from chaffinch.loop.launch import launch
    from chaffinch.loop.lock import training_turn
    from chaffinch.loop.train import left_out
    from chaffinch.loop.trained import comparable
    from chaffinch.performance.report import to_json
    from chaffinch.task import get_task

    what = get_task(task)
    with Experience.look() as experience:
        # Without data it trains on the experience, if there is any.
        is_given = bool(data or label or not experience.log.count(task))
    # What is not there is an error before anything is begun.
    sources = open_sources(what, data or [], label, format_) if is_given else []
    if sources and what.scheme.is_open:
        with Experience.look() as experience:
            agree_on_new(what, experience, labels_of(what, sources), new=new)
    with Experience.open() as experience:
        added, skipped = Added(), 0
        if sources:
            added, skipped = _store(what, experience, sources, owner, by or getpass.getuser())
        with training_turn(experience.home):
            champion = experience.champion(task)
            trained, choice, held = _train(what, experience, afresh=afresh)
            launched, reports, compared = None, {}, comparable(trained)
            is_new = any(one.trained_to > one.since for one in trained)
            if champion is None or afresh or held or is_new:
                for one, (record, whence) in zip(trained, compared, strict=True):
                    reports[one.rung.name] = one.report(what, record, data=whence)
                launched = launch(what, experience, trained, choice, reports)
            out = left_out(what, experience)
    baseline = simplest(what, compared[0][0].truth)
    if json:
        print_json(
            {
                "new": added.new,
                "known": added.known,
                "changed": added.changed,
                "held": added.held,
                "skipped": skipped,
                "launched": launched.model if launched else None,
                "rung": launched.rung if launched else None,
                "reason": launched.reason if launched else None,
                "left_out": out,
                "reports": [to_json(one) for one in [baseline, *reports.values()]],
            }
        )
    else:
        # What little is learned on top of much changes next to nothing of what was measured.
        few = _FEW * max(one.judged for one in trained) < max(one.examples for one in trained)
        brief = champion is not None and few and not (afresh or held)
        show_learning(what, added, [baseline, *reports.values()], launched, out, brief=brief)


def _store(
    task: Task, experience: Experience, sources: list[Source], owner: str, by: str
) -> tuple[Added, int]:
    from chaffinch.experience.gather import gather

    with SkippedRecords() as skipped, progress_bar() as bar:
        examples = gather(task, sources, owner=owner, skipped=skipped)
        shown = shown_in(bar, "storing", told_apart(examples), total_of(sources))
        return experience.add(task.name, shown, by=by), skipped.count


def told_apart(examples: Iterable[Example]) -> Iterator[Example]:
    """Pass examples on, and say of how many more than one label was given."""
    # Not the ids, which are four times as long: by chance no two of a million are the same.
    labels: dict[int, str] = {}
    twice: set[int] = set()
    first = ""
    for example in examples:
        key = hash((example.item.owner, example.item.id))
        before = labels.get(key, example.label)
        if before != example.label:
            twice.add(key)
            first = first or f"{example.name or example.item.id}: {before}, then {example.label}"
        labels[key] = example.label
        yield example
    if twice:
        many = "1 item was" if len(twice) == 1 else f"{len(twice):,} items were"
        note(f"{many} given more than one label, of which the last stands; the first is {first}")


def _train(
    task: Task, experience: Experience, *, afresh: bool
) -> tuple[list[Trained], Choice, list[Held]]:
    from chaffinch.loop.watch import train_trusted

    with progress_bar() as bar:
        learning = bar.add_task("learning", total=None)

        def progress(judged: int, total: int) -> None:
            bar.update(learning, completed=judged, total=total)

        return train_trusted(task, experience, afresh=afresh, progress=progress)
