"""From sources that a person named to one stream of examples, in order of arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from chaffinch.errors import ChaffinchError, InputError
from chaffinch.experience.importers import Record, Skipped, Source, open_source
from chaffinch.experience.importers.files import read_whole, shown
from chaffinch.experience.spool import in_order
from chaffinch.explain.readable import ending
from chaffinch.task import Task
from chaffinch.types import Example, Item

# Letters that are kept of what an item is called.
_LONGEST_SOURCE = 200
# Formats of files that hold one item.
_ONE_ITEM = ("eml", "image", "recording")


def gather(
    task: Task,
    sources: Sequence[Source],
    *,
    owner: str = "",
    skipped: Callable[[Skipped], None],
) -> Iterator[Example]:
    """Yield the labelled examples of the sources.

    A source that is in order of arrival, alone, is streamed. Others are merged by time received,
    as the mails themselves tell it; an example that does not tell follows the one before it. Images
    and recordings never tell, and come in the order of their ids, which is as good as any.

    Parameters
    ----------
    task : Task
        Whose labels count, and how to read an item.
    sources : sequence of Source
        What was named.
    owner : str
        Whose items they are; by default whose the sources say.
    skipped : callable
        Is told of each record that could not be used.

    Yields
    ------
    Example

    Raises
    ------
    InputError
        If a source holds no labels, or images where the task reads none, or not one example could
        be used.
    """
    for source in sources:
        check_kind(task, source)
        if not source.labelled:
            raise InputError(_without_labels(task, source))
    if len(sources) == 1 and sources[0].arrival_order:
        examples = _examples(task, sources[0], owner, skipped)
    else:
        examples = _by_time(task, sources, owner, skipped)
    used = 0
    for example in examples:
        used += 1
        yield example
    if not used:
        named = ", ".join(str(source.path) for source in sources)
        raise InputError(f"{named}: not one example could be used: see what was skipped, and why")


def labels_of(task: Task, sources: Sequence[Source]) -> set[str]:
    """Return the labels that `gather` would yield; for it sources are read that are not named.

    Parameters
    ----------
    task : Task
        Whose labels count.
    sources : sequence of Source
        What was named; only of those without a label of their own the records are looked at.
    """
    given = {source.label for source in sources if source.label is not None}
    for source in sources:
        if source.label is None:
            records = (entry for entry in source if isinstance(entry, Record))
            given |= {record.label for record in records if record.label is not None}
    found = set()
    for label in given:
        with suppress(ChaffinchError):  # `gather` skips it, and says why
            found.add(task.label(label))
    return found


def records_of(
    task: Task,
    path: Path,
    *,
    format: str | None,  # noqa: A002 - the word of --format
    skipped: Callable[[Skipped], None],
) -> Iterator[Record]:
    """Yield what a path holds that may be an item of a task.

    What is none, such as a text among images, is skipped; so the same is said of a file whether it
    was named or lies in a folder that was.

    Parameters
    ----------
    task : Task
        The task.
    path : Path
        A file or a folder.
    format : str, optional
        As for `open_source`.
    skipped : callable
        Is told of each record that cannot be used.

    Raises
    ------
    InputError
        If the path is missing, or a file by itself that is no such item.
    """
    try:
        source = open_source(path, format=format)
    except InputError:
        # Which other formats there are is of no use to those who name an image that is none.
        alone = read_whole(path) if task.medium and format is None and path.is_file() else None
        if isinstance(alone, Record) and alone.data:
            raise InputError(f"{alone.name}: {foreign(task, alone.data)}") from None
        raise
    check_kind(task, source)
    for record in source:
        why = foreign(task, record.data) if isinstance(record, Record) else ""
        if isinstance(record, Skipped):
            skipped(record)
        elif not why:
            yield record
        elif source.format in _ONE_ITEM:
            raise InputError(f"{record.name}: {why}")
        else:
            skipped(Skipped(record.name, why))


def foreign(task: Task, data: bytes) -> str:
    """Return why bytes are of no format that a task's items have; empty where they may be."""
    if task.medium is None or task.medium.format_of(data) is not None:
        return ""
    return "; ".join(task.reader(data).notes)


def check_kind(task: Task, source: Source) -> None:
    """Make sure that a source does not hold images, or recordings, where the task reads others.

    Raises
    ------
    InputError
        If it does.
    """
    reads = task.medium.name if task.medium else "text"
    if source.medium and source.medium != reads:
        reads += "s" if task.medium else ""
        raise InputError(
            f"{source.path} holds {source.medium}s, and the task {task.name} reads {reads}: name "
            f"what holds such items, or a task that reads {source.medium}s"
        )


def item_of(task: Task, record: Record, owner: str) -> Item:
    """Return the item that a record holds, of this owner or else of the one that it names.

    Raises
    ------
    MissingExtraError
        If it needs something to be read, such as Pillow, that is not installed.
    """
    if task.medium is not None:
        name = task.medium.format_of(record.data)
        if name is not None:
            task.medium.require(name)
    # Names of files of mail tell nobody which mail it is, and may tell of hosts and people.
    source = kept_source(record.source or (record.name if task.medium is not None else ""))
    data = task.clean(record.data)
    return Item(data, task.name, owner or record.owner, record.received, source)


def kept_source(name: str) -> str:
    r"""Return what is kept of what an item is called where it came from: its end, fit to be shown.

    Examples
    --------
    >>> print(kept_source("recordings/tea\n.wav"))
    recordings/tea\x0a.wav
    """
    return ending(shown(name), _LONGEST_SOURCE)


def _without_labels(task: Task, source: Source) -> str:
    count = sum(isinstance(entry, Record) for entry in source)
    read = "the 1 item in it was" if count == 1 else f"{count:,} items in it were"
    return (
        f"{source.path} holds no labels: {read} read, but without flags performance P cannot rise, "
        "however much data there is, so nothing was learned. If all are of one label, name it, as "
        f"in `--label {task.labels[-1]}={source.path}`; else let `chaffinch predict {task.name}` "
        f"judge them, and flag what `chaffinch ask {task.name}` asks"
    )


def _examples(
    task: Task, source: Source, owner: str, skipped: Callable[[Skipped], None]
) -> Iterator[Example]:
    for record in source:
        if isinstance(record, Record):
            if record.label is None:
                skipped(Skipped(record.name, "has no label"))
                continue
            try:
                label = task.label(record.label)
            except ChaffinchError as error:
                skipped(Skipped(record.name, str(error)))
                continue
            # Whoever gives it one label says that it is one.
            record = replace(record, data=task.uncut(record.data))
            reason = task.unfit(record.data) if task.unfit else ""
            if reason:
                skipped(Skipped(record.name, reason))
                continue
            yield Example(
                item_of(task, record, owner), label, record.name, speaker=_speaker(task, record)
            )
        else:
            skipped(record)


def _speaker(task: Task, record: Record) -> str:
    if not task.reads("recording"):
        return ""
    from chaffinch.experience.importers.recordings import take_of

    take = take_of(record.name)
    return take.speaker if take else ""


def _by_time(
    task: Task, sources: Sequence[Source], owner: str, skipped: Callable[[Skipped], None]
) -> Iterator[Example]:
    if task.medium is not None:
        # They do not tell when they came, and lie in folders, label by label: in no order, then.
        examples = (one for source in sources for one in _examples(task, source, owner, skipped))
        yield from in_order((example.item.id, example) for example in examples)
        return
    yield from in_order(pair for source in sources for pair in _timed(task, source, owner, skipped))


def _timed(
    task: Task, source: Source, owner: str, skipped: Callable[[Skipped], None]
) -> Iterator[tuple[float, Example]]:
    """Yield the examples of a source, each with when it came, or the one before it."""
    latest = 0.0
    for example in _examples(task, source, owner, skipped):
        received = example.item.received
        if received is None:
            received = task.received(task.reader(example.item.data))
        latest = latest if received is None else received
        yield latest, example
