"""What several verbs share: arguments, progress, and the two ways of printing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, Self, TypeVar

import typer

from chaffinch.errors import InputError, UsageError
from chaffinch.task import TASKS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from chaffinch.experience.importers import Skipped, Source
    from chaffinch.task import Task
    from chaffinch.types import Example, Item

T = TypeVar("T")
# Seconds between two lines that tell how far work is, where no bar can be drawn.
_LINE_EVERY = 60.0

TaskName = Annotated[
    str,
    typer.Argument(
        help=f"The task: {' or '.join(TASKS)}.",
        metavar="TASK",
        autocompletion=lambda incomplete: [one for one in TASKS if one.startswith(incomplete)],
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="What the data is: maildir, mbox, eml, folder, labels, trec, jsonl or csv; for images "
        "mnist, idx, npz, image, folder or labels; for recordings takes, archive, recording, "
        "folder or labels; recognised if not given.",
    ),
]
Data = Annotated[
    list[str] | None,
    typer.Argument(
        help="Labelled data: a path, or a public data set's name; by default the experience.",
        metavar="DATA...",
    ),
]
New = Annotated[
    bool,
    typer.Option(
        "--new",
        help="Begin labels that the task does not know yet; without it a terminal is asked.",
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label", help="A label and what holds it, as in spam=PATH or 7=PATH.", metavar="L=PATH"
    ),
]


def _storable(name: str) -> str:
    # What a terminal gave in another encoding could not be stored; and a mail must not wait for it.
    return name.encode("utf-8", "backslashreplace").decode()


def _given(name: str) -> str:
    if not name:
        raise UsageError("--by '': give a name, or leave it away where it is you who says so")
    return name


Owner = Annotated[
    str,
    typer.Option(
        "--owner",
        callback=_storable,
        help="Whose items they are, where several people share one model; each has a taste and "
        "ids of their own.",
        metavar="NAME",
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        callback=lambda name: None if name is None else _storable(_given(name)),
        help="Who says so, where you pass it on; by default you.",
        metavar="NAME",
    ),
]


def print_json(value: object) -> None:
    """Print a value as JSON on stdout, indented."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def console() -> Console:
    """Return the console that text for people goes to."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def day_of(option: str, given: str | None) -> float | None:
    """Return when a day begins, in seconds since 1970-01-01 UTC."""
    from datetime import UTC, date, datetime

    if given is None:
        return None
    try:
        begun = date.fromisoformat(given)
    except ValueError as error:
        raise UsageError(f"{option} {given}: write the day as in 2026-11-25") from error
    return datetime(begun.year, begun.month, begun.day, tzinfo=UTC).timestamp()


def note(text: str) -> None:
    """Say something that is not the result: on stderr."""
    print(f"chaffinch: {text}", file=sys.stderr)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show progress on stderr: a bar in a terminal, and else a line now and then."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    terminal = Console(stderr=True)
    progress = Progress(*columns, console=terminal, disable=not terminal.is_terminal)
    with progress if terminal.is_terminal else _lines_of(progress):
        yield progress


@contextmanager
def _lines_of(progress: Progress) -> Iterator[None]:
    """Say once a minute how far work is: whoever waits for minutes should see that it goes on."""
    done, began = Event(), time.monotonic()

    def say() -> None:
        while not done.wait(_LINE_EVERY):
            for task in progress.tasks[-1:]:
                minutes = (time.monotonic() - began) / 60
                # Where nothing is counted, such as steps of a training, the time alone tells.
                far = f"{task.completed:,.0f}, " if task.completed else ""
                if task.total is not None:
                    far = f"{task.completed:,.0f} of {task.total:,.0f}, "
                note(f"{task.description}: {far}{minutes:.0f} min")

    teller = Thread(target=say, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def shown_in(bar: Progress, name: str, things: Iterable[T], total: int | None) -> Iterator[T]:
    """Pass things on, showing how many have gone by."""
    task = bar.add_task(name, total=total)
    done = 0
    for done, thing in enumerate(things, start=1):
        yield thing
        bar.update(task, completed=done)
    bar.update(task, completed=done, total=done)


class SkippedRecords:
    """Counts what could not be used, and shows the first few of it."""

    shown = 10

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, skipped: Skipped) -> None:
        """Count one record, and show it if it is among the first."""
        self.count += 1
        if self.count <= self.shown:
            note(f"skipped {skipped.name}: {skipped.reason}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.count > self.shown:
            note(f"skipped {self.count - self.shown} more")


def open_sources(
    task: Task,
    data: Sequence[str],
    labels: Sequence[str] | None,
    format_: str | None,
    *,
    part: str = "train",
) -> list[Source]:
    """Open what a person named, by path, by the name of a public data set, or under a label.

    Of a data set that tells parts apart this part is taken, unless one was named as in
    ``mnist:test``.

    Raises
    ------
    UsageError
        If nothing is named, a label is not one of the task's, or two hold the same items.
    InputError
        If something named is not there.
    """
    from chaffinch.experience.importers import open_source
    from chaffinch.experience.importers.overlap import refuse_overlaps

    if not data and not labels:
        raise UsageError(
            f"nothing to learn from: name labelled data, or give `--label "
            f"{task.labels[-1]}=PATH --label {task.labels[0]}=PATH`"
        )
    sources = [open_source(_located(name), format=format_) for name in data]
    for pair in labels or ():
        label, _, path = pair.partition("=")
        if not path:
            raise UsageError(f"--label {pair}: write it as {task.labels[-1]}=PATH")
        label = task.label(label)
        sources.append(open_source(Path(path), format=format_, label=label))
    sources = [source.preferring(part) for source in sources]
    refuse_overlaps(sources)
    return sources


@contextmanager
def labelled(
    task: Task, data: Sequence[str] | None, labels: Sequence[str] | None, format_: str | None
) -> Iterator[tuple[Iterator[Example], str]]:
    """Open the labelled items that a person named, or else the experience; show progress.

    Yields
    ------
    iterator of Example
        The items, in order of arrival.
    str
        What to call them.

    Raises
    ------
    UsageError, InputError
        As `open_sources`.
    """
    with progress_bar() as bar:
        if data or labels:
            from chaffinch.experience.gather import gather

            sources = open_sources(task, data or (), labels, format_)
            with SkippedRecords() as skipped:
                examples = gather(task, sources, skipped=skipped)
                shown = shown_in(bar, "reading", examples, total_of(sources))
                yield shown, ", ".join([*(data or ()), *(labels or ())])
            return
        from chaffinch.experience.store import Experience

        with Experience.look() as experience:
            total = sum(experience.log.count(task.name).values())
            examples = experience.examples(task.name, given=True)
            yield shown_in(bar, "reading", examples, total), "the experience"


def or_stdout(path: Path | None) -> Path | None:
    """Return the file that was named; None where it is - or none, for standard output."""
    return None if path is None or str(path) == "-" else path


def no_stdout(param: typer.CallbackParam, path: Path | None) -> Path | None:
    """Return the file that was named beside standard output, where the text goes.

    Raises
    ------
    UsageError
        If it is -, which would become a file of that name.
    """
    if path is not None and or_stdout(path) is None:
        raise UsageError(
            f"{param.opts[0]} -: standard output is where text goes: name a file, or /dev/stdout"
        )
    return path


def path_of(name: str) -> Path:
    """Return the path that was given.

    Raises
    ------
    UsageError
        If it is empty, as an unset variable of a shell leaves it: to `Path` that is this folder.
    """
    if not name:
        raise UsageError("'' names nothing: give the path of a file or folder, or . for this one")
    return Path(name)


def _located(name: str) -> Path:
    """Return the path that is meant: one that exists, or a public data set fetched before."""
    path = path_of(name)
    if path.exists():
        return path
    from chaffinch.datasets import CATALOGUE, get

    public, colon, part = name.partition(":")
    if public in CATALOGUE:
        note(f"using the public data set {public}")
        return Path(f"{get(public)}{colon}{part}")
    return path


def at_terminal() -> bool:
    """Return whether a person can answer on stdin."""
    return sys.stdin is not None and sys.stdin.isatty()


def item_on_stdin(task: Task, owner: str) -> Item:
    """Return the one item that stands on stdin.

    Raises
    ------
    InputError
        If there is none, or it is no such item; then the same is said of it as of a file.
    """
    from chaffinch.experience.gather import foreign, item_of
    from chaffinch.experience.importers import Record

    data = sys.stdin.buffer.read()
    if not data or data.isspace():
        raise InputError("stdin is empty: give an item, or name a file that holds some")
    why = foreign(task, data)
    if why:
        raise InputError(f"stdin: {why}")
    return item_of(task, Record(data, None, ""), owner)


def total_of(sources: Sequence[Source]) -> int | None:
    """Return how many records there are, where that is cheap to know."""
    counts = [source.count() for source in sources]
    return None if None in counts else sum(count for count in counts if count is not None)
